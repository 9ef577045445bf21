"""PostgreSQL and Kafka together: both started, both answering, and both gone when we are.

`with EmbeddedStack(folder) as stack:` keeps its data in the folder; `temporary()` forgets them.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, NoReturn, Protocol, Self

from deploy.embedded import kafka_jars, ports
from deploy.embedded.kafka import Kafka
from deploy.embedded.leash import Child
from deploy.embedded.postgres import Postgres
from eventing.kafka_access import KafkaAccess

POSTGRES_PORT = 54320
KAFKA_PORT = 19092
START_WAIT_S = 90.0
START_TRIES_MAX = 3
PREDECESSOR_WAIT_S = 15.0
END_WAIT_S = 30.0
POLL_INTERVAL_S = 0.1
LAST_WORDS_BYTES = 2_000


class AlreadyRunning(Exception):
    """Another process uses this folder. It was left alone."""


class DidNotStart(Exception):
    """A server ended, or did not answer in time. The message ends with its last words."""


class Server(Protocol):
    name: ClassVar[str]
    stop_signals: ClassVar[list[tuple[int, float]]]

    def start(self, wanted_port: int) -> tuple[Child, int]: ...
    def address(self, port: int) -> str: ...
    async def answers(self, address: str) -> bool: ...


@dataclass(slots=True)
class Running:
    server: Server
    child: Child
    port: int
    tries: int = 1

    @property
    def address(self) -> str:
        return self.server.address(self.port)


class EmbeddedStack:
    """Enter it in the main thread. Ports: the wanted ones (0 is any) if free, else others.

    `fresh` first forgets everything that the folder holds, all or (after a kill) at the next start.
    Raises AlreadyRunning, DidNotStart, kafka_jars.NotTheJarsWePinned.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durable: bool = True,
        fresh: bool = False,
        wanted_ports: tuple[int, int] = (POSTGRES_PORT, KAFKA_PORT),
        cache: Path = kafka_jars.CACHE,
    ) -> None:
        self._folder = folder.absolute()
        self._durable = durable
        self._fresh = fresh
        self._wanted_ports = wanted_ports
        self._cache = cache.absolute()
        self._running: dict[str, Running] = {}
        self._said_before: dict[str, int] = {}
        self._open = ExitStack()

    @property
    def postgres(self) -> str:
        """The superuser's DSN."""
        return self._running["postgres"].address

    @property
    def kafka(self) -> KafkaAccess:
        """The broker, and its administrator."""
        running = self._running["kafka"]
        assert isinstance(running.server, Kafka), "that is what runs under this name"
        return running.server.access(running.address)

    @property
    def process_ids(self) -> dict[str, int]:
        return {name: running.child.pid for name, running in self._running.items()}

    def died(self) -> str | None:
        """Name a server that has ended by itself, if any."""
        for name, running in self._running.items():
            if running.child.exit_code() is not None:
                return name
        return None

    def end(self, name: str, number: int) -> None:
        """Send a server a signal and wait until it is gone, as after a crash or for a restart."""
        self._running[name].child.stop([(number, END_WAIT_S)])

    def start_again(self, name: str) -> None:
        """Start a server that has ended, on its port, from the main thread. Returns at once."""
        running = self._running[name]
        if running.child.exit_code() is not None:
            running.child, running.port = running.server.start(running.port)
            running.tries = 1

    def wait_until_it_answers(self, name: str) -> None:
        """Raises DidNotStart."""
        deadline = time.monotonic() + START_WAIT_S
        while not _answers(self._running[name]):
            if time.monotonic() > deadline:
                self._did_not_start(self._running[name], f"did not answer in {START_WAIT_S:.0f} s")
            time.sleep(POLL_INTERVAL_S)

    def __enter__(self) -> Self:
        try:
            self._open.enter_context(terminated_is_an_exit())
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        held = (self._hold_the_folder().fileno(),)
        self._forget_if_asked()
        for name in ("postgres", "kafka", "logs"):
            (self._folder / name).mkdir(exist_ok=True)
        class_path = kafka_jars.class_path(self._cache)
        servers: list[Server] = [
            Postgres(self._folder / "postgres", self._log("postgres"), held, self._durable),
            Kafka(self._folder / "kafka", self._log("kafka"), class_path, held),
        ]
        for server, wanted_port in zip(servers, self._wanted_ports, strict=True):
            child, port = server.start(wanted_port)
            self._running[server.name] = Running(server, child, port)
        self._wait_until_both_answer()

    def _wait_until_both_answer(self) -> None:
        deadline = time.monotonic() + START_WAIT_S
        silent = list(self._running.values())
        while silent:
            for running in silent:
                self._see_that_it_runs(running)
            silent = [running for running in silent if not _answers(running)]
            if silent and time.monotonic() > deadline:
                self._did_not_start(silent[0], f"did not answer in {START_WAIT_S:.0f} s")
            time.sleep(POLL_INTERVAL_S if silent else 0)

    def _see_that_it_runs(self, running: Running) -> None:
        if running.child.exit_code() is None:
            return
        # Between our look and its start another program may have taken the port.
        if running.tries == START_TRIES_MAX or ports.is_free(running.port):
            self._did_not_start(running, f"ended with {running.child.exit_code()}")
        running.child, running.port = running.server.start(0)
        running.tries += 1

    def _did_not_start(self, running: Running, what: str) -> NoReturn:
        name = running.server.name
        log = self._log_path(name)
        said = log.read_bytes()[self._said_before[name] :]
        last_words = said[-LAST_WORDS_BYTES:].decode(errors="replace").strip()
        raise DidNotStart(f"{name} không khởi động được · {name} {what}. {log}:\n{last_words}")

    def _hold_the_folder(self) -> IO[str]:
        """Take the lock that the servers inherit, so it is free only when all of them are gone."""
        lock = self._open.enter_context((self._folder / "lock").open("a+"))
        deadline = time.monotonic() + PREDECESSOR_WAIT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip()
                # The servers of an owner that was killed are just ending.
                if _is_alive(owner) or time.monotonic() > deadline:
                    raise AlreadyRunning(f"process {owner} uses {self._folder}") from None
                time.sleep(POLL_INTERVAL_S)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def _forget_if_asked(self) -> None:
        asked = self._folder / "forget"
        if self._fresh:
            asked.touch()
        if not asked.exists():
            return
        # The mark goes last: a kill in between must not leave a broker without its database.
        for entry in self._folder.iterdir():
            if entry.name not in {"forget", "lock"}:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        asked.unlink()

    def _log_path(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _log(self, name: str) -> IO[bytes]:
        log = self._open.enter_context(self._log_path(name).open("ab"))
        self._said_before[name] = log.tell()
        return log

    def _stop(self) -> None:
        try:
            for running in self._running.values():
                running.child.signal(running.server.stop_signals[0][0])
            for running in self._running.values():
                running.child.stop(running.server.stop_signals)
        finally:
            self._running.clear()
            self._open.close()


@contextmanager
def temporary(wanted_ports: tuple[int, int] = (0, 0)) -> Iterator[EmbeddedStack]:
    """Give a stack whose data are gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="vongtay-", ignore_cleanup_errors=True) as name,
        EmbeddedStack(Path(name), durable=False, wanted_ports=wanted_ports) as stack,
    ):
        yield stack


@contextmanager
def terminated_is_an_exit() -> Iterator[None]:
    """Let SIGTERM and a closed terminal unwind the program, as Ctrl-C does."""

    def leave(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGHUP)
    ours = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


def _answers(running: Running) -> bool:
    # A free port: nobody listens yet, and a client library would complain in the log.
    if ports.is_free(running.port):
        return False
    return _wait_for(running.server.answers(running.address))


def _wait_for(question: Coroutine[Any, Any, bool]) -> bool:
    # In a thread, since the caller may be inside an event loop of its own (a test, say).
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, question).result()


def _is_alive(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
