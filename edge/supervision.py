"""Keeps the parts of a worker running: one that ends or crashes is started again after a pause."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from edge.logs import log, told
from edge.readiness import Part
from eventing.back_off import BackOff
from eventing.compared import KafkaIsEmpty, WillNotStart
from eventing.sources import HoleInTheLog
from eventing.topics import WrongTopicSettings
from notary.keys import NotTheLogsKeys
from notary.notary import WillNotSign

PAUSE_S_MIN, PAUSE_S_MAX = 0.5, 30.0
STEADY_S = 60.0

SPEAKS_TO_OPERATORS = (
    HoleInTheLog,
    KafkaIsEmpty,
    NotTheLogsKeys,
    WillNotSign,
    WillNotStart,
    WrongTopicSettings,
)
"""Errors whose message says what to do and quotes nobody."""


@dataclass(frozen=True, slots=True)
class Task:
    """A part of a worker: `run` goes on for ever."""

    name: str
    run: Callable[[], Awaitable[None]]


class Supervisor:
    def __init__(
        self,
        tasks: Sequence[Task],
        restarted: Callable[[str], None],
        *,
        pause_s_min: float = PAUSE_S_MIN,
        pause_s_max: float = PAUSE_S_MAX,
        steady_s: float = STEADY_S,
    ) -> None:
        self._tasks = tasks
        self._restarted = restarted
        self._back_off = partial(BackOff, pause_s_min, pause_s_max, steady_s=steady_s)
        self._parts = {task.name: Part(task.name, "starting", 0) for task in tasks}
        if len(self._parts) != len(tasks):
            raise ValueError("two parts have one name")

    def parts(self) -> tuple[Part, ...]:
        return tuple(self._parts.values())

    async def run(self) -> None:
        """Until cancelled; then all parts are."""
        async with asyncio.TaskGroup() as group:
            for task in self._tasks:
                group.create_task(self._keep(task), name=task.name)

    async def _keep(self, task: Task) -> None:
        back_off = self._back_off()
        loop = asyncio.get_running_loop()
        restarts = 0
        while True:
            began = loop.time()
            self._parts[task.name] = Part(task.name, "running", restarts)
            try:
                await task.run()
                kind = "ended"
                log.error("part ended", part=task.name)
            except Exception as error:  # noqa: BLE001 - told; the others go on
                speaks = isinstance(error, SPEAKS_TO_OPERATORS)
                kind = str(error) if speaks else type(error).__name__
                log.error("part failed", part=task.name, why=kind, **told(error))
            restarts += 1
            self._restarted(task.name)
            self._parts[task.name] = Part(task.name, "failing", restarts, kind)
            back_off.lasted(loop.time() - began)
            await asyncio.sleep(back_off.pause_s())
