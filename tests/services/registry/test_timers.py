"""A need lapses by itself when its day has begun in Vietnam, once, whatever is restarted."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.registry import NeedLapsed
from contracts.vietnamese_day import begins
from eventing import timers
from eventing.event_store import Append, Key
from eventing.execute import Executor
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Recorded, Why, decode, encode
from eventing.timers import TimerRunner
from services.registry.domain.need import stream
from services.registry.timers import TIMERS
from tests.eventing.readers import database
from tests.eventing.test_relay import running, until
from tests.services.registry.samples import NEED, OFFICER, TUESDAY
from tests.services.registry.test_need import OPEN, met, opened, reconfirmed, withdrawn

__all__ = ["database"]

WHY = Why(actor=OFFICER)


def due(*events):
    told = [
        Recorded("registry", at, stream(NEED), at, uuid4(), event, event.happened_at, WHY)
        for at, event in enumerate(events, 1)
    ]
    ours = [recorded for recorded in told if type(recorded.event) in TIMERS.due_list.events]
    rows = TIMERS.due_list.fold({}, ours)
    return [row.due_at for row in rows.values() if row]


def test_it_is_due_when_its_day_begins_in_vietnam_and_each_visit_begins_anew():
    assert due(*OPEN) == [begins(opened.lapses_on)]
    assert due(*OPEN, reconfirmed()) == [begins(reconfirmed().lapses_on)]


@pytest.mark.parametrize("end", [withdrawn, met(1, 1)], ids=["withdrawn", "met"])
def test_what_is_over_never_lapses(end):
    assert due(*OPEN, end) == []


class Registry:
    def __init__(self, database, store):
        self.database, self.store = database, store
        self.now = TUESDAY
        self.executor = Executor(store, lambda: self.now)

    async def write(self, *events):
        before = await self.store.head()
        records = [
            encode("registry", stream(NEED), before + at, uuid4(), event, self.now, WHY)
            for at, event in enumerate(events, 1)
        ]
        await self.store.append([Append(stream(NEED), before, records)], Key(OFFICER, uuid4(), b""))

    @asynccontextmanager
    async def worker(self):
        leadership, pool = Leadership(self.database.dsn), self.database.pool
        keeping = ReadModelRunner(
            "registry", [TIMERS.due_list], pool, leadership, lambda _: LogSource(self.store)
        )
        firing = TimerRunner(self.executor, TIMERS, PostgresRows(pool), pool, leadership)
        async with running(keeping.run()), running(firing.run()):
            yield
        await leadership.close()

    async def lapses(self):
        events = [decode(stored).event for stored in await self.store.log(0, 1_000)]
        return [event.lapsed_on for event in events if isinstance(event, NeedLapsed)]


@pytest.fixture
async def registry(database, monkeypatch):
    monkeypatch.setattr(timers, "LOOK_INTERVAL_S", 0.03)
    async with PostgresStore("registry", database.dsn) as store:
        yield Registry(database, store)


async def test_nobody_asks_and_it_lapses_until_somebody_reconfirms_it(registry):
    await registry.write(*OPEN)
    its_day = begins(opened.lapses_on)
    async with registry.worker():
        registry.now = its_day - timedelta(seconds=1)
        await asyncio.sleep(0.4)
        assert await registry.lapses() == []
        registry.now = its_day
        assert await until(registry.lapses) == [opened.lapses_on]
    await registry.write(reconfirmed())
    async with registry.worker():
        await asyncio.sleep(0.4)
        assert await registry.lapses() == [opened.lapses_on]
        registry.now = begins(reconfirmed().lapses_on)
        both = [opened.lapses_on, reconfirmed().lapses_on]
        await until(lambda: has_lapsed(registry, both))


async def has_lapsed(registry, on):
    return await registry.lapses() == on
