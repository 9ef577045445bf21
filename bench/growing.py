"""(g) The same log when it is long: commands, a rebuild, and the next event of a long stream."""

import time
from uuid import UUID, uuid4

import asyncpg

from bench.appends import ours
from bench.figures import Goal, Measured
from bench.ground import Ground
from bench.material import MAC, MADE_AT, PERSON, PROGRAMME, SERVICE, WHY, fill, history, record
from bench.rebuilding import rebuild_all
from contracts.donations import EntryLine, FundEntryBooked, FundOpened
from eventing.clock import system_clock
from eventing.event_store import Key
from eventing.execute import Asked, Executor
from eventing.postgres_store import PostgresStore
from eventing.record import NewRecord
from services.donations.domain.fund import BookEntry, fund, stream

PART = "g"
SIZES = (10_000, 100_000, 1_000_000, 3_000_000)
CALLERS = 64
LONG_STREAM = 100_000
NEXT_COMMANDS = 200
WANTED = 1.15
COMMANDS, REBUILT = "commands/s", "rebuilt events/s"
SHORT, LONG = "next command, stream of 100", f"next command, stream of {LONG_STREAM:,}"
LINES = (
    EntryLine(account="bank", debit=500_000, credit=0),
    EntryLine(account="payable-to-beneficiaries", debit=0, credit=500_000),
)


async def measure(ground: Ground, measured: Measured) -> None:
    log = await ground.new_log()
    sizes = [ground.size(size) for size in SIZES]
    head = 0
    for size in sizes:
        head = await fill(log.log_owner, history(size - head))
        measured.add("h", "bytes/event", {_at("on disk", size): [await _bytes(log.log, head)]})
        rebuilt = [await rebuild_all(ground, log, head, []) for _ in range(ground.rounds)]
        measured.add(PART, REBUILT, {_at(REBUILT, size): rebuilt})
        appended = []
        for _ in range(ground.rounds):
            await ground.checkpoint()
            appended.append(await ours(log.log, CALLERS, min(1.0, ground.seconds)))
        measured.add(PART, COMMANDS, {_at(COMMANDS, size): appended})
        head = await _head(log.log)
    # A rebuild of ten thousand is over before it can be timed.
    for name, smallest in ((COMMANDS, sizes[0]), (REBUILT, sizes[1])):
        first, last = (
            measured.figure(PART, _at(name, size)).median for size in (smallest, sizes[-1])
        )
        _goal(measured, f"{name}, {smallest:,} / {sizes[-1]:,} events", first / last)
    await _next_command(ground, measured, log.log, log.log_owner)


def _at(name: str, size: int) -> str:
    return f"{name} at {size:,} events"


def _goal(measured: Measured, what: str, reached: float) -> None:
    measured.goals.append(Goal(part=PART, what=what, reached=reached, unit="×", at_most=WANTED))


async def _head(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    head: int = await connection.fetchval("SELECT position FROM head")
    await connection.close()
    return head


async def _bytes(dsn: str, head: int) -> float:
    """Table and indexes; the commands' keys, too, though only some events here have one."""
    connection = await asyncpg.connect(dsn)
    size: int = await connection.fetchval("SELECT pg_total_relation_size('events')")
    await connection.close()
    return size / head


async def _next_command(ground: Ground, measured: Measured, dsn: str, owner: str) -> None:
    """The next booking of a fund that has many, as a process that serves it already gives it."""
    streams = {SHORT: (uuid4(), 100), LONG: (uuid4(), ground.size(LONG_STREAM))}
    for fund_id, length in streams.values():
        await fill(owner, iter(_bookings(fund_id, length)))
    async with PostgresStore(SERVICE, dsn) as store:
        executor = Executor(store, system_clock)
        for name, (fund_id, _) in streams.items():
            began = time.perf_counter()
            await _book(executor, fund_id)
            seconds = time.perf_counter() - began
            measured.add(PART, "ms", {f"{name}: the first, read whole": [seconds * 1000]})

        async def trial(fund_id: UUID) -> float:
            began = time.perf_counter()
            for _ in range(NEXT_COMMANDS):
                await _book(executor, fund_id)
            return (time.perf_counter() - began) / NEXT_COMMANDS * 1000

        async def short() -> float:
            return await trial(streams[SHORT][0])

        async def long() -> float:
            return await trial(streams[LONG][0])

        measured.add(PART, "ms", await ground.interleaved({SHORT: short, LONG: long}))
    ratio = measured.figure(PART, LONG).median / measured.figure(PART, SHORT).median
    _goal(measured, f"{LONG} / of 100", ratio)


def _bookings(fund_id: UUID, length: int) -> list[NewRecord]:
    opened = FundOpened(
        fund_id=fund_id,
        programme_id=PROGRAMME,
        name="Nguồn vận động",
        opened_by=PERSON,
        happened_at=MADE_AT,
    )
    booked = (
        FundEntryBooked(
            fund_id=fund_id, entry_id=uuid4(), lines=LINES, paper=str(uuid4()), happened_at=MADE_AT
        )
        for _ in range(length - 1)
    )
    return [
        record(stream(fund_id), version, event)
        for version, event in enumerate((opened, *booked), 1)
    ]


async def _book(executor: Executor, fund_id: UUID) -> None:
    wanted = BookEntry(entry_id=uuid4(), lines=LINES, paper=str(uuid4()), happened_at=MADE_AT)
    asked = Asked(Key(PERSON, uuid4(), MAC), WHY)
    await executor.execute(fund, stream(fund_id), wanted, asked)
