"""Where publications stand: in the portal's own database, each once and for ever."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from eventing.rows import Rows
from services.portal.publication import Publication, digest_of


@dataclass(frozen=True, slots=True)
class Kept:
    """`children`: of each figure told, of how many children; it is shown to nobody."""

    publication: Publication
    digest: bytes
    children: tuple[int, ...]


class NotTheNext(Exception):
    """Another process published meanwhile."""


class Publications(Protocol):
    async def newest(self, programme_id: UUID) -> Kept | None:
        """None: nothing is published of this programme yet."""

    async def written(self, programme_id: UUID, number: int) -> str | None:
        """One as it was given out, byte for byte."""

    async def newest_by(self, programme_id: UUID, before: datetime) -> str | None:
        """The newest of those that were made before, as it was given out."""

    async def add(self, publication: Publication, children: Sequence[int]) -> None:
        """Raises NotTheNext."""


NEWEST = """
SELECT CASE WHEN digest IS DISTINCT FROM $2 THEN content END AS content, digest, children
FROM publications WHERE programme_id = $1 ORDER BY number DESC LIMIT 1
"""
REMEMBERED_MAX = 50
WRITTEN = "SELECT content FROM publications WHERE programme_id = $1 AND number = $2"
NEWEST_BY = """
SELECT content FROM publications WHERE programme_id = $1 AND made_at < $2
ORDER BY number DESC LIMIT 1
"""
ADD = """
INSERT INTO publications (programme_id, number, made_at, content, digest, children)
SELECT $1, $2, $3, $4, $5, $6
WHERE $2 = 1 + coalesce((SELECT max(number) FROM publications WHERE programme_id = $1), 0)
ON CONFLICT DO NOTHING
"""


class PostgresPublications:
    """Reads through the rows' connections; only a worker, which has the pool, may add."""

    def __init__(self, rows: Rows, pool: "asyncpg.Pool[Any] | None" = None) -> None:
        self._rows = rows
        self._pool = pool
        self._read: dict[UUID, Kept] = {}

    async def newest(self, programme_id: UUID) -> Kept | None:
        read = self._read.get(programme_id)
        for found in await self._rows.query(NEWEST, programme_id, read and read.digest):
            if read is not None and found["content"] is None:
                return read
            publication = Publication.model_validate_json(found["content"])
            kept = Kept(publication, found["digest"], tuple(found["children"]))
            if len(self._read) >= REMEMBERED_MAX:
                self._read.clear()
            self._read[programme_id] = kept
            return kept
        return None

    async def written(self, programme_id: UUID, number: int) -> str | None:
        for found in await self._rows.query(WRITTEN, programme_id, number):
            content: str = found["content"]
            return content
        return None

    async def newest_by(self, programme_id: UUID, before: datetime) -> str | None:
        for found in await self._rows.query(NEWEST_BY, programme_id, before):
            content: str = found["content"]
            return content
        return None

    async def add(self, publication: Publication, children: Sequence[int]) -> None:
        if self._pool is None:
            raise TypeError("pages publish nothing")
        written = publication.written()
        done = await self._pool.execute(
            ADD,
            publication.programme_id,
            publication.number,
            publication.made_at,
            written,
            digest_of(written),
            list(children),
        )
        if done != "INSERT 0 1":
            raise NotTheNext(f"{publication.programme_id} {publication.number}")


@dataclass(slots=True)
class MemoryPublications:
    kept: dict[UUID, list[tuple[str, tuple[int, ...]]]] = field(default_factory=dict)

    async def newest(self, programme_id: UUID) -> Kept | None:
        of = self.kept.get(programme_id)
        if not of:
            return None
        written, children = of[-1]
        return Kept(Publication.model_validate_json(written), digest_of(written), children)

    async def written(self, programme_id: UUID, number: int) -> str | None:
        of = self.kept.get(programme_id, [])
        return of[number - 1][0] if 0 < number <= len(of) else None

    async def newest_by(self, programme_id: UUID, before: datetime) -> str | None:
        made = [
            written
            for written, _ in self.kept.get(programme_id, [])
            if Publication.model_validate_json(written).made_at < before
        ]
        return made[-1] if made else None

    async def add(self, publication: Publication, children: Sequence[int]) -> None:
        of = self.kept.setdefault(publication.programme_id, [])
        if publication.number != len(of) + 1:
            raise NotTheNext(f"{publication.programme_id} {publication.number}")
        of.append((publication.written(), tuple(children)))
