"""A service's own log as a source: for its own read models, which work while Kafka is silent."""

import asyncio
from collections.abc import Sequence

from eventing.event_store import EventStore
from eventing.record import StoredRecord
from eventing.sources import HoleInTheLog

POLL_INTERVAL_S = 0.02


class LogSource:
    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._position = 0

    @property
    def service(self) -> str:
        return self._store.service

    async def start(self, after: int, hint: str | None = None) -> None:
        del hint  # the log finds a position by its index
        self._position = after

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while not (found := await self._store.log(self._position, limit)):
            if loop.time() >= deadline:
                return ()
            await asyncio.sleep(POLL_INTERVAL_S)
        for expected, stored in enumerate(found, self._position + 1):
            # Commits become visible in position order; a gap means that somebody tampered.
            if stored.position != expected:
                raise HoleInTheLog(self.service, expected)
        self._position = found[-1].position
        return found

    def hint(self) -> str | None:
        return None

    async def stop(self) -> None:
        """Nothing to close: the store is not ours."""
