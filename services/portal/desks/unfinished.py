"""Forms that could not be sent as the session had ended: kept sealed, a day, for one person.

Nothing else is kept of what people type; the newest few of a person push out the older.
"""

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import msgspec

KEPT_FOR = timedelta(hours=24)
KEPT_MAX = 5
"""Of one person."""


class Unfinished(msgspec.Struct, frozen=True):
    """`sealed` is what was typed; the seal names the person, so that nobody else's opens."""

    id: UUID
    person: UUID
    until: datetime
    sealed: bytes


class UnfinishedForms(Protocol):
    async def keep(self, form: Unfinished) -> None:
        """Forget the person's oldest beyond the bound."""

    async def find(self, id: UUID, person: UUID, now: datetime) -> Unfinished | None:  # noqa: A002
        """None: there is none of this person's, or it has expired."""

    async def forget(self, id: UUID, person: UUID) -> None: ...  # noqa: A002

    async def forget_expired(self, now: datetime) -> None: ...


class MemoryUnfinishedForms:
    def __init__(self) -> None:
        self.kept: dict[UUID, Unfinished] = {}

    async def keep(self, form: Unfinished) -> None:
        self.kept[form.id] = form
        own = sorted(
            (each for each in self.kept.values() if each.person == form.person),
            key=lambda each: each.until,
        )
        for each in own[:-KEPT_MAX]:
            del self.kept[each.id]

    async def find(self, id: UUID, person: UUID, now: datetime) -> Unfinished | None:  # noqa: A002
        found = self.kept.get(id)
        return found if found and found.person == person and now < found.until else None

    async def forget(self, id: UUID, person: UUID) -> None:  # noqa: A002
        found = self.kept.get(id)
        if found and found.person == person:
            del self.kept[id]

    async def forget_expired(self, now: datetime) -> None:
        for each in [each for each in self.kept.values() if each.until <= now]:
            del self.kept[each.id]


KEEP = "INSERT INTO unfinished_forms (id, person, until, sealed) VALUES ($1, $2, $3, $4)"
PUSH_OUT = """
DELETE FROM unfinished_forms WHERE person = $1 AND id NOT IN (
    SELECT id FROM unfinished_forms WHERE person = $1 ORDER BY until DESC, id LIMIT $2
)
"""
FIND = """
SELECT id, person, until, sealed FROM unfinished_forms
WHERE id = $1 AND person = $2 AND until > $3
"""
FORGET = "DELETE FROM unfinished_forms WHERE id = $1 AND person = $2"
FORGET_EXPIRED = "DELETE FROM unfinished_forms WHERE until <= $1"


class PostgresUnfinishedForms:
    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def keep(self, form: Unfinished) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(KEEP, *msgspec.structs.astuple(form))
            await connection.execute(PUSH_OUT, form.person, KEPT_MAX)

    async def find(self, id: UUID, person: UUID, now: datetime) -> Unfinished | None:  # noqa: A002
        found = await self._pool.fetchrow(FIND, id, person, now)
        return None if found is None else Unfinished(**found)

    async def forget(self, id: UUID, person: UUID) -> None:  # noqa: A002
        await self._pool.execute(FORGET, id, person)

    async def forget_expired(self, now: datetime) -> None:
        await self._pool.execute(FORGET_EXPIRED, now)
