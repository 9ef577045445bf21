"""Reads of streams, coalesced: what is asked while a statement runs goes together in the next."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eventing.event_store import Answered, Busy, Key, KeyUsedDifferently, Past, event_mark
from eventing.ids import mark_of
from eventing.lasting_connection import FAILURES, LastingConnection

QUEUE_MAX = 10_000
BATCH_MAX = 128
PAGE_MAX = 500

# Key and past in one statement, so in one snapshot: a command that is found unanswered was not yet
# in the past that comes with it.
READ = """
SELECT answered.position, answered.request_mac, back.position AS came_back, page.records,
    coalesce(page.version,
        (SELECT max(e.version) FROM events e WHERE e.stream = asked.stream), 0) AS version
FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::uuid[], $5::bytea[]) WITH ORDINALITY
    AS asked (stream, after, principal, idempotency_key, first_event, n)
LEFT JOIN commands answered
    ON answered.principal = asked.principal AND answered.idempotency_key = asked.idempotency_key
LEFT JOIN brought_back back ON back.mark = asked.first_event
CROSS JOIN LATERAL (
    SELECT array_agg(one.record ORDER BY one.version) AS records, max(one.version) AS version
    FROM (
        SELECT e.version, e.record FROM events e
        WHERE e.stream = asked.stream AND e.version > asked.after
        ORDER BY e.version LIMIT $6
    ) one
) page
ORDER BY asked.n
"""

COMMAND_EVENTS_MAX = 1_000
EVENT_IDS = "SELECT event_id FROM events WHERE position >= $1 ORDER BY position LIMIT $2"

Answer = Past | Answered | Callable[[], Exception]


@dataclass(slots=True, eq=False)
class _Asked:
    stream: str
    after: int
    key: Key | None
    caller: asyncio.Future[Answer]
    records: list[bytes] = field(default_factory=list)


class CoalescedReads:
    """One reader per connection; each runs while there is something to read."""

    def __init__(self, connections: Sequence[LastingConnection]) -> None:
        self._idle = list(connections)
        self._readers: set[asyncio.Task[None]] = set()
        self._queue: deque[_Asked] = deque()
        self._closed = False

    async def read(self, stream: str, key: Key | None, after: int) -> Past | Answered:
        if self._closed or len(self._queue) >= QUEUE_MAX:
            raise Busy
        caller: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append(_Asked(stream, after, key, caller))
        if self._idle:
            reader = asyncio.create_task(self._answer_queue(self._idle.pop()))
            self._readers.add(reader)
            reader.add_done_callback(self._readers.discard)
        answer = await caller
        if callable(answer):
            raise answer()
        return answer

    async def close(self) -> None:
        """Take nothing more, and return when all that was asked is answered."""
        self._closed = True
        if self._readers:
            await asyncio.wait(self._readers)

    async def _answer_queue(self, connection: LastingConnection) -> None:
        batch: list[_Asked] = []
        try:
            while self._queue:
                batch = self._next_batch()
                await self._answer_batch(batch, connection)
                batch = []
        finally:
            self._idle.append(connection)
            # After an error that nobody foresaw, too, no caller waits for ever.
            for asked in batch:
                _answer(asked, Busy)

    def _next_batch(self) -> list[_Asked]:
        batch: list[_Asked] = []
        while self._queue and len(batch) < BATCH_MAX:
            asked = self._queue.popleft()
            if not asked.caller.done():
                batch.append(asked)
        return batch

    async def _answer_batch(self, batch: Sequence[_Asked], connection: LastingConnection) -> None:
        if not batch:
            return
        keys = [asked.key for asked in batch]
        try:
            rows = await connection.fetch(
                READ,
                [asked.stream for asked in batch],
                [asked.after for asked in batch],
                [key and key.principal for key in keys],
                [key and key.idempotency_key for key in keys],
                [key and event_mark(key, 0) for key in keys],
                PAGE_MAX,
            )
            answers = [
                await self._came_back(asked.key, row["came_back"], connection)
                if asked.key and row["came_back"] and row["position"] is None
                else None
                for asked, row in zip(batch, rows, strict=True)
            ]
        except Busy:
            for asked in batch:
                _answer(asked, Busy)
        except FAILURES as failure:
            error = failure
            if len(batch) == 1:
                _answer(batch[0], lambda: error)
                return
            # One question that the server cannot take must not fail its neighbours.
            for asked in batch:
                await self._answer_batch([asked], connection)
        else:
            for asked, row, answer in zip(batch, rows, answers, strict=True):
                if answer is not None:
                    _answer(asked, answer)
                    continue
                position, request_mac, _, records, version = row
                self._take_page(asked, position, request_mac, records or (), version)

    async def _came_back(
        self, key: Key, first_position: int, connection: LastingConnection
    ) -> Answered:
        """The answer that a command got whose events came back: the position of the last."""
        rows = await connection.fetch(EVENT_IDS, first_position, COMMAND_EVENTS_MAX)
        count = 1
        while count < len(rows) and mark_of(rows[count]["event_id"]) == event_mark(key, count):
            count += 1
        return Answered(first_position + count - 1)

    def _take_page(
        self,
        asked: _Asked,
        position: int | None,
        request_mac: bytes | None,
        records: Sequence[bytes],
        version: int,
    ) -> None:
        if position is not None:
            same = asked.key is not None and asked.key.request_mac == request_mac
            _answer(asked, Answered(position) if same else KeyUsedDifferently)
            return
        asked.records += records
        if len(records) == PAGE_MAX:
            # Page by page, so that a long past neither fills memory nor keeps the others waiting.
            # Pages of one past may come from different moments: a log only grows.
            asked.after = version
            self._queue.append(asked)
        else:
            _answer(asked, Past(version, asked.records))


def _answer(asked: _Asked, answer: Answer) -> None:
    if not asked.caller.done():
        asked.caller.set_result(answer)
