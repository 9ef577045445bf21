import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.donations import FundEntryBooked, FundOpened
from contracts.every_service import ReactionRefused
from eventing import timers
from eventing.decider import CommandFor
from eventing.execute import Executor
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.record import decode
from eventing.timers import Timer, TimerRunner
from tests.eventing.ledgers import Note, ledger
from tests.eventing.readers import MONDAY, Writer, booked, opened
from tests.eventing.test_relay import running, until

TWO_DAYS = timedelta(days=2)


def remind(event, recorded):
    yield CommandFor(ledger, recorded.stream, Note(booked_for(event)))


def booked_for(event):
    paper = "refuse" if event.name == "Quỹ 9" else "reminder"
    return FundEntryBooked(
        fund_id=event.fund_id,
        programme_id=event.programme_id,
        entry_id=event.fund_id,
        lines=(),
        balances=(),
        paper=paper,
        happened_at=MONDAY,
    )


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


class Service:
    def __init__(self):
        self.store = MemoryStore("donations")
        self.writer = Writer(self.store)
        self.now = MONDAY

    def runner(self, timer=unused):
        executor = Executor(self.store, lambda: self.now)
        return TimerRunner(
            executor,
            [timer],
            lambda: self.now,
            Leadership("postgresql://nobody.asks"),
            lambda _service: LogSource(self.store),
        )

    async def events(self):
        return [decode(stored).event for stored in await self.store.log(0, 1_000)]

    async def reminders(self):
        return [one for one in await self.events() if getattr(one, "paper", "") == "reminder"]


async def test_a_timer_gives_when_it_is_due_and_only_then():
    service = Service()
    await service.writer.write(opened(1), opened(2), booked(2))
    async with running(service.runner().work()):
        service.now = MONDAY + TWO_DAYS - timedelta(seconds=1)
        await asyncio.sleep(0.2)
        assert await service.reminders() == []
        service.now = MONDAY + TWO_DAYS
        (reminder,) = await until(service.reminders)
        assert reminder.fund_id == opened(1).fund_id


async def test_what_was_due_while_nobody_led_is_given_once_by_the_next_leader():
    service = Service()
    await service.writer.write(*(opened(number) for number in range(10, 40)))
    service.now = MONDAY + TWO_DAYS
    # Nothing ends it, so each leader finds it due again: only its key says that it has been given.
    endless = replace(unused, ends_on=())
    for _ in range(3):
        async with running(service.runner(endless).work()):
            await asyncio.sleep(0.2)
    assert len(await service.reminders()) == 30


async def test_a_refused_timer_is_written_down_once():
    service = Service()
    await service.writer.write(opened(9))
    service.now = MONDAY + TWO_DAYS
    for _ in range(2):
        async with running(service.runner().work()):
            await asyncio.sleep(0.2)
    (refused,) = [one for one in await service.events() if isinstance(one, ReactionRefused)]
    assert (refused.reaction, refused.code) == ("nothing-was-booked", "paper-refused")


async def test_timers_fall_due_however_much_is_written_meanwhile():
    service = Service()
    await service.writer.write(opened(1))
    service.now = MONDAY + TWO_DAYS

    async def keep_writing():
        while True:
            await service.writer.write(booked(5))
            await asyncio.sleep(0.01)

    async with running(keep_writing()), running(service.runner().work()):
        assert await until(service.reminders, 5)
