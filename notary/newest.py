"""The newest checkpoint of every log, followed on the topic: for pages, receipts and reports."""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from aiokafka.structs import ConsumerRecord

from audit.checkpoint import Checkpoint, NotACheckpoint, checkpoint_in
from audit.note import NotANote, read
from eventing.back_off import BackOff
from eventing.cancelled import let_go
from eventing.hearing import Hearing
from eventing.kafka_access import KafkaAccess
from notary.checkpoint_topic import LOGS, TOPIC, WITHIN_S
from notary.keys import LogKeys, NotOurCheckpoint

POLL_MS = 5_000
PAUSE_S_MIN, PAUSE_S_MAX = 0.5, 5.0
READ_NOTES_MAX = 20_000
ALL_WITHIN_S = 600.0
NEWEST_KEPT = 1_000
APART_RECORDS = 5_000

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


class Signed(NamedTuple):
    size: int
    root: bytes


class NewestCheckpoints:
    """In memory; empty until the topic was read.

    With the public keys of a log, which come from a file and never from whom they vouch for, only
    what one of them signed is taken; the rest of the topic is passed over. `None`: whoever shows a
    note to others shows it as it is.
    """

    def __init__(self, keys: Mapping[str, LogKeys] | None = None) -> None:
        self._keys = keys
        self._newest: dict[str, Published] = {}
        self._signed: dict[str, list[Signed]] = {}
        self.passed_over = 0

    @property
    def all(self) -> Mapping[str, Published]:
        """By service."""
        return self._newest

    def of(self, service: str) -> Published | None:
        return self._newest.get(service)

    def vouches_for(self, service: str) -> bool:
        """Whether somebody signs this log whose key we have."""
        return self._keys is not None and service in self._keys

    def largest(self, service: str, after: int, upto: int) -> Signed | None:
        """The largest checkpoint of more than `after` records, and of no more than `upto`."""
        signed = self._signed.get(service, [])
        at = bisect_right(signed, upto, key=lambda each: each.size)
        return signed[at - 1] if at and signed[at - 1].size > after else None

    def any_beyond(self, service: str, size: int) -> bool:
        signed = self._signed.get(service, [])
        return bool(signed) and signed[-1].size > size

    def take(self, service: str, note: str, published_at: datetime) -> None:
        """Keep it if it is the largest of its log."""
        said = self._said(service, note)
        if said is None:
            self.passed_over += 1
            return
        known = self._newest.get(service)
        forked = known is not None and (
            known.forked or (known.size == said.size and known.root != said.root)
        )
        self._remember(service, Signed(said.size, said.root))
        if known is None or said.size > known.size:
            self._newest[service] = Published(
                service, said.origin, said.size, said.root, note, published_at, forked
            )
        elif forked:
            log.error("checkpoint of %s: two of %d records were published", service, said.size)
            self._newest[service] = replace(known, forked=True)

    def _said(self, service: str, note: str) -> Checkpoint | None:
        try:
            if self._keys is None:
                return checkpoint_in(read(note).text)
            keys = self._keys.get(service)
            return None if keys is None else keys.opened(note)
        except (NotANote, NotACheckpoint, NotOurCheckpoint):
            log.warning("checkpoint of %s: a note of no known key is passed over", service)
            return None

    def _remember(self, service: str, said: Signed) -> None:
        """The newest ones all; of the older ones some, so that each is soon followed by another."""
        signed = self._signed.setdefault(service, [])
        at = bisect_right(signed, said.size, key=lambda each: each.size)
        if at and signed[at - 1].size == said.size:
            return
        signed.insert(at, said)
        old = len(signed) - NEWEST_KEPT
        if old > 1 and signed[old].size - signed[old - 2].size < APART_RECORDS:
            del signed[old - 1]


async def read_all(
    kafka: KafkaAccess,
    newest: NewestCheckpoints,
    *,
    topic: str = TOPIC,
    logs: Sequence[str] = LOGS,
) -> None:
    """Take every checkpoint that the topic holds now, the oldest too.

    Raises UnknownTopicOrPartitionError, KafkaError, TimeoutError.
    """
    partitions = [TopicPartition(topic, number) for number in range(len(logs))]
    consumer = kafka.consumer(enable_auto_commit=False, auto_offset_reset="none")
    try:
        begin, end = await _assigned(consumer, partitions)
        for partition in partitions:
            consumer.seek(partition, begin[partition])
        unread = {each for each in partitions if begin[each] < end[each]}
        async with asyncio.timeout(ALL_WITHIN_S):
            while unread:
                got = await consumer.getmany(*unread, timeout_ms=POLL_MS)
                for partition, messages in got.items():
                    _take_all(newest, messages)
                    if messages[-1].offset + 1 >= end[partition]:
                        unread.discard(partition)
    finally:
        await let_go(consumer)


async def follow(
    kafka: KafkaAccess,
    newest: NewestCheckpoints,
    *,
    topic: str = TOPIC,
    logs: Sequence[str] = LOGS,
) -> None:
    """For ever; a Kafka that is away, or a topic that nobody has made yet, is waited for."""
    back_off = BackOff(PAUSE_S_MIN, PAUSE_S_MAX)
    loop = asyncio.get_running_loop()
    partitions = [TopicPartition(topic, number) for number in range(len(logs))]
    while True:
        began = loop.time()
        try:
            await _follow(kafka, newest, partitions)
        except (KafkaError, OSError, TimeoutError) as error:
            log.info("checkpoints: looking again: %s", type(error).__name__)
        back_off.lasted(loop.time() - began)
        await asyncio.sleep(back_off.pause_s())


async def _follow(
    kafka: KafkaAccess, newest: NewestCheckpoints, partitions: Sequence[TopicPartition]
) -> None:
    consumer = kafka.consumer(
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=POLL_MS,
    )
    try:
        begin, end = await _assigned(consumer, partitions)
        for partition in partitions:
            consumer.seek(partition, max(begin[partition], end[partition] - READ_NOTES_MAX))
        hearing = Hearing(consumer)
        while True:
            got = await consumer.getmany(timeout_ms=POLL_MS)
            hearing.check(partitions)
            for messages in got.values():
                _take_all(newest, messages)
    finally:
        await let_go(consumer)


Offsets = Mapping[TopicPartition, int]


async def _assigned(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> tuple[Offsets, Offsets]:
    """Where they begin and end. Raises UnknownTopicOrPartitionError, KafkaError, TimeoutError."""
    async with asyncio.timeout(WITHIN_S):
        await consumer.start()
        if partitions[0].topic not in await consumer.topics():
            raise UnknownTopicOrPartitionError(partitions[0].topic)
        consumer.assign(partitions)
        begin = await consumer.beginning_offsets(partitions)
        end = await consumer.end_offsets(partitions)
    return begin, end


def _take_all(
    newest: NewestCheckpoints, messages: "Sequence[ConsumerRecord[bytes, bytes]]"
) -> None:
    for message in messages:
        newest.take(
            (message.key or b"").decode(errors="replace"),
            (message.value or b"").decode(errors="replace"),
            datetime.fromtimestamp(message.timestamp / 1000, UTC),
        )
