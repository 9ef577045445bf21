"""Where trials take place: one durable PostgreSQL and one Kafka, a new log for each who asks."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import asyncpg
import psutil

from console.databases import Databases, prepare
from console.run_folder import RunFolder
from deploy.embedded.stack import EmbeddedStack

WAIT_MAX_S = 900.0
POLL_INTERVAL_S = 0.01
GONE_WITHIN_S = 60.0

Trial = Callable[[], Awaitable[float]]
_numbers = count(1)


@dataclass(slots=True)
class Ground:
    """`seconds` is how long a trial of speed lasts, `rounds` how often each has its turn."""

    stack: EmbeddedStack
    run: RunFolder
    quick: bool
    made: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return 0.5 if self.quick else 4.0

    @property
    def rounds(self) -> int:
        return 1 if self.quick else 3

    def size(self, full: int) -> int:
        """How many events: a hundredth will do where only the machinery is looked at."""
        return max(100, full // 100) if self.quick else full

    async def new_log(self, service: str | None = None) -> Databases:
        """An empty, migrated log: a service's, which a part has once, or one of a name of its own.

        Raises DidNotMigrate.
        """
        name = service or f"bench{next(_numbers)}"
        self.made.append(name)
        made = await prepare(self.stack.postgres, (name,), self.run)
        return made[name]

    async def forget_logs(self) -> None:
        """Drop what the part before has made, and write out what the server still holds back."""
        connection = await asyncpg.connect(self.stack.postgres)
        try:
            for name in self.made:
                for database in (f"vt_{name}", f"vt_{name}_keys"):
                    await connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            self.made.clear()
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()
        await self._forget_topics()

    async def _forget_topics(self) -> None:
        admin = self.stack.kafka.admin()
        await admin.start()
        try:
            ours = [name for name in await admin.list_topics() if name.startswith("vongtay.")]
            await admin.delete_topics(ours)
            async with asyncio.timeout(GONE_WITHIN_S):
                while any(name in ours for name in await admin.list_topics()):
                    await asyncio.sleep(POLL_INTERVAL_S)
        finally:
            await admin.close()

    async def checkpoint(self) -> None:
        connection = await asyncpg.connect(self.stack.postgres)
        await connection.execute("CHECKPOINT")
        await connection.close()

    async def interleaved(
        self, trials: Mapping[str, Trial], rounds: int | None = None
    ) -> dict[str, list[float]]:
        """Give each its turn, again and again, so that a slow minute is slow for all of them."""
        values: dict[str, list[float]] = {name: [] for name in trials}
        for _ in range(rounds or self.rounds):
            for name, trial in trials.items():
                await self.checkpoint()
                values[name].append(await trial())
        return values


@dataclass(slots=True)
class Cpu:
    """CPU seconds used meanwhile: by this process, by PostgreSQL, by the broker."""

    ours: float = 0.0
    postgres: float = 0.0
    kafka: float = 0.0


@contextmanager
def cpu_used(ground: Ground) -> Iterator[Cpu]:
    before, used = _cpu(ground), Cpu()
    yield used
    after = _cpu(ground)
    used.ours = after.ours - before.ours
    used.postgres = after.postgres - before.postgres
    used.kafka = after.kafka - before.kafka


def program(pid: int) -> psutil.Process:
    """The program itself, where a leash stays as its parent."""
    leash = psutil.Process(pid)
    return next(iter(leash.children()), leash)


def cpu_of(pid: int) -> float:
    """The CPU seconds that one of our programs has used so far."""
    times = program(pid).cpu_times()
    return times.user + times.system


def memory_of(ground: Ground, server: str) -> int:
    """Bytes that a server and its children hold; of what they share, each one's part."""
    parent = psutil.Process(ground.stack.process_ids[server])
    held = 0
    for process in (parent, *parent.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            known = process.memory_full_info()
            # Only Linux tells parts: elsewhere what is shared counts again and again.
            held += getattr(known, "pss", 0) or known.rss
    return int(held)


def _cpu(ground: Ground) -> Cpu:
    pids = ground.stack.process_ids
    return Cpu(time.process_time(), _with_children(pids["postgres"]), _with_children(pids["kafka"]))


def _with_children(pid: int) -> float:
    parent = psutil.Process(pid)
    # Of children that have ended, the parent knows.
    ended = parent.cpu_times()
    total = ended.children_user + ended.children_system
    for process in (parent, *parent.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


@asynccontextmanager
async def pool(
    dsn: str, size: int = 8, *, all_open: bool = False
) -> "AsyncIterator[asyncpg.Pool[Any]]":
    least = size if all_open else 1
    async with asyncpg.create_pool(dsn, min_size=least, max_size=size) as opened:
        yield opened


async def until(arrived: Callable[[], Awaitable[bool]]) -> None:
    """Raises TimeoutError after a quarter of an hour."""
    async with asyncio.timeout(WAIT_MAX_S):
        while not await arrived():
            await asyncio.sleep(POLL_INTERVAL_S)


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    """Let something that goes on for ever go on inside the block; its failure is raised."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        if not task.done():
            task.cancel()
        await asyncio.wait([task], timeout=WAIT_MAX_S)
    if not task.cancelled() and (error := task.exception()) is not None:
        raise error
