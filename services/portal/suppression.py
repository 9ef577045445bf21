"""Cells of one to four children are not published, nor enough others to compute them back.

A table is communes by categories with its sums; each row and each column is an equation, so a
hidden cell that stands alone in one is no secret.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

SHOWN_FROM = 5

R = TypeVar("R", bound=Hashable)
C = TypeVar("C", bound=Hashable)
Cell = tuple[R | None, C | None]
"""Row and column; None stands for the sum."""


def with_sums(cells: Mapping[tuple[R, C], int]) -> dict[Cell[R, C], int]:
    """The table with the sums of its rows and columns."""
    whole: dict[Cell[R, C], int] = {}
    for (row, column), count in cells.items():
        for at in ((row, column), (row, None), (None, column), (None, None)):
            whole[at] = whole.get(at, 0) + count
    return whole


def hidden(cells: Mapping[tuple[R, C], int]) -> frozenset[Cell[R, C]]:
    """Which cells, sums among them, are not to be shown."""
    whole = with_sums(cells)
    kept_back = {at for at, count in whole.items() if 0 < count < SHOWN_FROM}
    equations = list(_equations(whole))
    # Each round hides one more cell at least, so there are no more rounds than cells.
    for _ in range(len(whole) + 1):
        more = {
            weakest
            for equation in equations
            if (weakest := _weakest(equation, whole, kept_back)) is not None
        }
        if not more:
            break
        kept_back |= more
    return frozenset(kept_back)


def _equations(whole: Mapping[Cell[R, C], int]) -> Iterable[list[Cell[R, C]]]:
    rows = {row for row, _ in whole}
    columns = {column for _, column in whole}
    for row in rows:
        yield [at for at in whole if at[0] == row]
    for column in columns:
        yield [at for at in whole if at[1] == column]


def _weakest(
    equation: list[Cell[R, C]],
    whole: Mapping[Cell[R, C], int],
    kept_back: set[Cell[R, C]],
) -> Cell[R, C] | None:
    """The cell that must be hidden too, if the equation tells on those that are."""
    secret = [at for at in equation if at in kept_back]
    if not secret:
        return None
    total = max(equation, key=lambda at: (at[0] is None) + (at[1] is None))
    parts = sum(whole[at] for at in secret if at != total)
    if len(secret) > 1 and (total in kept_back or parts >= SHOWN_FROM):
        return None
    others = [at for at in equation if at not in kept_back and whole[at] > 0]
    return min(others, key=lambda at: (whole[at], str(at)), default=None)
