"""The log of one service in PostgreSQL, appended to by group commit and read in the same way."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from eventing.coalesced_reads import CoalescedReads
from eventing.event_store import Answered, Append, Key, Past
from eventing.group_commit import Committed, GroupCommit
from eventing.lasting_connection import LastingConnection
from eventing.record import StoredRecord

READERS = 2

LOG = "SELECT position, record FROM events WHERE position > $1 ORDER BY position LIMIT $2"
HEAD = "SELECT position FROM head WHERE id = 1"


class PostgresStore:
    """An EventStore. Use it in the event loop that made it, and close it there.

    Connections are opened when needed: one that writes, two that read streams, one for the log.
    """

    def __init__(
        self, service: str, dsn: str, *, committed: Committed = lambda _commands, _s: None
    ) -> None:
        self.service = service
        self._connections = [
            LastingConnection(dsn, f"vongtay {service} {task}")
            for task in ("write", "log", *["read"] * READERS)
        ]
        write, self._for_log, *read = self._connections
        self._commits = GroupCommit(write, committed)
        self._reads = CoalescedReads(read)

    async def read(self, stream: str, key: Key | None, after: int = 0) -> Past | Answered:
        return await self._reads.read(stream, key, after)

    async def append(self, appends: Sequence[Append], key: Key) -> int:
        return await self._commits.append(appends, key)

    async def log(self, after: int, limit: int) -> Sequence[StoredRecord]:
        rows = await self._for_log.fetch(LOG, after, limit)
        return [StoredRecord(self.service, position, record) for position, record in rows]

    async def head(self) -> int:
        rows = await self._for_log.fetch(HEAD)
        position: int = rows[0]["position"]
        return position

    async def close(self) -> None:
        """Finish what was begun, refuse what comes after, and close the connections."""
        await self._commits.close()
        await self._reads.close()
        for connection in self._connections:
            await connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.close()
