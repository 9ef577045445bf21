"""What tests of the notary stand on: a log with keys, a topic of its own, and hands in both."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import TopicPartition

from audit.checkpoint import Checkpoint
from audit.merkle import RightEdge, root_of
from audit.tiles import subtrees_from
from eventing.leadership import Leadership
from eventing.postgres_store import PostgresStore
from eventing.record import leaf_hash
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys, make
from notary.notary import Notary
from notary.tables import Tables
from tests.eventing.readers import Database, Writer, a_database, opened

LOGS = ("first", "second")
SERVICE = "second"
ORIGIN = "vongtay.test/second"
SOON_S = 0.05


@dataclass
class Notarized:
    """A log, and who may sign it. `topic` is used by no other test."""

    kafka: str
    database: Database
    topic: str
    folder: Path
    writer: Writer

    @property
    def private(self):
        return self.folder / "notary.key"

    @property
    def public(self):
        return self.folder / "notary.pub"

    @property
    def keys(self):
        return LogKeys.of(ORIGIN, self.private, self.public)

    @property
    def tables(self):
        return Tables(self.database.pool)

    def checkpoint_topic(self):
        return CheckpointTopic(SERVICE, self.kafka, topic=self.topic, logs=LOGS)

    @asynccontextmanager
    async def notary(self, **given: Any):
        """A notary at work; what it fails with is raised by the task."""
        leadership = Leadership(self.database.dsn)
        given = {"interval_s": SOON_S} | given
        topic = given.pop("topic", None) or self.checkpoint_topic()
        notary = Notary(SERVICE, self.tables, topic, self.keys, leadership, **given)
        task = asyncio.ensure_future(notary.run())
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
            await leadership.close()

    async def write(self, count, *, published=True):
        """As a service does whose relay has published what it wrote, or not yet."""
        end = await self.writer.write(*(opened(number) for number in range(count)))
        if published:
            await self.database.pool.execute("UPDATE relay SET published = $1", end)
        return end

    async def signed(self, size, task=None, within_s=20.0):
        """Wait until a checkpoint of this size is released."""
        async with asyncio.timeout(within_s):
            while await self.one("SELECT released FROM notary") != size:
                if task is not None and task.done():
                    await task
                await asyncio.sleep(0.01)

    async def one(self, query, *arguments):
        return await self.database.pool.fetchval(query, *arguments)

    async def trouble(self):
        return await self.one("SELECT trouble FROM notary")

    async def leaves(self, size):
        rows = await self.database.pool.fetch(
            "SELECT record FROM events WHERE position <= $1 ORDER BY position", size
        )
        return [leaf_hash(row["record"]) for row in rows]

    async def published(self):
        """The checkpoints on the topic, in its order."""
        partition = TopicPartition(self.topic, LOGS.index(SERVICE))
        consumer = self.kafka.consumer(auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            found = []
            while len(found) < end:
                got = await consumer.getmany(partition, timeout_ms=500)
                found += [self.keys.opened(each.value.decode()) for each in got.get(partition, ())]
            return found
        finally:
            await consumer.stop()

    async def put_on_topic(self, *notes):
        producer = self.kafka.producer()
        await producer.start()
        try:
            for note in notes:
                await producer.send_and_wait(
                    self.topic, note.encode(), key=SERVICE.encode(), partition=LOGS.index(SERVICE)
                )
        finally:
            await producer.stop()

    async def check_tree(self, size):
        """The newest checkpoint, and the tiles, are those of the records."""
        leaves = await self.leaves(size)
        newest = await self.tables.newest()
        assert newest == (await self.tables.notes(size - 1, 10))[0]
        assert self.keys.opened(newest.note) == Checkpoint(ORIGIN, size, root_of(leaves))
        taken = await self.database.pool.fetchval("SELECT right_edge FROM notary")
        tiles = {
            (row["level"], row["number"]): row["hashes"]
            for row in await self.database.pool.fetch("SELECT * FROM tiles")
        }

        def read(level, number, width):
            return tiles[level, number] if width == 256 else taken[level][: width * 32]

        subtree = subtrees_from(read, size)
        assert subtree(0, size) == root_of(leaves)
        assert len(tiles) == sum(size >> 8 * level for level in range(1, 5))

    async def as_owner(self, statement, *arguments):
        """As somebody who owns the database, and hides it from no trigger but ours."""
        owner = await asyncpg.connect(self.database.owner)
        try:
            await owner.execute("SET session_replication_role = replica")
            await owner.execute(statement, *arguments)
        finally:
            await owner.close()

    async def forge_tree(self, leaves, *sizes):
        """Rewrite all that the database says of the tree, and sign it with the real key."""
        edge = RightEdge()
        full = []
        await self.as_owner("DELETE FROM tiles")
        for start, end in zip((0, *sizes), sizes, strict=False):
            full += edge.extend(leaves[start:end])
            forged = Checkpoint(ORIGIN, end, edge.root())
            await self.as_owner(
                "INSERT INTO checkpoints (size, root, note) VALUES ($1, $2, $3)"
                " ON CONFLICT (size) DO UPDATE SET root = $2, note = $3",
                end,
                forged.root,
                forged.signed(*self.keys.signers),
            )
        counts = {}
        for level, hashes in full:
            counts[level] = counts.get(level, -1) + 1
            await self.as_owner(
                "INSERT INTO tiles VALUES ($1, $2, $3)", level, counts[level], hashes
            )
        await self.as_owner(
            "UPDATE notary SET size = $1, released = least(released, $1), right_edge = $2",
            edge.size,
            [b"".join(level) for level in edge.levels],
        )


@pytest.fixture
async def log(stack, database, tmp_path):
    topic = f"checkpoints-{uuid4().hex[:12]}"
    make(tmp_path / "notary.key", tmp_path / "notary.pub", ORIGIN)
    async with PostgresStore(SERVICE, database.dsn) as store:
        yield Notarized(stack.kafka, database, topic, tmp_path, Writer(store))
    admin = stack.kafka.admin()
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()


KEPT_IN_A_BACKUP = {
    "head": ("id", "position"),
    "events": ("position", "event_id", "stream", "version", "type", "record", "recorded_at"),
    "commands": ("principal", "idempotency_key", "request_mac", "position"),
    "tiles": ("level", "number", "hashes"),
    "checkpoints": ("size", "root", "note", "signed_at"),
    "notary": ("id", "epoch", "size", "released", "right_edge"),
}


@asynccontextmanager
async def backup_of(log: Notarized):
    """The log as it is now, brought back as another database, on the same topic."""
    base, _, name = log.database.owner.rpartition("/")
    name = f"{name}_backup"
    superuser = await asyncpg.connect(log.database.owner)
    await superuser.execute(f"CREATE DATABASE {name}")
    try:
        async with a_database(f"{base}/{name}") as database:
            backup = await asyncpg.connect(database.owner)
            await backup.execute("DELETE FROM head; DELETE FROM notary")
            for table, columns in KEPT_IN_A_BACKUP.items():
                kept = await superuser.fetch(f"TABLE {table}")
                rows = [[row[column] for column in columns] for row in kept]
                await backup.copy_records_to_table(table, records=rows, columns=columns)
            await backup.close()
            async with PostgresStore(SERVICE, database.dsn) as store:
                writer = Writer(store)
                writer.versions = dict(log.writer.versions)
                yield Notarized(log.kafka, database, log.topic, log.folder, writer)
    finally:
        await superuser.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await superuser.close()
