"""Records that a topic claimed and its log never held: known by position and leaf, passed over.

They are found when what was read is held against what the log signed. Whoever has read one begins
again from where nothing is in doubt; what came of it is listed for a person.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg

from eventing.record import StoredRecord, UndecodableRecord, decode_envelope, leaf_hash
from eventing.set_back import set_back

EFFECTS_LOOKED_AT_MAX = 50_000
EFFECTS_TOLD_MAX = 1_000

log = logging.getLogger(__name__)


class FalseRecords:
    """Of one process; the table is its service's, so that every process comes to know them."""

    def __init__(self, pool: "asyncpg.Pool[Any] | None" = None) -> None:
        self._pool = pool
        self._known: defaultdict[str, dict[int, set[bytes]]] = defaultdict(dict)

    async def learn(self) -> None:
        """Raises what asyncpg raises."""
        if self._pool is None:
            return
        for row in await self._pool.fetch("SELECT source, position, leaf FROM false_records"):
            self._known[row["source"]].setdefault(row["position"], set()).add(row["leaf"])

    def knows(self, service: str, position: int, record: bytes) -> bool:
        leaves = self._known[service].get(position)
        return leaves is not None and leaf_hash(record) in leaves

    async def found(self, service: str, records: Sequence[StoredRecord], vouched: int) -> None:
        """Remember them, and set everybody of this service back to what was vouched for last.

        Read models are built anew beside those that serve; reactions read again, under the keys
        that they gave; grants count no further than `vouched` until their rows are new.
        Raises what asyncpg raises.
        """
        for stored in records:
            known = self._known[service].setdefault(stored.position, set())
            known.add(leaf_hash(stored.record))
            log.error("%s never held what its topic claims at %d", service, stored.position)
        if self._pool is None:
            return
        async with self._pool.acquire() as connection, connection.transaction():
            for stored in records:
                await connection.execute(
                    "INSERT INTO false_records (source, position, leaf, effects)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    service,
                    stored.position,
                    leaf_hash(stored.record),
                    await _effects(connection, stored),
                )
            await set_back(connection, service, vouched)


async def _effects(connection: Any, stored: StoredRecord) -> list[int]:
    """Positions of our own log whose records say that they came of this one."""
    try:
        cause = str(decode_envelope(stored.record).id)
    except UndecodableRecord:
        return []
    rows = await connection.fetch(
        "SELECT position FROM events WHERE position > (SELECT position FROM head) - $2"
        " AND position(convert_to($1, 'UTF8') IN record) > 0 ORDER BY position LIMIT $3",
        cause,
        EFFECTS_LOOKED_AT_MAX,
        EFFECTS_TOLD_MAX,
    )
    return [row["position"] for row in rows]
