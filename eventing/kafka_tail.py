"""The last records of each partition of a topic: what Kafka remembers of a log."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from eventing.kafka_access import KafkaAccess
from eventing.record import leaf_hash
from eventing.topics import PARTITIONS

READ_WITHIN_S = 30.0
POLL_MS = 500


class NotOurRecord(Exception):
    """A message in the topic has no `position`: something else writes there."""


@dataclass(slots=True)
class Tail:
    """Leaf hashes by position. `last_position` is the highest, 0 for an empty partition."""

    leaves: dict[int, bytes] = field(default_factory=dict)

    @property
    def last_position(self) -> int:
        return max(self.leaves, default=0)


def position_of(message: "ConsumerRecord[bytes, bytes]") -> int:
    """Raises NotOurRecord."""
    for name, value in message.headers:
        if name == "position" and value.isdigit():
            return int(value)
    raise NotOurRecord(f"{message.topic} {message.partition} offset {message.offset}")


async def tails(kafka: KafkaAccess, topic: str, count: int) -> dict[int, Tail]:
    """The last `count` records of each partition. Raises NotOurRecord, KafkaError, TimeoutError."""
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    found = {partition.partition: Tail() for partition in partitions}
    consumer = kafka.consumer(enable_auto_commit=False, auto_offset_reset="none")
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            await consumer.start()
            consumer.assign(partitions)
            begin = await consumer.beginning_offsets(partitions)
            end = await consumer.end_offsets(partitions)
            for partition in partitions:
                consumer.seek(partition, max(begin[partition], end[partition] - count))
            unread = {part for part in partitions if begin[part] < end[part]}
            while unread:
                got = await consumer.getmany(*unread, timeout_ms=POLL_MS)
                for partition, messages in got.items():
                    for message in messages:
                        leaf = leaf_hash(message.value or b"")
                        found[partition.partition].leaves[position_of(message)] = leaf
                    if messages[-1].offset + 1 >= end[partition]:
                        unread.discard(partition)
    finally:
        await consumer.stop()
    return found
