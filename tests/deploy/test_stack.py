"""The stack leaves no process behind, loses nothing it should keep, runs only what is pinned."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.embedded import kafka_jars
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.stack import AlreadyRunning, DidNotStart, EmbeddedStack, temporary

GONE_WAIT_S = 20.0
ANY_PORTS = (0, 0)

HOLDS_A_STACK = """
import sys, time
from pathlib import Path
from deploy.embedded.stack import EmbeddedStack
with EmbeddedStack(Path(sys.argv[1]), wanted_ports=(0, 0)) as stack:
    print(*stack.process_ids.values(), flush=True)
    time.sleep(120)
"""

pytestmark = pytest.mark.stack


def family(process_ids: list[int]) -> list[psutil.Process]:
    found = []
    for process_id in process_ids:
        process = psutil.Process(process_id)
        found += [process, *process.children(recursive=True)]
    return found


def all_gone(processes: list[psutil.Process]) -> bool:
    _gone, alive = psutil.wait_procs(processes, GONE_WAIT_S)
    return not alive


@contextmanager
def another_program_with_a_stack(
    folder: Path,
) -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_STACK, str(folder)], stdout=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            children = family([int(each) for each in program.stdout.readline().split()])
            assert len(children) > len(("postgres", "kafka"))
            yield program, children
        finally:
            program.kill()


async def query(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def test_when_the_block_ends_nothing_is_left_and_a_taken_port_is_its_owners() -> None:
    with socket.socket() as one, socket.socket() as two:
        for owner in (one, two):
            owner.bind((LOOPBACK, 0))
            owner.listen()
        taken = (one.getsockname()[1], two.getsockname()[1])
        with temporary(taken) as stack:
            assert f":{taken[0]}/" not in stack.postgres
            assert not stack.kafka.brokers.endswith(f":{taken[1]}")
            processes = family(list(stack.process_ids.values()))
            assert all(process.is_running() for process in processes)
        assert all_gone(processes)


def test_an_error_leaves_nothing() -> None:
    processes = []

    def fail_in_the_middle() -> None:
        with temporary() as stack:
            processes.extend(family(list(stack.process_ids.values())))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail_in_the_middle()
    assert processes
    assert all_gone(processes)


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For all signals: each finds what the one before left."""
    return tmp_path_factory.mktemp("signals") / "run"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing(one_folder: Path, number: signal.Signals) -> None:
    with another_program_with_a_stack(one_folder) as (program, children):
        program.send_signal(number)
        assert program.wait(GONE_WAIT_S) != 0
        assert all_gone(children)


def test_killed_while_starting_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_A_STACK, str(folder)], stdout=subprocess.DEVNULL
    ) as program:
        starting: list[psutil.Process] = []
        deadline = time.monotonic() + GONE_WAIT_S
        while len(starting) < len(("postgres", "kafka")) and time.monotonic() < deadline:
            starting = psutil.Process(program.pid).children(recursive=True)
        assert len(starting) >= len(("postgres", "kafka"))
        os.kill(program.pid, signal.SIGKILL)
        assert all_gone(starting)
    with EmbeddedStack(folder, wanted_ports=ANY_PORTS) as again:
        assert asyncio.run(query(again.postgres, "SELECT 1")) == 1


def test_two_cannot_use_one_folder_and_what_is_kept_there_outlives_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with EmbeddedStack(folder, wanted_ports=ANY_PORTS) as stack:
        asyncio.run(query(stack.postgres, "CREATE TABLE kept AS SELECT 42 AS it"))
    with another_program_with_a_stack(folder) as (program, _children):
        with (
            pytest.raises(AlreadyRunning, match=str(program.pid)),
            EmbeddedStack(folder, wanted_ports=ANY_PORTS),
        ):
            pass
        assert program.poll() is None
        program.kill()
    with EmbeddedStack(folder, wanted_ports=ANY_PORTS) as stack:
        assert asyncio.run(query(stack.postgres, "SELECT it FROM kept")) == 42


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    data = tmp_path / "run" / "postgres" / "data"
    data.mkdir(parents=True)
    with (
        pytest.raises(DidNotStart, match="postgres ended"),
        EmbeddedStack(tmp_path / "run", wanted_ports=ANY_PORTS),
    ):
        pass


NOT_OURS_TO_USE = """
import sys
from pathlib import Path
from deploy.embedded.stack import DidNotStart, EmbeddedStack
try:
    with EmbeddedStack(Path(sys.argv[1]), wanted_ports=(0, 0)):
        pass
except DidNotStart as error:
    print(error)
"""


SETPRIV = shutil.which("setpriv")


@pytest.mark.skipif(
    os.geteuid() != 0 or SETPRIV is None, reason="needs root and setpriv, to take a right from it"
)
@pytest.mark.parametrize(
    ("withheld", "sentence"),
    [("-setuid", "root may not become another user here"), ("-chown", "to no other user")],
)
def test_what_root_may_not_do_here_is_said_in_a_sentence(
    tmp_path: Path, withheld: str, sentence: str
) -> None:
    asked = subprocess.run(
        [str(SETPRIV), "--bounding-set", withheld, sys.executable, "-c", NOT_OURS_TO_USE, tmp_path],
        capture_output=True,
        text=True,
        check=True,
    )
    assert sentence in asked.stdout
    assert "hãy chạy bằng người dùng thường" in asked.stdout
    assert "Traceback" not in asked.stdout


def test_a_changed_jar_is_refused_before_anything_starts(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    for jar in kafka_jars.pinned():
        (cache / jar.file_name).symlink_to(kafka_jars.CACHE / jar.file_name)
    changed = cache / kafka_jars.pinned()[0].file_name
    content = changed.read_bytes()
    changed.unlink()
    changed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    stack = EmbeddedStack(tmp_path / "run", wanted_ports=ANY_PORTS, cache=cache)
    with pytest.raises(kafka_jars.NotTheJarsWePinned, match=changed.name), stack:
        pass
    assert stack.process_ids == {}


def test_a_fetched_jar_with_other_bytes_is_not_kept(tmp_path: Path) -> None:
    small = min(kafka_jars.pinned(), key=lambda jar: jar.size_bytes)
    other = kafka_jars.Jar("0" * 64, small.size_bytes, small.coordinate)
    with pytest.raises(kafka_jars.NotTheJarsWePinned, match=small.sha256):
        kafka_jars.class_path(tmp_path, [other])
    assert not (tmp_path / other.file_name).exists()


def test_half_a_file_of_an_interrupted_fetch_is_fetched_again(tmp_path: Path) -> None:
    small = min(kafka_jars.pinned(), key=lambda jar: jar.size_bytes)
    group, artifact, version = small.coordinate.split(":")
    half = tmp_path / "incoming" / group.replace(".", "/") / artifact / version / small.file_name
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert kafka_jars.class_path(tmp_path, [small]) == str(tmp_path / small.file_name)
