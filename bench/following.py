"""(d) A read model kept level from Kafka, beside a consumer with one transaction per message."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import TopicPartition

from audit.checkpoint import Checkpoint
from audit.merkle import RightEdge
from bench.figures import Goal, Measured
from bench.ground import Cpu, Ground, cpu_used, pool, running, until
from bench.material import SERVICE, fill, history
from bench.publishing import relay
from console.databases import Databases
from eventing import postgres_rows
from eventing.following import MakeSource
from eventing.installation import DEVELOPMENT_ORIGIN
from eventing.kafka_source import KafkaSource
from eventing.leadership import Leadership
from eventing.read_model_runner import ReadModelRunner
from eventing.record import StoredRecord, decode
from eventing.replay import replay
from eventing.row_tables import RowTable
from eventing.sources import Source
from eventing.topics import PARTITIONS, topic_of
from notary.keys import LogKeys, make
from notary.newest import NewestCheckpoints
from notary.proven_source import ProvenSource
from services.donations.read_models.pledges import Pledge, pledges

PART = "d"
OURS, PROVEN, THEIRS = "read model", "read model, proven", "one transaction per message"
RECORDS = 1_000_000
SIGNED_EVERY = 10_000
"""As many as a notary signs at once."""


async def measure(ground: Ground, measured: Measured) -> None:
    records = ground.size(RECORDS)
    log = await ground.new_log()
    await fill(log.log_owner, history(records))
    await relay(ground, log, SERVICE, records, [])
    spent: list[Cpu] = []
    differ: list[bool] = []

    checkpoints = await _signed(ground, log, records)

    def plain(service: str) -> Source:
        return KafkaSource(service, ground.stack.kafka)

    def held_against(service: str) -> Source:
        return ProvenSource(plain(service), checkpoints, NothingAsked(), _nothing_found)

    async def proven() -> float:
        return await _runner(ground, await ground.new_log(), held_against, records, [])

    async def ours() -> float:
        reader = await ground.new_log()
        speed = await _runner(ground, reader, plain, records, spent)
        differ.append(await _differs(ground, reader, records))
        return speed

    async def theirs() -> float:
        return await _one_by_one(ground, await ground.new_log())

    trials = {OURS: ours, PROVEN: proven, THEIRS: theirs}
    measured.add(PART, "events/s", await ground.interleaved(trials))
    measured.ratio(PART, OURS, THEIRS, at_least=40)
    measured.ratio(PART, PROVEN, OURS, at_least=0.6)
    measured.goals.append(
        Goal(
            part=PART,
            what=f"live and replayed digests that differ, {records:,} events",
            reached=sum(differ),
            unit=f"of {len(differ)}",
            at_most=0,
        )
    )
    for whose in ("ours", "postgres", "kafka"):
        each = [getattr(cpu, whose) / records * 1e6 for cpu in spent]
        measured.add("h", "µs CPU/event", {f"fold from Kafka: {whose}": each})


class NothingAsked:
    """All is as it was signed: nobody asks the log."""

    async def leaves(self, service: str, after: int, upto: int) -> Sequence[bytes]:
        raise AssertionError(f"{service} differs between {after} and {upto}")

    async def more_checkpoints(self, service: str, after: int) -> None:
        raise AssertionError(f"no checkpoint of {service} after {after}")


async def _nothing_found(service: str, records: Sequence[StoredRecord], vouched: int) -> None:
    raise AssertionError(f"{len(records)} of {service} are false after {vouched}")


async def _signed(ground: Ground, log: Databases, records: int) -> NewestCheckpoints:
    """Checkpoints as the log's notary would have made them while it grew."""
    private = ground.run.path / "following.key"
    public = ground.run.path / "following.pub"
    if not private.exists():
        make(private, public, f"{DEVELOPMENT_ORIGIN}/{SERVICE}")
    keys = LogKeys.of(f"{DEVELOPMENT_ORIGIN}/{SERVICE}", private, public)
    checkpoints, tree = NewestCheckpoints({SERVICE: keys}), RightEdge()
    connection = await asyncpg.connect(log.log)
    while tree.size < records:
        rows = await connection.fetch(
            "SELECT leaf FROM events WHERE position > $1 ORDER BY position LIMIT $2",
            tree.size,
            SIGNED_EVERY,
        )
        tree.extend(row["leaf"] for row in rows)
        note = Checkpoint(keys.origin, tree.size, tree.root()).signed(*keys.signers)
        checkpoints.take(SERVICE, note, datetime.now(UTC))
    await connection.close()
    return checkpoints


async def _runner(
    ground: Ground, reader: Databases, make_source: MakeSource, records: int, spent: list[Cpu]
) -> float:
    leadership = Leadership(reader.log)
    async with pool(reader.log) as connections:
        runner = ReadModelRunner(
            "reader",
            [pledges],
            connections,
            leadership,
            make_source,
        )

        async def position() -> int:
            asked = "SELECT coalesce(max(position), 0) FROM consumers WHERE name = 'pledges'"
            return int(await connections.fetchval(asked))

        async def begun() -> bool:
            return await position() > 0

        async def done() -> bool:
            return await position() >= records

        with cpu_used(ground) as cpu:
            async with running(runner.run()):
                await until(begun)
                first, began = await position(), time.perf_counter()
                await until(done)
                seconds = time.perf_counter() - began
                spent.append(cpu)
    await leadership.close()
    return (records - first) / seconds if records > first else 0.0


async def _differs(ground: Ground, reader: Databases, records: int) -> bool:
    """Whether what is served is other than what Kafka alone gives when it is replayed."""
    async with pool(reader.log) as connections:
        live, positions = await postgres_rows.digest(connections, pledges)
    assert positions == {SERVICE: records}, "it has followed to the end"
    replayed = await replay(
        SERVICE,
        [pledges],
        lambda service: KafkaSource(service, ground.stack.kafka),
        {pledges.name: positions},
    )
    return replayed[pledges.name].digest != live


async def _one_by_one(ground: Ground, reader: Databases) -> float:
    """What is usual: read the row, fold, write it, move the cursor, commit; then the next."""
    table: RowTable[Any, Pledge] = RowTable(pledges, 1, 1)
    connection = await asyncpg.connect(reader.log)
    await table.create(connection)
    await connection.execute("INSERT INTO consumers (name, source) VALUES ('pledges', $1)", SERVICE)
    consumer = ground.stack.kafka.consumer(enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic_of(SERVICE), each) for each in range(PARTITIONS)])
        done = 0
        began = time.perf_counter()
        while (passed := time.perf_counter() - began) < ground.seconds:
            message = await consumer.getone()
            position = int(dict(message.headers)["position"])
            recorded = decode(StoredRecord(SERVICE, position, message.value))
            async with connection.transaction():
                keys = list(pledges.touched(recorded))
                rows = await table.load(connection, keys)
                await table.write(connection, pledges.fold(rows, [recorded]))
                await connection.execute(
                    "UPDATE consumers SET position = $1 WHERE name = 'pledges'", position
                )
            done += 1
        return done / passed
    finally:
        await consumer.stop()
        await connection.close()
