"""Jars of ten sweets, and boxes that are filled from several jars in one command."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any
from uuid import RFC_4122, UUID, uuid4

import pytest

from contracts.allocation import AllocationApproved, AllocationLineRefused, LotDrawn
from eventing import execute
from eventing.decider import CommandFor, Decider, Rejection, Together
from eventing.event_store import (
    Answered,
    Append,
    Busy,
    EventStore,
    Key,
    KeyUsedDifferently,
    OutcomeUnknown,
    Past,
    VersionConflict,
    event_id_of,
)
from eventing.execute import ChangedSince, CommandContext, Executor, derived_key
from eventing.memory_store import MemoryStore
from eventing.postgres_store import PostgresStore
from eventing.record import StoredRecord, Why, decode, encode
from tests.eventing.readers import Database
from tests.eventing.store_suite import assert_sound

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
MAI = UUID(int=900)
JAR_HOLDS = 10


class JarIsEmpty(Rejection):
    code = "jar-is-empty"

    def __init__(self, left: int) -> None:
        self.left = left


@dataclass(frozen=True, slots=True)
class Take:
    """Nothing is taken with `quantity` 0: it only looks."""

    quantity: int = 1


def take(command: Take, taken: int) -> list[LotDrawn]:
    if taken + command.quantity > JAR_HOLDS:
        raise JarIsEmpty(JAR_HOLDS - taken)
    drawn = LotDrawn(
        lot_id=UUID(int=1),
        programme_id=UUID(int=7),
        line_id=UUID(int=2),
        quantity=command.quantity,
        quantity_free=JAR_HOLDS - taken - command.quantity,
        quantity_kept=0,
        quantity_drawn=taken + command.quantity,
        happened_at=MONDAY,
    )
    return [drawn] if command.quantity else []


def taken(before: int, event: LotDrawn) -> int:
    return before + event.quantity


jar: Decider[Take, int, LotDrawn] = Decider(0, take, taken)
bottomless: Decider[Take, int, LotDrawn] = Decider(0, lambda c, _: take(c, 0), taken)


@dataclass(frozen=True, slots=True)
class Fill:
    """Each part is taken from its jars all or not at all."""

    parts: tuple[tuple[tuple[str, int], ...], ...] = ()
    alone: tuple[tuple[str, int], ...] = ()


BoxEvent = AllocationApproved | AllocationLineRefused
BoxState = tuple[BoxEvent, ...]


approved = AllocationApproved(
    allocation_id=UUID(int=1), programme_id=UUID(int=7), approved_by=MAI, happened_at=MONDAY
)


def fill(command: Fill, state: BoxState) -> list[BoxEvent]:
    del command
    return [] if state else [approved]


def from_jars(
    command: Fill, state: BoxState, events: Sequence[object]
) -> Iterator[CommandFor | Together]:
    del state, events
    for part in command.parts:
        yield Together(tuple(CommandFor(jar, name, Take(n)) for name, n in part), refused)
    for name, n in command.alone:
        yield CommandFor(jar, name, Take(n))


def refused(rejection: Rejection) -> AllocationLineRefused:
    return AllocationLineRefused(
        allocation_id=UUID(int=1),
        programme_id=UUID(int=7),
        line_id=UUID(int=2),
        need_id=UUID(int=3),
        code=rejection.code,
        happened_at=MONDAY,
    )


box: Decider[Fill, BoxState, BoxEvent] = Decider((), fill, lambda s, e: (*s, e), from_jars)


@dataclass
class Watched:
    """A real store, and what was asked of it. `slow_s` is how long an append takes."""

    store: EventStore
    slow_s: float = 0.0
    read_count: int = 0
    conflicts: int = 0
    appended: list[Sequence[Append]] = field(default_factory=list)

    @property
    def service(self) -> str:
        return self.store.service

    async def read(self, stream: str, key: Key | None, after: int = 0) -> Past | Answered:
        past = await self.store.read(stream, key, after)
        self.read_count += len(past.records) if isinstance(past, Past) else 0
        return past

    async def append(self, appends: Sequence[Append], key: Key) -> int:
        self.appended.append(appends)
        await asyncio.sleep(self.slow_s)
        try:
            return await self.store.append(appends, key)
        except VersionConflict:
            self.conflicts += 1
            raise

    async def log(self, after: int, limit: int) -> Sequence[StoredRecord]:
        return await self.store.log(after, limit)

    async def head(self) -> int:
        return await self.store.head()


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore("allocation")


@pytest.fixture
def store(memory: MemoryStore) -> Watched:
    return Watched(memory)


@pytest.fixture
def executor(store: Watched) -> Executor:
    return Executor(store, lambda: MONDAY)


@pytest.fixture
async def on_postgres(database: Database) -> AsyncIterator[PostgresStore]:
    async with PostgresStore("allocation", database.dsn) as store:
        yield store


def asked(
    key: UUID | None = None, mac: bytes = b"mac", seen_version: int | None = None
) -> CommandContext:
    return CommandContext(Key(MAI, key or uuid4(), mac), Why(actor=MAI), seen_version)


async def events(store: EventStore) -> list[tuple[str, Any]]:
    log = await store.log(0, 100_000)
    assert_sound(log)
    return [(one.stream, one.event) for one in map(decode, log)]


async def streams(store: EventStore) -> list[str]:
    return [stream for stream, _ in await events(store)]


async def test_who_when_and_why_go_into_the_record(executor: Executor, store: Watched) -> None:
    why = Why(actor=MAI, on_behalf_of=UUID(int=5), causation=UUID(int=6), correlation=UUID(int=7))
    key = Key(MAI, UUID(int=8), b"mac")
    fill_it = Fill(alone=(("jar-1", 2),))
    assert await executor.execute(box, "box-1", fill_it, CommandContext(key, why)) == 2
    one, two = map(decode, await store.log(0, 10))
    assert (one.stream, one.version, two.stream, two.version) == ("box-1", 1, "jar-1", 1)
    assert one.why == two.why == why
    assert one.recorded_at == MONDAY
    assert [one.event_id, two.event_id] == [event_id_of(key, each, MONDAY) for each in (0, 1)]


async def test_a_repeated_command_is_not_decided_again(executor: Executor, store: Watched) -> None:
    once = asked()
    assert await executor.execute(jar, "jar-1", Take(), once) == 1
    await executor.execute(jar, "jar-1", Take(9), asked())
    assert await executor.execute(jar, "jar-1", Take(), once) == 1
    assert len(store.appended) == 2
    with pytest.raises(KeyUsedDifferently):
        await executor.execute(jar, "jar-1", Take(), asked(once.key.idempotency_key, b"other"))


async def test_a_refusal_leaves_nothing_and_is_not_remembered(
    executor: Executor, store: Watched
) -> None:
    await executor.execute(jar, "jar-1", Take(8), asked())
    again = asked()
    with pytest.raises(JarIsEmpty) as refusal:
        await executor.execute(jar, "jar-1", Take(3), again)
    assert refusal.value.left == 2
    assert await executor.execute(jar, "jar-1", Take(2), again) == 2


async def test_callers_of_one_process_never_conflict(executor: Executor, store: Watched) -> None:
    outcomes = await asyncio.gather(
        *(executor.execute(jar, "jar-1", Take(), asked()) for _ in range(50)),
        return_exceptions=True,
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == list(range(1, 11))
    left = [outcome.left for outcome in outcomes if isinstance(outcome, JarIsEmpty)]
    assert left == [0] * 40
    assert store.conflicts == 0
    assert executor._turns == {}


@pytest.mark.parametrize("seen", [0, 1, 3])
async def test_what_changed_since_the_caller_looked_is_refused(
    executor: Executor, store: Watched, seen: int
) -> None:
    for _ in range(2):
        await executor.execute(jar, "jar-1", Take(), asked())
    with pytest.raises(ChangedSince) as refusal:
        await executor.execute(jar, "jar-1", Take(), asked(seen_version=seen))
    assert refusal.value.version == 2
    assert await executor.execute(jar, "jar-1", Take(), asked(seen_version=2)) == 3


async def test_one_give_that_is_refused_refuses_all(executor: Executor, store: Watched) -> None:
    with pytest.raises(JarIsEmpty):
        await executor.execute(box, "box-1", Fill(alone=(("jar-1", 3), ("jar-2", 11))), asked())
    assert await events(store) == []


async def test_a_give_that_only_looks_still_asserts_what_it_saw(
    executor: Executor, store: Watched
) -> None:
    await executor.execute(jar, "jar-1", Take(), asked())
    await executor.execute(box, "box-1", Fill(alone=(("jar-1", 0),)), asked())
    assert Append("jar-1", 1, []) in store.appended[-1]
    assert await streams(store) == ["jar-1", "box-1"]


async def test_those_who_only_look_at_a_stream_do_not_wait_for_each_others_commit(
    memory: MemoryStore,
) -> None:
    store = Watched(memory, slow_s=0.05)
    executor = Executor(store, lambda: MONDAY)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(
        *(
            executor.execute(box, f"box-{n}", Fill(alone=(("jar-1", 0),)), asked())
            for n in range(40)
        )
    )
    assert loop.time() - began < 20 * store.slow_s
    assert store.conflicts == 0
    assert executor._turns == {}


async def test_looking_and_taking_go_on_side_by_side(on_postgres: PostgresStore) -> None:
    executor = Executor(on_postgres, lambda: MONDAY)
    looking = (
        executor.execute(box, f"box-{n}", Fill(alone=(("jar-1", 0),)), asked()) for n in range(60)
    )
    taking = (executor.execute(jar, "jar-1", Take(), asked()) for _ in range(JAR_HOLDS))
    await asyncio.gather(*(one for pair in zip_longest(looking, taking) for one in pair if one))
    assert sorted(await streams(on_postgres)) == sorted(
        [*(f"box-{n}" for n in range(60)), *["jar-1"] * JAR_HOLDS]
    )
    assert executor._turns == {}


async def test_what_happens_together_happens_or_is_said_to_have_not(
    executor: Executor, store: Watched
) -> None:
    parts = (
        (("jar-1", 4), ("jar-2", 4)),
        # jar-3 would give, but jar-2 cannot: neither does.
        (("jar-3", 1), ("jar-2", 7)),
        (("jar-3", 10), ("jar-2", 6)),
    )
    await executor.execute(box, "box-1", Fill(parts), asked())
    happened = await events(store)
    assert [e.code for _, e in happened if isinstance(e, AllocationLineRefused)] == ["jar-is-empty"]
    assert [(s, e.quantity) for s, e in happened if isinstance(e, LotDrawn)] == [
        *(("jar-1", 4), ("jar-2", 4), ("jar-2", 6), ("jar-3", 10)),
    ]
    assert await executor.state(jar, "jar-3") == 10
    assert len(await executor.state(box, "box-1")) == 2


async def test_when_nothing_can_happen_the_first_refusal_is_the_answer(
    executor: Executor, store: Watched
) -> None:
    await executor.execute(jar, "jar-1", Take(8), asked())
    with pytest.raises(JarIsEmpty) as refusal:
        await executor.execute(box, "box-1", Fill(((("jar-1", 3),), (("jar-2", 11),))), asked())
    assert refusal.value.left == 2
    assert await streams(store) == ["jar-1"]


async def test_commands_that_cross_do_not_wait_for_each_other_for_ever(
    executor: Executor, store: Watched
) -> None:
    """Each leads one box and takes from jars in its own order."""
    await asyncio.gather(
        *(
            executor.execute(
                box, f"box-{n}", Fill(alone=(("jar-1", 0), ("jar-2", 1))[:: 1 - n % 2 * 2]), asked()
            )
            for n in range(10)
        ),
        *(executor.execute(jar, f"jar-{n % 2 + 1}", Take(0), asked()) for n in range(10)),
    )
    assert await executor.state(jar, "jar-2") == 10
    assert store.conflicts == 0
    assert executor._turns == {}


async def test_a_long_stream_is_not_read_again(on_postgres: PostgresStore) -> None:
    store = Watched(on_postgres)
    records = [
        encode("allocation", "jar-1", n, uuid4(), take(Take(), 0)[0], MONDAY, Why(actor=MAI))
        for n in range(1, 10_001)
    ]
    await on_postgres.append([Append("jar-1", 0, records)], asked().key)
    executor = Executor(store, lambda: MONDAY)
    await executor.execute(bottomless, "jar-1", Take(), asked())
    assert store.read_count == 10_000
    for _ in range(5):
        await executor.execute(bottomless, "jar-1", Take(), asked())
    # Each read brings what the command before it appended, and no more.
    assert store.read_count == 10_005
    assert await executor.state(bottomless, "jar-1") == 10_006


async def test_what_another_process_did_is_seen_and_decided_on(
    on_postgres: PostgresStore, database: Database
) -> None:
    async with PostgresStore("allocation", database.dsn) as elsewhere:
        both = [Watched(on_postgres), Watched(elsewhere)]
        executors = [Executor(store, lambda: MONDAY) for store in both]
        outcomes = await asyncio.gather(
            *(executors[n % 2].execute(jar, f"jar-{n % 3}", Take(), asked()) for n in range(60)),
            return_exceptions=True,
        )
        assert len([1 for outcome in outcomes if isinstance(outcome, int)]) == 30
        assert len([1 for outcome in outcomes if isinstance(outcome, JarIsEmpty)]) == 30
        assert sum(store.conflicts for store in both) > 0
        for executor in executors:
            for n in range(3):
                assert await executor.state(jar, f"jar-{n}") == 10


async def test_a_state_that_is_kept_is_what_the_log_holds_whoever_won(
    memory: MemoryStore, executor: Executor
) -> None:
    """The same command in two processes: one appended it, the other got the answer only."""
    elsewhere = Executor(memory, lambda: MONDAY)
    for _ in range(5):
        once = asked()
        await asyncio.gather(
            elsewhere.execute(jar, "jar-1", Take(), asked()),
            executor.execute(jar, "jar-1", Take(), once),
            elsewhere.execute(jar, "jar-1", Take(), once),
        )
    assert await executor.state(jar, "jar-1") == await elsewhere.state(jar, "jar-1") == 10
    assert len(await events(memory)) == 10


async def test_a_log_that_was_set_back_is_believed(executor: Executor, store: Watched) -> None:
    for _ in range(3):
        await executor.execute(jar, "jar-1", Take(2), asked())
    backup = MemoryStore("allocation")
    store.store = backup
    await Executor(backup, lambda: MONDAY).execute(jar, "jar-1", Take(9), asked())
    assert await executor.state(jar, "jar-1") == 9
    assert await executor.execute(jar, "jar-1", Take(1), asked()) == 2


async def test_two_deciders_may_read_the_same_stream(executor: Executor) -> None:
    counts: Decider[Take, int, LotDrawn] = Decider(0, lambda _c, _s: [], lambda n, _e: n + 1)
    await executor.execute(jar, "jar-1", Take(3), asked())
    assert [await executor.state(one, "jar-1") for one in (jar, counts, jar, counts)] == [
        *(3, 1, 3, 1),
    ]


async def test_states_kept_are_bounded(
    executor: Executor, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "STATES_CACHED_MAX", 3)
    for n in range(6):
        await executor.execute(jar, f"jar-{n}", Take(), asked())
        await executor.state(jar, f"jar-{n}")
    assert [name for name, _ in executor._states.known] == ["jar-3", "jar-4", "jar-5"]


async def test_states_kept_are_bounded_in_bytes(
    executor: Executor, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that has become large takes the place of many, and one that is too large is not kept."""
    monkeypatch.setattr(execute, "STATES_CACHED_BYTES_MAX", 3_000)
    texts: Decider[Take, str, LotDrawn] = Decider(
        "x" * 500, lambda c, _s: take(c, 0), lambda s, _e: s * 2
    )

    async def kept(stream: str, events: int) -> list[str]:
        for _ in range(events):
            await executor.execute(texts, stream, Take(), asked())
        state = await executor.state(texts, stream)
        assert state == await Executor(store, lambda: MONDAY).state(texts, stream)
        return [name for name, _ in executor._states.known]

    assert await kept("jar-1", 1) == ["jar-1"]
    assert await kept("jar-2", 1) == ["jar-1", "jar-2"]
    assert await kept("jar-3", 1) == ["jar-2", "jar-3"]
    assert await kept("jar-3", 1) == ["jar-3"]
    assert await kept("jar-4", 4) == []


async def test_a_state_that_cannot_be_weighed_is_kept_all_the_same(executor: Executor) -> None:
    large: Decider[Take, int, LotDrawn] = Decider(
        2**70, lambda c, _s: take(c, 0), lambda n, _e: n + 1
    )
    await executor.execute(large, "jar-1", Take(), asked())
    assert await executor.state(large, "jar-1") == 2**70 + 1
    assert [name for name, _ in executor._states.known] == ["jar-1"]


async def test_nothing_happened_when_the_deadline_passed(
    executor: Executor, store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's append takes long. It is waited for; who waits for its turn is not."""
    monkeypatch.setattr(execute, "DEADLINE_S", 0.1)
    store.slow_s = 0.4
    outcomes = await asyncio.gather(
        *(executor.execute(jar, "jar-1", Take(), asked()) for _ in range(3)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [int, Busy, Busy]
    assert await streams(store) == ["jar-1"]
    assert executor._turns == {}


class SomebodyIsAlwaysFirst(Watched):
    async def append(self, appends: Sequence[Append], key: Key) -> int:
        elsewhere = Executor(self.store, lambda: MONDAY)
        await elsewhere.execute(bottomless, "jar-1", Take(), asked())
        return await self.store.append(appends, key)


async def test_conflicts_without_end_are_busy(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "DEADLINE_S", 0.1)
    executor = Executor(SomebodyIsAlwaysFirst(memory), lambda: MONDAY)
    with pytest.raises(Busy):
        await executor.execute(bottomless, "jar-1", Take(), asked())
    assert executor._turns == {}


class AnswersAreLost(Watched):
    async def append(self, appends: Sequence[Append], key: Key) -> int:
        await self.store.append(appends, key)
        raise OutcomeUnknown


async def test_an_unknown_outcome_is_said_and_the_same_key_tells(memory: MemoryStore) -> None:
    once = asked()
    with pytest.raises(OutcomeUnknown):
        await Executor(AnswersAreLost(memory), lambda: MONDAY).execute(jar, "jar-1", Take(), once)
    assert await Executor(memory, lambda: MONDAY).execute(jar, "jar-1", Take(), once) == 1
    assert await streams(memory) == ["jar-1"]


async def test_cancelled_callers_let_the_others_pass(executor: Executor, store: Watched) -> None:
    callers = [
        asyncio.create_task(executor.execute(jar, "jar-1", Take(), asked())) for _ in range(12)
    ]
    for caller in callers[::3]:
        await asyncio.sleep(0)
        caller.cancel()
    for number, caller in enumerate(callers):
        with suppress(asyncio.CancelledError):
            await caller
        assert caller.cancelled() or number % 3
    assert executor._turns == {}
    assert 8 <= len(await events(store)) <= 10


def test_the_same_cause_gives_the_same_key() -> None:
    event_id = uuid4()
    key = derived_key(MAI, event_id, "donations", "open-lot", "lot-1", "OpenLot")
    assert key == derived_key(MAI, event_id, "donations", "open-lot", "lot-1", "OpenLot")
    others = {
        derived_key(MAI, event_id, "donations", "open-lot", "lot-1"),
        derived_key(MAI, event_id, "donations", "open-lotlot-1", "OpenLot"),
        derived_key(MAI, uuid4(), "donations", "open-lot", "lot-1", "OpenLot"),
    }
    assert len(others | {key}) == 4
    assert key.idempotency_key.bytes[:6] == event_id.bytes[:6]
    assert (key.idempotency_key.version, key.idempotency_key.variant) == (8, RFC_4122)
