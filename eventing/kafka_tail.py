"""The last records of each partition of a topic: what Kafka remembers of a log."""

import asyncio
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from eventing.cancelled import let_go
from eventing.kafka_access import KafkaAccess
from eventing.record import leaf_hash
from eventing.topics import PARTITIONS

READ_WITHIN_S = 30.0
POLL_MS = 500
POSITION_DIGITS_MAX = 18
TAIL_RECORDS = 1_001
"""One frozen leader can repeat one batch behind newer records, so a partition's last record alone
says too little: as many are looked at as a batch holds, and one more."""


@dataclass(slots=True)
class Tail:
    """Leaf hashes by the position that they claim. `last_position` is the highest, or 0."""

    leaves: dict[int, set[bytes]] = field(default_factory=dict)

    @property
    def last_position(self) -> int:
        return max(self.leaves, default=0)


def position_of(message: "ConsumerRecord[bytes, bytes]") -> int | None:
    """Which position a message claims; None for one that is no record of ours."""
    if not message.key or not message.value or message.key not in message.value:
        return None
    for name, value in message.headers:
        if name == "position" and value.isdigit() and len(value) <= POSITION_DIGITS_MAX:
            return int(value) or None
    return None


async def tails(kafka: KafkaAccess, topic: str, count: int) -> dict[int, Tail]:
    """The last `count` messages of each partition. Raises KafkaError, TimeoutError."""
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
                        if (position := position_of(message)) is not None:
                            leaf = leaf_hash(message.value or b"")
                            found[partition.partition].leaves.setdefault(position, set()).add(leaf)
                    if messages[-1].offset + 1 >= end[partition]:
                        unread.discard(partition)
    finally:
        await let_go(consumer)
    return found
