import asyncio
import random
from collections import Counter
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.donations import FundEntryBooked, FundOpened
from contracts.every_service import ReactionRefused
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.parked import Parked
from eventing.postgres_store import PostgresStore
from eventing.progress import progress
from eventing.reaction_runner import ReactionRunner
from eventing.reactions import Reaction, keyed, principal_of
from eventing.record import Why, decode
from tests.eventing.ledgers import REACTIONS, OpenLedger, ledger, ledger_of
from tests.eventing.readers import KEEPER, MONDAY, Writer, booked, fund, opened, recorded
from tests.eventing.test_relay import running, until


class Ledgers:
    """A service that reacts to donations, which here is a log in memory."""

    def __init__(self, database, store):
        self.database, self.pool, self.store = database, database.pool, store
        self.donations = MemoryStore("donations")
        self.writer = Writer(self.donations)

    def source(self, _service):
        return LogSource(self.donations)

    @asynccontextmanager
    async def worker(self, not_yet_within_s=5.0, reactions=REACTIONS):
        leadership = Leadership(self.database.dsn)
        runner = ReactionRunner(
            Executor(self.store, lambda: MONDAY),
            reactions,
            self.pool,
            leadership,
            self.source,
            not_yet_within_s=not_yet_within_s,
        )
        async with running(runner.run()):
            yield runner
        await leadership.close()

    async def level(self, within_s=15.0):
        head = await self.donations.head()

        async def is_level():
            position = await self.pool.fetchval(
                "SELECT min(position) FROM consumers"
                " WHERE name LIKE 'reaction:%' AND status = 'live'"
            )
            return position == head

        await until(is_level, within_s)

    async def written(self):
        return [decode(stored) for stored in await self.store.log(0, 100_000)]


@pytest.fixture
async def ledgers(database):
    async with PostgresStore("allocation", database.dsn) as store:
        yield Ledgers(database, store)


async def test_each_reaction_has_its_effect_once_whenever_it_is_interrupted(ledgers):
    chance = random.Random(7)  # noqa: S311 - an example, again and again
    facts: list[Any] = [opened(number) for number in range(20)]
    facts += [booked(chance.randrange(20)) for _ in range(1_500)]
    await ledgers.writer.write(*facts)
    for _ in range(8):
        async with ledgers.worker():
            await asyncio.sleep(chance.random() * 0.25)
        # Even the memory of having come so far may be older than the effect.
        await ledgers.pool.execute("UPDATE consumers SET position = greatest(0, position - 300)")
    async with ledgers.worker():
        await ledgers.level()
    written = [one.event for one in await ledgers.written()]
    assert len(written) == len(facts)
    for number in range(20):
        # And in order, for each stream that was given commands.
        mine = [fact for fact in facts if fact.fund_id == fund(number)]
        assert [event for event in written if event.fund_id == fund(number)] == mine


def note_again(event, _recorded):
    yield CommandFor(ledger, f"again-{event.fund_id}", OpenLedger(event))


AGAIN = Reaction("note-again", FundOpened, note_again, begins="first")


async def test_a_new_reaction_has_its_past_and_keeps_nobody_waiting(ledgers, monkeypatch):
    await ledgers.writer.write(*(opened(number) for number in range(30)))
    async with ledgers.worker():
        await ledgers.level()

    gate = asyncio.Event()

    class Slow(LogSource):
        async def next(self, limit, wait_s):
            if self._position < 30:
                await gate.wait()
            return await super().next(limit, wait_s)

    monkeypatch.setattr(ledgers, "source", lambda _service: Slow(ledgers.donations))
    async with ledgers.worker(reactions=[*REACTIONS, AGAIN]):
        await ledgers.writer.write(opened(77))
        await until(lambda: is_written(ledgers, ledger_of(fund(77))))
        assert not await is_written(ledgers, f"again-{fund(0)}")
        gate.set()
        await ledgers.level()
    # Code without it leaves it where it was.
    async with ledgers.worker():
        await ledgers.writer.write(opened(78))
        await until(lambda: is_written(ledgers, ledger_of(fund(78))))
    async with ledgers.worker(reactions=[*REACTIONS, AGAIN]):
        await until(lambda: is_written(ledgers, f"again-{fund(78)}"))
    streams = Counter(one.stream for one in await ledgers.written())
    numbers = [*range(30), 77, 78]
    assert streams == dict.fromkeys(
        [*(ledger_of(fund(n)) for n in numbers), *(f"again-{fund(n)}" for n in numbers)], 1
    )


async def is_written(ledgers, stream):
    return any(one.stream == stream for one in await ledgers.written())


async def test_to_another_type_a_reaction_begins_anew(ledgers):
    await ledgers.writer.write(opened(1), booked(1))
    elsewhere = Reaction("note-again", FundEntryBooked, note_again, begins="first")
    for reaction, written in ((AGAIN, 1), (elsewhere, 2), (AGAIN, 2)):
        async with ledgers.worker(reactions=[reaction]):
            await until(lambda: has_written(ledgers, written))  # noqa: B023 - awaited here
            await asyncio.sleep(0.3)
        assert len(await ledgers.written()) == written


async def has_written(ledgers, count):
    return len(await ledgers.written()) >= count


async def test_an_effect_says_what_caused_it_and_for_whom(ledgers):
    async with ledgers.worker():
        await ledgers.writer.write(opened(1))
        await ledgers.level()
    (cause,) = [decode(stored) for stored in await ledgers.donations.log(0, 9)]
    (effect,) = await ledgers.written()
    assert effect.why == Why(
        actor=principal_of("allocation"),
        on_behalf_of=KEEPER,
        causation=cause.event_id,
        correlation=cause.event_id,
    )


async def test_what_is_refused_is_written_down_once_and_the_rest_goes_on(ledgers):
    async with ledgers.worker():
        await ledgers.writer.write(opened(1), booked(1, "refuse"), booked(1, "fine"))
        await ledgers.level()
        assert (await progress(ledgers.pool)).refused == 1
    await ledgers.pool.execute("UPDATE consumers SET position = 0")
    async with ledgers.worker():
        await ledgers.level()
    _, refused, fine = [one.event for one in await ledgers.written()]
    cause = decode((await ledgers.donations.log(1, 1))[0])
    assert refused == ReactionRefused(
        reaction="note",
        cause_service="donations",
        cause_position=2,
        cause_event_id=cause.event_id,
        target_stream=ledger_of(fund(1)),
        code="paper-refused",
        happened_at=MONDAY,
    )
    assert fine.paper == "fine"


async def test_what_is_not_there_yet_is_waited_for(ledgers):
    async with ledgers.worker(not_yet_within_s=10):
        # Another stream of the source brings what this one needs, as another service's may.
        await ledgers.writer.write(booked(1, "early"), stream="another")
        await until(lambda: taken_up(ledgers))
        await asyncio.sleep(0.3)
        assert await ledgers.written() == []
        executor = Executor(ledgers.store, lambda: MONDAY)
        for reaction, give, key in keyed("allocation", REACTIONS, an_opening()):
            assert reaction.name == "open-ledger"
            await executor.execute(
                give.decider, give.stream, give.command, CommandContext(key, Why(actor=KEEPER))
            )
        await ledgers.level()
    assert [type(one.event).__name__ for one in await ledgers.written()] == [
        "FundOpened",
        "FundEntryBooked",
    ]


def an_opening():
    return decode(recorded("donations", [opened(1)])[0])


async def taken_up(ledgers):
    return await ledgers.pool.fetchval("SELECT true FROM consumers WHERE epoch > 0")


async def test_waiting_for_what_never_comes_has_an_end(ledgers):
    async with ledgers.worker(not_yet_within_s=0.4):
        await ledgers.writer.write(booked(1), booked(1), booked(2), opened(3))
        await ledgers.level(within_s=3)
    events = [one.event for one in await ledgers.written()]
    codes = [event.code for event in events if isinstance(event, ReactionRefused)]
    assert codes == ["no-such-ledger"] * 3


async def test_a_fault_parks_the_stream_of_the_cause_until_it_is_retried(ledgers):
    async with ledgers.worker() as runner:
        await ledgers.writer.write(
            opened(1), opened(2), booked(1, "fault"), booked(1, "later"), booked(2, "else")
        )
        await ledgers.level()
        papers = [
            one.event.paper
            for one in await ledgers.written()
            if isinstance(one.event, FundEntryBooked)
        ]
        assert papers == ["else"]
        parked = Parked(ledgers.pool, runner._carry_out.executor)
        (stream,) = await parked.streams()
        assert (stream.consumer, stream.first_position, stream.records) == (
            "reaction:note",
            2,
            2,
        )
        assert stream.error.startswith("ZeroDivisionError at ledgers.py:")
        asked = CommandContext(Key(KEEPER, uuid4(), b""), Why(actor=KEEPER))
        await parked.skip(
            "reaction:note",
            "donations",
            stream.stream,
            up_to_position=2,
            reason="record-is-wrong",
            context=asked,
        )
        await until(lambda: nothing_parked(parked))
        await ledgers.writer.write(booked(1, "flows again"))
        await ledgers.level()
    papers = [
        one.event.paper for one in await ledgers.written() if isinstance(one.event, FundEntryBooked)
    ]
    assert papers == ["else", "later", "flows again"]


async def nothing_parked(parked):
    return not await parked.streams()


def test_two_alike_commands_of_one_event_are_two():
    cause = decode(recorded("donations", [booked(1, "twice")])[0])
    keys = [key.idempotency_key for _, _, key in keyed("allocation", REACTIONS, cause)]
    assert len(set(keys)) == 2
    assert keys == [key.idempotency_key for _, _, key in keyed("allocation", REACTIONS, cause)]
    assert UUID(int=0) not in keys
