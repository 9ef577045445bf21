"""A worker that stands still: what it knew of who may what counts for so long and no longer."""

import asyncio
from contextlib import suppress
from datetime import date
from uuid import UUID, uuid4

import pytest

from contracts.registry import RoleGranted
from edge.roles_heard import RolesHeard, RolesNotHeard
from edge.who_may_where import roles_held
from eventing import read_model_runner
from eventing.event_store import Append, Key
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Why, encode
from tests.eventing.readers import Database, database
from tests.support.house import KEEPER, MONDAY

__all__ = ["database"]

WITHIN_S = 1.0
GRANTED = RoleGranted(
    grant_id=UUID(int=1),
    person_id=UUID(int=2),
    role="approver",
    unit_id=UUID(int=3),
    valid_from=date(2024, 1, 1),
    valid_until=None,
    rules=None,
    granted_by=KEEPER,
    happened_at=MONDAY,
)


@pytest.fixture
async def registry():
    store = MemoryStore("registry")
    record = encode("registry", "person-2", 1, uuid4(), GRANTED, MONDAY, Why(actor=KEEPER))
    await store.append([Append("person-2", 0, [record])], Key(KEEPER, uuid4(), b""))
    return store


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(read_model_runner, "HEARD_INTERVAL_S", 0.1)


async def worker(database: Database, store):
    leadership = Leadership(database.dsn)
    runner = ReadModelRunner(
        "allocation", [roles_held], database.pool, leadership, lambda _: LogSource(store)
    )
    return leadership, asyncio.create_task(runner.run())


async def stop(leadership, task):
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await leadership.close()


async def test_with_the_worker_stopped_no_role_counts_after_the_bound(database, registry):
    heard = RolesHeard(database.pool, "registry", WITHIN_S)
    working = await worker(database, registry)
    # Nothing new comes for longer than the bound, and that is no silence.
    for _ in range(20):
        await asyncio.sleep(0.1)
        await heard.see()
    assert await heard.trouble() is None
    await stop(*working)
    with pytest.raises(RolesNotHeard):
        await refused_at_last(heard)
    assert "s is the bound" in (await heard.trouble() or "")
    working = await worker(database, registry)
    try:
        async with asyncio.timeout(10):
            while await heard.trouble() is not None:
                await asyncio.sleep(0.1)
        await heard.see()
    finally:
        await stop(*working)


async def refused_at_last(heard: RolesHeard) -> None:
    async with asyncio.timeout(10):
        while True:
            await heard.see()
            await asyncio.sleep(0.1)


async def test_before_a_worker_ever_came_to_the_end_the_bound_counts_from_the_start(database):
    heard = RolesHeard(database.pool, "registry", WITHIN_S)
    await heard.see()
    with pytest.raises(RolesNotHeard):
        await refused_at_last(heard)
