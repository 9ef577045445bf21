"""How far each log that is read here is vouched for: what is beyond gives nobody a right yet."""

import asyncio
from typing import Any

import asyncpg

from eventing.lasting_connection import FAILURES

PAUSE_S = 0.5


class VouchedFor:
    """`tell` is told by readers; `run` writes it, where every process of the service finds it."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._told: dict[str, int] = {}
        self._news = asyncio.Event()

    async def tell(self, service: str, position: int) -> None:
        if position > self._told.get(service, 0):
            self._told[service] = position
            self._news.set()

    async def run(self) -> None:
        """For ever. Who was set back by a false record counts again when its rows are new."""
        while True:
            await self._news.wait()
            self._news.clear()
            for service, position in list(self._told.items()):
                try:
                    written = await self._write(service, position)
                except FAILURES:
                    written = False
                if written and self._told[service] == position:
                    del self._told[service]
            if self._told:
                await asyncio.sleep(PAUSE_S)
                self._news.set()

    async def _write(self, service: str, position: int) -> bool:
        written: str = await self._pool.execute(
            "INSERT INTO vouched AS known (source, position) VALUES ($1, $2)"
            " ON CONFLICT (source) DO UPDATE"
            " SET position = greatest(known.position, $2), held = false"
            " WHERE NOT known.held OR NOT EXISTS (SELECT FROM consumers"
            " WHERE source = $1 AND version > 0 AND status = 'building')",
            service,
            position,
        )
        return written.endswith("1")

    async def of(self, service: str) -> int:
        """0: nothing is. Raises what asyncpg raises."""
        found = await self._pool.fetchval("SELECT position FROM vouched WHERE source = $1", service)
        return found or 0
