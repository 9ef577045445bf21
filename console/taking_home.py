"""`vongtay audit export`: records, checkpoints and keys into a folder, from Kafka or over HTTP."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from aiokafka import TopicPartition

from audit.checkpoint import NotACheckpoint, size_in
from audit.export import Export, ExportWriter, line_of
from audit.note import NotANote
from audit.remote_export import POLL_S, SIGNED_WITHIN_S, add_keys_and_tiles, export_log, newest_of
from audit.remote_log import RemoteLog
from audit.signed import origin_in, service_of
from console.addresses import SERVICES
from console.audit_options import Bars
from console.replay import START_WITHIN_S, heads
from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource
from eventing.replay import NotThatFar
from notary.checkpoint_topic import LOGS, TOPIC

BATCH_RECORDS = 5_000
SILENT_FOR_S_MAX = 30.0
POLL_MS = 500

log = logging.getLogger(__name__)


def started(path: Path, origin: str, *, compressed: bool) -> ExportWriter:
    """Raises NotAnExport."""
    return ExportWriter(path, origin, datetime.now(UTC), compressed=compressed)


def over_http(
    path: Path,
    urls: Mapping[str, str],
    token: str | None,
    origin: str | None,
    told: Bars,
    *,
    compressed: bool,
) -> None:
    """`urls` are by service. Raises LogDoesNotAnswer, NotAnExport."""
    logs = {service: RemoteLog(url, token) for service, url in urls.items()}
    newest = {service: newest_of(log) for service, log in logs.items()}
    origins = [found.rpartition("/")[0] for found, _ in newest.values() if found]
    writer = started(path, _origin(path, origin, origins), compressed=compressed)
    for service, (_, size) in newest.items():
        told.expect(service, size)
    writer.write_schemas()
    for service, log in logs.items():
        with log:
            export_log(writer, service, log, newest[service][1], told)


async def from_kafka(
    path: Path,
    kafka: KafkaAccess,
    origin: str | None,
    keys: Sequence[str],
    urls: Mapping[str, str],
    told: Bars,
    *,
    compressed: bool,
    services: Sequence[str] = SERVICES,
) -> None:
    """Keys and tiles, which Kafka has not, from `urls` as far as they are given.

    Checkpoints first: the log must have what they say. Raises KafkaError, NotThatFar,
    LogDoesNotAnswer.
    """
    notes = await published_notes(kafka)
    ends = await heads(kafka, services)
    notes, ends = await _signed(kafka, notes, ends)
    origins = [origin_in(note).rpartition("/")[0] for note in notes]
    writer = started(path, _origin(path, origin, origins), compressed=compressed)
    for service, end in ends.items():
        told.expect(service, end)
        with writer.log(service) as log:
            told(service, log.position)
            source = KafkaSource(service, kafka)
            try:
                if end > log.position:
                    await source.start(log.position)
                while log.position < end:
                    limit = min(BATCH_RECORDS, end - log.position)
                    records = await source.next(limit, SILENT_FOR_S_MAX)
                    if not records:
                        raise NotThatFar(f"{service} gave nothing after {log.position} of {end}")
                    for stored in records:
                        log.add(stored.position, line_of(stored.position, stored.record))
                    told(service, len(records))
            finally:
                await source.stop()
    writer.write_notes((size_in(note), note) for note in notes)
    writer.write_keys(keys)
    writer.write_schemas()
    for service, url in urls.items():
        sizes = [size_in(note) for note in notes if service_of(origin_in(note)) == service]
        with RemoteLog(url) as log:
            add_keys_and_tiles(writer, service, log, max(sizes, default=0))


async def _signed(
    kafka: KafkaAccess, notes: list[str], ends: dict[str, int]
) -> tuple[list[str], dict[str, int]]:
    """Checkpoints that cover the ends, if somebody signs them in time; and the ends, by these.

    Nobody vouches for records behind the newest checkpoint.
    """
    until = monotonic() + SIGNED_WITHIN_S
    while True:
        newest: dict[str, int] = {}
        for note in notes:
            service = service_of(origin_in(note))
            newest[service] = max(newest.get(service, 0), size_in(note))
        if all(newest.get(service, end) >= end for service, end in ends.items()):
            break
        if monotonic() > until:
            break
        await asyncio.sleep(POLL_S)
        notes = await published_notes(kafka)
    return notes, {service: max(end, newest.get(service, 0)) for service, end in ends.items()}


def _origin(path: Path, given: str | None, found: Sequence[str]) -> str:
    """What was given, or signed, or is there already; else each log's records say it."""
    if given or found:
        return given or found[0]
    return Export(path).manifest.origin if (path / "manifest.json").exists() else ""


async def published_notes(
    kafka: KafkaAccess, topic: str = TOPIC, logs: Sequence[str] = LOGS
) -> list[str]:
    """Every checkpoint in the topic; none where nobody has signed yet. Raises KafkaError.

    The topic is kept for ever: what somebody once wrote there by mistake stops no auditor.
    """
    consumer = kafka.consumer(enable_auto_commit=False, auto_offset_reset="none")
    found: list[str] = []
    try:
        async with asyncio.timeout(START_WITHIN_S):
            await consumer.start()
            if topic not in await consumer.topics():
                return []
            partitions = [TopicPartition(topic, number) for number in range(len(logs))]
            consumer.assign(partitions)
            begin = await consumer.beginning_offsets(partitions)
            end = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, begin[partition])
        unread = {each for each in partitions if begin[each] < end[each]}
        while unread:
            got = await consumer.getmany(*unread, timeout_ms=POLL_MS)
            for partition, messages in got.items():
                notes = [(message.value or b"").decode(errors="replace") for message in messages]
                found += [note for note in notes if _is_checkpoint(note)]
                if messages[-1].offset + 1 >= end[partition]:
                    unread.discard(partition)
    finally:
        await consumer.stop()
    return found


def _is_checkpoint(note: str) -> bool:
    try:
        size_in(note)
    except (NotANote, NotACheckpoint) as error:
        log.warning("the topic of checkpoints holds something else: %s", error)
        return False
    return True
