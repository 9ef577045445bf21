"""A service's topic as a source: the total order of its log, restored from twelve partitions.

Positions are dense, so the next one is known: records wait here until it has come, and what was
seen is dropped. Kafka's offsets are only a hint where to look.
"""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from eventing.cancelled import let_go
from eventing.false_records import FalseRecords
from eventing.hearing import SILENT_WITHIN_S, Hearing
from eventing.kafka_access import KafkaAccess
from eventing.kafka_tail import TAIL_RECORDS, position_of, tails
from eventing.passed_over import PassedOver
from eventing.record import StoredRecord, leaf_hash
from eventing.sources import HoleInTheLog, NotTheTopicWeRead
from eventing.topics import PARTITIONS, topic_of

HOLE_WITHIN_S = 10.0
START_WITHIN_S = 30.0
ENDS_WITHIN_S = 10.0
FETCH_RECORDS_MAX = 500
WAITING_MAX_PER_PARTITION = 250
"""So a few thousand records wait for the next position at most, however far a partition lags."""


class _Hint(msgspec.Struct, frozen=True):
    """Offsets to go on from, and the record before them that is there to be recognised."""

    offsets: dict[int, int]
    partition: int
    offset: int
    position: int
    leaf: str


class KafkaSource:
    """No consumer group: whoever follows a source follows all of it, so nothing rebalances."""

    def __init__(
        self,
        service: str,
        kafka: KafkaAccess,
        *,
        passed_over: PassedOver | None = None,
        false: FalseRecords | None = None,
        hole_within_s: float = HOLE_WITHIN_S,
        silent_within_s: float = SILENT_WITHIN_S,
    ) -> None:
        self.service = service
        self._topic = topic_of(service)
        self._kafka = kafka
        self._passed_over = passed_over or PassedOver()
        self._false = false or FalseRecords()
        self._hole_within_s = hole_within_s
        self._silent_within_s = silent_within_s
        self._partitions = [TopicPartition(self._topic, number) for number in range(PARTITIONS)]
        self._consumer: AIOKafkaConsumer | None = None
        self._hearing: Hearing | None = None
        self._reset(0, {})

    def _reset(self, after: int, offsets: Mapping[int, int]) -> None:
        self._position = after
        self._waiting: dict[int, tuple[int, int, bytes]] = {}
        self._waiting_in = dict.fromkeys(range(PARTITIONS), 0)
        self._resume = dict(offsets)
        self._read = dict(offsets)
        self._last: tuple[int, int, bytes] | None = None
        self._stuck_since: float | None = None

    async def start(self, after: int, hint: str | None = None) -> None:
        """Raises NotTheTopicWeRead, KafkaError, TimeoutError."""
        await self.stop()
        await self._false.learn()
        self._consumer = consumer = self._kafka.consumer(
            enable_auto_commit=False,
            # A trimmed or recreated topic must be an error, never a silent reset.
            auto_offset_reset="none",
        )
        async with asyncio.timeout(START_WITHIN_S):
            await consumer.start()
            if self._topic not in await consumer.topics():
                # Its service has not started yet; asking for offsets would wait without a word.
                raise UnknownTopicOrPartitionError(self._topic)
            consumer.assign(self._partitions)
            self._hearing = Hearing(consumer, self._silent_within_s)
            begin = await consumer.beginning_offsets(self._partitions)
            if any(begin.values()):
                raise NotTheTopicWeRead(f"topic {self._topic} was trimmed: it is kept for ever")
            if after == 0 or hint is None:
                self._reset(after, dict.fromkeys(range(PARTITIONS), 0))
                self._seek()
                return
            known = msgspec.json.decode(hint, type=_Hint)
            await self._recognise(consumer, known)
            self._reset(after, known.offsets)
            self._seek()

    async def _recognise(self, consumer: AIOKafkaConsumer, known: _Hint) -> None:
        """The record we left off at must be where it was, with the same bytes."""
        end = await consumer.end_offsets(self._partitions)
        for partition in self._partitions:
            if known.offsets[partition.partition] > end[partition]:
                raise NotTheTopicWeRead(f"topic {self._topic} is shorter than it was")
        partition = TopicPartition(self._topic, known.partition)
        for other in self._partitions:
            consumer.seek(other, known.offsets[other.partition])
        consumer.seek(partition, known.offset)
        while not (got := await consumer.getmany(partition, timeout_ms=500, max_records=1)):
            pass
        (message,) = got[partition]
        if (
            message.offset != known.offset
            or position_of(message) != known.position
            or leaf_hash(message.value or b"").hex() != known.leaf
        ):
            raise NotTheTopicWeRead(f"topic {self._topic} was made anew or changed")

    def _seek(self) -> None:
        assert self._consumer is not None, "start comes first"
        for partition in self._partitions:
            self._consumer.seek(partition, self._resume[partition.partition])

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        """Raises HoleInTheLog, KafkaIsSilent, KafkaError, TimeoutError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while not (taken := self._take(limit)):
            left_s = deadline - loop.time()
            if left_s <= 0:
                break
            await self._fetch(left_s)
            await self._see_whether_it_is_stuck(loop.time())
        return taken

    async def _fetch(self, wait_s: float) -> None:
        assert self._consumer is not None, "start comes first"
        assert self._hearing is not None, "it comes with the consumer"
        # The partition that holds the next position never waits here with a full queue, since
        # all that waits from it comes after; so leaving full ones out bounds memory, and nothing
        # can wait for itself.
        hungry = [
            partition
            for partition in self._partitions
            if self._waiting_in[partition.partition] < WAITING_MAX_PER_PARTITION
        ]
        if not hungry:
            # A hole: without partitions named, all of them would be fetched.
            await asyncio.sleep(wait_s)
            self._hearing.heard()
            return
        got = await self._consumer.getmany(
            *hungry, timeout_ms=max(1, int(wait_s * 1000)), max_records=FETCH_RECORDS_MAX
        )
        if got:
            self._hearing.heard()
        else:
            self._hearing.check(hungry)
        for partition, messages in got.items():
            number = partition.partition
            self._read[number] = messages[-1].offset + 1
            for message in messages:
                position = position_of(message)
                if position is None:
                    self._passed_over.count(message)
                    continue
                # A relay that crashed, or woke too late, repeats records.
                if position <= self._position or position in self._waiting:
                    continue
                if self._false.knows(self.service, position, message.value or b""):
                    continue
                self._waiting[position] = (number, message.offset, message.value or b"")
                self._waiting_in[number] += 1

    def _take(self, limit: int) -> list[StoredRecord]:
        taken: list[StoredRecord] = []
        while len(taken) < limit and (found := self._waiting.pop(self._position + 1, None)):
            number, offset, record = found
            self._position += 1
            self._waiting_in[number] -= 1
            # What follows in this partition comes after this record in the log as well.
            self._resume[number] = offset + 1
            self._last = found
            taken.append(StoredRecord(self.service, self._position, record))
        if taken:
            self._stuck_since = None
        return taken

    async def _see_whether_it_is_stuck(self, now: float) -> None:
        if not self._waiting or self._position + 1 in self._waiting:
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = now
        elif now - self._stuck_since > self._hole_within_s:
            if await self._all_was_read():
                raise HoleInTheLog(self.service, self._position + 1)
            self._stuck_since = now

    async def _all_was_read(self) -> bool:
        """Whether the topic has nothing left that could be the next position.

        After a broker's end a partition may be silent for long, and is no hole for that.
        """
        assert self._consumer is not None, "start comes first"
        # Where records wait, all that follows comes after them in the log as well.
        silent = [one for one in self._partitions if not self._waiting_in[one.partition]]
        async with asyncio.timeout(ENDS_WITHIN_S):
            end = await self._consumer.end_offsets(silent)
        return all(self._read[one.partition] >= end[one] for one in silent)

    async def end(self, at_least: int) -> int:
        """By the last record of each partition; only if these say too little, by more of them."""
        for count in (1, TAIL_RECORDS):
            ends = await tails(self._kafka, self._topic, count)
            newest = max(end.last_position for end in ends.values())
            if newest >= at_least:
                break
        return newest

    def hint(self) -> str | None:
        if self._last is None:
            return None
        partition, offset, record = self._last
        hint = _Hint(self._resume, partition, offset, self._position, leaf_hash(record).hex())
        return msgspec.json.encode(hint).decode()

    async def stop(self) -> None:
        if self._consumer is not None:
            consumer, self._consumer = self._consumer, None
            await let_go(consumer)
