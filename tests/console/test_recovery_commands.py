"""docs/restore.md, followed to the letter: its own commands bring back what was lost."""

import asyncio
import os
import re
import shutil
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from console.__main__ import app
from console.addresses import SERVICES
from console.databases import databases_of
from console.installed import PasswordFiles
from deploy.embedded.stack import temporary
from eventing import installation
from eventing.key_database import KeyDatabase
from notary.checkpoint_topic import TOPIC, CheckpointTopic
from notary.keys import make
from tests.console.test_recovery import EVENTS, KEY_ENCRYPTION_KEY, PERSON, SIGNED, Installation
from tests.edge.test_processes import PROJECT

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

    async def run(self, begins):
        """The page's command that begins so, on this installation's folders; what it printed."""
        (command,) = {found for found in COMMAND.findall(PAGE) if found.startswith(begins)}
        for folder in ("/backups/", "/elsewhere/", "secrets/"):
            command = command.replace(f" {folder}", f" {self.folder / folder.strip('/')}/")
        if SET in command:
            (taken,) = Path(command.partition(SET)[0].split()[-1]).glob("*Z")
            command = command.replace(SET, taken.name)
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
        assert ended.exit_code == 0, f"{command}\n{ended.output}"
        return ended.stdout

    async def lose_the_server(self):
        """Not only what is in it: roles too, as on an empty one."""
        superuser = await asyncpg.connect(self.superuser)
        try:
            for name in SERVICES:
                for database in (f"vt_{name}", f"vt_{name}_keys"):
                    await superuser.execute(f"DROP DATABASE {database} WITH (FORCE)")
                await superuser.execute(f"DROP ROLE vt_{name}, vt_{name}_owner")
        finally:
            await superuser.close()


@pytest.fixture
def registry(tmp_path):
    """On servers of its own, where no other test uses these names."""
    passwords = tmp_path / "secrets" / "migrate"
    passwords.mkdir(parents=True)
    for name in SERVICES:
        for role in (f"vt_{name}", f"vt_{name}_owner", f"kafka_{name}"):
            (passwords / f"{role}.password").write_text(uuid4().hex)
    make(tmp_path / "notary.key", tmp_path / "notary.pub", f"{ORIGIN}/registry")
    (tmp_path / "secrets" / "registry").mkdir()
    shutil.copy(tmp_path / "notary.pub", tmp_path / "secrets" / "registry" / "log.pub")
    files = PasswordFiles(passwords)
    with temporary() as stack:
        made = databases_of(stack.postgres, "registry", files)
        yield ByName("registry", stack.postgres, stack.kafka, files, made, tmp_path)


@pytest.mark.stack
@pytest.mark.timeout(PATIENCE_S)
async def test_the_pages_commands_bring_a_lost_server_back_and_then_a_lost_kafka(registry):
    it = registry
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
