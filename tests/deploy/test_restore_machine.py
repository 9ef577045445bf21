"""deploy/backup/restore-machine: what it asks of Docker, in which order, and when it stops."""

import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "deploy" / "backup" / "restore-machine"
SERVICES = ("registry", "donations", "allocation", "notifications", "portal")


@pytest.fixture
def run(tmp_path):
    """Runs the script with a `docker` that only notes what it is asked, and may refuse some."""
    asked = tmp_path / "asked"
    docker = tmp_path / "docker"
    docker.write_text(
        f'#!/bin/sh\necho "$*" >>{asked}\ncase "$*" in *"$REFUSES"*) exit 1 ;; esac\n'
    )
    docker.chmod(0o755)

    def ran(*arguments, refuses="nothing"):
        ended = subprocess.run(
            ["/bin/sh", str(SCRIPT), *arguments],
            env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REFUSES": refuses},
            capture_output=True,
            check=False,
            timeout=60,
        )
        lines = asked.read_text().splitlines() if asked.exists() else []
        files = "compose -f docker-compose.yml -f deploy/backup/compose.yml "
        assert all(line.startswith(files) for line in lines)
        return ended.returncode, [line.removeprefix(files) for line in lines]

    return ran


def test_it_stops_all_brings_all_in_and_starts_all(run):
    code, asked = run("LOGS", "KEYS", "--kafka-is-lost")
    assert code == 0
    assert [line.partition(" -")[0] for line in asked[:2]] == ["stop", "up"]
    assert asked[1].endswith("--wait postgres kafka")
    assert asked[2] == "run --rm migrate"
    assert asked[3:-2] == [
        f"run --rm bring-in-{what} /scripts/bring-in {what} /backups/{what.upper()} {service}"
        for service in SERVICES
        for what in ("logs", "keys")
    ]
    assert asked[-2] == (
        "run --rm recover vongtay restore-machine --log-keys /keys --kafka-is-lost"
    )
    assert asked[-1] == "up --detach --wait"


@pytest.mark.parametrize("refuses", ["migrate", "KEYS donations", "recover"])
def test_after_what_fails_nothing_is_started(run, refuses):
    code, asked = run("LOGS", "KEYS", refuses=refuses)
    assert code == 1
    assert refuses in asked[-1]


def test_without_two_sets_it_says_how_it_is_used(run):
    assert run("LOGS") == (2, [])


def test_all_services_are_named():
    (named,) = re.findall(r"for service in (.*); do", SCRIPT.read_text())
    assert tuple(named.split()) == SERVICES
