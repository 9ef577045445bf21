"""How far everything of a service has come, and what keeps it: read from its own database.

So every process of the service tells the same, whichever of them leads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from eventing.unknown_types import UnknownEvents

HOLE = "hole"
AHEAD = "ahead"
OTHER_TOPIC = "another topic"
SILENT = "silent"
UNTRUE = "untrue"
NOT_VOUCHED = "not vouched for"
REFUSED_STREAMS = "reaction-refused-"
UNKNOWN_TOLD_MAX = 50


@dataclass(frozen=True, slots=True)
class ConsumerProgress:
    """A consumer's cursor in one source. `trouble` says what it waits for, if anything."""

    name: str
    source: str
    position: int
    status: str
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """`oldest_unpublished_at` is when the next record to publish was recorded, if there is one.

    `signed` is the size of the newest checkpoint that Kafka has; `oldest_unsigned_at` is when the
    next record was recorded, if there is one and the log has a notary.
    `closed` says why the log takes nothing.
    """

    head: int
    published: int
    relay_epoch: int
    relay_trouble: str | None
    oldest_unpublished_at: datetime | None
    signed: int
    oldest_unsigned_at: datetime | None
    notary_trouble: str | None
    closed: str | None
    followers: tuple[ConsumerProgress, ...] = field(default=())
    parked: int = 0
    refused: int = 0
    unknown: tuple[UnknownEvents, ...] = ()
    false_records: int = 0
    vouched: Mapping[str, int] = field(default_factory=dict)

    @property
    def holes(self) -> list[str]:
        return self._troubled(HOLE, OTHER_TOPIC, UNTRUE, NOT_VOUCHED)

    @property
    def ahead(self) -> list[str]:
        """Those that have read more of a log than it has, or another past of it."""
        return self._troubled(AHEAD)

    @property
    def silent(self) -> list[str]:
        """Those that hear nothing from Kafka, and why."""
        return self._troubled(SILENT)

    def _troubled(self, *kinds: str) -> list[str]:
        return [
            f"{follower.name} of {follower.source}: {follower.trouble}"
            for follower in self.followers
            if follower.trouble and follower.trouble.startswith(kinds)
        ]


async def progress(pool: "asyncpg.Pool[Any]") -> Progress:
    """Raises what asyncpg raises when the database does not answer."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        row = await connection.fetchrow(
            """
            SELECT head.position, head.closed, published, relay.epoch, relay.trouble,
                (SELECT recorded_at FROM events WHERE events.position = relay.published + 1)
                    AS oldest_unpublished_at,
                released, notary.trouble AS notary_trouble,
                (SELECT recorded_at FROM events
                    WHERE events.position = released + 1 AND notary.epoch > 0)
                    AS oldest_unsigned_at,
                (SELECT count(*) FROM parked WHERE fate IS DISTINCT FROM 'skipped') AS parked,
                -- A range over the index of streams, however long the log.
                (SELECT count(*) FROM events WHERE stream >= $1 AND stream < $1 || '~') AS refused
            FROM head, relay, notary
            """,
            REFUSED_STREAMS,
        )
        followers = await connection.fetch(
            "SELECT name, source, position, status, trouble FROM consumers"
            " WHERE status <> 'retired' ORDER BY name, generation, source"
        )
        unknown = await connection.fetch(
            "SELECT source, type, version, records, first_position FROM unknown_types"
            " ORDER BY source, first_position LIMIT $1",
            UNKNOWN_TOLD_MAX,
        )
        false_records = await connection.fetchval("SELECT count(*) FROM false_records")
        vouched = await connection.fetch("SELECT source, position FROM vouched")
    assert row is not None, "each of the tables has exactly one row"
    return Progress(
        row["position"],
        row["published"],
        row["epoch"],
        row["trouble"],
        row["oldest_unpublished_at"],
        row["released"],
        row["oldest_unsigned_at"],
        row["notary_trouble"],
        row["closed"],
        tuple(ConsumerProgress(**follower) for follower in followers),
        row["parked"],
        row["refused"],
        tuple(UnknownEvents(**found) for found in unknown),
        false_records,
        {row["source"]: row["position"] for row in vouched},
    )
