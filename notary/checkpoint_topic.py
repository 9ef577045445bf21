"""The topic `vongtay.checkpoints`: where checkpoints leave the house, kept for ever.

Key = service, value = the note's text, one partition for each log. A crash, or a notary that wakes
too late, repeats notes; so the newest is the largest, not the last.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from eventing.cancelled import let_go, pass_on_cancellation
from eventing.kafka_access import KafkaAccess
from eventing.topics import ensure

TOPIC: Final = "vongtay.checkpoints"
LOGS: Final = ("registry", "donations", "allocation", "notifications")
"""A log's partition is its place here. The portal keeps no facts of its own."""

TAIL_NOTES = 1_000
"""How far back is looked at first: more than one frozen leader can repeat behind newer ones."""
WITHIN_S = 20.0
CLOSE_WITHIN_S = 2.0
POLL_MS = 500
FETCH_WAIT_MS = 50


class TopicWasMadeAnew(KafkaError):  # type: ignore[misc]  # aiokafka ships no types
    """The topic is shorter than it was: whoever read it must begin again."""


class CheckpointTopic:
    """One log's part of the topic. `logs` are all that the topic has partitions for."""

    def __init__(
        self,
        service: str,
        kafka: KafkaAccess,
        *,
        replication: int = 1,
        topic: str = TOPIC,
        logs: Sequence[str] = LOGS,
    ) -> None:
        """Raises ValueError when the service is none of the logs."""
        self._service = service
        self._kafka = kafka
        self._replication = replication
        self._topic = topic
        self._partitions = len(logs)
        self._partition = TopicPartition(topic, logs.index(service))

    @asynccontextmanager
    async def opened(self, tail_notes: int = TAIL_NOTES) -> "AsyncIterator[OpenTopic]":
        """Make the topic if it is not there. `tail_notes`: how far back is looked.

        Raises WrongTopicSettings, KafkaError, TimeoutError.
        """
        consumer = self._kafka.consumer(
            enable_auto_commit=False,
            auto_offset_reset="none",
            # A broker answers a connection's requests in turn: while it waits for something to
            # fetch, it does not say where the topic ends. So we also fetch only when there is.
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        # Not an idempotent one: what is repeated does no harm here, and it gives a batch up in
        # the end instead of trying for ever.
        producer = self._kafka.producer(acks="all", linger_ms=0)
        try:
            async with asyncio.timeout(WITHIN_S):
                await ensure(self._kafka, self._topic, self._partitions, self._replication)
                await consumer.start()
                await producer.start()
                consumer.assign([self._partition])
                begin = await _one(consumer.beginning_offsets([self._partition]))
                end = await _one(consumer.end_offsets([self._partition]))
            first = max(begin, end - tail_notes)
            consumer.seek(self._partition, first)
            consumer.pause(self._partition)
            yield OpenTopic(self._service, self._partition, consumer, producer, first)
        finally:
            await let_go(consumer)
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(producer.stop(), CLOSE_WITHIN_S)
            pass_on_cancellation()


async def _one(asked: "asyncio.Future[dict[TopicPartition, int]]") -> int:
    (offset,) = (await asked).values()
    return offset


class OpenTopic:
    def __init__(
        self,
        service: str,
        partition: TopicPartition,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        first: int,
    ) -> None:
        self._service = service
        self._partition = partition
        self._consumer = consumer
        self._producer = producer
        self._next = first

    async def come(self) -> list[str]:
        """The notes that came since the last call, at the first call the topic's last ones.

        All that the topic holds now is among them. Raises TopicWasMadeAnew, KafkaError,
        TimeoutError.
        """
        found: list[str] = []
        async with asyncio.timeout(WITHIN_S):
            end = await _one(self._consumer.end_offsets([self._partition]))
            if end < self._next:
                raise TopicWasMadeAnew(f"topic {self._partition.topic} is shorter than it was")
            if self._next < end:
                self._consumer.resume(self._partition)
                while self._next < end:
                    found += await self._fetch()
                self._consumer.pause(self._partition)
        return found

    async def _fetch(self) -> list[str]:
        got = await self._consumer.getmany(self._partition, timeout_ms=POLL_MS)
        messages = got.get(self._partition, ())
        if messages:
            self._next = messages[-1].offset + 1
        own = [each for each in messages if each.key == self._service.encode()]
        return [(each.value or b"").decode(errors="replace") for each in own]

    async def publish(self, notes: Sequence[str]) -> None:
        """Return when Kafka has all of them. Raises KafkaError, TimeoutError."""
        async with asyncio.timeout(WITHIN_S):
            sent = [
                await self._producer.send(
                    self._partition.topic,
                    note.encode(),
                    key=self._service.encode(),
                    partition=self._partition.partition,
                )
                for note in notes
            ]
            await asyncio.gather(*sent)
