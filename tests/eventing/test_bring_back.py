"""A log that was set back gets from Kafka what it lacks, and nothing that does not belong there."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from eventing.bring_back import NothingToCompareWith, NotThisLogsRecord, bring_back
from eventing.compared import KafkaDiffers
from eventing.decider import Decider
from eventing.event_store import Key, LogClosed
from eventing.execute import CommandContext, Executor
from eventing.installation import NOWHERE
from eventing.postgres_store import PostgresStore
from eventing.record import Why, encode
from eventing.relay import Relay
from eventing.sources import HoleInTheLog
from eventing.topics import partition_of, topic_of
from tests.eventing.readers import KEEPER, MONDAY, booked, opened
from tests.eventing.test_relay import has_published, running, until

# A command with as many events as it says: a repetition would write them again.
several: Decider[Any, Any, Any] = Decider(
    initial=0,
    decide=lambda count, _state: [booked(count) for _ in range(count)],
    evolve=lambda state, _event: state + 1,
)


def asked(number, mac=b"mac"):
    return CommandContext(Key(KEEPER, UUID(int=number), mac), Why(actor=KEEPER))


class House:
    """A service's log and topic, and somebody who owns both."""

    def __init__(self, service, database, kafka, store, owner, leadership):
        self.service, self.database, self.kafka = service, database, kafka
        self.store, self.owner, self.leadership = store, owner, leadership
        self.executor = Executor(store, lambda: MONDAY)

    async def command(self, number, count=1, mac=b"mac"):
        return await self.executor.execute(several, f"s-{number % 7}", count, asked(number, mac))

    async def publish(self):
        relay = Relay(self.service, self.database.pool, self.kafka, self.leadership)
        end = await self.store.head()
        async with running(relay.run()):
            await until(lambda: has_published(self.database, end))

    async def set_back(self, position):
        """As a backup of that time would have it, brought in."""
        await self.owner.execute("SET session_replication_role = replica")
        for statement in (
            "DELETE FROM events WHERE position > $1",
            "DELETE FROM commands WHERE position > $1",
            "UPDATE head SET position = $1, closed = 'restored'",
            "UPDATE relay SET published = least(published, $1)",
        ):
            await self.owner.execute(statement, position)
        await self.owner.execute("SET session_replication_role = origin")

    async def bring_back(self):
        source = NOWHERE.source_of(self.service)
        bringing = bring_back(self.service, self.owner, self.kafka, source)
        return await asyncio.wait_for(bringing, 60)

    async def put_on_topic(self, position, record, stream):
        key = stream.encode()
        async with self.kafka.producer() as producer:
            await producer.send_and_wait(
                topic_of(self.service),
                record,
                key=key,
                partition=partition_of(key),
                headers=[("position", str(position).encode())],
            )

    async def open(self):
        await self.owner.execute("UPDATE head SET closed = NULL")


@pytest.fixture
async def house(stack, database, leadership, service):
    owner = await asyncpg.connect(database.owner)
    async with PostgresStore(service, database.dsn) as store:
        yield House(service, database, stack.kafka, store, owner, leadership)
    await owner.close()


async def test_the_same_bytes_come_back_to_the_same_places(house):
    for number in range(40):
        await house.command(number, 1 + number % 3)
    await house.publish()
    before = await house.store.log(0, 1_000)
    await house.set_back(31)
    brought = await house.bring_back()
    assert (brought.before, brought.after) == (31, len(before))
    assert await house.store.log(0, 1_000) == before
    with pytest.raises(LogClosed):
        await house.command(100)
    await house.open()
    assert await house.command(100) == len(before) + 1
    await house.publish()
    # A second time there is nothing to do.
    await house.set_back(len(before) + 1)
    assert (await house.bring_back()).after == len(before) + 1


async def test_a_command_that_came_back_does_not_happen_again(house):
    answers = [await house.command(number, 1 + number % 3) for number in range(30)]
    await house.publish()
    end = await house.store.head()
    await house.set_back(answers[9])
    await house.bring_back()
    await house.open()
    again = [await house.command(number, 1 + number % 3) for number in range(30)]
    assert again == answers
    assert await house.store.head() == end
    # Another body under the key is not known any more for what it is; it does not happen either.
    assert await house.command(29, 1, mac=b"other") == answers[29]
    assert await house.store.head() == end


async def test_cut_short_it_goes_on(house):
    for number in range(10):
        await house.command(number)
    await house.publish()
    before = await house.store.log(0, 100)
    await house.set_back(4)
    # As after a kill between two batches: some came back.
    await house.put_on_topic(12, b'{"subject":"s-1"}', "s-1")
    with pytest.raises(HoleInTheLog, match="position 11"):
        await house.bring_back()
    assert await house.store.log(0, 100) == before
    with pytest.raises(LogClosed):
        await house.command(100)


async def test_what_never_reached_kafka_is_kept(house):
    for number in range(6):
        await house.command(number)
    await house.publish()
    await house.command(6)
    await house.owner.execute("UPDATE head SET closed = 'restored'")
    brought = await house.bring_back()
    assert (brought.before, brought.after) == (7, 7)


async def test_what_both_have_must_be_the_same(house):
    for number in range(10):
        await house.command(number)
    await house.publish()
    await house.set_back(5)
    await house.owner.execute(
        "SET session_replication_role = replica;"
        "UPDATE events SET record = record || ' ' WHERE position = 3"
    )
    with pytest.raises(KafkaDiffers, match="position 3 "):
        await house.bring_back()
    assert await house.store.head() == 5


@pytest.mark.parametrize(("version", "source"), [(3, None), (1, None), (2, "elsewhere")])
async def test_a_record_that_does_not_follow_is_not_stored(house, version, source):
    await house.command(1)
    await house.publish()
    why = Why(actor=KEEPER)
    new = encode(source or house.service, "s-1", version, uuid4(), opened(1), MONDAY, why)
    await house.put_on_topic(2, new.record, "s-1")
    await house.owner.execute("UPDATE head SET closed = 'restored'")
    with pytest.raises(NotThisLogsRecord, match="position 2 is version"):
        await house.bring_back()
    assert await house.store.head() == 1


async def test_an_empty_kafka_tells_nothing(house):
    await house.command(1)
    await house.owner.execute("UPDATE head SET closed = 'restored'")
    with pytest.raises(NothingToCompareWith, match="refill-kafka"):
        await house.bring_back()


async def test_the_running_service_closes_its_log_and_does_not_open_it(house):
    await house.command(1)
    await house.database.pool.execute("SELECT close_log('why')")
    await house.database.pool.execute("SELECT close_log('another')")
    with pytest.raises(LogClosed, match=r"^why$"):
        await house.command(2)
    # A command without events would be answered from what is not the newest state.
    with pytest.raises(LogClosed):
        await house.command(2, 0)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await house.database.pool.execute("UPDATE head SET closed = NULL")
