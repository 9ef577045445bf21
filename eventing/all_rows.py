"""All rows of a question, page by page: beyond a bound it raises, and never gives a part."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from eventing.questions import question
from eventing.read_model import ReadModel
from eventing.rows import Rows

Row = TypeVar("Row")

ROWS_A_PAGE = 1_000
ROWS_HELD_MAX = 50_000
ROWS_SEEN_MAX = 1_000_000


class TooManyRows(Exception):
    """There are more than may be read: this needs a query that sums in the database."""


async def all_rows(
    rows: Rows, model: ReadModel[Any, Row], *, bound: int = ROWS_HELD_MAX, **which: Any
) -> list[Row]:
    """Raises TooManyRows, NotYetVisible."""
    return [row async for row in each_row(rows, model, bound=bound, **which)]


async def each_row(
    rows: Rows, model: ReadModel[Any, Row], *, bound: int = ROWS_SEEN_MAX, **which: Any
) -> AsyncIterator[Row]:
    """One after the other, asked for as `Rows.where` is. Raises TooManyRows after `bound` of them.

    Raises NotYetVisible.
    """
    asked = question(model, **which)
    after, left = None, bound
    while True:
        page = await rows.where(model, after=after, limit=min(ROWS_A_PAGE, left + 1), **which)
        for row in page[:left]:
            yield row
        if len(page) > left:
            raise TooManyRows(f"more than {bound} of {model.name}")
        if len(page) < ROWS_A_PAGE:
            return
        after, left = asked.place_of(page[-1]), left - len(page)
