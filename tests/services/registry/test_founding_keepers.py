from datetime import date
from uuid import UUID

import pytest

from contracts.registry import (
    AccountLinked,
    AccountUnlinked,
    FoundingKeeperAppointed,
    PersonRegistered,
    RoleGranted,
    RoleRevoked,
)
from edge.tokens import Identity
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from eventing.sealing import MemorySealer
from services.registry.domain.organisation import (
    FoundingKeeperAppointedAlready,
    OnePersonIsNotTwo,
    TheFirstComesFirst,
)
from services.registry.domain.unit import EstablishUnit, UnitNotEstablished, unit
from services.registry.domain.unit import stream as unit_stream
from services.registry.founding_keepers import OPERATOR, appoint_founding_keeper
from tests.services.registry.samples import CITY, COMMUNE, KEEPER, MONDAY, OFFICER
from tests.support.in_clear import in_clear

NAME = "Nguyễn Thị Hạnh"

establish_city = EstablishUnit(
    unit_id=CITY,
    code="01",
    name="Hà Nội",
    kind="city",
    parent_id=None,
    district_name=None,
    priority=False,
    valid_from=date(2008, 8, 1),
    happened_at=MONDAY,
)


@pytest.fixture
def executor():
    return Executor(MemoryStore("registry"), lambda: MONDAY)


@pytest.fixture
def sealer():
    return MemorySealer()


async def appoint(executor, sealer, person=KEEPER, name=NAME, unit_id=CITY, **more):
    said = {"place": "first", "identity": Identity("issuer", str(person))} | more
    return await appoint_founding_keeper(
        executor, sealer, said["place"], person, name, unit_id, said["identity"]
    )


async def test_the_first_keeper_is_registered_and_holds_the_role_at_the_root(executor, sealer):
    assert await appoint(executor, sealer) == 6
    stored = await executor.store.log(0, 10)
    appointed, registered, granted, given, held, linked = [decode(one).event for one in stored]
    assert appointed == FoundingKeeperAppointed(
        place="first",
        person_id=KEEPER,
        unit_id=CITY,
        grant_id=granted.grant_id,
        account_id=Identity("issuer", str(KEEPER)).account_id,
        happened_at=MONDAY,
    )
    assert (linked.person_id, linked.linked_by) == (KEEPER, OPERATOR)
    assert (given.account_id, given.given_by) == (appointed.account_id, OPERATOR)
    assert str(KEEPER) not in linked.identity.ciphertext
    assert isinstance(registered, PersonRegistered)
    assert NAME not in in_clear(stored[1].record)
    assert await sealer.open(KEEPER, "person", "name", registered.name) == NAME
    assert isinstance(granted, RoleGranted)
    assert (held.unit_id, held.grant_id, held.person_id) == (CITY, granted.grant_id, KEEPER)
    assert (granted.role, granted.unit_id, granted.granted_by) == (
        "organisation-keeper",
        CITY,
        OPERATOR,
    )


async def test_appointing_the_same_person_again_changes_nothing(executor, sealer):
    first = await appoint(executor, sealer)
    assert await appoint(executor, sealer) == first


async def acts(executor, person):
    """As somebody signed in: they establish a unit."""
    asked = CommandContext(Key(person, UUID(int=900), b"mac"), Why(actor=person))
    await executor.execute(unit, unit_stream(CITY), establish_city, asked)


async def roles(executor):
    """Who holds the keeper's role, and where."""
    told = [decode(stored).event for stored in await executor.store.log(0, 100)]
    gone = {event.grant_id for event in told if isinstance(event, RoleRevoked)}
    granted = [event for event in told if isinstance(event, RoleGranted)]
    return [(one.person_id, one.unit_id) for one in granted if one.grant_id not in gone]


@pytest.mark.parametrize(
    ("person", "place"), [(KEEPER, COMMUNE), (OFFICER, CITY), (OFFICER, COMMUNE)]
)
async def test_a_wrong_person_or_unit_is_put_right_and_back(executor, sealer, person, place):
    await appoint(executor, sealer)
    await appoint(executor, sealer, person, "Another Name", place)
    assert await roles(executor) == [(person, place)]
    await appoint(executor, sealer)
    assert await roles(executor) == [(KEEPER, CITY)]


@pytest.mark.parametrize(("person", "place"), [(KEEPER, COMMUNE), (OFFICER, CITY)])
async def test_whoever_has_acted_stays(executor, sealer, person, place):
    await appoint(executor, sealer)
    await acts(executor, KEEPER)
    head = await executor.store.head()
    with pytest.raises((FoundingKeeperAppointedAlready, UnitNotEstablished)):
        await appoint(executor, sealer, person, NAME, place)
    assert await executor.store.head() == head
    await appoint(executor, sealer)
    assert await executor.store.head() == head


async def test_where_there_are_units_it_is_one_of_them(executor, sealer):
    await acts(executor, OFFICER)
    with pytest.raises(UnitNotEstablished):
        await appoint(executor, sealer, KEEPER, NAME, COMMUNE)
    assert await executor.store.head() == 1
    await appoint(executor, sealer)
    assert await roles(executor) == [(KEEPER, CITY)]


async def accounts_linked(executor):
    told = [decode(stored).event for stored in await executor.store.log(0, 100)]
    linked = {}
    for event in told:
        match event:
            case AccountLinked():
                linked[event.account_id] = event.person_id
            case AccountUnlinked():
                del linked[event.account_id]
    return linked


async def test_a_wrong_account_is_put_right(executor, sealer):
    wrong, right = Identity("issuer", "hanh@example"), Identity("issuer", "hanh@example.vn")
    await appoint(executor, sealer, identity=wrong)
    await appoint(executor, sealer, identity=right)
    assert await accounts_linked(executor) == {right.account_id: KEEPER}
    assert await roles(executor) == [(KEEPER, CITY)]


async def test_there_are_two_of_them(executor, sealer):
    await appoint(executor, sealer)
    await appoint(executor, sealer, OFFICER, "Lan", place="second")
    assert await roles(executor) == [(KEEPER, CITY), (OFFICER, CITY)]
    assert set((await accounts_linked(executor)).values()) == {KEEPER, OFFICER}


async def test_the_second_comes_after_the_first(executor, sealer):
    with pytest.raises(TheFirstComesFirst):
        await appoint(executor, sealer, place="second")


@pytest.mark.parametrize("person", [KEEPER, OFFICER])
async def test_the_two_are_two_persons_with_two_accounts(executor, sealer, person):
    same = Identity("issuer", str(KEEPER))
    await appoint(executor, sealer)
    identity = Identity("issuer", "another") if person == KEEPER else same
    with pytest.raises(OnePersonIsNotTwo):
        await appoint(executor, sealer, person, "Lan", place="second", identity=identity)
