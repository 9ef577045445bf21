"""A process that dies comes back a bounded number of times, and none outlives its supervisor."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from console import supervisor as supervision
from console.supervisor import GaveUp, Process, Supervisor
from deploy.embedded.ports import LOOPBACK, choose

GONE_WAIT_S = 15.0

SERVES = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Fine(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Fine).serve_forever()
"""
ENDS = "print('cannot go on'); raise SystemExit(7)"
SUPERVISES = """
import os, sys, time
from pathlib import Path
from console.supervisor import Process, Supervisor
supervisor = Supervisor(print)
command = [sys.executable, "-c", "import time; time.sleep(120)"]
supervisor.start([Process("sleeper", command, dict(os.environ), Path(sys.argv[1]), "")])
print(*supervisor.process_ids.values(), flush=True)
time.sleep(120)
"""


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def supervisor(said: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "RESTART_DELAY_S", 0.01)


def process(folder: Path, code: str) -> Process:
    port = choose()
    return Process(
        name="example",
        command=[sys.executable, "-c", code, str(port)],
        environment=dict(os.environ),
        log=folder / "example.log",
        answers_at=f"http://{LOOPBACK}:{port}/",
    )


async def test_a_process_that_was_killed_comes_back_and_it_is_said(
    supervisor: Supervisor, said: list[str], tmp_path: Path, impatient: None
) -> None:
    supervisor.start([process(tmp_path, SERVES)])
    await supervisor.until_all_answer()
    first = supervisor.process_ids["example"]
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + GONE_WAIT_S
    while supervisor.process_ids["example"] == first and time.monotonic() < deadline:
        supervisor.look()
        await asyncio.sleep(0.01)
    await supervisor.until_all_answer()
    assert supervisor.process_ids["example"] != first
    assert len(said) == 1
    assert said[0].startswith("example")


async def test_what_keeps_ending_is_given_up_with_its_last_words(
    supervisor: Supervisor, said: list[str], tmp_path: Path, impatient: None
) -> None:
    supervisor.start([process(tmp_path, ENDS)])
    with pytest.raises(GaveUp, match="cannot go on"):
        await asyncio.wait_for(supervisor.watch(), GONE_WAIT_S)
    assert len(said) == supervision.RESTARTS_MAX


async def test_what_never_answers_is_given_up(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "START_WAIT_S", 0.3)
    supervisor.start([process(tmp_path, "import time; time.sleep(60)")])
    with pytest.raises(GaveUp, match="example does not answer"):
        await supervisor.until_all_answer()


async def test_stop_ends_also_what_does_not_listen(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "STOP_WAIT_S", 0.5)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(60)"
    )
    supervisor.start([process(tmp_path, deaf)])
    while b"deaf" not in (tmp_path / "example.log").read_bytes():
        await asyncio.sleep(0.01)
    running = psutil.Process(supervisor.process_ids["example"])
    supervisor.stop()
    assert not running.is_running()


@pytest.fixture
def supervising_program(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISES, str(tmp_path / "log")],
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program
        program.kill()


def test_a_killed_supervisor_takes_its_processes_along(
    supervising_program: subprocess.Popen[str],
) -> None:
    assert supervising_program.stdout is not None
    child = psutil.Process(int(supervising_program.stdout.readline()))
    assert child.is_running()
    supervising_program.kill()
    child.wait(GONE_WAIT_S)
