import asyncio
import random
from contextlib import asynccontextmanager

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import UnknownTopicOrPartitionError

from eventing import kafka_source
from eventing.kafka_source import KafkaSource
from eventing.kafka_tail import tails
from eventing.passed_over import PassedOver
from eventing.record import StoredRecord, decode_envelope
from eventing.sources import HoleInTheLog, NotTheTopicWeRead
from eventing.topics import ensure_topic, partition_of, topic_of
from tests.eventing.readers import booked, opened, recorded


class Topic:
    """A topic that is written to by hand, as no relay would."""

    def __init__(self, kafka, service, producer):
        self.kafka, self.service, self.producer = kafka, service, producer

    async def publish(self, *log):
        for chunk in range(0, len(log), 500):
            sent = []
            for stored in log[chunk : chunk + 500]:
                key = decode_envelope(stored.record).subject.encode()
                sent.append(
                    await self.producer.send(
                        topic_of(self.service),
                        stored.record,
                        key,
                        partition_of(key),
                        headers=[("position", str(stored.position).encode()), ("type", b"x")],
                    )
                )
            await asyncio.gather(*sent)

    @asynccontextmanager
    async def source(self, after=0, hint=None, **more):
        source = KafkaSource(self.service, self.kafka, **more)
        try:
            await source.start(after, hint)
            yield source
        finally:
            await source.stop()


@pytest.fixture
async def topic(stack, service):
    await ensure_topic(stack.kafka, service, 1)
    async with stack.kafka.producer() as producer:
        yield Topic(stack.kafka, service, producer)


async def read(source, count, limit=77):
    found: list[StoredRecord] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            found += await source.next(limit, 1.0)
    return found


def a_log(service, count, funds=200):
    chance = random.Random(5)  # noqa: S311 - an example, again and again
    return recorded(service, [opened(chance.randrange(funds)) for _ in range(count)])


async def test_restores_the_order_of_the_log_from_all_partitions(topic):
    log = a_log(topic.service, 3_000)
    await topic.publish(*log)
    async with topic.source() as source:
        assert await read(source, 3_000) == log
        assert await source.next(10, 0.2) == []


async def test_a_partition_that_lags_is_waited_for_and_little_is_held(topic, monkeypatch):
    monkeypatch.setattr(kafka_source, "WAITING_MAX_PER_PARTITION", 50)
    monkeypatch.setattr(kafka_source, "FETCH_RECORDS_MAX", 100)
    log = a_log(topic.service, 4_000)
    late = [one for one in log if partition_of(decode_envelope(one.record).subject.encode()) == 3]
    await topic.publish(*(one for one in log if one not in late))
    async with topic.source() as source:
        first_late = late[0].position
        assert await read(source, first_late - 1) == log[: first_late - 1]
        for _ in range(20):
            assert await source.next(10, 0.02) == []
        assert len(source._waiting) <= 12 * 150
        await topic.publish(*late)
        assert await read(source, 4_000 - first_late + 1) == log[first_late - 1 :]


async def test_what_was_seen_is_dropped(topic):
    log = a_log(topic.service, 600)
    await topic.publish(*log[:300])
    await topic.publish(*log[100:450])
    await topic.publish(*log[90:600])
    async with topic.source() as source:
        assert await read(source, 600) == log
        # Even long after, as a relay that was frozen would.
        await topic.publish(*log[200:250])
        assert await source.next(10, 0.5) == []
        assert not source._waiting


async def test_a_hole_is_an_alarm(topic):
    log = a_log(topic.service, 100)
    await topic.publish(*log[:40], *log[41:])
    async with topic.source(hole_within_s=0.3) as source:
        assert await read(source, 40) == log[:40]
        assert await source.next(10, 0.2) == []
        with pytest.raises(HoleInTheLog, match="position 41"):
            await source.next(10, 0.6)
        # When it comes after all, the order goes on.
        await topic.publish(log[40])
        assert await read(source, 60) == log[40:]


async def test_a_hole_is_an_alarm_though_what_follows_is_not_read_to_its_end(topic, monkeypatch):
    monkeypatch.setattr(kafka_source, "WAITING_MAX_PER_PARTITION", 20)
    monkeypatch.setattr(kafka_source, "FETCH_RECORDS_MAX", 100)
    log = a_log(topic.service, 3_000)
    await topic.publish(*log[:40], *log[41:])
    async with topic.source(hole_within_s=0.3) as source:
        assert await read(source, 40) == log[:40]
        with pytest.raises(HoleInTheLog, match="position 41"):
            await read(source, 1)


async def test_a_partition_that_is_slow_is_no_hole(topic):
    log = a_log(topic.service, 100)
    await topic.publish(*log)
    slow = partition_of(decode_envelope(log[40].record).subject.encode())
    before = next(
        one.position
        for one in log
        if partition_of(decode_envelope(one.record).subject.encode()) == slow
    )
    async with topic.source(hole_within_s=0.2) as source:
        source._consumer.pause(TopicPartition(topic_of(topic.service), slow))
        assert await read(source, before - 1) == log[: before - 1]
        for _ in range(4):
            assert await source.next(10, 0.3) == []
        source._consumer.resume(TopicPartition(topic_of(topic.service), slow))
        assert await read(source, 101 - before) == log[before - 1 :]


async def test_silence_is_no_hole(topic):
    await topic.publish(*a_log(topic.service, 5))
    async with topic.source(hole_within_s=0.2) as source:
        await read(source, 5)
        assert await source.next(10, 0.6) == []


@pytest.mark.parametrize("seed", range(3))
async def test_goes_on_where_it_left_off_without_reading_all_again(topic, seed):
    chance = random.Random(seed)  # noqa: S311 - as above
    log = a_log(topic.service, 2_000)
    await topic.publish(*log[:1_500])
    await topic.publish(*log[1_200:])
    at, hint = 0, None
    while at < 2_000:
        async with topic.source(at, hint) as source:
            count = chance.randrange(1, 400)
            found = await source.next(count, 5.0)
            assert found
            assert found == log[at : at + len(found)]
            at += len(found)
            # A hint may be older than the cursor it is kept with.
            hint = source.hint() if chance.random() < 0.7 else hint
            offsets = dict(source._resume)
    async with topic.source(at, hint) as source:
        assert sum(source._resume.values()) > 1_000
        assert sum(offsets.values()) <= 2_300
        assert await source.next(10, 0.3) == []


async def test_goes_on_without_a_hint(topic):
    log = a_log(topic.service, 300)
    await topic.publish(*log)
    async with topic.source(250) as source:
        assert await read(source, 50) == log[250:]


async def test_a_topic_that_was_made_anew_is_an_error(topic):
    log = a_log(topic.service, 300)
    await topic.publish(*log)
    async with topic.source() as source:
        await read(source, 200)
        hint = source.hint()
    admin = topic.kafka.admin()
    await admin.start()
    await admin.delete_topics([topic_of(topic.service)])
    await asyncio.sleep(0.5)
    await ensure_topic(topic.kafka, topic.service, 1)
    await admin.close()
    with pytest.raises(NotTheTopicWeRead, match="shorter"):
        async with topic.source(200, hint):
            pass
    others = recorded(topic.service, [booked(number % 200) for number in range(1_000)])
    async with topic.kafka.producer() as producer:
        topic.producer = producer
        await topic.publish(*others)
    with pytest.raises(NotTheTopicWeRead, match="anew"):
        async with topic.source(200, hint):
            pass


async def test_a_topic_that_is_not_there_is_said_at_once(stack):
    source = KafkaSource("nobody", stack.kafka)
    with pytest.raises(UnknownTopicOrPartitionError):
        await asyncio.wait_for(source.start(0), 5)
    await source.stop()


@pytest.mark.parametrize(
    ("value", "key", "headers"),
    [
        (b"hello", b"key", []),
        (b"hello", None, [("position", b"1")]),
        (None, b"key", [("position", b"1")]),
        (b"", b"", [("position", b"1")]),
        (b"hello", b"another stream", [("position", b"1")]),
        (b"key", b"key", [("position", b"-1")]),
        (b"key", b"key", [("position", b"0")]),
        (b"key", b"key", [("position", b"9" * 5_000)]),
        (b"key", b"key", [("position", "٣".encode())]),
        (b"key", b"key", [("position", b"")]),
        (b"\xff\xfe", b"key", [("position", b"\x00")]),
    ],
)
async def test_what_is_no_record_of_ours_is_counted_and_stops_nobody(topic, value, key, headers):
    log = a_log(topic.service, 200)
    await topic.publish(*log[:100])
    for partition in (0, 5):
        await topic.producer.send_and_wait(
            topic_of(topic.service), value, key, partition=partition, headers=headers
        )
    await topic.publish(*log[100:])
    passed_over = PassedOver()
    for _ in range(2):
        async with topic.source(passed_over=passed_over) as source:
            assert await read(source, 200) == log
    # The same message, come by twice, counts once.
    assert passed_over.counts == {topic_of(topic.service): 2}
    newest = await tails(topic.kafka, topic_of(topic.service), 1_000)
    assert max(end.last_position for end in newest.values()) == 200
