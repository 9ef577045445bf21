import asyncio
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from eventing import relay as relay_module
from eventing.compared import KafkaDiffers, KafkaIsAhead, KafkaIsEmpty
from eventing.event_store import LogClosed
from eventing.kafka_source import KafkaSource
from eventing.kafka_tail import position_of
from eventing.leadership import Fenced, Leadership, LeadershipLost
from eventing.postgres_store import PostgresStore
from eventing.record import StoredRecord
from eventing.relay import Relay
from eventing.sources import HoleInTheLog
from eventing.topics import PARTITIONS, partition_of, topic_of
from tests.eventing.readers import Writer, booked, opened

# With few, batches are full: the next is made ready while Kafka takes one.
AHEAD_OR_NOT = pytest.mark.parametrize("batch_records", [1_000, 7])


@asynccontextmanager
async def running(work):
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition, within_s=15.0):
    async with asyncio.timeout(within_s):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
        return found


async def published(database):
    return await database.pool.fetchval("SELECT published FROM relay")


async def messages(kafka, service, partition=None):
    """All messages of the topic, partition by partition, each in its order."""
    numbers = range(PARTITIONS) if partition is None else [partition]
    partitions = [TopicPartition(topic_of(service), number) for number in numbers]
    consumer = kafka.consumer(auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[Any] = []
        for part, end in ends.items():
            while end and (
                not found or found[-1].partition != part.partition or found[-1].offset < end - 1
            ):
                got = await consumer.getmany(part, timeout_ms=1000)
                found += got.get(part, [])
        return found
    finally:
        await consumer.stop()


def facts(count):
    return [opened(number % 300) for number in range(count)]


async def test_publishes_the_bytes_of_the_log_in_its_order(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(2_500))
        relay = Relay(service, database.pool, stack.kafka, leadership)
        async with running(relay.run()):
            await until(lambda: has_published(database, end))
        log = await store.log(0, 10_000)
    found = await messages(stack.kafka, service)
    assert len({message.partition for message in found}) == PARTITIONS
    positions = [position_of(message) for message in found]
    for number in range(PARTITIONS):
        own = [position_of(message) for message in found if message.partition == number]
        assert own == sorted(own)
    assert sorted(positions) == [stored.position for stored in log]
    by_position = {position_of(message): message for message in found}
    for stored in log:
        message = by_position[stored.position]
        assert message.value == stored.record
        assert dict(message.headers)["type"] == b"fund-opened"
        assert message.key.startswith(b"fund-")
        assert message.partition == partition_of(message.key)


async def has_published(database, end):
    return await published(database) >= end


async def test_one_partition_takes_more_than_a_batch_of_bytes(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*(booked(1, "x" * 20_000) for _ in range(200)))
        end = await Writer(store).write(booked(2, "x" * 900_000))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        log = await store.log(0, 1_000)
    source = KafkaSource(service, stack.kafka)
    await source.start(0)
    try:
        assert await read(source, end) == list(log)
    finally:
        await source.stop()


async def test_of_two_relays_one_leads_and_the_other_takes_over(stack, database, service):
    async with PostgresStore(service, database.dsn) as store:
        writer = Writer(store)
        all_leads = [Leadership(database.dsn), Leadership(database.dsn)]
        relays = [Relay(service, database.pool, stack.kafka, leads) for leads in all_leads]
        tasks = [asyncio.ensure_future(relay.run()) for relay in relays]
        end = await writer.write(*facts(50))
        await until(lambda: has_published(database, end))
        assert sorted(relay.epoch for relay in relays) == [0, 1]
        leader = 0 if relays[0].epoch else 1
        # It cannot be reached any more, and will not come back.
        tasks[leader].cancel()
        session = all_leads[leader]._session
        assert session
        session.connection.terminate()
        end = await writer.write(*facts(50))
        await until(lambda: has_published(database, end))
        assert relays[1 - leader].epoch == 2
        tasks[1 - leader].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for leads in all_leads:
            await leads.close()
    found = await messages(stack.kafka, service)
    assert {position_of(message) for message in found} == set(range(1, 101))


async def test_a_frozen_leader_loses_its_lease(stack, database):
    frozen, other = Leadership(database.dsn, lease_s=1.0), Leadership(database.dsn, lease_s=1.0)
    led = asyncio.Event()

    async def wait_for_ever():
        led.set()
        await asyncio.Event().wait()

    async def take_over():
        return True

    work = asyncio.ensure_future(frozen.while_leading("x", wait_for_ever))
    await led.wait()
    # Frozen: its heart stops, its socket stays open.
    assert frozen._beating
    frozen._beating.cancel()
    assert await asyncio.wait_for(other.while_leading("x", take_over), 10)
    with pytest.raises(LeadershipLost):
        await work
    await other.close()
    await frozen.close()


@AHEAD_OR_NOT
async def test_a_leader_that_wakes_too_late_is_fenced(
    stack, database, leadership, service, monkeypatch, batch_records
):
    monkeypatch.setattr(relay_module, "BATCH_RECORDS", batch_records)
    async with PostgresStore(service, database.dsn) as store:
        writer = Writer(store)
        end = await writer.write(*facts(10))
        woken = Relay(service, database.pool, stack.kafka, leadership)
        async with running(woken._lead()):
            await until(lambda: has_published(database, end))
        # Meanwhile another has taken the next epoch, and more was written.
        await database.pool.execute("UPDATE relay SET epoch = epoch + 1")
        await writer.write(*facts(10))
        async with woken._producer() as producer:
            with pytest.raises(Fenced):
                await asyncio.wait_for(woken._publish(producer), 10)
        assert await published(database) == end


@AHEAD_OR_NOT
async def test_goes_on_after_a_crash_between_sending_and_remembering(
    stack, database, leadership, service, monkeypatch, batch_records
):
    monkeypatch.setattr(relay_module, "BATCH_RECORDS", batch_records)
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(300))
        relay = Relay(service, database.pool, stack.kafka, leadership)
        async with running(relay.run()):
            await until(lambda: has_published(database, end))
        await database.pool.execute("UPDATE relay SET published = 120")
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        log = await store.log(0, 1_000)
    assert len(await messages(stack.kafka, service)) == 300 + 180
    source = KafkaSource(service, stack.kafka)
    await source.start(0)
    try:
        assert await read(source, 300) == list(log)
        assert await source.next(10, 0.3) == []
    finally:
        await source.stop()


@AHEAD_OR_NOT
async def test_a_producer_that_fails_half_way_loses_and_reorders_nothing(
    stack, database, leadership, service, monkeypatch, batch_records
):
    """Some partitions have a batch, others do not; what was made ready for it is made anew."""
    monkeypatch.setattr(relay_module, "BATCH_RECORDS", batch_records)
    failures = 3

    class Failing(Relay):
        async def _send(self, producer, ready):
            nonlocal failures
            if not failures or len(ready.batches) < 2:
                return await super()._send(producer, ready)
            failures -= 1
            await super()._send(producer, ready._replace(batches=ready.batches[::2]))
            raise KafkaConnectionError

    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(300))
        async with running(Failing(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        log = await store.log(0, 1_000)
    assert not failures
    source = KafkaSource(service, stack.kafka)
    await source.start(0)
    try:
        assert await read(source, end) == list(log)
    finally:
        await source.stop()


async def test_a_hole_further_on_is_found_before_anything_behind_it_is_sent(
    stack, database, leadership, service, monkeypatch
):
    monkeypatch.setattr(relay_module, "BATCH_RECORDS", 5)
    async with PostgresStore(service, database.dsn) as store:
        await Writer(store).write(*facts(12))
    owner = await asyncpg.connect(database.owner)
    await owner.execute(
        "ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events WHERE position = 8"
    )
    await owner.close()
    with pytest.raises(HoleInTheLog, match="6"):
        await asyncio.wait_for(Relay(service, database.pool, stack.kafka, leadership).run(), 20)
    assert await published(database) == 5
    found = await messages(stack.kafka, service)
    assert {position_of(message) for message in found} == set(range(1, 6))


async def read(source, count):
    found: list[StoredRecord] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += await source.next(77, 1.0)
    return found


async def test_refuses_to_start_when_kafka_is_ahead(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(30))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
    await on_the_owners_side(
        database,
        "ALTER TABLE events DISABLE TRIGGER USER; DELETE FROM events WHERE position > 29;"
        "UPDATE head SET position = 29; UPDATE relay SET published = 29",
    )
    with pytest.raises(KafkaIsAhead, match="position 30"):
        await asyncio.wait_for(Relay(service, database.pool, stack.kafka, leadership).run(), 20)
    assert "position 30" in await database.pool.fetchval("SELECT trouble FROM relay")
    async with PostgresStore(service, database.dsn) as store:
        with pytest.raises(LogClosed, match="vongtay restore"):
            await Writer(store).write(booked(1), stream="another")
        assert await store.head() == 29


async def test_refuses_to_start_when_kafka_differs(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(30))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
    await on_the_owners_side(
        database,
        "ALTER TABLE events DISABLE TRIGGER USER;"
        "UPDATE events SET record = record || ' ' WHERE position = 30",
    )
    with pytest.raises(KafkaDiffers, match="position 30"):
        await asyncio.wait_for(Relay(service, database.pool, stack.kafka, leadership).run(), 20)


async def test_starts_when_somebody_put_another_record_beside_the_true_one(
    stack, database, leadership, service
):
    async with PostgresStore(service, database.dsn) as store:
        writer = Writer(store)
        end = await writer.write(*facts(30))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        for partition in range(12):
            async with stack.kafka.producer() as producer:
                await producer.send_and_wait(
                    topic_of(service),
                    b"forged",
                    b"forged",
                    partition,
                    headers=[("position", b"30"), ("type", b"role-granted")],
                )
        end = await writer.write(*facts(30)[-1:])
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))


async def test_starts_when_kafka_has_nothing_more_and_nothing_less(
    stack, database, leadership, service
):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(30))
        for _ in range(2):
            async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
                await until(lambda: has_published(database, end))
                await asyncio.sleep(0.3)
    assert len(await messages(stack.kafka, service)) == 30


async def test_publishes_again_what_kafka_has_lost(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(60))
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            await until(lambda: has_published(database, end))
        # A broker that died forgot the end, which it had acknowledged.
        end = await Writer(store).write(*(booked(1) for _ in range(40)), stream="another")
        await database.pool.execute("UPDATE relay SET published = $1", end)
        async with running(Relay(service, database.pool, stack.kafka, leadership).run()):
            end = await Writer(store).write(booked(99), stream="yet another")
            await until(lambda: has_published(database, end))
        found = await messages(stack.kafka, service)
        assert {position_of(message) for message in found} == set(range(1, 102))


async def test_an_empty_kafka_is_filled_by_nobodys_mistake(stack, database, leadership, service):
    async with PostgresStore(service, database.dsn) as store:
        end = await Writer(store).write(*facts(60))
        await database.pool.execute("UPDATE relay SET published = $1", end)
        relay = Relay(service, database.pool, stack.kafka, leadership)
        with pytest.raises(KafkaIsEmpty, match="none of the 60 records"):
            await asyncio.wait_for(relay.run(), 20)
        assert "refill-kafka" in await database.pool.fetchval("SELECT trouble FROM relay")
        assert await messages(stack.kafka, service) == []
        # The log is whole: it goes on taking what happens.
        assert await Writer(store).write(booked(99), stream="another") == 61


async def on_the_owners_side(database, statements):
    superuser = await asyncpg.connect(database.owner)
    await superuser.execute(statements)
    await superuser.close()
