"""How old is what we know of who may what? Too old, it gives nobody a right any more.

A grant that was revoked elsewhere is known here when the worker has read of it. While the worker
stands still, or hears nothing, nobody can tell: so there is a bound.
"""

import time
from typing import Any

import asyncpg

from edge.who_may_where import roles_held

LOOK_AGAIN_S = 1.0


class RolesNotHeard(Exception):
    """What is known of the roles is older than the bound: try again when the worker reads."""


class RolesHeard:
    """`within_s`: so old it may be. Until a worker first came to the end, it counts from now."""

    def __init__(self, pool: "asyncpg.Pool[Any]", source: str, within_s: float) -> None:
        self._pool = pool
        self._source = source
        self._within_s = within_s
        self._since = time.monotonic()
        self._fresh_until = 0.0

    async def see(self) -> None:
        """Raises RolesNotHeard; what asyncpg raises."""
        tick = time.monotonic()
        if tick < self._fresh_until:
            return
        age_s = await self.age_s()
        if age_s > self._within_s:
            raise RolesNotHeard
        self._fresh_until = tick + min(LOOK_AGAIN_S, self._within_s - age_s)

    async def age_s(self) -> float:
        """By the database's clock, which every process shares."""
        age: float | None = await self._pool.fetchval(
            "SELECT extract(epoch FROM clock_timestamp() - heard_at)::float8 FROM consumers"
            " WHERE name = $1 AND source = $2 AND status = 'live'",
            roles_held.name,
            self._source,
        )
        return time.monotonic() - self._since if age is None else age

    async def trouble(self) -> str | None:
        """Why nobody's role counts, for `/readyz`."""
        age_s = await self.age_s()
        if age_s <= self._within_s:
            return None
        return f"roles were last heard of {age_s:.0f} s ago; {self._within_s:.0f} s is the bound"
