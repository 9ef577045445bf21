"""What falls due by itself: a need that lapses, goods kept for too long, clocks of the law.

The due-list is a read model: rows are set and cleared by events, and a leader asks which are due.
It fires nothing before the list has come to where the log ended when it looked: what ended later
must not be taken for running. The key of what a timer gives is made of stream, timer and due time,
so that however often it is found due, it happens once.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import asyncpg
from msgspec import Struct

from eventing.back_off import BackOff
from eventing.carry_out import CarryOut
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import Executor
from eventing.ids import at, mark
from eventing.leadership import INFRASTRUCTURE, Fenced, Leadership, all_of
from eventing.looked_at import look_at, what_of
from eventing.parked import Parking, asked_for, retry_what_was_unknown
from eventing.reactions import because_of, principal_of
from eventing.read_model import ReadModel, keyed
from eventing.record import Recorded, StoredRecord
from eventing.rows import Rows

NAME = "timers"
BATCH = 200
LOOK_INTERVAL_S = 0.25
LEVEL_WITHIN_S, LEVEL_AGAIN_S = 5.0, 0.02
TRIES_MAX = 5
PAUSE_S_MIN, PAUSE_S_MAX = 1.0, 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Runs from an event of `starts_on` until one of `ends_on`; a new start restarts it.

    `name` is part of every key derived from it, so it never changes. `due` may be in the past, and
    is pure: a day that depends on rules or a calendar was reckoned by whoever decided, and stands
    in the event. `parts` are the things within a stream that each run for themselves. What is given
    ends the timer; if it does not, each new leader gives it again, in vain.
    """

    name: str
    starts_on: tuple[type, ...]
    ends_on: tuple[type, ...]
    due: Callable[[Any], datetime]
    give: Callable[[Any, Recorded], Iterable[CommandFor]]
    parts: Callable[[Any], Iterable[str]] = lambda _: ("",)

    @property
    def consumer(self) -> str:
        """What that which it cannot give is parked under."""
        return f"timer:{self.name}"


class Due(Struct, frozen=True):
    """A running timer. `position` is that of the event that started it, in the service's log."""

    timer: str
    stream: str
    part: str
    due_at: datetime
    position: int


Place = tuple[str, str, str]


class Timers:
    """The timers of a service. `version` of their due-list is raised when a `due` changes."""

    def __init__(self, *timers: Timer, version: int = 1) -> None:
        self.by_name = {timer.name: timer for timer in timers}
        types = {event: None for timer in timers for event in (*timer.starts_on, *timer.ends_on)}
        self.due_list: ReadModel[Place, Due] = ReadModel(
            name="due_list",
            version=version,
            row=Due,
            key=("timer", "stream", "part"),
            handlers=tuple(keyed(event, self._apply, keys=self._places) for event in types),
            indexes=(("due_at",),),
        )

    def _places(self, recorded: Recorded) -> Iterator[Place]:
        for timer in self.by_name.values():
            if isinstance(recorded.event, (*timer.starts_on, *timer.ends_on)):
                for part in timer.parts(recorded.event):
                    yield timer.name, recorded.stream, part

    def _apply(self, _: Due | None, place: Place, recorded: Recorded) -> Due | None:
        name, stream, part = place
        timer = self.by_name[name]
        if isinstance(recorded.event, timer.ends_on):
            return None
        return Due(name, stream, part, timer.due(recorded.event), recorded.position)


@dataclass(slots=True)
class _Failed:
    tries: int = 0
    next_s: float = 0.0
    back_off: BackOff = field(default_factory=lambda: BackOff(PAUSE_S_MIN, PAUSE_S_MAX))


class TimerRunner:
    """All timers of one service, over its own log. `run` leads whenever it can.

    What cannot be given is tried again a few times, and then parked: shown, and given again when
    somebody asks for that or newer code leads.
    """

    def __init__(
        self,
        executor: Executor,
        timers: Timers,
        rows: Rows,
        pool: "asyncpg.Pool[Any]",
        leadership: Leadership,
    ) -> None:
        self._service = executor.store.service
        self._executor = executor
        self._timers = timers
        self._rows = rows
        self._pool = pool
        self._leadership = leadership
        self._carry_out = CarryOut(executor=executor, not_yet_within_s=0.0)
        self._parking: dict[str, Parking] = {}
        self._fired: set[Due] = set()
        self._failed: dict[Due, _Failed] = {}
        self._epoch = 0
        self._said: tuple[int, str | None] = (-1, None)
        self.given_until: datetime | None = None
        """By the service's clock; None while another process leads, or it is not known."""

    async def run(self) -> None:
        await self._leadership.lead(f"timers of {self._service}", self._lead)

    async def _lead(self) -> None:
        try:
            await self._take_over()
            while True:
                await self._look()
                await asyncio.sleep(LOOK_INTERVAL_S)
        finally:
            self.given_until = None

    async def _take_over(self) -> None:
        consumers = {name: timer.consumer for name, timer in self._timers.by_name.items()}
        self._fired, self._failed, self._said = set(), {}, (-1, None)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO consumers (name, version, generation, source, status)"
                " VALUES ($1, 0, 1, $2, 'live') ON CONFLICT DO NOTHING",
                NAME,
                self._service,
            )
            self._epoch = await connection.fetchval(
                "UPDATE consumers SET epoch = (SELECT max(epoch) + 1 FROM consumers)"
                " WHERE name = $1 RETURNING epoch",
                NAME,
            )
            await retry_what_was_unknown(connection, list(consumers.values()))
            self._parking = {name: Parking(consumer, 1) for name, consumer in consumers.items()}
            for parking in self._parking.values():
                await parking.learn(connection)

    async def _look(self) -> None:
        head = await self._executor.store.head()
        if not await self._list_reaches(head):
            return
        await self._do_what_is_asked_for()
        now = self._executor.clock()
        after: tuple[Any, ...] = (datetime.min.replace(tzinfo=UTC), 0, "", "")
        while found := await self._due(now, after):
            async with all_of() as tasks:
                for due in found:
                    if self._fires(due):
                        tasks.create_task(self._fire(due))
            last = found[-1]
            after = (last.due_at, last.position, last.timer, last.part)
        trouble = f"{len(self._failed)} cannot be given yet" if self._failed else None
        await self._say(head, trouble)
        self.given_until = None if self._failed else now

    async def _list_reaches(self, head: int) -> bool:
        """Whether the list that serves is of our very types, and comes as far in good time.

        An older code's list may lack what ended.
        """
        model = self._timers.due_list
        deadline = asyncio.get_running_loop().time() + LEVEL_WITHIN_S
        while True:
            position = await self._pool.fetchval(
                "SELECT position FROM consumers WHERE name = $1 AND source = $2"
                " AND status = 'live' AND version = $3 AND folds = $4",
                model.name,
                self._service,
                model.version,
                model.folds,
            )
            if position is not None and position >= head:
                return True
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(LEVEL_AGAIN_S)

    async def _due(self, now: datetime, after: tuple[Any, ...]) -> Sequence[Due]:
        """Those whose time has come, the earliest first."""
        found = await self._rows.query(
            "SELECT timer, stream, part, due_at, position FROM due_list WHERE due_at <= $1"
            " AND (due_at, position, timer, part)"
            " > ($2::timestamptz, $3::bigint, $4::text, $5::text)"
            " ORDER BY due_at, position, timer, part LIMIT $6",
            now,
            *after,
            BATCH,
        )
        return [Due(**row) for row in found if row["timer"] in self._timers.by_name]

    def _fires(self, due: Due) -> bool:
        parking = self._parking[due.timer]
        waits = (self._service, due.stream) in parking.streams
        skipped = (self._service, due.position) in parking.skipped
        failed = self._failed.get(due)
        rests = failed is not None and failed.next_s > asyncio.get_running_loop().time()
        return not (due in self._fired or waits or skipped or rests)

    async def _fire(self, due: Due) -> None:
        timer = self._timers.by_name[due.timer]
        (stored,) = await self._executor.store.log(due.position - 1, 1)
        now_s = asyncio.get_running_loop().time()
        try:
            cause = look_at(stored).decode()
            why = because_of(self._service, cause)
            for number, give in enumerate(timer.give(cause.event, cause)):
                key = key_of(self._service, due, number)
                await self._carry_out(timer.name, give, key, why, cause, now_s)
        except INFRASTRUCTURE:
            raise
        except Exception as error:  # noqa: BLE001 - a fault in one timer must not stop the others
            await self._could_not(due, stored, what_of(error))
        else:
            self._failed.pop(due, None)
            self._fired.add(due)

    async def _could_not(self, due: Due, stored: StoredRecord, error: str) -> None:
        log.error("timer %s: %s", due.timer, error)
        failed = self._failed.setdefault(due, _Failed())
        failed.tries += 1
        if failed.tries < TRIES_MAX:
            failed.next_s = asyncio.get_running_loop().time() + failed.back_off.pause_s()
            return
        parking = self._parking[due.timer]
        async with self._pool.acquire() as connection, connection.transaction():
            await self._hold(connection)
            await parking.park(connection, [(look_at(stored), error)])
        parking.streams.add((self._service, due.stream))
        self._failed.pop(due, None)

    async def _do_what_is_asked_for(self) -> None:
        """Take up the parked streams that somebody wants retried or skipped."""
        timers = {timer.consumer: timer.name for timer in self._timers.by_name.values()}
        for consumer, _, source, stream in await asked_for(self._pool, list(timers)):
            parking = self._parking[timers[consumer]]
            async with self._pool.acquire() as connection, connection.transaction():
                await self._hold(connection)
                records = await parking.take_up(connection, source, stream)
                positions = [stored.position for stored in records]
                await parking.let_go(connection, source, positions)
            parking.streams.discard((source, stream))

    async def _hold(self, connection: Any) -> None:
        """Until the end of the transaction nobody else takes over. Raises Fenced."""
        if not await connection.fetchval(
            "SELECT true FROM consumers WHERE name = $1 AND epoch = $2 FOR UPDATE",
            NAME,
            self._epoch,
        ):
            raise Fenced(f"timers of {self._service}, epoch {self._epoch}")

    async def _say(self, position: int, trouble: str | None) -> None:
        """Up to where nothing is left that is due. Raises Fenced."""
        if self._said == (position, trouble):
            return
        said = await self._pool.execute(
            "UPDATE consumers SET position = $1, trouble = $2 WHERE name = $3 AND epoch = $4",
            position,
            trouble,
            NAME,
            self._epoch,
        )
        if said != "UPDATE 1":
            raise Fenced(f"timers of {self._service}, epoch {self._epoch}")
        self._said = (position, trouble)


def key_of(service: str, due: Due, number: int) -> Key:
    """The key of the n-th command that a timer gives when it is due."""
    principal = principal_of(service)
    when = due.due_at.astimezone(UTC).isoformat()
    names = (due.stream, due.timer, due.part, when, str(number))
    return Key(principal, at(due.due_at, mark(principal.bytes, "\x1f".join(names).encode())), b"")
