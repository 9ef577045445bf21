"""Somebody who may write a topic forges a grant: it never counts, and the true one does."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest

from console.replay import ExportedLog
from contracts.registry import RoleGranted, RoleRevoked
from deploy.embedded.stack import temporary
from edge.who_may_where import Directory, roles_held
from eventing import postgres_rows
from eventing.event_store import Append, Key
from eventing.false_records import FalseRecords
from eventing.installation import Installation
from eventing.kafka_source import KafkaSource
from eventing.leadership import Leadership
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Why, encode
from eventing.relay import Relay
from eventing.replay import replay
from eventing.rows import NotYetVisible
from eventing.topics import partition_of, topic_of
from eventing.vouched import VouchedFor
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys, make
from notary.newest import NewestCheckpoints, follow
from notary.notary import Notary
from notary.proven_source import ProvenSource
from notary.tables import Tables
from tests.eventing.readers import KEEPER, MONDAY, a_database
from tests.support.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

REGISTRY = "registry"
HERE = Installation("vongtay.test", "https://vongtay.test/schemas")
HANOI = UUID(int=1)
HOA, LAN, NOBODY = UUID(int=11), UUID(int=12), UUID(int=666)
ROLES = frozenset({"approver"})
COUNTS_WITHIN_S = 40
NEVER_FOR_S = 5


def grant(person, number):
    return RoleGranted(
        grant_id=UUID(int=1_000 + number),
        person_id=person,
        role="approver",
        unit_id=HANOI,
        valid_from=date(2024, 1, 1),
        valid_until=None,
        rules=None,
        granted_by=KEEPER,
        happened_at=MONDAY,
    )


def record(number, event):
    stream = f"role-grant-{number}"
    return encode(REGISTRY, stream, 1, uuid4(), event, MONDAY, Why(actor=KEEPER), HERE)


class ItsLog:
    """The registry's tiles, without the door before them."""

    def __init__(self, pool):
        self.pool = pool

    async def leaves(self, service, after, upto):
        assert service == REGISTRY
        query = "SELECT leaf FROM events WHERE position > $1 AND position <= $2 ORDER BY position"
        return [row["leaf"] for row in await self.pool.fetch(query, after, upto)]

    async def more_checkpoints(self, service, after):
        raise AssertionError(f"those of {service} after {after} are on the topic")


class Registry:
    def __init__(self, database, kafka, store, keys):
        self.database, self.kafka, self.store, self.keys = database, kafka, store, keys

    async def say(self, number, event):
        new = record(number, event)
        key = Key(KEEPER, uuid4(), b"m" * 32)
        await self.store.append([Append(new.stream, 0, [new])], key)

    @asynccontextmanager
    async def signing(self):
        leadership = Leadership(self.database.dsn)
        topic = CheckpointTopic(REGISTRY, self.kafka)
        tables = Tables(self.database.pool)
        notary = Notary(REGISTRY, tables, topic, self.keys, leadership, interval_s=0.1)
        async with background(notary.run()):
            yield
        await leadership.close()

    async def forge(self, position, number, event):
        new = record(number, event)
        async with self.kafka.producer() as producer:
            await producer.send_and_wait(
                topic_of(REGISTRY),
                new.record,
                new.stream.encode(),
                partition_of(new.stream.encode()),
                headers=[("position", str(position).encode()), ("type", new.type.encode())],
            )


class Follower:
    """Another service's worker, as far as it follows the registry, and its door's directory."""

    def __init__(self, database, kafka, keys, its_log):
        self.pool, self.leadership = database.pool, Leadership(database.dsn)
        self.kafka = kafka
        self.checkpoints = NewestCheckpoints({REGISTRY: keys})
        self.false, self.vouched = FalseRecords(self.pool), VouchedFor(self.pool)
        self.directory = Directory(PostgresRows(self.pool), partial(self.vouched.of, REGISTRY))
        self.runner = ReadModelRunner(
            "allocation",
            [roles_held],
            self.pool,
            self.leadership,
            lambda service: ProvenSource(
                KafkaSource(service, kafka, false=self.false, hole_within_s=2),
                self.checkpoints,
                its_log,
                self.false.found,
                self.vouched.tell,
            ),
        )

    @asynccontextmanager
    async def running(self):
        async with (
            background(self.runner.run()),
            background(self.vouched.run()),
            background(follow(self.kafka, self.checkpoints)),
        ):
            yield self
        await self.leadership.close()

    async def may(self, person):
        now = asyncio.get_running_loop().time()
        self.directory._held.clear()
        try:
            return bool(await self.directory.held(person, ROLES, MONDAY, now))
        except NotYetVisible:
            return False

    async def until(self, person, may, within_s=COUNTS_WITHIN_S):
        async with asyncio.timeout(within_s):
            while await self.may(person) is not may:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def background(work):
    task = asyncio.ensure_future(work)
    try:
        yield
        if task.done():
            await task
    finally:
        task.cancel()
        await asyncio.wait([task])


@asynccontextmanager
async def a_database_named(stack, name):
    superuser = await asyncpg.connect(stack.postgres)
    await superuser.execute(f"CREATE DATABASE {name}")
    await superuser.close()
    async with a_database(stack.database(name)) as database:
        yield database


@pytest.fixture
async def world(tmp_path):
    make(tmp_path / "log.key", tmp_path / "log.pub", f"{HERE.origin}/{REGISTRY}")
    keys = LogKeys.of(f"{HERE.origin}/{REGISTRY}", tmp_path / "log.key", tmp_path / "log.pub")
    with temporary() as embedded:
        stack = Stack(embedded.postgres, embedded.kafka)
        async with (
            a_database_named(stack, "registry") as own,
            a_database_named(stack, "allocation") as others,
            PostgresStore(REGISTRY, own.dsn) as store,
        ):
            registry = Registry(own, stack.kafka, store, keys)
            leadership = Leadership(own.dsn)
            relay = Relay(REGISTRY, own.pool, stack.kafka, leadership)
            follower = Follower(others, stack.kafka, keys, ItsLog(own.pool))
            async with background(relay.run()), follower.running():
                yield registry, follower
            await leadership.close()


async def test_a_forged_grant_never_counts_and_the_true_event_is_lost_to_nobody(world):
    registry, follower = world
    async with registry.signing():
        for number in range(1, 6):
            await registry.say(number, grant(HOA, number))
        await follower.until(HOA, may=True)

        await registry.forge(6, 600, grant(NOBODY, 600))
        async with asyncio.timeout(COUNTS_WITHIN_S):
            while not await follower.pool.fetchval("SELECT max(position) = 6 FROM consumers"):
                await asyncio.sleep(0.05)
        for _ in range(NEVER_FOR_S * 10):
            assert not await follower.may(NOBODY)
            await asyncio.sleep(0.1)

        # The registry's own event of that position comes later, and is the one that counts.
        await registry.say(6, grant(LAN, 6))
        async with asyncio.timeout(COUNTS_WITHIN_S):
            while not await follower.may(LAN):
                assert not await follower.may(NOBODY)
                await asyncio.sleep(0.05)
        assert not await follower.may(NOBODY)
        assert await follower.may(HOA)
        (false,) = await follower.pool.fetch("SELECT source, position FROM false_records")
        assert (false["source"], false["position"]) == (REGISTRY, 6)
        served, positions = await postgres_rows.digest(follower.pool, roles_held)
        replayed = await replay(
            "allocation",
            [roles_held],
            lambda service: (
                KafkaSource(service, registry.kafka, false=follower.false)
                if service == REGISTRY
                else ExportedLog(service)
            ),
            {roles_held.name: positions},
        )
        assert served == replayed[roles_held.name].digest


async def test_a_grant_waits_for_its_checkpoint_and_a_revocation_does_not(world):
    registry, follower = world
    async with registry.signing():
        await registry.say(1, grant(HOA, 1))
        await follower.until(HOA, may=True)
    await registry.say(2, grant(LAN, 2))
    revoked = RoleRevoked(
        grant_id=UUID(int=1_001), person_id=HOA, revoked_by=KEEPER, happened_at=MONDAY
    )
    await registry.say(3, revoked)
    await follower.until(HOA, may=False)
    assert not await follower.may(LAN)
    async with registry.signing():
        await follower.until(LAN, may=True)
    assert not await follower.may(HOA)
