"""Where the rows of a table do not add up to its total: a page says so, and why."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Why = Literal["counted-in-each", "published", "as-they-say"]
"""A child who was helped in two communes stands in both rows; a row was withheld, or told at
another time; another body wrote it so."""


class Difference(NamedTuple):
    """`withheld`: rows that are not told."""

    column: str
    rows: int
    total: int
    withheld: int
    why: Why


def differences(
    rows: Sequence[object], total: object, columns: Iterable[str], otherwise: Why
) -> list[Difference]:
    """A column whose total is not told has none."""
    found = []
    for column in columns:
        told = [getattr(row, column) for row in rows]
        summed = sum(value for value in told if value is not None)
        of_all: int | None = getattr(total, column)
        if of_all is not None and summed != of_all:
            more = column == "children_distinct" and summed > of_all
            why: Why = "counted-in-each" if more else otherwise
            found.append(Difference(column, summed, of_all, told.count(None), why))
    return found
