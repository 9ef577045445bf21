"""Is the past that a reader has read that of the log as it is now? Asked of the log's database.

By position, by the leaf of the record read last, and by the root over what checkpoints covered.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg

from audit.merkle import RightEdge
from notary.proven_source import what_it_proves

BATCH_LEAVES = 50_000


@dataclass(frozen=True, slots=True)
class ItsPast:
    """`same`: up to here it is the same for sure. `is_ahead`: further on it is not."""

    same: int
    is_ahead: bool


async def past_of(
    log: "asyncpg.Connection[Any]", head: int, position: int, hint: str | None
) -> ItsPast:
    """Of a reader at a position of the log, with the hint that it keeps there.

    Raises what asyncpg raises.
    """
    proof = what_it_proves(hint)
    if proof is None:
        # It held nothing against anything: where it is beyond the end, nothing more is known.
        return ItsPast(0, is_ahead=position > head)
    same = 0
    if proof.size <= head and proof.root == await _root(log, proof.size):
        same = proof.size
    if position > head:
        return ItsPast(same, is_ahead=True)
    if proof.last is not None and proof.last[0] == position:
        leaf = await log.fetchval("SELECT leaf FROM events WHERE position = $1", position)
        return ItsPast(same, is_ahead=leaf.hex() != proof.last[1])
    return ItsPast(same, is_ahead=same < proof.size)


async def _root(log: "asyncpg.Connection[Any]", size: int) -> bytes:
    edge = RightEdge(width=2)
    while edge.size < size:
        rows = await log.fetch(
            "SELECT leaf FROM events WHERE position > $1 AND position <= $2 ORDER BY position",
            edge.size,
            min(size, edge.size + BATCH_LEAVES),
        )
        edge.extend([row["leaf"] for row in rows])
    return edge.root()
