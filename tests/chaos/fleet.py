"""The services' processes, kept running whatever is done to them, and what can be done to them."""

import asyncio
import signal
from collections import Counter
from dataclasses import dataclass, field, replace

import httpx

from console.supervisor import Process
from deploy.embedded.leash import Child, Program
from deploy.embedded.ports import LOOPBACK
from tests.chaos.ports import own

LOOK_INTERVAL_S = 0.1
UP_WITHIN_S = 120.0
STOP_WITHIN_S = 15.0


@dataclass(slots=True)
class Kept:
    """`fails_at`: the point at which it was told to die, and may not have met yet."""

    process: Process
    child: Child
    told_to_end: bool = False
    fails_at: str | None = None
    frozen: bool = False


@dataclass(slots=True)
class Fleet:
    """Use it in the main thread. `surprises`: who ended without having been told to.

    `met`: the fail points at which a process died, however late.
    """

    kept: dict[str, Kept] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)

    def start(self, processes: list[Process]) -> None:
        for process in processes:
            self.kept[process.name] = Kept(process, _start(process))

    def names(self, ending: str) -> list[str]:
        """Who is up and not frozen, by the end of the name: "-web", "-worker", "-second"."""
        return [
            name
            for name, each in self.kept.items()
            if name.endswith(ending) and not each.frozen and each.child.exit_code() is None
        ]

    async def keep_running(self) -> None:
        """Start again whatever has ended, until cancelled."""
        while True:
            for name, each in list(self.kept.items()):
                code = each.child.exit_code()
                if code is None:
                    continue
                if each.fails_at is not None and code == -signal.SIGKILL:
                    self.met[each.fails_at] += 1
                elif not each.told_to_end:
                    self.surprises.append(f"{name} ended by itself with {code}")
                self.kept[name] = Kept(each.process, _start(each.process))
            await asyncio.sleep(LOOK_INTERVAL_S)

    async def until_all_answer(self) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(UP_WITHIN_S), httpx.AsyncClient(timeout=5) as client:
            for each in self.kept.values():
                while not await _answers(client, each.process.answers_at):
                    await asyncio.sleep(LOOK_INTERVAL_S)

    def kill(self, name: str) -> None:
        self._end(name, signal.SIGKILL)

    def end(self, name: str) -> None:
        """As at a deployment: asked to end, started again."""
        self._end(name, signal.SIGTERM)

    def _end(self, name: str, number: int) -> None:
        each = self.kept[name]
        if each.child.exit_code() is not None:
            # What it ended of before is for whoever keeps it running to judge.
            return
        each.told_to_end, each.fails_at = True, None
        each.child.signal(number)

    async def fail_at(self, name: str, point: str, times: int, within_s: float) -> bool:
        """Start it again so that it dies at a point; return whether it came by in time.

        It goes on with its order, and may still meet it later.
        """
        each = self.kept[name]
        self.kill(name)
        each.child.stop([])
        told = replace(
            each.process,
            environment=each.process.environment | {"VONGTAY_FAIL_AT": f"{point}:{times}"},
        )
        child = _start(told)
        self.kept[name] = Kept(each.process, child, fails_at=point)
        deadline = asyncio.get_running_loop().time() + within_s
        while child.exit_code() is None and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_INTERVAL_S)
        return child.exit_code() == -signal.SIGKILL

    def freeze(self, name: str) -> None:
        self.kept[name].frozen = True
        self.kept[name].child.signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        self.kept[name].child.signal(signal.SIGCONT)
        self.kept[name].frozen = False

    def start_second(self, worker: str) -> bool:
        """A second worker beside the first; False if there is one. Once started it stays."""
        name = f"{worker.removesuffix('-worker')}-second"
        if name in self.kept:
            return False
        first = self.kept[worker].process
        (port,) = own(1)
        second = replace(
            first,
            name=name,
            environment=first.environment | {"VONGTAY_HEALTH_PORT": str(port)},
            log=first.log.with_name(f"{name}.log"),
            answers_at=f"http://{LOOPBACK}:{port}/healthz",
        )
        self.start([second])
        return True

    def second_workers(self) -> list[str]:
        """Where they say how it goes, whether they run now or not."""
        seconds = (each.process for name, each in self.kept.items() if name.endswith("-second"))
        return [each.answers_at.removesuffix("/healthz") for each in seconds]

    def stop(self) -> None:
        for each in self.kept.values():
            each.child.signal(signal.SIGCONT)
            each.child.signal(signal.SIGTERM)
        for each in self.kept.values():
            each.child.stop([(signal.SIGTERM, STOP_WITHIN_S)])


def _start(process: Process) -> Child:
    with process.log.open("ab") as log:
        return Child(Program(process.command), log, process.environment)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
