"""What falls due by itself: holds that lapse, clocks of the law. A due-list folded from events.

Everything is in the log, so the list needs no table: the leader folds it when it begins, and gives
nothing before it has come to the end. The key of what a timer gives is made of stream, timer and
due time, so that however often it is found due, it happens once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eventing.carry_out import CarryOut
from eventing.clock import Clock
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import Executor
from eventing.ids import at, mark
from eventing.leadership import INFRASTRUCTURE, Leadership
from eventing.looked_at import look_at, what_of
from eventing.reactions import because_of, principal_of
from eventing.record import Recorded, StoredRecord, UndecodableRecord, type_names
from eventing.sources import Source

BATCH_RECORDS = 2_000
LOOK_INTERVAL_S = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Runs per stream from an event of `starts_on` until one of `ends_on`; a new start restarts it.

    `name` is part of every key derived from it, so it never changes. `due` may be in the past.
    """

    name: str
    starts_on: tuple[type, ...]
    ends_on: tuple[type, ...]
    due: Callable[[Any], datetime]
    give: Callable[[Any, Recorded], Iterable[CommandFor]]


@dataclass(frozen=True, slots=True)
class Running:
    timer: Timer
    due: datetime
    cause: Recorded


class DueList:
    """The running timers, by stream and name."""

    def __init__(self, timers: Sequence[Timer]) -> None:
        self._timers = timers
        self._types = type_names(
            tuple(event for timer in timers for event in (*timer.starts_on, *timer.ends_on))
        )
        self._running: dict[tuple[str, str], Running] = {}

    def fold(self, records: Iterable[StoredRecord]) -> None:
        for stored in records:
            item = look_at(stored)
            if not item.may_be(self._types):
                continue
            try:
                recorded = item.decode()
            except UndecodableRecord as error:
                # Read models park it, where a person sees it; here it can only be told.
                log.error("no timer heeds position %d: %s", stored.position, what_of(error))  # noqa: TRY400
                continue
            for timer in self._timers:
                place = (recorded.stream, timer.name)
                if isinstance(recorded.event, timer.ends_on):
                    self._running.pop(place, None)
                elif isinstance(recorded.event, timer.starts_on):
                    self._running[place] = Running(timer, timer.due(recorded.event), recorded)

    def due(self, now: datetime) -> list[Running]:
        """Those whose time has come, the earliest first."""
        due = [running for running in self._running.values() if running.due <= now]
        return sorted(due, key=lambda running: (running.due, running.cause.position))

    def has_fired(self, running: Running) -> None:
        """Not due a second time, whatever became of it."""
        place = (running.cause.stream, running.timer.name)
        if self._running.get(place) is running:
            del self._running[place]


class TimerRunner:
    """All timers of one service, over its own log. `run` leads whenever it can."""

    def __init__(
        self,
        executor: Executor,
        timers: Sequence[Timer],
        clock: Clock,
        leadership: Leadership,
        make_source: Callable[[str], Source],
    ) -> None:
        self._service = executor.store.service
        self._timers = timers
        self._clock = clock
        self._leadership = leadership
        self._make_source = make_source
        self._carry_out = CarryOut(executor=executor, not_yet_within_s=0.0)

    async def run(self) -> None:
        await self._leadership.lead(f"timers of {self._service}", self.work)

    async def work(self) -> None:
        """As the leader, for ever."""
        loop = asyncio.get_running_loop()
        due_list = DueList(self._timers)
        source = self._make_source(self._service)
        await source.start(0)
        try:
            next_look_s = 0.0
            while True:
                records = await source.next(BATCH_RECORDS, LOOK_INTERVAL_S)
                due_list.fold(records)
                # Not before the end: what ended later must not be taken for running.
                if len(records) == BATCH_RECORDS or loop.time() < next_look_s:
                    continue
                next_look_s = loop.time() + LOOK_INTERVAL_S
                for running in due_list.due(self._clock()):
                    await self._fire(running)
                    due_list.has_fired(running)
        finally:
            await source.stop()

    async def _fire(self, running: Running) -> None:
        cause, timer = running.cause, running.timer
        try:
            for number, give in enumerate(timer.give(cause.event, cause)):
                await self._carry_out(
                    timer.name,
                    give,
                    key_of(self._service, running, number),
                    because_of(self._service, cause),
                    cause,
                    asyncio.get_running_loop().time(),
                )
        except INFRASTRUCTURE:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in one timer must not stop the others
            log.error("timer %s: %s", timer.name, what_of(error))  # noqa: TRY400


def key_of(service: str, running: Running, number: int) -> Key:
    """The key of the n-th command that a timer gives when it is due."""
    principal = principal_of(service)
    due = running.due.astimezone(UTC).isoformat()
    names = (running.cause.stream, running.timer.name, due, str(number))
    return Key(principal, at(running.due, mark(principal.bytes, "\x1f".join(names).encode())), b"")
