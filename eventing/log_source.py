"""A service's own log as a source: for its own read models, which work while Kafka is silent."""

import asyncio
from collections.abc import Sequence

from eventing.event_store import EventStore
from eventing.head_watch import HeadWatch
from eventing.record import StoredRecord
from eventing.sources import HoleInTheLog


class LogSource:
    """`head` is shared by all who follow the same log in one process."""

    def __init__(self, store: EventStore, head: HeadWatch | None = None) -> None:
        self._store = store
        self._head = head or HeadWatch(store.head)
        self._position = 0
        self._ahead: asyncio.Future[Sequence[StoredRecord]] | None = None

    @property
    def service(self) -> str:
        return self._store.service

    async def start(self, after: int, hint: str | None = None) -> None:
        del hint  # the log finds a position by its index
        await self.stop()
        self._position = after

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while not (found := await self._read(limit)):
            left_s = deadline - loop.time()
            if left_s <= 0:
                return ()
            await self._head.wait_beyond(self._position, left_s)
        for expected, stored in enumerate(found, self._position + 1):
            # Commits become visible in position order; a gap means that somebody tampered.
            if stored.position != expected:
                raise HoleInTheLog(self.service, expected)
        self._position = found[-1].position
        if len(found) == limit:
            # There is more: the database reads it while these are folded.
            self._ahead = asyncio.ensure_future(self._store.log(self._position, limit))
        return found

    async def _read(self, limit: int) -> Sequence[StoredRecord]:
        if self._ahead is None:
            return await self._store.log(self._position, limit)
        ahead, self._ahead = self._ahead, None
        return (await ahead)[:limit]

    async def end(self, at_least: int) -> int:
        del at_least
        return await self._store.head()

    def hint(self) -> str | None:
        return None

    async def stop(self) -> None:
        """The store is not ours to close; only what was asked of it ahead is let go."""
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            ahead.cancel()
            await asyncio.wait([ahead])
