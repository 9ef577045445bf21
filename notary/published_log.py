"""What anybody may see of a log, and an auditor: checkpoints, tiles, keys, records.

A checkpoint is shown only when Kafka has it: what one reader has seen, none can be denied.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.note import NotANote, verifier
from eventing.kept_file import KeptFile
from eventing.record import StoredRecord
from notary.tables import Kept


def _keys(content: bytes) -> str:
    text = content.decode()
    try:
        keys = [verifier(line) for line in text.splitlines()]
    except NotANote as error:
        raise ValueError("no keys of a log") from error
    if not keys:
        raise ValueError("no keys of a log")
    return text


class PublishedLog:
    """`keys_file` has the log's public keys; None: this log is not signed."""

    def __init__(self, service: str, pool: "asyncpg.Pool[Any]", keys_file: Path | None) -> None:
        self._service = service
        self._pool = pool
        self.keys_file = None if keys_file is None else KeptFile(keys_file, _keys)

    async def newest(self) -> str | None:
        """The note of the newest checkpoint, None before the first."""
        note: str | None = await self._pool.fetchval(
            "SELECT note FROM checkpoints WHERE size <= (SELECT released FROM notary)"
            " ORDER BY size DESC LIMIT 1"
        )
        return note

    async def notes(self, after: int, limit: int) -> Sequence[Kept]:
        """Checkpoints of more than `after` records, smallest first."""
        rows = await self._pool.fetch(
            "SELECT size, root, note FROM checkpoints"
            " WHERE size > $1 AND size <= (SELECT released FROM notary) ORDER BY size LIMIT $2",
            after,
            limit,
        )
        return [Kept(**row) for row in rows]

    async def tile(self, level: int, number: int, width: int) -> bytes | None:
        """The first `width` hashes of a tile; None where the tree has fewer."""
        row = await self._pool.fetchrow(
            "SELECT size, right_edge[$1 + 1] AS edge,"
            " (SELECT hashes FROM tiles WHERE level = $1 AND number = $2) AS hashes FROM notary",
            level,
            number,
        )
        assert row is not None, "the table has exactly one row"
        hashes: bytes | None = row["hashes"]
        if hashes is None and number == row["size"] // TILE_WIDTH ** (level + 1):
            hashes = row["edge"]
        if hashes is None or len(hashes) < width * HASH_BYTES:
            return None
        return hashes[: width * HASH_BYTES]

    async def records(self, after: int, limit: int) -> Sequence[StoredRecord]:
        rows = await self._pool.fetch(
            "SELECT position, record FROM events WHERE position > $1 ORDER BY position LIMIT $2",
            after,
            limit,
        )
        return [StoredRecord(self._service, row["position"], row["record"]) for row in rows]

    def keys(self) -> str | None:
        """A key a line, oldest first, read anew: they may be rotated. None: not signed.

        Raises NothingHeld.
        """
        return None if self.keys_file is None else self.keys_file.current()
