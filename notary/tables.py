"""A log's tree in its database: tiles, right edge and signed checkpoints, written together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from audit.checkpoint import Checkpoint
from audit.merkle import HASH_BYTES, RightEdge
from eventing.fail_points import come_by
from eventing.leadership import Fenced


@dataclass(frozen=True, slots=True)
class Taken:
    """The tree as the leader of `epoch` finds it."""

    epoch: int
    size: int
    released: int
    edge: RightEdge


@dataclass(frozen=True, slots=True)
class Kept:
    """A checkpoint that was signed, as it stands in the table."""

    size: int
    root: bytes
    note: str


class Tables:
    """What the notary reads and writes. Each write asks for the epoch, and raises Fenced."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def take(self) -> Taken:
        """Begin the next epoch: whoever led before writes no more."""
        row = await self._pool.fetchrow(
            "UPDATE notary SET epoch = epoch + 1 RETURNING epoch, size, released, right_edge"
        )
        assert row is not None, "the table has exactly one row"
        edge = RightEdge(_hashes(level) for level in row["right_edge"])
        return Taken(row["epoch"], row["size"], row["released"], edge)

    async def head(self) -> int:
        position: int = await self._pool.fetchval("SELECT position FROM head")
        return position

    async def records(self, after: int, limit: int) -> "Sequence[asyncpg.Record]":
        """Position, record and leaf, in order, of what Kafka has.

        So no checkpoint speaks of records that are lost with the database: what was signed can
        always be brought back.
        """
        return await self._pool.fetch(
            "SELECT position, record, leaf FROM events"
            " WHERE position > $1 AND position <= (SELECT published FROM relay)"
            " ORDER BY position LIMIT $2",
            after,
            limit,
        )

    async def newest(self) -> Kept | None:
        row = await self._pool.fetchrow(
            "SELECT size, root, note FROM checkpoints ORDER BY size DESC LIMIT 1"
        )
        return None if row is None else Kept(**row)

    async def roots(self, sizes: Collection[int]) -> Mapping[int, bytes]:
        """The roots that were signed at those of the sizes at which any was."""
        rows = await self._pool.fetch(
            "SELECT size, root FROM checkpoints WHERE size = ANY($1)", list(sizes)
        )
        return {row["size"]: row["root"] for row in rows}

    async def notes(self, after: int, limit: int) -> Sequence[Kept]:
        rows = await self._pool.fetch(
            "SELECT size, root, note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
            after,
            limit,
        )
        return [Kept(**row) for row in rows]

    async def tiles(self, wanted: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """Those of the full tiles, level and number, that are there."""
        rows = await self._pool.fetch(
            "SELECT level, number, hashes FROM tiles"
            " JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (level, number)"
            " USING (level, number)",
            [level for level, _ in wanted],
            [number for _, number in wanted],
        )
        return {(row["level"], row["number"]): row["hashes"] for row in rows}

    async def keep(
        self,
        epoch: int,
        after: int,
        edge: RightEdge,
        full: Sequence[tuple[int, int, bytes]],
        signed: tuple[Checkpoint, str],
    ) -> None:
        """All of it or nothing: a checkpoint is durable before anybody can see it.

        `after` is the size that the tree had. `full`: level, number and hashes.
        """
        checkpoint, note = signed
        async with self._pool.acquire() as connection, connection.transaction():
            # Durable whatever this role's default is: what is released must not be forgotten.
            await connection.execute("SET LOCAL synchronous_commit = on")
            # Whoever waited here for the row of a later leader finds its epoch, not their own.
            moved = await connection.execute(
                "UPDATE notary SET size = $3, right_edge = $4 WHERE epoch = $1 AND size = $2",
                epoch,
                after,
                checkpoint.size,
                [b"".join(level) for level in edge.levels],
            )
            if moved != "UPDATE 1":
                raise Fenced(f"notary, epoch {epoch}")
            await connection.executemany("INSERT INTO tiles VALUES ($1, $2, $3)", full)
            await connection.execute(
                "INSERT INTO checkpoints (size, root, note) VALUES ($1, $2, $3)",
                checkpoint.size,
                checkpoint.root,
                note,
            )
            come_by("notary:before-commit")

    async def release(self, epoch: int, size: int) -> None:
        await self._write("UPDATE notary SET released = $2 WHERE epoch = $1", epoch, size)

    async def trouble(self, epoch: int, what: str | None) -> None:
        await self._write("UPDATE notary SET trouble = $2 WHERE epoch = $1", epoch, what)

    async def _write(self, statement: str, epoch: int, value: int | str | None) -> None:
        if await self._pool.execute(statement, epoch, value) != "UPDATE 1":
            raise Fenced(f"notary, epoch {epoch}")


def _hashes(joined: bytes) -> list[bytes]:
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
