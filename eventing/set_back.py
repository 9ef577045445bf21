"""Set the readers of one service back in a log: read models are built anew, reactions read again.

What was built stands until the new rows are level; a reaction gives the same commands under the
same keys, which the log answers as done.
"""

from typing import Any

BEYOND = """
SELECT name FROM consumers WHERE status <> 'retired' AND source = $1 AND position > $2
"""


async def set_back(connection: Any, source: str, to: int, *, end: int | None = None) -> list[str]:
    """Whoever has read further than `to`, in a transaction of the caller's; returns their names.

    `end`: where that log ends, if it ends before where they are; what serves goes on from there.
    No grant of that log counts beyond `to` before the rows are new. Raises what asyncpg raises.
    """
    names = sorted({row["name"] for row in await connection.fetch(BEYOND, source, to)})
    await connection.execute(
        "UPDATE vouched SET position = least(position, $2), held = true WHERE source = $1",
        source,
        to,
    )
    await _build_anew(connection, source, to)
    await connection.execute(
        "UPDATE consumers SET position = $2, trouble = NULL WHERE version = 0"
        " AND source = $1 AND position > $2",
        source,
        to,
    )
    if end is not None:
        await connection.execute(
            "UPDATE consumers SET position = $2, hint = NULL, trouble = NULL WHERE version > 0"
            " AND source = $1 AND position > $2",
            source,
            end,
        )
    return names


async def _build_anew(connection: Any, source: str, to: int) -> None:
    """One more generation of each read model that has read further, from the beginning."""
    stale = [
        row["name"]
        for row in await connection.fetch(
            "SELECT DISTINCT name FROM consumers WHERE version > 0 AND status <> 'retired'"
            " AND source = $1 AND position > $2",
            source,
            to,
        )
    ]
    await connection.execute(
        "UPDATE consumers SET status = 'retired' WHERE status = 'building' AND name = ANY($1)",
        stale,
    )
    await connection.execute(
        "INSERT INTO consumers (name, version, generation, source, status, folds)"
        " SELECT DISTINCT ON (name, source) name, version,"
        " (SELECT max(generation) + 1 FROM consumers AS every WHERE every.name = newest.name),"
        " source, 'building', folds FROM consumers AS newest"
        " WHERE name = ANY($1) ORDER BY name, source, generation DESC",
        stale,
    )
