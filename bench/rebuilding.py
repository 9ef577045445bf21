"""(e) A read model rebuilt from a log of a million events; the log read, and verified."""

import time
from collections.abc import AsyncIterator, Sequence

from audit.merkle import RightEdge
from bench.figures import Goal, Measured
from bench.ground import Cpu, Ground, cpu_used, pool, running, until
from bench.material import SERVICE, fill, history
from console.databases import Databases
from eventing.generations import rebuild
from eventing.leadership import Leadership
from eventing.log_source import LogSource
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import BATCHES, ReadModelRunner
from eventing.record import StoredRecord, leaf_hash
from services.donations.read_models.pledges import pledges

PART = "e"
EVENTS = 1_000_000
READ_AT_ONCE = 5_000
REBUILT, READ, VERIFIED = "rebuild", "read", "read and verify"
WANTED = 150_000


async def measure(ground: Ground, measured: Measured) -> None:
    events = ground.size(EVENTS)
    log = await ground.new_log()
    await fill(log.log_owner, history(events))
    spent: list[Cpu] = []

    async def rebuilt() -> float:
        return await rebuild_all(ground, log, events, spent)

    async def read() -> float:
        return await read_all(log, events)

    async def verified() -> float:
        return await verify_all(log, events)

    trials = {REBUILT: rebuilt, READ: read, VERIFIED: verified}
    measured.add(PART, "events/s", await ground.interleaved(trials), f"{events:,} events")
    measured.goals.append(
        Goal(
            part=PART,
            what=REBUILT,
            reached=measured.figure(PART, REBUILT).median,
            unit="events/s",
            at_least=WANTED,
        )
    )
    for whose in ("ours", "postgres"):
        each = [getattr(cpu, whose) / events * 1e6 for cpu in spent]
        measured.add("h", "µs CPU/event", {f"rebuild: {whose}": each})


async def rebuild_all(ground: Ground, log: Databases, events: int, spent: list[Cpu]) -> float:
    """Ask for a new generation beside the one that serves; events per second until it serves."""
    leadership = Leadership(log.log)
    async with PostgresStore(SERVICE, log.log) as store, pool(log.log) as connections:
        runner = ReadModelRunner(
            SERVICE, [pledges], connections, leadership, lambda _service: LogSource(store)
        )

        async def generation() -> int:
            asked = (
                "SELECT coalesce(max(generation), 0) FROM consumers"
                " WHERE name = 'pledges' AND status = 'live' AND position = $1"
            )
            return int(await connections.fetchval(asked, events))

        async def level() -> bool:
            return await generation() > 0

        async with running(runner.run()):
            await until(level)
            before = await generation()

            async def swapped() -> bool:
                return await generation() > before

            async def begun() -> bool:
                asked = "SELECT max(position) FROM consumers WHERE generation > $1"
                return bool(await connections.fetchval(asked, before))

            with cpu_used(ground) as cpu:
                await rebuild(connections, pledges)
                # Its worker looks twice a second whether it is asked for.
                await until(begun)
                first, began = min(events, BATCHES.catching_up), time.perf_counter()
                await until(swapped)
                seconds = time.perf_counter() - began
                spent.append(cpu)
    await leadership.close()
    return max(events - first, 1) / seconds


async def read_all(log: Databases, events: int) -> float:
    """Read a log once, in events per second."""
    began = time.perf_counter()
    read = 0
    async for records in _all(log):
        read += len(records)
    assert read == events, "all that was written was read"
    return events / (time.perf_counter() - began)


async def verify_all(log: Databases, events: int) -> float:
    """Read a log, compute every leaf anew, and the tree over them; in events per second."""
    began = time.perf_counter()
    tree = RightEdge()
    async for records in _all(log):
        tree.extend(leaf_hash(stored.record) for stored in records)
    tree.root()
    assert tree.size == events, "all that was written was verified"
    return events / (time.perf_counter() - began)


async def _all(log: Databases) -> AsyncIterator[Sequence[StoredRecord]]:
    async with PostgresStore(SERVICE, log.log) as store:
        position = 0
        while records := await store.log(position, READ_AT_ONCE):
            position = records[-1].position
            yield records
