"""An event store that forgets when the process ends. It passes the same suite as PostgreSQL's."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from eventing.event_store import Answered, Append, Key, KeyUsedDifferently, Past, VersionConflict
from eventing.record import StoredRecord


class MemoryStore:
    def __init__(self, service: str) -> None:
        self.service = service
        self._log: list[StoredRecord] = []
        self._streams: defaultdict[str, list[bytes]] = defaultdict(list)
        self._answers: dict[tuple[UUID, UUID], tuple[bytes, int]] = {}

    async def read(self, stream: str, key: Key | None, after: int = 0) -> Past | Answered:
        # Yield as a database would, so that callers race here as they do there.
        await asyncio.sleep(0)
        if key is not None and (position := self._answer(key)) is not None:
            return Answered(position)
        records = self._streams.get(stream, [])
        return Past(len(records), records[after:])

    async def append(self, appends: Sequence[Append], key: Key) -> int:
        await asyncio.sleep(0)
        if (position := self._answer(key)) is not None:
            return position
        for append in appends:
            if len(self._streams[append.stream]) != append.expected_version:
                raise VersionConflict(append.stream)
        for append in appends:
            for new in append.records:
                self._streams[append.stream].append(new.record)
                self._log.append(StoredRecord(self.service, len(self._log) + 1, new.record))
        self._answers[key.principal, key.idempotency_key] = (key.request_mac, len(self._log))
        return len(self._log)

    async def log(self, after: int, limit: int) -> Sequence[StoredRecord]:
        await asyncio.sleep(0)
        return self._log[after : after + limit]

    async def head(self) -> int:
        return len(self._log)

    def _answer(self, key: Key) -> int | None:
        answer = self._answers.get((key.principal, key.idempotency_key))
        if answer is None:
            return None
        request_mac, position = answer
        if request_mac != key.request_mac:
            raise KeyUsedDifferently
        return position
