"""Reading the rows of read models, whichever way they are kept."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from eventing.read_model import ReadModel

K = TypeVar("K")
Row = TypeVar("Row")


class NotYetVisible(Exception):
    """The read model had not reached the position asked for within the bound."""


class Rows(Protocol):
    async def get(self, model: ReadModel[K, Row], key: K) -> Row | None:
        """One row by its key."""

    async def where(
        self,
        model: ReadModel[Any, Row],
        *,
        limit: int,
        after: Any = None,
        order: Sequence[str] = (),
        at_least: Mapping[str, Any] | None = None,
        at_most: Mapping[str, Any] | None = None,
        contains: Mapping[str, str] | None = None,
        **equals: Any,
    ) -> Sequence[Row]:
        """At most `limit` rows whose columns equal the values given, in key order, after a key.

        A value that is a list or tuple means any of its members. `at_least` and `at_most` are
        bounds of columns, `contains` a part of a text, letter for letter; a column that is None
        meets none of them. `order` names columns before the key's own, `-` before one that
        descends, None last; then `after` is the values of these columns and of the key.
        `eventing/questions.py` says it for every store. Raises TypeError for what is no column.
        """

    async def count(self, model: ReadModel[Any, Any], *, bound: int, **which: Any) -> int:
        """How many rows `where` would find with the same question; `bound`: as many, or more."""

    async def query(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        """The rows of a query over read models, named as `{model.name}` tables. $1 … arguments.

        Only PostgreSQL's rows can answer it: tests of such a query need the stack.
        """

    async def query_together(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        """Several queries with their arguments, answered as of one moment."""

    async def positions(self, model: ReadModel[Any, Any]) -> Mapping[str, int]:
        """How far the model has come, per source service."""

    async def reached(
        self, model: ReadModel[Any, Any], at_least: Mapping[str, int], wait_s: float = 5.0
    ) -> None:
        """Return when the model has reached the positions. Raises NotYetVisible after `wait_s`."""
