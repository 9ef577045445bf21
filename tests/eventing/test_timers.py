import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from contracts.donations import FundEntryBooked, FundOpened
from contracts.every_service import ReactionRefused
from eventing import timers
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.parked import Parked
from eventing.postgres_rows import PostgresRows, digest
from eventing.postgres_store import PostgresStore
from eventing.progress import progress
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Why, decode
from eventing.timers import Timer, TimerRunner, Timers
from tests.eventing.ledgers import Note, ledger
from tests.eventing.readers import KEEPER, MONDAY, Writer, booked, fund, opened
from tests.eventing.test_relay import running, until

TWO_DAYS = timedelta(days=2)


def remind(event, recorded):
    yield CommandFor(ledger, recorded.stream, Note(booked_for(event)))


def booked_for(event):
    paper = "refuse" if event.name == "Quỹ 9" else "reminder"
    return replace(booked(0, paper), fund_id=event.fund_id, entry_id=event.fund_id)


unused = Timer(
    name="nothing-was-booked",
    starts_on=(FundOpened,),
    ends_on=(FundEntryBooked,),
    due=lambda event: event.happened_at + TWO_DAYS,
    give=remind,
)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(timers, "LOOK_INTERVAL_S", 0.03)
    monkeypatch.setattr(timers, "LEVEL_WITHIN_S", 0.2)
    monkeypatch.setattr(timers, "PAUSE_S_MIN", 0.02)


class Service:
    def __init__(self, database, store):
        self.database, self.pool, self.store = database, database.pool, store
        self.writer = Writer(store)
        self.now = MONDAY
        self.executor = Executor(store, lambda: self.now)
        self.parked = Parked(self.pool, self.executor)

    def source(self, _service):
        return LogSource(self.store)

    @asynccontextmanager
    async def worker(self, *these):
        of_service = Timers(*(these or (unused,)))
        leadership = Leadership(self.database.dsn)
        keeping = ReadModelRunner(
            "donations", [of_service.due_list], self.pool, leadership, self.source
        )
        firing = TimerRunner(
            self.executor, of_service, PostgresRows(self.pool), self.pool, leadership
        )
        self.firing = firing
        async with running(keeping.run()), running(firing.run()):
            yield of_service
        await leadership.close()

    async def settled(self):
        """Nothing is left that is due now."""
        head = await self.store.head()

        async def is_settled():
            said = await progress(self.pool)
            return any(
                one.name == "timers" and one.position >= head and one.trouble is None
                for one in said.followers
            )

        await until(is_settled)

    async def events(self):
        return [decode(stored).event for stored in await self.store.log(0, 1_000)]

    async def reminders(self):
        return [one for one in await self.events() if getattr(one, "paper", "") == "reminder"]


@pytest.fixture
async def service(database):
    async with PostgresStore("donations", database.dsn) as store:
        yield Service(database, store)


async def test_a_timer_gives_when_it_is_due_and_only_then(service):
    await service.writer.write(opened(1), opened(2), booked(2))
    async with service.worker():
        service.now = MONDAY + TWO_DAYS - timedelta(seconds=1)
        await service.settled()
        await asyncio.sleep(0.2)
        assert await service.reminders() == []
        service.now = MONDAY + TWO_DAYS
        (reminder,) = await until(service.reminders)
        assert reminder.fund_id == opened(1).fund_id


async def test_it_says_until_when_all_was_given(service):
    await service.writer.write(opened(1))
    async with service.worker():

        async def given():
            return service.firing.given_until == service.now

        await until(given)
        service.now = MONDAY + TWO_DAYS
        assert service.firing.given_until == MONDAY
        await until(given)
        assert len(await service.reminders()) == 1
    assert service.firing.given_until is None


async def test_nothing_is_fired_before_the_list_has_come_to_the_end_of_the_log(service):
    await service.writer.write(opened(1), opened(2))
    async with service.worker():
        await service.settled()
    service.now = MONDAY + TWO_DAYS
    await service.writer.write(booked(1), booked(2))
    gate = asyncio.Event()

    class Behind(LogSource):
        async def next(self, limit, wait_s):
            await gate.wait()
            return await super().next(limit, wait_s)

    service.source = lambda _service: Behind(service.store)
    async with service.worker():
        await asyncio.sleep(1.0)
        assert await service.reminders() == []
        gate.set()
        await service.settled()
        assert await service.reminders() == []


async def test_what_was_due_while_nobody_led_is_given_once_by_the_next_leader(service):
    await service.writer.write(*(opened(number) for number in range(10, 40)))
    service.now = MONDAY + TWO_DAYS
    # Nothing ends it, so each leader finds it due again: only its key says that it has been given.
    endless = replace(unused, ends_on=())
    for _ in range(3):
        async with service.worker(endless):
            await until(lambda: count(service, 30))
            await asyncio.sleep(0.2)
    assert len(await service.reminders()) == 30


async def count(service, expected):
    return len(await service.reminders()) >= expected


async def test_the_list_is_the_fold_of_the_log_and_holds_what_runs(service):
    late = replace(
        unused, name="late", due=lambda event: event.happened_at + timedelta(days=9), ends_on=()
    )
    each = replace(
        unused, name="each", parts=lambda event: (str(event.fund_id)[:1], "else"), ends_on=()
    )
    await service.writer.write(opened(1), opened(2), booked(2))
    async with service.worker(unused, late, each) as these:
        await service.settled()
        rows = await PostgresRows(service.pool).where(these.due_list, limit=100)
        told = {(row.timer, row.stream, row.position) for row in rows if row.timer != "each"}
        assert told == {
            ("nothing-was-booked", f"fund-{fund(1)}", 1),
            ("late", f"fund-{fund(1)}", 1),
            ("late", f"fund-{fund(2)}", 2),
        }
        assert sum(row.timer == "each" for row in rows) == 4
        served, _ = await digest(service.pool, these.due_list)
        log = [decode(stored) for stored in await service.store.log(0, 1_000)]
        folded = these.due_list.fold({}, log)
        assert served == these.due_list.digest(row for row in folded.values() if row)


async def test_a_refused_timer_is_written_down_once(service):
    await service.writer.write(opened(9))
    service.now = MONDAY + TWO_DAYS
    for _ in range(2):
        async with service.worker():
            await until(lambda: refused(service))
            await asyncio.sleep(0.2)
    (only,) = await refused(service)
    assert (only.reaction, only.code) == ("nothing-was-booked", "paper-refused")


async def refused(service):
    return [one for one in await service.events() if isinstance(one, ReactionRefused)]


async def test_what_fails_is_tried_again_shown_and_given_when_somebody_asks(service):
    tries = []

    def fails_at_first(event, recorded):
        tries.append(recorded.position)
        if recorded.position == 1 and len(tries) <= timers.TRIES_MAX + 1:
            raise ZeroDivisionError
        yield from remind(event, recorded)

    await service.writer.write(opened(1), opened(2))
    service.now = MONDAY + TWO_DAYS
    async with service.worker(replace(unused, give=fails_at_first)):
        # The other one is not kept waiting.
        await until(service.reminders)
        (parked,) = await until(service.parked.streams)
        assert (parked.consumer, parked.first_position) == ("timer:nothing-was-booked", 1)
        assert parked.error.startswith("ZeroDivisionError at test_timers.py:")
        assert (await progress(service.pool)).parked == 1
        await service.settled()
        assert tries.count(1) == timers.TRIES_MAX
        asked = CommandContext(Key(KEEPER, uuid4(), b""), Why(actor=KEEPER))
        await service.parked.retry(
            parked.consumer, "donations", parked.stream, reason="code-mended", context=asked
        )
        await until(lambda: count(service, 2))
        assert not await service.parked.streams()


async def test_what_is_skipped_is_never_given(service):
    def fails(_event, _recorded):
        raise ZeroDivisionError

    await service.writer.write(opened(1))
    service.now = MONDAY + TWO_DAYS
    async with service.worker(replace(unused, give=fails)):
        (parked,) = await until(service.parked.streams)
        asked = CommandContext(Key(KEEPER, uuid4(), b""), Why(actor=KEEPER))
        await service.parked.skip(
            parked.consumer,
            "donations",
            parked.stream,
            up_to_position=1,
            reason="done-by-hand",
            context=asked,
        )
    async with service.worker():
        await service.settled()
        await asyncio.sleep(0.2)
        assert await service.reminders() == []


async def test_timers_fall_due_however_much_is_written_meanwhile(service):
    await service.writer.write(opened(1))
    service.now = MONDAY + TWO_DAYS

    async def keep_writing():
        while True:
            await service.writer.write(booked(5))
            await asyncio.sleep(0.01)

    async with running(keep_writing()), service.worker():
        assert await until(service.reminders, 5)
