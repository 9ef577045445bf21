"""`up` without the services, which have tests of their own: how it starts, speaks and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from console.addresses import Addresses, load
from console.run_folder import RunFolder
from deploy.embedded.ports import LOOPBACK

pytestmark = pytest.mark.stack

GONE_WAIT_S = 30.0

UP = """
import asyncio, json, sys
from pathlib import Path
from console import up
from console.run_folder import RunFolder
from deploy.embedded.ports import choose
from deploy.embedded.stack import EmbeddedStack
up.SERVICES = ()
# Others on this machine may have the usual ones: another installation, say.
up.WANTED_PORTS |= {name: choose() for name in up.WANTED_PORTS} | json.loads(sys.argv[2])
run = RunFolder(Path(sys.argv[1]))
with EmbeddedStack(run.path, fresh="fresh" in sys.argv, wanted_ports=(0, 0)) as stack:
    asyncio.run(up.stay(run, stack))
"""


@dataclass(frozen=True, slots=True)
class Start:
    """What one start said and had, and what was left of it when a signal had ended it."""

    said: list[str]
    addresses: Addresses
    keys: object
    answers: bool
    parts: str
    left: list[psutil.Process]


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> list[Start]:
    """Three in one folder, each ended by another signal; the last one is fresh.

    Before the first another program has the issuer's port.
    """
    run = RunFolder(tmp_path_factory.mktemp("up") / "run")
    with socket.socket() as owner:
        owner.bind((LOOPBACK, 0))
        owner.listen()
        taken = owner.getsockname()[1]
        first = started(run, signal.SIGINT, wanted_ports={"issuer": taken})
    assert any(f"port {taken} is taken" in line for line in first.said)
    assert first.addresses.issuer != f"http://{LOOPBACK}:{taken}"
    return [first, started(run, signal.SIGTERM), started(run, signal.SIGKILL, "fresh")]


def started(
    run: RunFolder,
    number: signal.Signals,
    *arguments: str,
    wanted_ports: dict[str, int] | None = None,
) -> Start:
    with running(run.path, *arguments, wanted_ports=wanted_ports) as (program, said):
        tree = psutil.Process(program.pid).children(recursive=True)
        addresses = load(run.addresses)
        keys = httpx.get(f"{addresses.issuer}/jwks.json")
        mail = httpx.get(f"{addresses.mail}/healthz")
        parts = " ".join(" ".join(each.cmdline()) for each in tree)
        program.send_signal(number)
        program.wait(GONE_WAIT_S)
        _gone, left = psutil.wait_procs(tree, GONE_WAIT_S)
    return Start(said, addresses, keys.json(), keys.is_success and mail.is_success, parts, left)


@contextmanager
def running(
    folder: Path, *arguments: str, wanted_ports: dict[str, int] | None = None
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    with subprocess.Popen(
        [sys.executable, "-c", UP, str(folder), json.dumps(wanted_ports or {}), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as program:
        said: list[str] = []
        try:
            assert program.stdout is not None
            for line in program.stdout:
                said.append(line)
                if "Ctrl-C" in line:
                    break
            assert "Ctrl-C" in said[-1]
            yield program, said
        finally:
            tree = psutil.Process(program.pid).children(recursive=True) if _runs(program) else []
            program.kill()
            psutil.wait_procs(tree, GONE_WAIT_S)


def _runs(program: subprocess.Popen[str]) -> bool:
    return program.poll() is None


def test_a_taken_port_is_left_alone_and_it_is_said(starts: list[Start]) -> None:
    """As the starts saw: whoever has it keeps it, and the next one takes what it likes."""
    assert ["is taken" in "".join(each.said) for each in starts] == [True, False, False]


def test_whatever_ends_it_no_process_is_left(starts: list[Start]) -> None:
    for each in starts:
        assert all(part in each.parts for part in ("postgres", "java", "issuer", "mail_sink"))
        assert each.left == []


def test_it_says_where_things_are_and_they_are_there(starts: list[Start]) -> None:
    for each in starts:
        assert any(each.addresses.issuer in line for line in each.said)
        assert each.answers


def test_started_again_it_keeps_its_keys_and_fresh_it_forgets_them(starts: list[Start]) -> None:
    first, again, fresh = (each.keys for each in starts)
    assert again == first
    assert fresh != first
