"""Where sessions are kept: in the portal's own database; in memory for tests."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import msgspec


class Kept(msgspec.Struct, frozen=True):
    """A session as it is kept. `seen_at` is when somebody came with it last, to the minute.

    `id_hash` and `provider_session` are hashes, `sealed` opens with what the browser holds.
    `provider_away`: who was last to renew its tokens found that the provider does not answer.
    """

    id_hash: bytes
    account: UUID
    provider_session: bytes | None
    began_at: datetime
    seen_at: datetime
    sealed: bytes
    provider_away: bool = False


class SessionStore(Protocol):
    """A session that is not there is never an error: it has ended."""

    async def add(self, session: Kept) -> None: ...

    async def find(self, id_hash: bytes) -> Kept | None: ...

    async def seen(self, id_hash: bytes, at: datetime) -> None: ...

    async def may_renew(self, id_hash: bytes, now: datetime, until: datetime) -> bool:
        """Whether the caller, and nobody else before `until`, is to renew the session's tokens."""

    async def renewed(self, id_hash: bytes, sealed: bytes) -> None:
        """Its tokens are new, and may be renewed again at once."""

    async def found_away(self, id_hash: bytes) -> None:
        """The provider is away: who waits for new tokens waits in vain, until others may renew."""

    async def end(self, id_hash: bytes) -> None: ...

    async def end_of(self, account: UUID) -> int:
        """End all of an account; return how many."""

    async def end_at_provider(self, provider_session: bytes) -> int: ...

    async def forget(self, began_before: datetime, seen_before: datetime) -> None:
        """Forget what has expired."""


class MemorySessionStore:
    def __init__(self) -> None:
        self.kept: dict[bytes, Kept] = {}
        self._renewing: dict[bytes, datetime] = {}

    async def add(self, session: Kept) -> None:
        self.kept[session.id_hash] = session

    async def find(self, id_hash: bytes) -> Kept | None:
        return self.kept.get(id_hash)

    async def seen(self, id_hash: bytes, at: datetime) -> None:
        self._change(id_hash, seen_at=at)

    async def may_renew(self, id_hash: bytes, now: datetime, until: datetime) -> bool:
        if id_hash not in self.kept or self._renewing.get(id_hash, now) > now:
            return False
        self._renewing[id_hash] = until
        self._change(id_hash, provider_away=False)
        return True

    async def renewed(self, id_hash: bytes, sealed: bytes) -> None:
        self._change(id_hash, sealed=sealed)
        self._renewing.pop(id_hash, None)

    async def found_away(self, id_hash: bytes) -> None:
        self._change(id_hash, provider_away=True)

    async def end(self, id_hash: bytes) -> None:
        self.kept.pop(id_hash, None)

    async def end_of(self, account: UUID) -> int:
        return self._end([each for each in self.kept.values() if each.account == account])

    async def end_at_provider(self, provider_session: bytes) -> int:
        return self._end(
            [each for each in self.kept.values() if each.provider_session == provider_session]
        )

    async def forget(self, began_before: datetime, seen_before: datetime) -> None:
        self._end(
            [
                each
                for each in self.kept.values()
                if each.began_at < began_before or each.seen_at < seen_before
            ]
        )

    def _change(self, id_hash: bytes, **changed: Any) -> None:
        if id_hash in self.kept:
            self.kept[id_hash] = msgspec.structs.replace(self.kept[id_hash], **changed)

    def _end(self, those: list[Kept]) -> int:
        for each in those:
            del self.kept[each.id_hash]
        return len(those)


ADD = """
INSERT INTO sessions
    (id_hash, account, provider_session, began_at, seen_at, sealed, provider_away)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
FIND = """
SELECT id_hash, account, provider_session, began_at, seen_at, sealed, provider_away
FROM sessions WHERE id_hash = $1
"""
SEEN = "UPDATE sessions SET seen_at = $2 WHERE id_hash = $1"
MAY_RENEW = """
UPDATE sessions SET renewing_until = $3, provider_away = false
WHERE id_hash = $1 AND renewing_until <= $2
RETURNING true
"""
RENEWED = "UPDATE sessions SET sealed = $2, renewing_until = '-infinity' WHERE id_hash = $1"
FOUND_AWAY = "UPDATE sessions SET provider_away = true WHERE id_hash = $1"
END = "DELETE FROM sessions WHERE id_hash = $1"
END_OF = "DELETE FROM sessions WHERE account = $1 RETURNING 1"
END_AT_PROVIDER = "DELETE FROM sessions WHERE provider_session = $1 RETURNING 1"
FORGET = "DELETE FROM sessions WHERE began_at < $1 OR seen_at < $2"


class PostgresSessionStore:
    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def add(self, session: Kept) -> None:
        await self._pool.execute(ADD, *msgspec.structs.astuple(session))

    async def find(self, id_hash: bytes) -> Kept | None:
        found = await self._pool.fetchrow(FIND, id_hash)
        return None if found is None else Kept(**found)

    async def seen(self, id_hash: bytes, at: datetime) -> None:
        await self._pool.execute(SEEN, id_hash, at)

    async def may_renew(self, id_hash: bytes, now: datetime, until: datetime) -> bool:
        return bool(await self._pool.fetchval(MAY_RENEW, id_hash, now, until))

    async def renewed(self, id_hash: bytes, sealed: bytes) -> None:
        await self._pool.execute(RENEWED, id_hash, sealed)

    async def found_away(self, id_hash: bytes) -> None:
        await self._pool.execute(FOUND_AWAY, id_hash)

    async def end(self, id_hash: bytes) -> None:
        await self._pool.execute(END, id_hash)

    async def end_of(self, account: UUID) -> int:
        return len(await self._pool.fetch(END_OF, account))

    async def end_at_provider(self, provider_session: bytes) -> int:
        return len(await self._pool.fetch(END_AT_PROVIDER, provider_session))

    async def forget(self, began_before: datetime, seen_before: datetime) -> None:
        await self._pool.execute(FORGET, began_before, seen_before)
