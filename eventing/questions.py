"""Which rows of a read model are asked for, and in which order: one meaning for every store."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from eventing.read_model import ReadModel, fields_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class By:
    """None comes last, either way."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[Row]):
    """Made by `question`. `order` ends with the key's columns, so that every row has one place."""

    model: ReadModel[Any, Row]
    equals: Mapping[str, Any]
    at_least: Mapping[str, Any] = field(default_factory=dict)
    at_most: Mapping[str, Any] = field(default_factory=dict)
    contains: Mapping[str, str] = field(default_factory=dict)
    any_of: Mapping[str, Collection[Any]] = field(default_factory=dict)
    order: tuple[By, ...]

    @property
    def in_key_order(self) -> bool:
        return self.order == tuple(By(column) for column in self.model.key)

    def place_of(self, row: Row) -> Any:
        """What `after` is given to go on behind the row: its key, or values of `order` and key."""
        if self.in_key_order:
            return self.model.key_of(row)
        return tuple(getattr(row, by.column) for by in self.order)

    def values_of(self, place: Any) -> tuple[Any, ...]:
        """A place, one value for each of `order`."""
        return (place,) if len(self.order) == 1 else tuple(place)

    def holds(self, row: Row) -> bool:
        """Whether the row is asked for."""
        return (
            all(_is(getattr(row, column), value) for column, value in self.equals.items())
            and all(
                (is_ := getattr(row, column)) is not None and is_ >= bound
                for column, bound in self.at_least.items()
            )
            and all(
                (is_ := getattr(row, column)) is not None and is_ <= bound
                for column, bound in self.at_most.items()
            )
            and all(
                (is_ := getattr(row, column)) is not None and part in is_
                for column, part in self.contains.items()
            )
            and all(
                any(one in wanted for one in getattr(row, column))
                for column, wanted in self.any_of.items()
            )
        )

    def in_order(self, rows: Iterable[Row]) -> list[Row]:
        found = list(rows)
        for by in reversed(self.order):
            with_value = [row for row in found if getattr(row, by.column) is not None]
            without = [row for row in found if getattr(row, by.column) is None]
            with_value.sort(key=lambda row: getattr(row, by.column), reverse=by.descending)
            found = with_value + without
        return found

    def is_after(self, row: Row, place: Any) -> bool:
        for by, theirs in zip(self.order, self.values_of(place), strict=True):
            ours = getattr(row, by.column)
            if ours != theirs:
                if ours is None or theirs is None:
                    return ours is None
                return bool(ours < theirs if by.descending else ours > theirs)
        return False


def question(
    model: ReadModel[Any, Row],
    *,
    order: Sequence[str] = (),
    at_least: Mapping[str, Any] | None = None,
    at_most: Mapping[str, Any] | None = None,
    contains: Mapping[str, str] | None = None,
    any_of: Mapping[str, Collection[Any]] | None = None,
    **equals: Any,
) -> Question[Row]:
    """What `Rows.where` takes. `any_of`: a column of ids holds one of these.

    Raises TypeError for a column that the model has not.
    """
    by = [By(column.removeprefix("-"), column.startswith("-")) for column in order]
    ranges, parts = {**(at_least or {}), **(at_most or {})}, contains or {}
    named = {*equals, *ranges, *parts, *(any_of or {}), *(each.column for each in by)}
    if unknown := named - set(fields_of(model.row)):
        raise TypeError(f"{model.name} has no columns {sorted(unknown)}")
    if any(value is None for value in (*ranges.values(), *parts.values())):
        raise TypeError(f"{model.name}: nothing is more or less than None, or has it in it")
    ordered = {each.column for each in by}
    key = [By(column) for column in model.key if column not in ordered]
    return Question(
        model=model,
        equals=equals,
        at_least=at_least or {},
        at_most=at_most or {},
        contains=parts,
        any_of={column: frozenset(wanted) for column, wanted in (any_of or {}).items()},
        order=(*by, *key) if by else tuple(By(column) for column in model.key),
    )


def _is(actual: Any, wanted: Any) -> bool:
    return actual in wanted if isinstance(wanted, list | tuple) else bool(actual == wanted)
