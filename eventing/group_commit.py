"""Appends by group commit: one writer on one connection commits what waits, at once.

The commit before is the only linger. Of many only half go: while the server commits these, the
others get ready, and neither waits for the other. Every caller gets an answer within a bound, and
an answer that says "nothing happened" is true.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from eventing.back_off import BackOff
from eventing.event_store import (
    Append,
    Busy,
    Key,
    KeyUsedDifferently,
    LogClosed,
    OutcomeUnknown,
    VersionConflict,
)
from eventing.fail_points import come_by
from eventing.lasting_connection import (
    FAILURES,
    PAUSE_MAX_S,
    PAUSE_S,
    LastingConnection,
    is_lost,
)

QUEUE_MAX = 10_000
BATCH_MAX = 256
WHOLE_MAX = 16
"""So few are not halved: a commit costs more than the wait."""
BATCH_BYTES_MAX = 4 * 1024 * 1024
KEEP_TRYING_S = 10.0

_ARGUMENTS = (
    "$1::uuid[], $2::uuid[], $3::bytea[], $4::integer[], "
    "$5::integer[], $6::text[], $7::integer[], $8::boolean[], "
    "$9::uuid[], $10::text[], $11::integer[], $12::text[], $13::bytea[], $14::timestamptz[]"
)
OPTIMISTIC = f"SELECT append_batch({_ARGUMENTS})"
CHECKED = f"SELECT append_checked({_ARGUMENTS})"
VERSION_CONFLICT = -1
KEY_USED_DIFFERENTLY = -2
LOG_CLOSED = "VT001"

Answer = int | Callable[[], Exception]

logger = logging.getLogger(__name__)


Committed = Callable[[int, float], None]
"""Told how many commands were committed together, and how many seconds that took."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A command in the queue or in the batch that is being committed, and who wants its answer."""

    appends: Sequence[Append]
    key: Key
    bytes: int
    callers: list[asyncio.Future[Answer]] = field(default_factory=list)


class GroupCommit:
    """The writer of one process. It runs while there is something to write."""

    def __init__(
        self, connection: LastingConnection, committed: Committed = lambda _commands, _s: None
    ) -> None:
        self._connection = connection
        self._committed = committed
        self._queue: deque[_Waiting] = deque()
        self._by_key: dict[tuple[UUID, UUID], _Waiting] = {}
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    async def append(self, appends: Sequence[Append], key: Key) -> int:
        name = (key.principal, key.idempotency_key)
        waiting = self._by_key.get(name)
        if waiting is None:
            if self._closed or len(self._queue) >= QUEUE_MAX:
                raise Busy
            waiting = _Waiting(appends, key, _bytes(appends))
            self._by_key[name] = waiting
            self._queue.append(waiting)
            if self._writer is None:
                self._writer = asyncio.create_task(self._write())
        elif waiting.key.request_mac != key.request_mac:
            raise KeyUsedDifferently
        # A double click waits for the first one: sent along, it would undo the whole batch.
        # Each caller has a future of its own, so one who is cancelled takes nothing with them.
        caller: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        waiting.callers.append(caller)
        answer = await caller
        if callable(answer):
            raise answer()
        return answer

    async def close(self) -> None:
        """Take nothing more, and return when all that waited has its answer."""
        self._closed = True
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        batch: list[_Waiting] = []
        try:
            while self._queue:
                # Those who have just been answered are about to come again.
                batch = self._next_batch(len(self._queue) + len(batch))
                began = time.monotonic()
                await self._commit(batch, began + KEEP_TRYING_S)
                self._committed(len(batch), time.monotonic() - began)
        finally:
            # After an error that nobody foresaw, too, no caller waits for ever.
            self._give_up(batch, OutcomeUnknown)
            self._writer = None

    def _next_batch(self, callers: int) -> list[_Waiting]:
        most = min(BATCH_MAX, max(WHOLE_MAX, (callers + 1) // 2))
        batch = [self._queue.popleft()]
        size = batch[0].bytes
        while self._queue and len(batch) < most:
            size += self._queue[0].bytes
            if size > BATCH_BYTES_MAX:
                break
            batch.append(self._queue.popleft())
        return batch

    async def _commit(self, batch: Sequence[_Waiting], deadline: float) -> None:
        statement, arguments = OPTIMISTIC, _columns(batch)
        back_off, sent = BackOff(PAUSE_S, PAUSE_MAX_S), False
        while True:
            try:
                connection = await self._connection.open()
                sent = True
                come_by("append:before-commit")
                answers = await connection.fetchval(statement, *arguments)
            except FAILURES as error:
                if getattr(error, "sqlstate", None) == LOG_CLOSED:
                    for waiting in batch:
                        self._answer(waiting, partial(LogClosed, str(error)))
                    return
                if not is_lost(error):
                    await self._commit_apart(batch, deadline, error)
                    return
                self._connection.drop()
                if time.monotonic() > deadline:
                    logger.warning("gave up appending %d commands: %r", len(batch), type(error))
                    self._give_up(batch, OutcomeUnknown if sent else Busy)
                    return
            else:
                come_by("append:after-commit-before-answer")
                for waiting, answer in zip(batch, answers, strict=True):
                    self._answer(waiting, _REFUSED.get(answer, answer))
                return
            # The lost statement may have committed, or may still do so: it holds or waits for the
            # lock on head, after which the same keys tell. So what is sent again is checked.
            statement = CHECKED if sent else OPTIMISTIC
            await asyncio.sleep(back_off.pause_s())

    async def _commit_apart(
        self, batch: Sequence[_Waiting], deadline: float, error: Exception
    ) -> None:
        """One command that the server cannot take must not fail its neighbours."""
        if len(batch) == 1:
            self._answer(batch[0], lambda: error)
            return
        for waiting in batch:
            await self._commit([waiting], deadline)

    def _give_up(self, batch: Iterable[_Waiting], answer: type[Exception]) -> None:
        for waiting in batch:
            self._answer(waiting, answer)
        # Else each batch behind this one would wait as long again, and the last one for minutes.
        for waiting in self._queue:
            self._answer(waiting, Busy)
        self._queue.clear()

    def _answer(self, waiting: _Waiting, answer: Answer) -> None:
        if self._by_key.pop((waiting.key.principal, waiting.key.idempotency_key), None) is None:
            return
        for caller in waiting.callers:
            if not caller.done():
                caller.set_result(answer)


_REFUSED: dict[int, Answer] = {
    VERSION_CONFLICT: VersionConflict,
    KEY_USED_DIFFERENTLY: KeyUsedDifferently,
}


def _bytes(appends: Sequence[Append]) -> int:
    """Raises ValueError when a record is not for the place that it is appended to."""
    size = 0
    for append in appends:
        version = append.expected_version
        for new in append.records:
            version += 1
            if new.stream != append.stream or new.version != version:
                raise ValueError(f"a record of version {new.version} is not for {append.stream}")
            size += len(new.record)
    return size


def _columns(batch: Sequence[_Waiting]) -> list[list[Any]]:
    """The arguments of the append functions, as their migration explains them."""
    uptos: list[int] = []
    parts: list[tuple[int, str, int, bool]] = []
    events: list[tuple[Any, ...]] = []
    for command, waiting in enumerate(batch, 1):
        for append in waiting.appends:
            parts.append(
                (command, append.stream, append.expected_version, not append.records),
            )
            events += [
                (new.event_id, new.stream, new.version, new.type, new.record, new.recorded_at)
                for new in append.records
            ]
        uptos.append(len(events))
    return [
        [waiting.key.principal for waiting in batch],
        [waiting.key.idempotency_key for waiting in batch],
        [waiting.key.request_mac for waiting in batch],
        uptos,
        *([part[column] for part in parts] for column in range(4)),
        *([event[column] for event in events] for column in range(6)),
    ]
