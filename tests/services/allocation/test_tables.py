"""The read models as PostgreSQL keeps them: the same rows, and the same digest, as in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import pytest

from eventing.event_store import Append, EventStore, Key
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import decode, encode
from services.allocation.read_models import READ_MODELS
from services.allocation.read_models.allocation_lines import allocation_lines
from services.allocation.read_models.lots import lots
from tests.eventing.readers import Database, database
from tests.services.allocation.examples import APPROVER, COMMUNE, OTHER_COMMUNE, PROGRAMME
from tests.services.allocation.season import allocation_id, line_id
from tests.services.allocation.test_read_models import folded, log

__all__ = ["database"]


@pytest.fixture(autouse=True)
def played() -> None:
    """The story is played in a loop of its own, so before that of a test runs; then it is kept."""
    log()


@asynccontextmanager
async def kept_level(database: Database, store: PostgresStore) -> AsyncIterator[PostgresRows]:
    leadership = Leadership(database.dsn)
    others = {name: MemoryStore(name) for name in ("registry", "donations")}
    sources: dict[str, EventStore] = {"allocation": store, **others}
    runner = ReadModelRunner(
        "allocation", READ_MODELS, database.pool, leadership, lambda name: LogSource(sources[name])
    )
    task = asyncio.create_task(runner.run())
    try:
        yield PostgresRows(database.pool)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await leadership.close()


async def copied(store: PostgresStore) -> int:
    """Append the story of the memory store to this one; return the last position."""
    position = 0
    for recorded in log():
        record = encode(
            "allocation",
            recorded.stream,
            recorded.version,
            recorded.event_id,
            recorded.event,
            recorded.recorded_at,
            recorded.why,
        )
        append = Append(recorded.stream, recorded.version - 1, [record])
        position = await store.append([append], Key(APPROVER, uuid4(), b""))
    return position


async def test_tables_hold_the_rows_that_memory_holds(database: Database) -> None:
    async with PostgresStore("allocation", database.dsn) as store:
        position = await copied(store)
        written = [decode(stored) for stored in await store.log(0, 1000)]
        async with kept_level(database, store) as rows:
            for model in READ_MODELS:
                if "allocation" not in {event.__module__.split(".")[-1] for event in model.events}:
                    continue
                await rows.reached(model, {"allocation": position}, 20)
                kept = await rows.where(model, limit=1000)
                expected = sorted(folded(model, written).values(), key=model.key_of)
                assert list(kept) == expected, model.name
                assert model.digest(kept) == model.digest(expected)


async def test_tables_are_asked_as_the_routes_ask(database: Database) -> None:
    async with PostgresStore("allocation", database.dsn) as store:
        position = await copied(store)
        async with kept_level(database, store) as rows:
            await rows.reached(lots, {"allocation": position}, 20)
            await rows.reached(allocation_lines, {"allocation": position}, 20)
            (free,) = await rows.where(
                lots, programme_id=PROGRAMME, category="warm-clothes", available=True, limit=1000
            )
            assert free.quantity_free == 1
            two = await rows.where(allocation_lines, line_id=[line_id(1), line_id(8)], limit=1000)
            assert [row.status for row in two] == ["signed", "refused"]
            of_one = await rows.where(allocation_lines, allocation_id=allocation_id(1), limit=500)
            assert [row.line.unit_id for row in of_one] == [COMMUNE] * 8
            assert await rows.where(allocation_lines, allocation_id=OTHER_COMMUNE, limit=1000) == []
