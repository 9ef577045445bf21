"""Keeps processes running: one that dies is started again a few times, and it is said aloud."""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.embedded.leash import Child, Program

RESTARTS_MAX = 3
RESTART_DELAY_S = 1.0
STEADY_S = 60.0
LAST_WORDS_BYTES = 1_500
START_WAIT_S = 90.0
STOP_WAIT_S = 15.0
POLL_INTERVAL_S = 0.1


class GaveUp(Exception):
    """A process could not be kept running. The message says which, and ends with its log's end."""


@dataclass(frozen=True, slots=True)
class Process:
    """`answers_at` gives 200 when it is up."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    answers_at: str


@dataclass(slots=True)
class Supervised:
    process: Process
    child: Child
    started_at: float
    restarts: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Use it in the main thread; `stop` is always to be called."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._supervised: list[Supervised] = []

    @property
    def process_ids(self) -> dict[str, int]:
        return {each.process.name: each.child.pid for each in self._supervised}

    def start(self, processes: list[Process]) -> None:
        for process in processes:
            self._supervised.append(Supervised(process, _start(process), time.monotonic()))

    async def until_all_answer(self) -> None:
        """Raises GaveUp."""
        deadline = time.monotonic() + START_WAIT_S
        silent = [each.process for each in self._supervised]
        async with httpx.AsyncClient(timeout=5) as client:
            while silent:
                self.look()
                answers = await asyncio.gather(*(_answers(client, each) for each in silent))
                silent = [each for each, yes in zip(silent, answers, strict=True) if not yes]
                if silent and time.monotonic() > deadline:
                    raise GaveUp(_last_words(silent[0], "does not answer"))
                await asyncio.sleep(POLL_INTERVAL_S if silent else 0)

    async def watch(self) -> None:
        """Run until cancelled. Raises GaveUp."""
        while True:
            self.look()
            await asyncio.sleep(POLL_INTERVAL_S)

    def look(self) -> None:
        """Start again what has died. Raises GaveUp."""
        for each in self._supervised:
            exit_code = each.child.exit_code()
            if exit_code is None:
                continue
            if each.start_again_at is None:
                self._plan_restart(each, exit_code)
            elif time.monotonic() >= each.start_again_at:
                each.child, each.started_at = _start(each.process), time.monotonic()
                each.start_again_at = None

    def _plan_restart(self, each: Supervised, exit_code: int) -> None:
        if time.monotonic() - each.started_at > STEADY_S:
            each.restarts = 0
        if each.restarts == RESTARTS_MAX:
            raise GaveUp(_last_words(each.process, "keeps ending"))
        each.restarts += 1
        # Longer each time, so that what it waits for can come back.
        each.start_again_at = time.monotonic() + RESTART_DELAY_S * each.restarts
        self._say(
            f"{each.process.name} đã dừng ({exit_code}), khởi động lại "
            f"{each.restarts}/{RESTARTS_MAX} · ended, is started again"
        )

    def stop(self) -> None:
        """Ask all to end, together; after a bounded wait, end them."""
        for each in self._supervised:
            each.child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WAIT_S
        for each in self._supervised:
            each.child.stop([(signal.SIGTERM, max(0.1, deadline - time.monotonic()))])
        self._supervised.clear()


def _start(process: Process) -> Child:
    with process.log.open("ab") as log:
        return Child(Program(process.command), log, process.environment)


def _last_words(process: Process, what: str) -> str:
    said = process.log.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace").strip()
    return f"{process.name} {what}. The end of {process.log}:\n{said}"


async def _answers(client: httpx.AsyncClient, process: Process) -> bool:
    try:
        return (await client.get(process.answers_at)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
