"""docs/restore.md, followed to the letter: its own commands bring back what was lost."""

import asyncio
import os
import re
import shutil
import sys
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.addresses import SERVICES
from console.databases import databases_of
from console.installed import PasswordFiles
from deploy.embedded.stack import temporary
from eventing import installation
from eventing.event_store import Key, LogClosed
from eventing.execute import CommandContext, Executor
from eventing.kafka_source import KafkaSource
from eventing.key_database import KeyDatabase
from eventing.leadership import Leadership
from eventing.postgres_rows import PostgresRows
from eventing.postgres_store import PostgresStore
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Why
from notary.checkpoint_topic import LOGS, TOPIC, CheckpointTopic
from notary.keys import make
from notary.newest import NewestCheckpoints, follow
from notary.proven_source import ProvenSource
from tests.console.test_recovery import EVENTS, KEY_ENCRYPTION_KEY, PERSON, SIGNED, Installation
from tests.edge.test_processes import PROJECT
from tests.eventing.funds import papers_model
from tests.eventing.readers import KEEPER, MONDAY
from tests.eventing.test_bring_back import several
from tests.eventing.test_relay import running

PAGE = (PROJECT / "docs" / "restore.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"(?:^ *|`)(vongtay [^`\n]+)", re.MULTILINE)
SET = "20260107T020000Z"
KEYS = "SELECT * FROM keys ORDER BY key_id"
PATIENCE_S = 600
ORIGIN = "vongtay.test"


class ByName(Installation):
    """The registry: commands know services by their names alone, and topics by theirs."""

    topic = TOPIC
    whose = installation.Installation(ORIGIN)

    @property
    def checkpoints(self):
        return CheckpointTopic(self.service, self.kafka)

    async def run(self, begins, *, without="", ends_with=0):
        """The page's command that begins so, on this installation's folders; what it printed."""
        (command,) = {found for found in COMMAND.findall(PAGE) if found.startswith(begins)}
        command = re.sub(without, "", command) if without else command
        for folder in ("/backups/", "/elsewhere/", "secrets/"):
            command = command.replace(f" {folder}", f" {self.folder / folder.strip('/')}/")
        for folder in re.findall(rf"(\S+)/{SET}", command):
            (taken,) = Path(folder).glob("*Z")
            command = command.replace(f"{folder}/{SET}", str(taken))
        given = {
            **{name: None for name in os.environ if "VONGTAY_" in name},
            "VONGTAY_SUPERUSER_URL": self.superuser,
            "VONGTAY_SECRETS": str(self.folder / "secrets" / "migrate"),
            "VONGTAY_KAFKA": self.kafka.brokers,
            "VONGTAY_KAFKA_ADMINISTRATOR_PASSWORD": self.kafka.password,
            "VONGTAY_ORIGIN": ORIGIN,
            "VONGTAY_KEEP_DAYS": "30",
        }
        # In a thread, since a command has an event loop of its own.
        ended = await asyncio.to_thread(CliRunner().invoke, app, command.split()[1:], env=given)
        assert ended.exit_code == ends_with, f"{command}\n{ended.output}"
        return ended.output

    async def topics(self):
        consumer = self.kafka.consumer()
        await consumer.start()
        try:
            return [each for each in await consumer.topics() if each.startswith("vongtay.")]
        finally:
            await consumer.stop()

    async def lose_the_server(self):
        """Not only what is in it: roles too, as on an empty one."""
        superuser = await asyncpg.connect(self.superuser)
        try:
            for row in await superuser.fetch(
                "SELECT datname FROM pg_database WHERE starts_with(datname, 'vt_')"
            ):
                await superuser.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
            for name in SERVICES:
                await superuser.execute(f"DROP ROLE IF EXISTS vt_{name}, vt_{name}_owner")
        finally:
            await superuser.close()


@pytest.fixture(scope="module")
def servers():
    """Where no other test uses these names."""
    with temporary() as stack:
        yield stack


@pytest.fixture
async def installed(servers, tmp_path):
    """Makes a service on the servers, which have nothing of an earlier test."""
    passwords = tmp_path / "secrets" / "migrate"
    passwords.mkdir(parents=True)
    for name in SERVICES:
        for role in (f"vt_{name}", f"vt_{name}_owner", f"kafka_{name}"):
            (passwords / f"{role}.password").write_text(uuid4().hex)
    (tmp_path / "secrets" / "log-keys").mkdir()
    for name in LOGS:
        make(tmp_path / f"{name}.key", tmp_path / f"{name}.pub", f"{ORIGIN}/{name}")
        shutil.copy(tmp_path / f"{name}.pub", tmp_path / "secrets" / "log-keys" / f"{name}.pub")
        (tmp_path / "secrets" / name).mkdir()
        shutil.copy(tmp_path / f"{name}.pub", tmp_path / "secrets" / name / "log.pub")
    files = PasswordFiles(passwords)

    def made(service):
        for suffix in ("key", "pub"):
            shutil.copy(tmp_path / f"{service}.{suffix}", tmp_path / f"notary.{suffix}")
        databases = databases_of(servers.postgres, service, files)
        return ByName(service, servers.postgres, servers.kafka, files, databases, tmp_path)

    yield made
    it = made("registry")
    await it.lose_the_server()
    await it.lose_kafka(*await it.topics())


@pytest.mark.stack
@pytest.mark.timeout(PATIENCE_S)
async def test_the_pages_commands_bring_a_lost_server_back_and_then_a_lost_kafka(installed):
    it = installed("registry")
    await it.run("vongtay migrate")
    for number in range(10):
        end = await it.command(number, 1 + number % 3)
    await it.published_and_signed(end)
    sealer = KeyDatabase(it.made.keys, KEY_ENCRYPTION_KEY)
    sealed = await sealer.seal(PERSON, "person", "name", "Hoa Mai")
    await sealer.close()
    outdated = it.folder / "backups" / "logs" / "20200101T000000Z"
    outdated.mkdir(parents=True)
    os.utime(outdated, (0, 0))
    await it.run("vongtay backup logs")
    assert not outdated.exists()
    await it.run("vongtay backup keys")
    backed_up = end
    for number in range(10, 20):
        end = await it.command(number, 1 + number % 3)
    await it.published_and_signed(end)
    events, signed = await it.rows(EVENTS), await it.rows(SIGNED)
    keys = await it.rows(KEYS, "vt_registry_keys")
    assert len(keys) == 1
    assert await it.read_published(end) == events

    await it.lose_the_server()
    await it.run("vongtay migrate")
    said = await it.run("vongtay restore registry --from")
    assert f"{end - backed_up} bản ghi lấy lại từ Kafka" in said
    assert f"log up to {end}, as signed up to {end}" in said
    assert await it.rows(EVENTS) == events
    assert await it.rows(SIGNED) == signed
    await it.run("vongtay restore-keys registry")
    assert await it.rows(KEYS, "vt_registry_keys") == keys
    sealer = KeyDatabase(it.made.keys, KEY_ENCRYPTION_KEY)
    assert await sealer.open(PERSON, "person", "name", sealed) == "Hoa Mai"
    await sealer.close()

    await it.lose_kafka()
    assert f"{end} bản ghi sẽ được phát lại" in await it.run("vongtay refill-kafka registry")
    assert await it.command(20) == end + 1
    await it.published_and_signed(end + 1)
    assert await it.read_published(end + 1) == await it.rows(EVENTS)
    assert (await it.rows(EVENTS))[:end] == events
    async with it.checkpoints.opened() as topic:
        notes = await topic.come()
    assert notes == [note for _, _, note in await it.rows(SIGNED)]


@asynccontextmanager
async def follower(it, allocation):
    """Allocation reads donations, proven, into a read model of its own."""
    checkpoints = NewestCheckpoints({it.service: it.public_keys})
    leadership = Leadership(allocation.log)
    async with asyncpg.create_pool(allocation.log, min_size=0) as pool:

        def source(service):
            return ProvenSource(KafkaSource(service, it.kafka), checkpoints, None, None)

        runner = ReadModelRunner("allocation", [papers_model], pool, leadership, source)
        async with running(runner.run()), running(follow(it.kafka, checkpoints)):

            async def level():
                """The rows, when nothing of the log is missing in them."""
                head = await it.one("SELECT position FROM head")
                rows = PostgresRows(pool)
                await rows.reached(papers_model, {it.service: head}, 60)
                return await rows.where(papers_model, limit=1_000)

            yield level
        await leadership.close()


def one_after_another(folder, first, second):
    """A set whose dump of donations was taken before the others, while work went on."""
    (second / "vt_donations.dump").unlink()
    shutil.move(first / "vt_donations.dump", second)
    shutil.rmtree(first)
    dumps = sorted(path.name for path in second.glob("*.dump"))
    sums = [f"{sha256((second / name).read_bytes()).hexdigest()}  {name}\n" for name in dumps]
    (second / "SHA256SUMS").write_text("".join(sums))
    assert len(list(folder.glob("*Z"))) == 1


@pytest.mark.stack
@pytest.mark.timeout(PATIENCE_S)
async def test_a_lost_machine_is_restored_from_dumps_of_two_moments_and_an_empty_kafka(
    installed, capsys
):
    it = installed("donations")
    allocation = databases_of(it.superuser, "allocation", it.passwords)
    await it.run("vongtay migrate")
    for number in range(10):
        kept = await it.command(number, 2)
    await it.published_and_signed(kept)
    async with follower(it, allocation) as level:
        await level()
    await it.run("vongtay backup keys")
    await it.run("vongtay backup logs")
    logs = it.folder / "backups" / "logs"
    (first,) = logs.glob("*Z")
    for number in range(10, 20):
        lost = await it.command(number, 2)
    await it.published_and_signed(lost)
    async with follower(it, allocation) as level:
        await level()
    cause = await it.one("SELECT event_id FROM events ORDER BY position DESC LIMIT 1")
    async with PostgresStore("allocation", allocation.log) as store:
        why = Why(actor=KEEPER, causation=cause)
        asked = CommandContext(Key(KEEPER, UUID(int=1), b"mac"), why)
        await Executor(store, lambda: MONDAY, it.whose).execute(several, "s-1", 1, asked)
    await asyncio.sleep(1.1)  # a set is named by its second
    await it.run("vongtay backup logs")
    (second,) = (each for each in logs.glob("*Z") if each != first)
    one_after_another(logs, first, second)

    await it.lose_the_server()
    await it.lose_kafka(*await it.topics())
    refused = await it.run(
        "vongtay restore-machine --logs", without=" --kafka-is-lost", ends_with=1
    )
    assert "--kafka-is-lost" in refused
    with pytest.raises(LogClosed):
        await it.command(99)
    # What was brought in is there: it goes on.
    said = await it.run("vongtay restore-machine --logs", without=r" --(logs|keys) \S+")
    with capsys.disabled():
        sys.stdout.write(f"\n{said}")
    assert f"donations: nhật ký đến {kept}, khớp chữ ký đến {kept}" in said
    assert f"allocation: papers đọc lại donations từ {kept}" in said
    assert "allocation:1 fund-entry-booked: nguyên nhân không còn trong sổ" in said
    assert "done in" in said

    # It goes on, with fewer records than were read before: none of them is passed over.
    end = await it.command(30, 3)
    assert end == kept + 3 < lost
    await it.published_and_signed(end)
    async with follower(it, allocation) as level:
        # What was built of what is lost serves until the new rows are level.
        async with asyncio.timeout(60):
            while sum(row.times for row in await level()) != end:
                await asyncio.sleep(0.1)
