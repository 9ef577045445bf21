"""`up` without the services, which have tests of their own: how it starts, speaks and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from console.addresses import load
from console.run_folder import RunFolder
from deploy.embedded.ports import LOOPBACK

pytestmark = [pytest.mark.stack, pytest.mark.alone]

GONE_WAIT_S = 30.0

UP = """
import asyncio, json, sys
from pathlib import Path
from console import up
from console.run_folder import RunFolder
from deploy.embedded.stack import EmbeddedStack
up.SERVICES = ()
up.WANTED_PORTS |= json.loads(sys.argv[2])
run = RunFolder(Path(sys.argv[1]))
with EmbeddedStack(run.path, fresh="fresh" in sys.argv, wanted_ports=(0, 0)) as stack:
    asyncio.run(up.stay(run, stack))
"""


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_no_process_is_left(tmp_path: Path, number: signal.Signals) -> None:
    run = RunFolder(tmp_path / "run")
    with running(run.path) as (program, _said):
        tree = psutil.Process(program.pid).children(recursive=True)
        commands = " ".join(" ".join(each.cmdline()) for each in tree)
        assert all(part in commands for part in ("postgres", "java", "issuer", "mail_sink"))
        program.send_signal(number)
        program.wait(GONE_WAIT_S)
        _gone, alive = psutil.wait_procs(tree, GONE_WAIT_S)
        assert alive == []


def test_it_says_where_things_are_and_they_are_there(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    with running(run.path) as (_program, said):
        addresses = load(run.addresses)
        assert any(addresses.issuer in line for line in said)
        assert httpx.get(f"{addresses.issuer}/jwks.json").is_success
        assert httpx.get(f"{addresses.mail}/healthz").is_success


def test_a_taken_port_is_left_alone_and_it_is_said(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    with socket.socket() as owner:
        owner.bind((LOOPBACK, 0))
        owner.listen()
        taken = owner.getsockname()[1]
        with running(run.path, wanted_ports={"issuer": taken}) as (_program, said):
            assert any(f"port {taken} is taken" in line for line in said)
            assert load(run.addresses).issuer != f"http://{LOOPBACK}:{taken}"


def test_started_again_it_keeps_its_keys_and_fresh_it_forgets_them(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")

    def published(*arguments: str) -> object:
        with running(run.path, *arguments) as (program, _said):
            keys = httpx.get(f"{load(run.addresses).issuer}/jwks.json").json()
            program.send_signal(signal.SIGINT)
            program.wait(GONE_WAIT_S)
        return keys

    first = published()
    assert published() == first
    assert published("fresh") != first
