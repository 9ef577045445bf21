"""Types and versions of events that came and are not declared in this code: newer code wrote them.

Nothing is lost by that: code that knows them builds its read models with them, and its reactions
begin where they say. But until then it is known what was not understood.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from contracts.event import declared
from eventing.looked_at import LookedAt

TYPE_CHARACTERS_MAX = 100
VERSION_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class UnknownEvents:
    """How many events of one type and version came from a source since this code leads.

    `first_position` is the first of these.
    """

    source: str
    type: str
    version: int
    records: int
    first_position: int


async def count_unknown(connection: Any, items: Iterable[LookedAt]) -> None:
    """Part of the transaction that moves a cursor over them. Read again, they count once."""
    found = [
        (
            item.stored.service,
            item.envelope.type[:TYPE_CHARACTERS_MAX].replace("\x00", ""),
            min(max(item.envelope.typeversion, 0), VERSION_MAX),
            item.stored.position,
        )
        for item in items
        if item.is_unknown and item.envelope is not None
    ]
    if found:
        # In one order by all who count, or two of them would wait for each other.
        await connection.executemany(
            "INSERT INTO unknown_types (source, type, version, first_position, last_position)"
            " VALUES ($1, $2, $3, $4, $4) ON CONFLICT (source, type, version)"
            " DO UPDATE SET records = unknown_types.records + 1,"
            " last_position = excluded.last_position"
            " WHERE unknown_types.last_position < excluded.last_position",
            sorted(found),
        )


async def forget_known(connection: Any) -> None:
    """What this code declares, it reads anew wherever it was passed over."""
    await connection.execute(
        "DELETE FROM unknown_types USING unnest($1::text[], $2::int[]) AS known (type, version)"
        " WHERE unknown_types.type = known.type AND unknown_types.version <= known.version",
        list(declared),
        [declaration.version for declaration in declared.values()],
    )
