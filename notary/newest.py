"""The newest checkpoint of every log, followed on the topic: for pages, receipts and reports."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from audit.checkpoint import NotACheckpoint, checkpoint_in
from audit.note import NotANote, read
from eventing.cancelled import let_go
from eventing.hearing import Hearing
from eventing.kafka_access import KafkaAccess
from notary.checkpoint_topic import LOGS, TAIL_NOTES, TOPIC, WITHIN_S

POLL_MS = 5_000
PAUSE_S_MIN, PAUSE_S_MAX = 1.0, 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint as it was published: `note` is what a reader checks, the rest is what it says.

    `forked`: another one of the same size was published too. Then the log has two histories, and
    none of them proves anything before a person has found out why.
    """

    service: str
    origin: str
    size: int
    root: bytes
    note: str
    published_at: datetime
    forked: bool = False


class NewestCheckpoints:
    """In memory; empty until the topic was read."""

    def __init__(self) -> None:
        self._newest: dict[str, Published] = {}

    @property
    def all(self) -> Mapping[str, Published]:
        """By service."""
        return self._newest

    def of(self, service: str) -> Published | None:
        return self._newest.get(service)

    def take(self, service: str, note: str, published_at: datetime) -> None:
        """Keep it if it is the largest of its log. Signatures are for those who do not trust us."""
        try:
            said = checkpoint_in(read(note).text)
        except (NotANote, NotACheckpoint):
            log.exception("checkpoint of %s: the topic holds something else", service)
            return
        known = self._newest.get(service)
        forked = known is not None and (
            known.forked or (known.size == said.size and known.root != said.root)
        )
        if known is None or said.size > known.size:
            self._newest[service] = Published(
                service, said.origin, said.size, said.root, note, published_at, forked
            )
        elif forked:
            log.error("checkpoint of %s: two of %d records were published", service, said.size)
            self._newest[service] = replace(known, forked=True)


async def follow(
    kafka: KafkaAccess,
    newest: NewestCheckpoints,
    *,
    topic: str = TOPIC,
    logs: Sequence[str] = LOGS,
) -> None:
    """For ever; a Kafka that is away, or a topic that nobody has made yet, is waited for."""
    pause_s = PAUSE_S_MIN
    loop = asyncio.get_running_loop()
    partitions = [TopicPartition(topic, number) for number in range(len(logs))]
    while True:
        began = loop.time()
        try:
            await _follow(kafka, newest, partitions)
        except (KafkaError, OSError, TimeoutError) as error:
            log.info("checkpoints: looking again in %.0f s: %s", pause_s, type(error).__name__)
        if loop.time() - began > PAUSE_S_MAX:
            pause_s = PAUSE_S_MIN
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, PAUSE_S_MAX)


async def _follow(
    kafka: KafkaAccess, newest: NewestCheckpoints, partitions: Sequence[TopicPartition]
) -> None:
    consumer = kafka.consumer(
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=POLL_MS,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            await consumer.start()
            if partitions[0].topic not in await consumer.topics():
                raise UnknownTopicOrPartitionError(partitions[0].topic)
            consumer.assign(partitions)
            begin = await consumer.beginning_offsets(partitions)
            end = await consumer.end_offsets(partitions)
        for partition in partitions:
            consumer.seek(partition, max(begin[partition], end[partition] - TAIL_NOTES))
        hearing = Hearing(consumer)
        while True:
            got = await consumer.getmany(timeout_ms=POLL_MS)
            hearing.check(partitions)
            for messages in got.values():
                for message in messages:
                    newest.take(
                        (message.key or b"").decode(errors="replace"),
                        (message.value or b"").decode(errors="replace"),
                        datetime.fromtimestamp(message.timestamp / 1000, UTC),
                    )
    finally:
        await let_go(consumer)
