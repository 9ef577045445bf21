"""(h) What one event costs: CPU in each stage, bytes on disk and in Kafka.

The other parts add what they spent; memory and idling are looked at where all processes run (f).
"""

from functools import partial
from pathlib import Path

import asyncpg

from bench.appends import ours
from bench.figures import Measured
from bench.ground import Cpu, Ground, cpu_used
from bench.material import SERVICE, fill, history
from bench.publishing import relay
from eventing.topics import topic_of

PART = "h"
CALLERS = 64
EVENTS = 100_000


async def measure(ground: Ground, measured: Measured) -> None:
    log = await ground.new_log()
    spent: list[Cpu] = []
    trial = partial(ours, log.log, CALLERS, ground.seconds)
    for _ in range(ground.rounds):
        with cpu_used(ground) as cpu:
            commands = await trial() * ground.seconds
        spent.append(Cpu(cpu.ours / commands, cpu.postgres / commands, 0.0))
    notes = {"ours": "with encoding, and with the load generator: one process", "postgres": ""}
    for whose, note in notes.items():
        each = [getattr(cpu, whose) * 1e6 for cpu in spent]
        measured.add(PART, "µs CPU/event", {f"append, {CALLERS} callers: {whose}": each}, note)
    connection = await asyncpg.connect(log.log)
    for table in ("events", "commands"):
        size, rows = await connection.fetchrow(
            f"SELECT pg_total_relation_size('{table}'), (SELECT count(*) FROM {table})"  # noqa: S608
        ) or (0, 1)
        measured.add(PART, "bytes/event", {f"on disk: {table}": [size / rows]}, "with indexes")
    record = await connection.fetchval("SELECT avg(length(record))::float FROM events")
    measured.add(PART, "bytes/event", {"the record itself": [record]})
    await connection.close()
    await _in_kafka(ground, measured)


async def _in_kafka(ground: Ground, measured: Measured) -> None:
    log, events = await ground.new_log(), ground.size(EVENTS)
    service = f"{SERVICE}-stored"
    await fill(log.log_owner, history(events))
    await relay(ground, log, service, events, [])
    data = ground.run.path / "kafka" / "data"
    size = sum(_written(file) for file in data.glob(f"{topic_of(service)}-*/*.log"))
    measured.add(PART, "bytes/event", {"in Kafka, gzip": [size / events]}, "one copy")


def _written(file: Path) -> int:
    return file.stat().st_size
