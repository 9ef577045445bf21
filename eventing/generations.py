"""Generations of a read model: one serves, the next is built beside it and takes its place.

Each has its own table and its own cursors, and is the fold of one set of types. Code that knows
another set builds another generation: what did not know a type has moved past its events.
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
    """See that a generation of this version and of these types is live or building.

    One of this version that serves meanwhile is kept up to date, as well as this code can; from
    then on it is the fold of no one set of types.
    """
    found = await connection.fetch(
        "SELECT DISTINCT version, folds, generation, status FROM consumers WHERE name = $1",
        model.name,
    )
    ours = (model.version, model.folds)
    same = {row["generation"] for row in found if (row["version"], row["folds"]) == ours}
    for row in found:
        if row["status"] == "building" and row["generation"] not in same:
            await _forget(connection, model, row["version"], row["generation"])
    if not any(row["generation"] in same and row["status"] != "retired" for row in found):
        generation = max((row["generation"] for row in found), default=0) + 1
        await connection.executemany(
            "INSERT INTO consumers (name, version, generation, source, status, folds)"
            " VALUES ($1, $2, $3, $4, 'building', $5)",
            [(model.name, model.version, generation, source, model.folds) for source in sources],
        )
    await connection.execute(
        "UPDATE consumers SET folds = ''"
        " WHERE name = $1 AND version = $2 AND status = 'live' AND folds <> $3",
        model.name,
        model.version,
        model.folds,
    )


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
        " AND fate IS DISTINCT FROM 'skipped'",
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
        " AND fate IS DISTINCT FROM 'skipped'",
        model.name,
        generation,
    )


async def rebuild(pool: "asyncpg.Pool[Any]", model: ReadModel[Any, Any]) -> bool:
    """Ask for a new generation beside the one that serves. False: one is being built already."""
    made = await pool.execute(
        """
        INSERT INTO consumers (name, version, generation, source, status, folds)
        SELECT name, version, generation + 1, source, 'building', folds FROM consumers
        WHERE name = $1 AND status = 'live' AND version = $2 AND folds = $3
            AND NOT EXISTS (SELECT FROM consumers WHERE name = $1 AND status = 'building')
        ON CONFLICT DO NOTHING
        """,
        model.name,
        model.version,
        model.folds,
    )
    return bool(made != "INSERT 0 0")
