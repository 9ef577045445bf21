"""Generations of a read model: one serves, the next is built beside it and takes its place.

Each has its own table and its own cursors. The one that served last is kept, for going back.
"""

from collections.abc import Iterable
from typing import Any

import asyncpg

from eventing.follower import Follower
from eventing.read_model import ReadModel
from eventing.row_tables import RowTable


async def have_a_generation(
    connection: Any, model: ReadModel[Any, Any], sources: Iterable[str]
) -> None:
    """See that a generation of this version is live or building, and no other is building."""
    found = await connection.fetch(
        "SELECT DISTINCT version, generation, status FROM consumers WHERE name = $1", model.name
    )
    for row in found:
        if row["status"] == "building" and row["version"] != model.version:
            await _forget(connection, model, row["version"], row["generation"])
    if not any(row["version"] == model.version and row["status"] != "retired" for row in found):
        await connection.executemany(
            "INSERT INTO consumers (name, version, generation, source, status)"
            " VALUES ($1, $2, $3, $4, 'building')",
            [
                (model.name, model.version, _next(row["generation"] for row in found), source)
                for source in sources
            ],
        )
    # It may have begun to fold events of another service without a new version.
    await connection.executemany(
        "INSERT INTO consumers (name, version, generation, source, status)"
        " SELECT DISTINCT name, version, generation, $2, status FROM consumers"
        " WHERE name = $1 AND version = $3 AND status <> 'retired' ON CONFLICT DO NOTHING",
        [(model.name, source, model.version) for source in sources],
    )


def _next(generations: Iterable[int]) -> int:
    return max(generations, default=0) + 1


async def let_serve(connection: Any, follower: Follower, epoch: int) -> bool:
    """Let a generation take the place of the one before. False: another leader has taken over."""
    made = await connection.fetch(
        "UPDATE consumers SET status = 'live'"
        " WHERE name = $1 AND generation = $2 AND epoch = $3 RETURNING source",
        follower.name,
        follower.generation,
        epoch,
    )
    if len(made) != len(follower.places):
        return False
    older = await connection.fetch(
        "SELECT DISTINCT version, generation, status FROM consumers"
        " WHERE name = $1 AND generation <> $2",
        follower.name,
        follower.generation,
    )
    for row in older:
        if row["status"] != "live":
            await _forget(connection, follower.model, row["version"], row["generation"])
    await connection.execute(
        "UPDATE consumers SET status = 'retired' WHERE name = $1 AND generation <> $2",
        follower.name,
        follower.generation,
    )
    # What could not be folded there was tried again here; what was skipped stays skipped.
    await connection.execute(
        "DELETE FROM parked WHERE consumer = $1 AND generation <> $2"
        " AND asked IS DISTINCT FROM 'skipped'",
        follower.name,
        follower.generation,
    )
    await follower.table.serve(connection)
    return True


async def _forget(
    connection: Any, model: ReadModel[Any, Any], version: int, generation: int
) -> None:
    await RowTable(model, version, generation).drop(connection)
    await connection.execute(
        "DELETE FROM consumers WHERE name = $1 AND generation = $2", model.name, generation
    )
    await connection.execute(
        "DELETE FROM parked WHERE consumer = $1 AND generation = $2"
        " AND asked IS DISTINCT FROM 'skipped'",
        model.name,
        generation,
    )


async def rebuild(pool: "asyncpg.Pool[Any]", model: ReadModel[Any, Any]) -> bool:
    """Ask for a new generation beside the one that serves. False: one is being built already."""
    made = await pool.execute(
        """
        INSERT INTO consumers (name, version, generation, source, status)
        SELECT name, version, generation + 1, source, 'building' FROM consumers
        WHERE name = $1 AND status = 'live' AND version = $2
            AND NOT EXISTS (SELECT FROM consumers WHERE name = $1 AND status = 'building')
        ON CONFLICT DO NOTHING
        """,
        model.name,
        model.version,
    )
    return bool(made != "INSERT 0 0")
