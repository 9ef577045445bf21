"""Publish a service's log to its topic, in order, every record at least once, never another.

A crash, or a leader that wakes too late, repeats records; so the order in Kafka is the order of
positions among *first* occurrences, and readers drop what they have seen.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.codec import gzip_encode
from aiokafka.errors import KafkaError

from eventing.back_off import BackOff
from eventing.cancelled import pass_on_cancellation
from eventing.compared import KafkaIsEmpty, WillNotStart, close, compare
from eventing.fail_points import come_by
from eventing.head_watch import HeadWatch
from eventing.kafka_access import KafkaAccess
from eventing.kafka_tail import Tail
from eventing.leadership import BACK_OFF_S_MAX, BACK_OFF_S_MIN, Fenced, Leadership
from eventing.postgres_store import HEAD
from eventing.sources import HoleInTheLog
from eventing.topics import PARTITIONS, ensure_topic, headers_of, partition_of, topic_of

BATCH_RECORDS = 1_000
BATCH_BYTES = 512 * 1024
GZIP_LEVEL = 1
"""The library's own 9 makes batches a sixth smaller for three times the work; see `bench/`."""
IDLE_WAIT_S = 1.0
PUBLISH_WITHIN_S = 15.0
CLOSE_WITHIN_S = 2.0

log = logging.getLogger(__name__)

# It has no setting for the level.
gzip_encode.__defaults__ = (GZIP_LEVEL,)


class _Ready(NamedTuple):
    """Records up to a position, as batches with their partitions; one partition's in their order.

    `is_full`: as many as are read at once, so there may be more.
    """

    upto: int
    is_full: bool
    batches: Sequence[tuple[int, Any]]


class Relay:
    """`run` leads whenever it can, and publishes while it leads."""

    def __init__(
        self,
        service: str,
        pool: "asyncpg.Pool[Any]",
        kafka: KafkaAccess,
        leadership: Leadership,
        *,
        head: HeadWatch | None = None,
        replication: int = 1,
        publish_within_s: float = PUBLISH_WITHIN_S,
    ) -> None:
        self._service = service
        self._topic = topic_of(service)
        self._pool = pool
        self._kafka = kafka
        self._leadership = leadership
        self._head = head or HeadWatch(lambda: pool.fetchval(HEAD))
        self._replication = replication
        self._publish_within_s = publish_within_s
        self.epoch = 0
        self.published = 0

    async def run(self) -> None:
        """For ever. Raises WillNotStart, KafkaIsEmpty, WrongTopicSettings, HoleInTheLog."""
        await self._leadership.lead(f"relay of {self._service}", self._lead)

    async def _lead(self) -> None:
        taken = await self._pool.fetchrow(
            "UPDATE relay SET epoch = epoch + 1 RETURNING epoch, published"
        )
        assert taken is not None, "the table has exactly one row"
        self.epoch, self.published = taken["epoch"], taken["published"]
        back_off = BackOff(BACK_OFF_S_MIN, BACK_OFF_S_MAX)
        compared = False
        began_at = self.published
        while True:
            try:
                if not compared:
                    await ensure_topic(self._kafka, self._service, self._replication)
                    await self._compare()
                    compared = True
                async with self._producer() as producer:
                    await self._trouble(None)
                    began_at = self.published
                    await self._publish(producer)
            except (WillNotStart, KafkaIsEmpty, HoleInTheLog) as error:
                await self._trouble(str(error))
                if isinstance(error, WillNotStart):
                    await close(self._pool, error)
                raise
            except (KafkaError, TimeoutError) as error:
                # An idempotent producer never gives a batch up, and after some errors takes no
                # more: only a new one, going on from the checkpoint, is sure to work again.
                log.warning("relay of %s: new producer after %r", self._service, error)
                await self._trouble(type(error).__name__)
                if self.published > began_at:
                    back_off.reset()
                await asyncio.sleep(back_off.pause_s())

    async def _publish(self, producer: AIOKafkaProducer) -> None:
        ready = await self._made_ready(producer, self.published)
        while True:
            if not ready.batches:
                await self._head.wait_beyond(self.published, IDLE_WAIT_S)
                ready = await self._made_ready(producer, self.published)
                continue
            # Where more is sure to follow, it is made ready while Kafka takes these. Else to wait
            # is better: what comes meanwhile goes together.
            ahead = None
            if ready.is_full:
                ahead = asyncio.ensure_future(self._made_ready(producer, ready.upto))
            try:
                async with asyncio.timeout(self._publish_within_s):
                    await self._send(producer, ready)
                come_by("relay:after-send-before-checkpoint")
                # Only after Kafka has all of it: a crash before this line repeats, never loses.
                await self._checkpoint(ready.upto)
                ready = await (ahead or self._made_ready(producer, self.published))
            finally:
                if ahead is not None:
                    ahead.cancel()

    async def _made_ready(self, producer: AIOKafkaProducer, after: int) -> "_Ready":
        """Read what follows a position, as batches for their partitions. Raises HoleInTheLog."""
        rows = await self._pool.fetch(
            "SELECT position, stream, type, record FROM events"
            " WHERE position > $1 ORDER BY position LIMIT $2",
            after,
            BATCH_RECORDS,
        )
        if rows and rows[-1]["position"] != after + len(rows):
            raise HoleInTheLog(self._service, after + 1)
        closed: list[tuple[int, Any]] = []
        batches: dict[int, Any] = {}
        for position, stream, type_name, record in rows:
            key = stream.encode()
            partition = partition_of(key)
            message = {
                "key": key,
                "value": record,
                "timestamp": None,
                "headers": headers_of(position, type_name),
            }
            batch = batches.get(partition)
            if batch is None or batch.append(**message) is None:
                if batch is not None:
                    closed.append((partition, batch))
                batch = batches[partition] = producer.create_batch()
                batch.append(**message)
        return _Ready(after + len(rows), len(rows) == BATCH_RECORDS, [*closed, *batches.items()])

    async def _send(self, producer: AIOKafkaProducer, ready: "_Ready") -> None:
        sent = [
            await producer.send_batch(batch, self._topic, partition=partition)
            for partition, batch in ready.batches
        ]
        await asyncio.gather(*sent)

    async def _checkpoint(self, position: int) -> None:
        moved = await self._pool.execute(
            "UPDATE relay SET published = $1, trouble = NULL WHERE epoch = $2 AND published < $1",
            position,
            self.epoch,
        )
        if moved != "UPDATE 1":
            raise Fenced(f"relay of {self._service}, epoch {self.epoch}")
        self.published = position

    async def _trouble(self, what: str | None) -> None:
        await self._pool.execute(
            "UPDATE relay SET trouble = $1 WHERE epoch = $2 AND trouble IS DISTINCT FROM $1",
            what,
            self.epoch,
        )

    async def _compare(self) -> None:
        """Refuse when Kafka is ahead or differs; go back where Kafka has lost what it had."""
        ends = await compare(self._service, self._pool, self._kafka)
        if self.published and not any(end.leaves for end in ends.values()):
            # Nobody publishes a whole log again by mistake, to a wrong address perhaps.
            raise KafkaIsEmpty(
                f"topic {self._topic} has none of the {self.published} records that were published:"
                f" is this the right Kafka? If it was lost: vongtay refill-kafka {self._service}"
            )
        await self._go_back(await self._kept(ends))

    async def _kept(self, ends: dict[int, Tail]) -> int:
        """Up to where Kafka has all that was published."""
        kept = upto = self.published
        unknown = set(range(PARTITIONS))
        while upto > 0 and unknown:
            rows = await self._pool.fetch(
                "SELECT position, stream FROM events WHERE position <= $1"
                " ORDER BY position DESC LIMIT $2",
                upto,
                BATCH_RECORDS,
            )
            for row in rows:
                partition = partition_of(row["stream"].encode())
                if partition in unknown:
                    unknown.discard(partition)
                    if ends[partition].last_position < row["position"]:
                        kept = min(kept, ends[partition].last_position)
            upto = rows[-1]["position"] - 1
        return kept

    async def _go_back(self, kept: int) -> None:
        if kept == self.published:
            return
        log.error(
            "topic %s lost records after position %d; publishing again from there",
            self._topic,
            kept,
        )
        moved = await self._pool.execute(
            "UPDATE relay SET published = $1 WHERE epoch = $2", kept, self.epoch
        )
        if moved != "UPDATE 1":
            raise Fenced(f"relay of {self._service}, epoch {self.epoch}")
        self.published = kept

    @contextlib.asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = self._kafka.producer(
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            linger_ms=0,
            # The one way that every client reads as installed.
            compression_type="gzip",
        )
        try:
            async with asyncio.timeout(self._publish_within_s):
                await producer.start()
            yield producer
        finally:
            try:
                await asyncio.wait_for(producer.stop(), CLOSE_WITHIN_S)
            except (TimeoutError, KafkaError):
                # Its `stop` waits for batches that it will never deliver; left to itself it would
                # go on trying beside its successor. A connection may hold it: that goes first.
                await producer.client.close()
                closing = asyncio.ensure_future(producer._sender.close())  # noqa: SLF001
                await asyncio.wait([closing], timeout=CLOSE_WITHIN_S)
            pass_on_cancellation()
