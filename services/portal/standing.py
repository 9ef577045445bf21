"""At which positions a page stands, and all rows of a question, within a bound."""

from collections.abc import Sequence
from typing import Any, TypeVar

from eventing.read_model import ReadModel
from eventing.rows import Rows

Row = TypeVar("Row")

ROWS_AT_ONCE = 1_000
ROWS_MAX = 50_000


class TooManyRows(Exception):
    """A page would need more rows than it may read: it needs a query that sums in the database."""


async def standing(rows: Rows, *models: ReadModel[Any, Any]) -> dict[str, int]:
    """How far those that a page shows have come together: of each service the least."""
    positions: dict[str, int] = {}
    for model in models:
        for service, at in (await rows.positions(model)).items():
            positions[service] = min(at, positions.get(service, at))
    return dict(sorted(positions.items()))


async def all_rows(rows: Rows, model: ReadModel[Any, Row], **equals: Any) -> Sequence[Row]:
    """Raises TooManyRows."""
    found: list[Row] = []
    after = None
    while len(found) < ROWS_MAX:
        page = await rows.where(model, after=after, limit=ROWS_AT_ONCE, **equals)
        found += page
        if len(page) < ROWS_AT_ONCE:
            return found
        after = model.key_of(page[-1])
    raise TooManyRows(model.name)
