from uuid import UUID

import pytest

from contracts.registry import FirstKeeperAppointed, PersonRegistered, RoleGranted
from eventing.execute import Executor
from eventing.memory_store import MemoryStore
from eventing.record import decode
from eventing.sealing import MemorySealer
from services.registry.domain.organisation import FirstKeeperAppointedAlready
from services.registry.first_keeper import OPERATOR, appoint_first_keeper
from tests.services.registry.samples import CITY, KEEPER, MONDAY

NAME = "Nguyễn Thị Hạnh"


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
    assert appointed == FirstKeeperAppointed(person_id=KEEPER, happened_at=MONDAY)
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


async def test_it_happens_once_in_the_logs_life(executor, sealer):
    await appoint_first_keeper(executor, sealer, KEEPER, NAME, CITY)
    with pytest.raises(FirstKeeperAppointedAlready):
        await appoint_first_keeper(executor, sealer, UUID(int=77), NAME, CITY)
    assert await executor.store.head() == 3
