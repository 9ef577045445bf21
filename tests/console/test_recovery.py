"""A service's database is lost, or Kafka is: what was acknowledged and published is there again."""

import asyncio
import os
import re
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.databases import prepare
from console.recovery import Holds, ScriptFailed, run_script
from console.restoring import KafkaIsNotEmpty, StillRunning, refill_kafka, restore
from eventing.compared import KafkaIsEmpty
from eventing.event_store import Key, LogClosed
from eventing.execute import CommandContext, Executor
from eventing.installation import NOWHERE
from eventing.kafka_source import KafkaSource
from eventing.key_database import KeyDatabase
from eventing.leadership import Leadership
from eventing.postgres_store import PostgresStore
from eventing.record import Why
from eventing.relay import Relay
from eventing.topics import topic_of
from notary.bring_back import NotWhatWasSigned
from notary.checkpoint_topic import CheckpointTopic
from notary.keys import LogKeys, make
from notary.notary import Notary
from notary.tables import Tables
from tests.edge.test_processes import PROJECT
from tests.eventing.readers import KEEPER, MONDAY
from tests.eventing.test_bring_back import several
from tests.support.stack import as_told

KEY_ENCRYPTION_KEY = b"k" * 32
PERSON = UUID(int=5)


@dataclass
class Passwords:
    known: dict = field(default_factory=dict)

    def password(self, role):
        return self.known.setdefault(role, uuid4().hex)


@dataclass
class Installation:
    """One service, as an operator has it; `made` are the addresses of its databases."""

    service: str
    superuser: str
    kafka: str
    passwords: Passwords
    made: object
    folder: object
    whose: ClassVar = NOWHERE

    @property
    def topic(self):
        return f"{self.service}.checkpoints"

    @property
    def keys(self):
        return LogKeys.of(
            f"vongtay.test/{self.service}", self.folder / "notary.key", self.folder / "notary.pub"
        )

    @property
    def public_keys(self):
        return LogKeys.known(f"vongtay.test/{self.service}", self.folder / "notary.pub")

    @property
    def checkpoints(self):
        return CheckpointTopic(self.service, self.kafka, topic=self.topic, logs=(self.service,))

    async def command(self, number, count=1):
        """As a web process does: a connection of its own, a key of the person's."""
        async with PostgresStore(self.service, self.made.log) as store:
            asked = CommandContext(Key(KEEPER, UUID(int=number), b"mac"), Why(actor=KEEPER))
            executor = Executor(store, lambda: MONDAY, self.whose)
            return await executor.execute(several, f"s-{number % 7}", count, asked)

    @asynccontextmanager
    async def worker(self):
        """Publish and sign; gives the tasks."""
        leadership = Leadership(self.made.log)
        async with asyncpg.create_pool(self.made.log, min_size=0) as pool:
            relay = Relay(self.service, pool, self.kafka, leadership)
            notary = Notary(
                self.service, Tables(pool), self.checkpoints, self.keys, leadership, interval_s=0.05
            )
            tasks = [asyncio.ensure_future(part.run()) for part in (relay, notary)]
            try:
                yield tasks
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await leadership.close()

    async def published_and_signed(self, position):
        async with self.worker() as tasks, asyncio.timeout(60):
            while await self.one("SELECT least(published, released) FROM relay, notary") < position:
                for task in tasks:
                    if task.done():
                        await task
                await asyncio.sleep(0.05)

    async def one(self, query):
        connection = await asyncpg.connect(self.made.log_owner)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def rows(self, query, database=None):
        connection = await asyncpg.connect(
            self.superuser.rpartition("/")[0] + f"/{database or f'vt_{self.service}'}"
        )
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    def back_up(self, holds):
        run_script(self.superuser, "back-up", holds, str(self.folder / holds), self.service)
        (found,) = [each for each in (self.folder / holds).iterdir() if each.is_dir()]
        return found

    def bring_in(self, holds, taken):
        run_script(self.superuser, "bring-in", holds, str(taken), self.service)

    async def before(self):
        """The name that the lost database has now."""
        names = await self.rows("SELECT datname FROM pg_database", "postgres")
        pattern = re.compile(f"vt_{self.service}_before_.*")
        (name,) = [name for (name,) in names if pattern.fullmatch(name)]
        return name

    async def restore(self, *, keys=True):
        return await restore(
            self.service,
            self.made.log_owner,
            self.kafka,
            self.checkpoints,
            self.public_keys if keys else None,
            self.whose.source_of(self.service),
        )

    async def lose_kafka(self, *topics):
        admin = self.kafka.admin()
        await admin.start()
        try:
            await admin.delete_topics(list(topics or (topic_of(self.service), self.topic)))
        finally:
            await admin.close()

    def start(self, kind):
        """A process of the service that is expected to end: its exit code and its log."""
        environment = {
            **{name: value for name, value in os.environ.items() if "VONGTAY_" not in name},
            "NOTEBOOK": self.service,
            "VONGTAY_MODE": "development",
            "VONGTAY_DATABASE_URL": self.made.log,
            "VONGTAY_KEYS_DATABASE_URL": self.made.keys,
            **as_told(self.kafka),
            "VONGTAY_ISSUER_JWKS": str(self.folder / "jwks.json"),
            "VONGTAY_MAC_KEY_FILE": str(self.folder / "key"),
            "VONGTAY_CODE_KEY_FILE": str(self.folder / "key"),
            "VONGTAY_KEY_ENCRYPTION_KEY_FILE": str(self.folder / "key"),
        }
        ended = subprocess.run(
            [sys.executable, "-m", "tests.edge.notebook_process", kind],
            env=environment,
            cwd=PROJECT,
            capture_output=True,
            check=False,
            timeout=100,
        )
        return ended.returncode, ended.stdout.decode()

    async def read_published(self, end):
        source = KafkaSource(self.service, self.kafka)
        await source.start(0)
        try:
            found = []
            async with asyncio.timeout(30):
                while len(found) < end:
                    found += await source.next(1_000, 1.0)
            return [(stored.position, stored.record) for stored in found]
        finally:
            await source.stop()


EVENTS = "SELECT position, record FROM events ORDER BY position"
SIGNED = "SELECT size, root, note FROM checkpoints ORDER BY size"


@pytest.fixture
async def installation(stack, tmp_path):
    service, passwords = f"s{uuid4().hex[:12]}", Passwords()
    made = await prepare(stack.postgres, (service,), passwords)
    (tmp_path / "key").write_bytes(KEY_ENCRYPTION_KEY)
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    make(tmp_path / "notary.key", tmp_path / "notary.pub", f"vongtay.test/{service}")
    it = Installation(service, stack.postgres, stack.kafka, passwords, made[service], tmp_path)
    yield it
    superuser = await asyncpg.connect(stack.postgres)
    for row in await superuser.fetch(
        "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", f"vt_{service}"
    ):
        await superuser.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    await superuser.execute(f"DROP ROLE vt_{service}, vt_{service}_owner")
    await superuser.close()
    with suppress(Exception):
        await it.lose_kafka()


@pytest.mark.timeout(300)
async def test_a_service_comes_back_from_before_what_was_published(installation):
    it = installation
    first = {number: await it.command(number, 1 + number % 3) for number in range(20)}
    await it.published_and_signed(first[19])
    connection = await asyncpg.connect(it.made.log)
    await connection.execute(
        "CREATE UNLOGGED TABLE private.names (name text);"
        "INSERT INTO private.names VALUES ('Nguyễn Thị Hoa Mai')"
    )
    await connection.close()
    taken = it.back_up(Holds.LOGS)
    later = {number: await it.command(number, 1 + number % 3) for number in range(20, 60)}
    end = later[59]
    await it.published_and_signed(end)

    # The database is lost, and that of the backup brought in.
    it.bring_in(Holds.LOGS, taken)
    lost = await it.before()
    assert await it.one("SELECT position FROM head") == first[19]
    assert await it.rows("SELECT * FROM private.names") == []
    with pytest.raises(LogClosed, match=f"vongtay restore {it.service}"):
        await it.command(60)
    both = [asyncio.to_thread(it.start, kind) for kind in ("web", "worker")]
    for code, log in await asyncio.gather(*both):
        assert code == 1
        assert "will not start" in log
        assert f"vongtay restore {it.service}" in log
        assert "Traceback" not in log

    connected = await asyncpg.connect(it.made.log)
    with pytest.raises(StillRunning, match=f"stop {it.service} first"):
        await it.restore()
    await connected.close()
    with pytest.raises(NotWhatWasSigned, match="--log-keys"):
        await it.restore(keys=False)
    with pytest.raises(LogClosed):
        await it.command(60)

    restored = await it.restore()
    assert (restored.records.after, restored.signed) == (end, end)
    assert await it.rows(EVENTS) == await it.rows(EVENTS, lost)
    assert await it.rows(SIGNED) == await it.rows(SIGNED, lost)
    tiles = "SELECT * FROM tiles ORDER BY level, number"
    assert await it.rows(tiles) == await it.rows(tiles, lost)

    # It goes on: what happened happens no second time, what is new follows.
    for number, answer in (first | later).items():
        assert await it.command(number, 1 + number % 3) == answer
    assert await it.command(60) == end + 1
    await it.published_and_signed(end + 1)
    assert await it.read_published(end + 1) == await it.rows(EVENTS)


async def test_a_log_that_was_set_back_without_a_word_does_not_start_either(installation):
    """As by a snapshot of a disk: nothing in the database says that it is old."""
    it = installation
    for number in range(10):
        end = await it.command(number)
    await it.published_and_signed(end)
    connection = await asyncpg.connect(it.superuser.rpartition("/")[0] + f"/vt_{it.service}")
    await connection.execute(
        "SET session_replication_role = replica; DELETE FROM events WHERE position > 6;"
        "DELETE FROM commands WHERE position > 6; UPDATE head SET position = 6;"
        "UPDATE relay SET published = 6; DELETE FROM checkpoints; DELETE FROM tiles;"
        "UPDATE notary SET size = 0, released = 0, right_edge = '{}'"
    )
    await connection.close()
    code, log = it.start("web")
    assert code == 1
    assert f"has position {end}, the log ends at 6" in log
    with pytest.raises(LogClosed):
        await it.command(60)
    assert (await it.restore()).signed == end
    assert await it.command(3) == 4
    assert await it.command(60) == end + 1


@pytest.mark.parametrize(
    ("damage", "end", "says"),
    [
        (
            "DELETE FROM events WHERE position > 6; UPDATE head SET position = 6",
            6,
            "10 records were signed and published, the log ends at 6",
        ),
        (
            "UPDATE events SET record = record || ' ' WHERE position = 3",
            10,
            "the first 10 records are not those that were signed",
        ),
    ],
)
async def test_what_was_signed_and_is_nowhere_keeps_the_log_closed(installation, damage, end, says):
    """The log and Kafka agree, and the checkpoints tell that both are not what they were."""
    it = installation
    for number in range(10):
        await it.command(number)
    await it.published_and_signed(10)
    superuser = await asyncpg.connect(it.superuser.rpartition("/")[0] + f"/vt_{it.service}")
    for statement in (
        "SET session_replication_role = replica",
        damage,
        "UPDATE relay SET published = 0",
    ):
        await superuser.execute(statement)
    await superuser.close()
    await it.lose_kafka(topic_of(it.service))
    async with it.worker(), asyncio.timeout(60):
        while await it.one("SELECT published FROM relay") < end:
            await asyncio.sleep(0.1)
    with pytest.raises(NotWhatWasSigned, match=says):
        await it.restore()
    with pytest.raises(LogClosed):
        await it.command(60)


async def test_keys_come_back_apart_from_logs(installation):
    it = installation
    sealer = KeyDatabase(it.made.keys, KEY_ENCRYPTION_KEY)
    sealed = await sealer.seal(PERSON, "person", "name", "Hoa Mai")
    taken = it.back_up(Holds.KEYS)
    for forbidden in (it.folder / Holds.KEYS, it.folder / Holds.KEYS / "below"):
        with pytest.raises(ScriptFailed):
            run_script(it.superuser, "back-up", Holds.LOGS, str(forbidden), it.service)
    assert not list((it.folder / Holds.KEYS).rglob(f"vt_{it.service}.dump"))
    await sealer.close()
    it.bring_in(Holds.KEYS, taken)
    sealer = KeyDatabase(it.made.keys, KEY_ENCRYPTION_KEY)
    assert await sealer.open(PERSON, "person", "name", sealed) == "Hoa Mai"
    await sealer.close()


async def test_a_damaged_set_is_not_brought_in(installation):
    it = installation
    await it.command(1)
    taken = it.back_up(Holds.LOGS)
    dump = taken / f"vt_{it.service}.dump"
    content = bytearray(dump.read_bytes())
    content[-1] ^= 1
    dump.write_bytes(content)
    with pytest.raises(ScriptFailed):
        it.bring_in(Holds.LOGS, taken)
    assert await it.one("SELECT position FROM head") == 1
    assert await it.one("SELECT closed FROM head") is None


async def test_a_lost_kafka_is_filled_from_the_log(installation):
    it = installation
    for number in range(30):
        end = await it.command(number)
    await it.published_and_signed(end)
    owner = await asyncpg.connect(it.made.log_owner)
    await owner.execute(
        "INSERT INTO consumers (name, source, position, hint) VALUES ('reader', $1, 9, '{}')",
        it.service,
    )
    await owner.close()
    owners = {it.service: it.made.log_owner}
    with pytest.raises(KafkaIsNotEmpty):
        await refill_kafka(it.service, owners, it.kafka)
    await it.lose_kafka()
    with pytest.raises(KafkaIsEmpty, match=f"vongtay refill-kafka {it.service}"):
        await it.published_and_signed(end + 1)
    assert await refill_kafka(it.service, owners, it.kafka) == (end, [])
    assert await it.one("SELECT hint FROM consumers") is None
    assert await it.command(99) == end + 1
    await it.published_and_signed(end + 1)
    assert await it.read_published(end + 1) == await it.rows(EVENTS)
    async with it.checkpoints.opened() as topic:
        sizes = [it.keys.opened(note).size for note in await topic.come()]
    assert sizes == [size for size, _, _ in await it.rows(SIGNED)]


def test_a_service_that_is_none_is_refused_before_anything_is_done(monkeypatch, tmp_path):
    monkeypatch.setenv("VONGTAY_SUPERUSER_URL", "postgresql://nobody@127.0.0.1:1/postgres")
    monkeypatch.setenv("VONGTAY_SECRETS", str(tmp_path))
    monkeypatch.setenv("VONGTAY_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD", "nobody")
    for arguments in (["backup", "logs", str(tmp_path), "nobody"], ["restore", "nobody"]):
        ended = CliRunner().invoke(app, arguments)
        assert ended.exit_code == 2
        assert "nobody is none of" in ended.output
