"""`python -m tests.deploy.compose_trial`: a season in containers, all of them killed meanwhile.

Each container's first process is killed in turn while the season is played, then all at once, then
a newer image takes over the same data while a subscriber reads on. The season must end proven, with
the facts that it has without any of this (given by --facts: what `make demo` prints at its end).
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
from pathlib import Path
from shutil import which

PROJECT = Path(__file__).parents[2]
DOCKER = which("docker") or "docker"
IMAGE, NEXT_IMAGE = "vongtay:latest", "vongtay:trial-next"
FACTS = re.compile(r"SHA-256 ([0-9a-f]{64})")
PLAYS_MAX = 40
PLAY_WITHIN_S = 1_800.0
UP_WITHIN_S = 600
STOP_WITHIN_S = 120
PACE_S = 8.0

PROCESSES = [
    f"{service}-{kind}"
    for service in ("registry", "donations", "allocation", "notifications", "portal")
    for kind in ("worker", "web")
]
VICTIMS = [*PROCESSES, "kafka", "postgres"]

# A table more, and a read model to build again, as a version that comes later would have.
NEXT = f"""
FROM {IMAGE}
USER 0
RUN printf '%s\\n' '-- A step of a later version' '-- depends: keys-0001-tables' '' \\
        '-- migrate: apply' 'CREATE TABLE trial_next (a int);' '' \\
        '-- migrate: rollback' 'DROP TABLE trial_next;' \\
        > /app/eventing/key_migrations/keys-9999-trial.sql \\
    && cd /app/services/notifications/read_models \\
    && sed -i 's/^    version=2,/    version=99,/' messages.py \\
    && grep -q 'version=99' messages.py \\
    && python -m compileall -q -f --invalidation-mode unchecked-hash .
USER 10001:10001
"""

FOUNDING = (
    "from console.season.people import KEEPER; from console.season.pack import Pack;"
    ' print(KEEPER, "--unit", Pack().city_id)'
)
SUBSCRIBER = """
import asyncio
from aiokafka.errors import KafkaError
from eventing.kafka_source import KafkaSource

async def main():
    source, read = KafkaSource("registry", "kafka:9092"), 0
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
                "COMPOSE_FILE": "docker-compose.yml:deploy/compose/development.yml",
                "COMPOSE_PROGRESS": "quiet",
            }
        )

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
        keeper = self.compose("run", "--rm", "--no-deps", "-T", "season", "python", "-c", FOUNDING)
        registry = ("run", "--rm", "--no-deps", "-T", "registry-web", "vongtay")
        history = "programmes/hanoi-3874/history/registry.ndjson"
        self.compose(*registry, "take-over", history)
        self.compose(*registry, "keeper", *keeper.split(), given="Người quản trị (minh hoạ)\n")

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [DOCKER, "compose", "run", "--rm", "--no-deps", "-T", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
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


def trial(installation: Installation, facts: str | None) -> None:
    sh = ("sh", "deploy/compose/prepare")
    installation.run(*sh, within_s=300)
    installation.up()
    installation.found()
    subscriber = installation.started("season", "python", "-c", SUBSCRIBER)
    season = Season(installation)
    for victim in VICTIMS:
        time.sleep(PACE_S)
        say(f"kill {victim}")
        installation.kill([victim])
        if season.over():
            raise Failed("the season was over too early for the trial: nothing was killed in it")
    time.sleep(PACE_S)
    if gone := [name for name, restarts in installation.restarts().items() if not restarts]:
        raise Failed(f"not started again: {gone}")
    say("kill all")
    installation.kill(VICTIMS)
    time.sleep(PACE_S)
    say("upgrade")
    installation.environment["VONGTAY_IMAGE"] = NEXT_IMAGE
    installation.up()
    season.to_its_end()
    ended = FACTS.findall(season.said)
    say(f"facts {ended}")
    _see_that_it_read_all(subscriber)
    _stop_gracefully(installation)
    if facts is not None and ended != [facts]:
        raise Failed(f"facts {ended}, expected {facts}")


def _see_that_it_read_all(subscriber: subprocess.Popen[str]) -> None:
    """Raises Failed when the subscriber ended, or did not get position after position."""
    if subscriber.poll() is not None:
        raise Failed("the subscriber did not outlive the upgrade")
    subscriber.kill()
    said, _ = subscriber.communicate()
    positions = [int(line) for line in said.split() if line.isdigit()]
    say(f"the subscriber read {len(positions)} records of the registry")
    if not positions or positions != [*range(1, len(positions) + 1)]:
        raise Failed("the subscriber missed records")


def _stop_gracefully(installation: Installation) -> None:
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
        installation = Installation(Path(name))
        build = (DOCKER, "build", "--quiet", "--tag", NEXT_IMAGE, "-")
        installation.run(*build, within_s=300, given=NEXT)
        try:
            trial(installation, facts)
        except Failed as error:
            say(f"FAILED: {error}")
            return 1
        finally:
            installation.down()
    say("nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
