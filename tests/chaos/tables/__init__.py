"""The open read models, folded again from the logs in another way, from what they are to say.

Where a service goes on from one event to the next, here all that happened to a thing is laid out
and its row read off it; quantities are sums over whole logs.

All tables are checked, all rows of each and all columns: a column or a table that is not expected
here is a violation, so whoever adds one says here what it means. Private read models, which hold
what was opened, are not looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.looked_at import World
from tests.chaos.tables import (
    allocation,
    donations,
    everywhere,
    notifications,
    portal,
    portal_events,
    registry,
)
from tests.chaos.tables.folding import Expected, Key, Tables, plain

OF_SERVICE: Mapping[str, Tables] = {
    "registry": registry.TABLES | everywhere.TABLES,
    "donations": donations.TABLES | everywhere.TABLES,
    "allocation": allocation.TABLES | everywhere.TABLES,
    "notifications": notifications.TABLES | everywhere.TABLES,
    "portal": portal.TABLES | portal_events.TABLES | everywhere.TABLES,
}


def differ(world: World) -> Iterator[str]:
    """Each table that is to be there is, none is there that nobody knows, and all say the same."""
    if not world.has_tables:
        return
    for service in sorted(OF_SERVICE.keys() | world.tables.keys()):
        tables, known = world.tables.get(service, {}), OF_SERVICE.get(service, {})
        yield from (f"{service}.{name} is not there" for name in sorted(known.keys() - tables))
        yield from (f"{service}.{name} is not known" for name in sorted(tables.keys() - known))
        for name in sorted(tables.keys() & known):
            key, fold = known[name]
            yield from compared(f"{service}.{name}", key, fold(world), tables[name])


def compared(
    name: str, key: Key, expected: Expected, rows: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    actual = {tuple(str(row[column]) for column in key): row for row in rows}
    if len(actual) != len(rows):
        yield f"{name} has a row twice"
    yield from (f"{name} lacks {missing}" for missing in sorted(expected.keys() - actual))
    yield from (f"{name} has {extra} too many" for extra in sorted(actual.keys() - expected))
    for row_key in sorted(expected.keys() & actual):
        row, due = actual[row_key], expected[row_key]
        for column in sorted(row.keys() - due - set(key)):
            yield f"{name} {row_key}: {column} is not known"
        for column, value in due.items():
            if column not in row:
                yield f"{name} {row_key}: there is no {column}"
            elif plain(row[column]) != plain(value):
                yield f"{name} {row_key}: {column} is {row[column]}, not {value}"
