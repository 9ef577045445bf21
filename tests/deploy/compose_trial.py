"""`python -m tests.deploy.compose_trial`: a season in containers, all of them killed meanwhile.

Each container's first process is killed in turn while the season is played; a service's database is
lost, and restored as docs/restore.md says; all are killed at once; then a newer image takes over
the same data while a subscriber reads on. The season must end proven, with the facts that it has
without any of this (given by --facts: what `make demo` prints at its end).
Needs docker, the image (`make image`), and root where containers run as another user.
"""

import argparse
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import IO

PROJECT = Path(__file__).parents[2]
DOCKER = which("docker") or "docker"
IMAGE, NEXT_IMAGE = "vongtay:latest", "vongtay:trial-next"
FACTS = re.compile(r"SHA-256 ([0-9a-f]{64})")
PLAYS_MAX = 100
PLAY_WITHIN_S = 1_800.0
UP_WITHIN_S = 600
STOP_WITHIN_S = 120
SOON_S = 240.0
PACE_S = 4.0

SERVICES = ("registry", "donations", "allocation", "notifications", "portal")
PROCESSES = [f"{service}-{kind}" for service in SERVICES for kind in ("worker", "web")]
VICTIMS = [*PROCESSES, "kafka", "postgres"]

LOST = "registry"
"""The service whose database is lost."""
BACKED_UP_AFTER = "allocation-web"
"""When this one was killed, so that the log grows both before and after."""

# A table more, and a read model to build again, as a version that comes later would have.
NEXT_VERSION = 99
NEXT = f"""
FROM {IMAGE}
USER 0
RUN printf '%s\\n' '-- A step of a later version' '-- depends: keys-0001-tables' '' \\
        '-- migrate: apply' 'CREATE TABLE trial_next (a int);' '' \\
        '-- migrate: rollback' 'DROP TABLE trial_next;' \\
        > /app/eventing/key_migrations/keys-9999-trial.sql \\
    && cd /app/services/notifications/read_models \\
    && sed -i 's/^    version=2,/    version={NEXT_VERSION},/' messages.py \\
    && grep -q 'version={NEXT_VERSION}' messages.py \\
    && python -m compileall -q -f --invalidation-mode unchecked-hash .
USER 10001:10001
"""

FOUNDING = (
    "from console.season.people import KEEPER, SECOND_KEEPER;"
    " from console.season.pack import Pack;"
    ' print(KEEPER, SECOND_KEEPER, "--unit", Pack().city_id)'
)
SUBSCRIBER = """
import asyncio
from aiokafka.errors import KafkaError
from pathlib import Path
from eventing.kafka_access import KafkaAccess
from eventing.kafka_source import KafkaSource

PASSWORD = Path("/run/secrets/vongtay_kafka_password").read_text()

async def main():
    source, read = KafkaSource("registry", KafkaAccess("kafka:9092", "portal", PASSWORD)), 0
    while True:
        try:
            await source.start(read)
            while True:
                for record in await source.next(1000, 5.0):
                    print(read := record.position, flush=True)
        except (KafkaError, OSError, TimeoutError):
            await asyncio.sleep(1)

asyncio.run(main())
"""


class Failed(Exception):
    """The trial's promise did not hold; the message says which."""


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)  # noqa: T201


class Installation:
    """A compose project of its own, with its own secrets, ports and data."""

    def __init__(self, folder: Path) -> None:
        settings = (PROJECT / "deploy" / "compose" / "development.env").read_text()
        given = dict(
            line.split("=", 1)
            for line in settings.splitlines()
            if line and not line.startswith("#")
        )
        ports = ("PORTAL", "REGISTRY", "DONATIONS", "ALLOCATION", "NOTIFICATIONS", "MAIL")
        self.environment = (
            os.environ
            | given
            | {f"VONGTAY_{name}_PORT": "0" for name in ports}
            | {
                "VONGTAY_PROJECT": f"vongtay-trial-{os.getpid()}",
                "VONGTAY_SECRETS_FOLDER": str(folder / "secrets"),
                "VONGTAY_IMAGE": IMAGE,
                "VONGTAY_LOG_BACKUPS": str(folder / "logs"),
                "VONGTAY_KEY_BACKUPS": str(folder / "keys"),
                "COMPOSE_FILE": (
                    "docker-compose.yml:deploy/compose/development.yml:deploy/backup/compose.yml"
                ),
                "COMPOSE_PROGRESS": "quiet",
            }
        )

        # Docker would make them as somebody else's.
        for backups in ("logs", "keys"):
            (folder / backups).mkdir()

    def run(self, *command: str, within_s: float, given: str | None = None) -> str:
        """Raises Failed with what it said, when it fails."""
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{' '.join(command[:4])}: {done.stderr[-2_000:]}{done.stdout[-500:]}")
        return done.stdout

    def compose(self, *arguments: str, within_s: float = 300, given: str | None = None) -> str:
        return self.run(DOCKER, "compose", *arguments, within_s=within_s, given=given)

    def up(self) -> None:
        self.compose(
            "up", "--detach", "--wait", f"--wait-timeout={UP_WITHIN_S}", within_s=UP_WITHIN_S + 60
        )

    def found(self) -> None:
        said = self.compose("run", "--rm", "--no-deps", "-T", "season", "python", "-c", FOUNDING)
        registry = ("run", "--rm", "--no-deps", "-T", "registry-web", "vongtay")
        history = "programmes/hanoi-3874/history/registry.ndjson"
        self.compose(*registry, "take-over", history)
        first, second, *place = said.split()
        for keeper in ([first], [second, "--second"]):
            self.compose(*registry, "keeper", *keeper, *place, given="Người quản trị (minh hoạ)\n")

    def once(self, *arguments: str) -> str:
        """A container for one command."""
        return self.compose("run", "--rm", "-T", *arguments)

    def sql(self, database: str, query: str) -> str:
        psql = ("psql", "--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1")
        at = ("--host", "/var/run/postgresql", "--username", "postgres", "--dbname", database)
        said = self.compose("exec", "-T", "postgres", *psql, *at, "--command", query)
        return said.strip()

    def database_answers(self) -> bool:
        """Not while it reads its log after a crash, which takes as long as the machine is busy."""
        try:
            return self.sql("postgres", "SELECT 1") == "1"
        except Failed:
            return False

    def head(self, service: str) -> int:
        return int(self.sql(f"vt_{service}", "SELECT position FROM head"))

    def started(
        self, *arguments: str, into: int | IO[str] = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [DOCKER, "compose", "run", "--rm", "--no-deps", "-T", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=into,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kill(self, services: list[str]) -> None:
        """SIGKILL from outside, as the kernel does it: docker's own kill would not restart it."""
        ids = self.compose("ps", "--quiet", *services).split()
        states = json.loads(self.run(DOCKER, "inspect", *ids, within_s=60))
        for state in states:
            if pid := state["State"]["Pid"]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def restarts(self) -> dict[str, int]:
        ids = self.compose("ps", "--quiet", *VICTIMS).split()
        found = json.loads(self.run(DOCKER, "inspect", *ids, within_s=60))
        service = "com.docker.compose.service"
        return {each["Config"]["Labels"][service]: each["RestartCount"] for each in found}

    def down(self) -> None:
        self.compose("--profile", "season", "down", "--volumes", "--remove-orphans")


class Season:
    """Played on until it is over: a player that gave up while a service was away goes on."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._plays = 0
        self._deadline = time.monotonic() + PLAY_WITHIN_S
        self._player = installation.started("season")
        self.said = ""

    def over(self) -> bool:
        """Raises Failed."""
        if self._player.poll() is None:
            if time.monotonic() > self._deadline:
                self._player.kill()
                raise Failed(f"the season is not over after {PLAY_WITHIN_S:.0f} s")
            return False
        assert self._player.stdout is not None
        self.said = self._player.stdout.read()
        if self._player.returncode == 0:
            return True
        self._plays += 1
        say(f"player gave up ({self.said.strip().splitlines()[-1][:120]}): goes on")
        if self._plays > PLAYS_MAX:
            raise Failed(f"the season did not end: {self.said[-1_500:]}")
        self._player = self._installation.started("season")
        return False

    def to_its_end(self) -> None:
        while not self.over():
            time.sleep(1)

    def must_go_on(self, before: str) -> None:
        """Raises Failed: what happens after the season proves nothing."""
        if self.over():
            raise Failed(f"the season was over before {before}: too early for the trial")


class Subscriber:
    """Another program that reads the registry's topic, whatever happens meanwhile."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        # Not a pipe: nobody reads it until the end, and a full one would hold the program up.
        self._said = folder / "subscriber"
        with self._said.open("w") as into:
            self._process = installation.started("season", "python", "-c", SUBSCRIBER, into=into)

    def positions(self) -> list[int]:
        return [int(line) for line in self._said.read_text().split("\n")[:-1] if line.isdigit()]

    def position(self) -> int:
        """Raises Failed when it ended, or did not get position after position."""
        if self._process.poll() is not None:
            raise Failed(f"the subscriber ended: {self._said.read_text()[-500:]}")
        found = self.positions()
        if found != [*range(1, len(found) + 1)]:
            raise Failed("the subscriber missed records")
        return len(found)


def soon(what: str, holds: Callable[[], bool]) -> None:
    """Raises Failed when it does not come to hold."""
    deadline = time.monotonic() + SOON_S
    while not holds():
        if time.monotonic() > deadline:
            raise Failed(f"after {SOON_S:.0f} s still not so: {what}")
        time.sleep(1)


def trial(installation: Installation, folder: Path, facts: str | None) -> None:
    sh = ("sh", "deploy/compose/prepare")
    installation.run(*sh, within_s=300)
    installation.up()
    installation.found()
    subscriber = Subscriber(installation, folder)
    season = Season(installation)
    for victim in VICTIMS:
        time.sleep(PACE_S)
        season.must_go_on(f"{victim} was killed")
        say(f"kill {victim}")
        installation.kill([victim])
        if victim == BACKED_UP_AFTER:
            logs = back_up(installation, "logs")
    time.sleep(PACE_S)
    if gone := [name for name, restarts in installation.restarts().items() if not restarts]:
        raise Failed(f"not started again: {gone}")
    soon("PostgreSQL answers after it was killed", installation.database_answers)
    season.must_go_on("a database was lost")
    lose_and_restore(installation, logs)
    season.must_go_on("all were killed")
    say("kill all")
    installation.kill(VICTIMS)
    time.sleep(PACE_S)
    season.must_go_on("the upgrade")
    before = subscriber.position()
    say(f"upgrade; the subscriber is at {before}")
    installation.environment["VONGTAY_IMAGE"] = NEXT_IMAGE
    installation.up()
    see_that_it_is_upgraded(installation)
    season.must_go_on("the upgrade was done")
    season.to_its_end()
    ended = FACTS.findall(season.said)
    say(f"facts {ended}")
    see_that_it_read_on(subscriber, before, installation.head("registry"))
    stop_gracefully(installation)
    if facts is not None and ended != [facts]:
        raise Failed(f"facts {ended}, expected {facts}")


def back_up(installation: Installation, holds: str) -> str:
    """The folder of the set, as the containers see it."""
    made = installation.once(f"back-up-{holds}").split()[-1]
    say(f"{holds} backed up; {LOST} is at {installation.head(LOST)}")
    return made


def lose_and_restore(installation: Installation, logs: str) -> None:
    """As docs/restore.md says. Raises Failed."""
    database = f"vt_{LOST}"
    # What was acknowledged and never published does not come back: nothing is left unpublished.
    installation.compose("stop", f"{LOST}-web")
    published = "SELECT published = position FROM relay, head"
    soon("all is published", lambda: installation.sql(database, published) == "t")
    installation.compose("stop", f"{LOST}-worker")
    # No topic has a copy of a key: what is made after the last backup would be lost for ever.
    keys = back_up(installation, "keys")
    lost = installation.head(LOST)
    for each in (database, f"{database}_keys"):
        installation.sql("postgres", f"DROP DATABASE {each}")
    say(f"lost {LOST} at {lost}")

    installation.once("bring-in-keys", "/scripts/bring-in", "keys", keys, LOST)
    installation.once("bring-in-logs", "/scripts/bring-in", "logs", logs, LOST)
    brought_in = installation.head(LOST)
    if brought_in >= lost:
        raise Failed("the backup lacked nothing: there was no tail to fetch")
    for process in (f"{LOST}-web", f"{LOST}-worker"):
        see_that_it_refuses(installation, process)
    installation.once("migrate")
    restore = ("vongtay", "restore", LOST, "--log-keys", f"/keys/{LOST}.pub")
    say(installation.once("recover", *restore).strip())
    if (restored := installation.head(LOST)) != lost:
        raise Failed(f"restored up to {restored}, lost at {lost}")
    installation.up()


def see_that_it_refuses(installation: Installation, process: str) -> None:
    """Raises Failed unless the process ends by itself and says what to do."""
    starting = installation.started(process)
    try:
        said, _ = starting.communicate(timeout=SOON_S)
    except subprocess.TimeoutExpired:
        starting.kill()
        raise Failed(f"{process} started on a log as it came from a backup") from None
    if starting.returncode != 1 or f"vongtay restore {LOST}" not in said:
        raise Failed(f"{process} ended with {starting.returncode}: {said[-500:]}")


def see_that_it_is_upgraded(installation: Installation) -> None:
    """Raises Failed unless the new version's table is there, and its read model serves."""
    for service in SERVICES:
        table = "SELECT to_regclass('trial_next') IS NOT NULL"
        if installation.sql(f"vt_{service}_keys", table) != "t":
            raise Failed(f"the new version's table is not in the database of {service}")
    live = "SELECT DISTINCT version FROM consumers WHERE name = 'messages' AND status = 'live'"
    soon(
        "the new version of a read model serves",
        lambda: installation.sql("vt_notifications", live) == str(NEXT_VERSION),
    )


def see_that_it_read_on(subscriber: Subscriber, before: int, head: int) -> None:
    """Raises Failed unless the subscriber reads all of the log, some of it after the upgrade."""
    soon(f"the subscriber is at {head}", lambda: subscriber.position() >= head)
    say(f"the subscriber read {head} records of the registry, {head - before} after the upgrade")
    if head <= before:
        raise Failed("nothing was published after the upgrade: reading on was not seen")


def stop_gracefully(installation: Installation) -> None:
    installation.compose("stop", within_s=STOP_WITHIN_S)
    ids = installation.compose("ps", "--all", "--quiet", *PROCESSES).split()
    found = json.loads(installation.run(DOCKER, "inspect", *ids, within_s=60))
    codes = {each["Name"]: each["State"]["ExitCode"] for each in found}
    if any(codes.values()):
        raise Failed(f"did not end by themselves: {codes}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.compose_trial")
    parser.add_argument("--facts", help="the digest that the season must end with")
    facts = parser.parse_args().facts
    with tempfile.TemporaryDirectory(prefix="vongtay-trial-") as name:
        folder = Path(name)
        installation = Installation(folder)
        build = (DOCKER, "build", "--quiet", "--tag", NEXT_IMAGE, "-")
        installation.run(*build, within_s=300, given=NEXT)
        try:
            trial(installation, folder, facts)
        except Failed as error:
            say(f"FAILED: {error}")
            return 1
        finally:
            installation.down()
    say("nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
