"""(g) The same log when it is long: commands, what (e) measures, a long stream's next event."""

import time
from functools import partial
from uuid import UUID, uuid4

import asyncpg

from bench.appends import ours
from bench.figures import Goal, Measured
from bench.ground import Ground, Trial
from bench.material import (
    MAC,
    MADE_AT,
    PERSON,
    PROGRAMME,
    SERVICE,
    WHY,
    fill,
    history,
    record,
)
from bench.rebuilding import read_all, rebuild_all, verify_all
from console.databases import Databases
from contracts.donations import AccountBalance, EntryLine, FundEntryBooked, FundOpened
from eventing.clock import system_clock
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.postgres_store import PostgresStore
from eventing.record import NewRecord
from services.donations.domain.fund import BookEntry, fund, stream

PART = "g"
SIZES = (10_000, 100_000, 1_000_000, 3_000_000)
ALSO_AFTER_A_TRIAL = 1_000_000
ROUNDS = 5
CALLERS = 64
LONG_STREAM = 100_000
NEXT_COMMANDS = 200
WANTED = 1.15
COMMANDS, REBUILT, READ, VERIFIED = "commands", "rebuilt", "read", "read and verified"
BY_CHANCE = "commands with ids and keys by chance"
SHORT, LONG = "next command, stream of 100", f"next command, stream of {LONG_STREAM:,}"
LINES = (
    EntryLine(account="bank", debit=500_000, credit=0),
    EntryLine(account="contributions", debit=0, credit=500_000),
)


async def measure(ground: Ground, measured: Measured) -> None:
    """The logs of all sizes stand side by side, so that each size has its turn in each round."""
    logs = {size: await _log_of(ground, size) for size in map(ground.size, SIZES)}
    for size, log in logs.items():
        on_disk = [await _bytes(log.log, size)]
        measured.add("h", "bytes/event", {_at("on disk", size): on_disk}, "with keys and indexes")
    shortest, *others = logs
    # A rebuild of ten thousand is over before it can be timed.
    rebuilds: dict[str, Trial] = {
        _at(REBUILT, size): partial(rebuild_all, ground, logs[size], size, []) for size in others
    }
    measured.add(PART, "events/s", await ground.interleaved(rebuilds))
    for name, read in ((READ, read_all), (VERIFIED, verify_all)):
        reads: dict[str, Trial] = {
            _at(name, size): partial(read, log, size) for size, log in logs.items()
        }
        measured.add(PART, "events/s", await ground.interleaved(reads))
    appends: dict[str, Trial] = {
        _at(COMMANDS, size): partial(_append, ground, log, size) for size, log in logs.items()
    }
    longest = others[-1]
    appends[_at(BY_CHANCE, longest)] = partial(
        ours, logs[longest].log, CALLERS, ground.seconds, uuid4
    )
    rounds = 1 if ground.quick else ROUNDS
    measured.add(PART, "commands/s", await ground.interleaved(appends, rounds))
    first_of = {COMMANDS: shortest, REBUILT: others[0], READ: others[0], VERIFIED: others[0]}
    for name, smallest in first_of.items():
        first, last = (
            measured.figure(PART, _at(name, size)).median for size in (smallest, longest)
        )
        _goal(measured, f"{name}, {smallest:,} / {longest:,} events", first / last)
    await _next_command(ground, measured, logs[longest].log, logs[longest].log_owner)


async def _log_of(ground: Ground, size: int) -> Databases:
    log = await ground.new_log()
    await fill(log.log_owner, history(size))
    # As in a log that has grown slowly: what is to be tidied up after the filling is none of ours.
    connection = await asyncpg.connect(log.log_owner)
    await connection.execute("VACUUM (ANALYZE) events, commands")
    await connection.close()
    return log


async def _append(ground: Ground, log: Databases, size: int) -> float:
    """A trial adds some ten thousands, by which a log that has few would be another one."""
    if size < ALSO_AFTER_A_TRIAL:
        log = await _log_of(ground, size)
        await ground.checkpoint()
    return await ours(log.log, CALLERS, ground.seconds)


def _at(name: str, size: int) -> str:
    return f"{name} at {size:,} events"


def _goal(measured: Measured, what: str, reached: float) -> None:
    measured.goals.append(Goal(part=PART, what=what, reached=reached, unit="×", at_most=WANTED))


async def _bytes(dsn: str, head: int) -> float:
    connection = await asyncpg.connect(dsn)
    size: int = await connection.fetchval(
        "SELECT pg_total_relation_size('events') + pg_total_relation_size('commands')"
    )
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
        unit_id=UUID(int=3),
        name="Nguồn vận động",
        opened_by=PERSON,
        happened_at=MADE_AT,
    )
    booked = (
        FundEntryBooked(
            fund_id=fund_id,
            programme_id=PROGRAMME,
            entry_id=uuid4(),
            lines=LINES,
            balances=tuple(
                AccountBalance(
                    account=line.account, debit=line.debit * count, credit=line.credit * count
                )
                for line in LINES
            ),
            paper=str(uuid4()),
            happened_at=MADE_AT,
        )
        for count in range(1, length)
    )
    return [
        record(stream(fund_id), version, event)
        for version, event in enumerate((opened, *booked), 1)
    ]


async def _book(executor: Executor, fund_id: UUID) -> None:
    wanted = BookEntry(entry_id=uuid4(), lines=LINES, paper=str(uuid4()), happened_at=MADE_AT)
    context = CommandContext(Key(PERSON, uuid4(), MAC), WHY)
    await executor.execute(fund, stream(fund_id), wanted, context)
