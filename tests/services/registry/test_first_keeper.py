from datetime import date
from uuid import UUID

import pytest

from contracts.registry import FirstKeeperAppointed, PersonRegistered, RoleGranted, RoleRevoked
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from eventing.sealing import MemorySealer
from services.registry.domain.organisation import FirstKeeperAppointedAlready
from services.registry.domain.unit import EstablishUnit, UnitNotEstablished, unit
from services.registry.domain.unit import stream as unit_stream
from services.registry.first_keeper import OPERATOR, appoint_first_keeper
from tests.services.registry.samples import CITY, COMMUNE, KEEPER, MONDAY, OFFICER

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


async def test_the_first_keeper_is_registered_and_holds_the_role_at_the_root(executor, sealer):
    assert await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY) == 3
    stored = await executor.store.log(0, 10)
    appointed, registered, granted = [decode(one).event for one in stored]
    assert appointed == FirstKeeperAppointed(
        person_id=KEEPER, unit_id=CITY, grant_id=granted.grant_id, happened_at=MONDAY
    )
    assert isinstance(registered, PersonRegistered)
    assert NAME.encode() not in stored[1].record
    assert await sealer.open(KEEPER, "person", "name", registered.name) == NAME
    assert isinstance(granted, RoleGranted)
    assert (granted.role, granted.unit_id, granted.granted_by) == (
        "organisation-keeper",
        CITY,
        OPERATOR,
    )


async def test_appointing_the_same_person_again_changes_nothing(executor, sealer):
    first = await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    assert await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY) == first


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
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    await appoint_first_keeper(executor, sealer, person, "Another Name", place)
    assert await roles(executor) == [(person, place)]
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    assert await roles(executor) == [(KEEPER, CITY)]


@pytest.mark.parametrize(("person", "place"), [(KEEPER, COMMUNE), (OFFICER, CITY)])
async def test_whoever_has_acted_stays(executor, sealer, person, place):
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    await acts(executor, KEEPER)
    head = await executor.store.head()
    with pytest.raises((FirstKeeperAppointedAlready, UnitNotEstablished)):
        await appoint_first_keeper(executor, sealer, person, NAME, place)
    assert await executor.store.head() == head
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    assert await executor.store.head() == head


async def test_where_there_are_units_it_is_one_of_them(executor, sealer):
    await acts(executor, OFFICER)
    with pytest.raises(UnitNotEstablished):
        await appoint_first_keeper(executor, sealer, KEEPER, NAME, COMMUNE)
    assert await executor.store.head() == 1
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    assert await roles(executor) == [(KEEPER, CITY)]
