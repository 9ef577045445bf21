"""A read model answers one question from a table whose rows are folds of events by key.

The fold is pure, so the same code serves one event, a batch, a rebuild and a property test.
A total is a query over rows, or what an event says that it then is; it is never added up in a row:
a delta applied twice is a lasting lie.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from contracts.event import declarations
from eventing.record import Recorded
from eventing.sealing import Sealer

E = TypeVar("E")
Opened = TypeVar("Opened")
K = TypeVar("K")
Row = TypeVar("Row")
Keys = Callable[[Recorded[E]], Iterable[K]]

NAME = re.compile("[a-z][a-z0-9_]{0,39}")
"""Part of a table's name, to which PostgreSQL gives 63 characters."""

_encoder = msgspec.json.Encoder(order="deterministic")


class NoRow(Exception):
    """An event found no row to change, in a read model where another one always comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler(Generic[K, Row]):
    """What one type of event does to the rows that it touches; `begins`, `on`, `keyed` make it.

    `keys` are those rows; None: the one whose key the event names. `folded` is the type that the
    fold sees: the event's, or what it is once opened.
    """

    event: type
    folded: type
    fold: Callable[[Row | None, K, Recorded[Any]], Row | None]
    changes_only: bool = False
    keys: Callable[[Recorded[Any]], Iterable[K]] | None = None
    opening: Callable[[Any, Sealer], Awaitable[Any]] | None = None


def begins(
    event: type[E], make: Callable[[Recorded[E]], Row], *, keys: Keys[E, K] | None = None
) -> Handler[K, Row]:
    """The event says a whole row, whatever there was."""
    return Handler(event=event, folded=event, fold=lambda _, __, of: make(of), keys=keys)


def on(
    event: type[E],
    change: Callable[[Row, Recorded[E]], Row | None],
    *,
    keys: Keys[E, K] | None = None,
) -> Handler[K, Row]:
    """The event changes a row that is there, or takes it away."""

    def fold(row: Row | None, _: K, of: Recorded[Any]) -> Row | None:
        return None if row is None else change(row, of)

    return Handler(event=event, folded=event, fold=fold, changes_only=True, keys=keys)


def at_version(
    change: Callable[[Row, Recorded[E]], Row] = lambda row, _: row,
) -> Callable[[Row, Recorded[E]], Row]:
    """The change, and in the row's `version` that of its stream: what an ETag then says."""

    def changed(row: Row, of: Recorded[E]) -> Row:
        return msgspec.structs.replace(change(row, of), version=of.version)  # type: ignore[type-var]

    return changed


def keyed(
    event: type[E],
    fold: Callable[[Row | None, K, Recorded[E]], Row | None],
    *,
    keys: Keys[E, K] | None = None,
) -> Handler[K, Row]:
    """The event touches rows of several keys, or one that may not be there, differently each."""
    return Handler(event=event, folded=event, fold=fold, keys=keys)


def opens(
    event: type[E],
    opening: Callable[[E, Sealer], Awaitable[Opened]],
    handler: Handler[K, Row],
) -> Handler[K, Row]:
    """The event's sealed fields are opened first; the handler is that of what comes of it."""
    return replace(handler, event=event, opening=opening)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel(Generic[K, Row]):
    """A table of rows, each the fold of the events that touch its key.

    `row` is a frozen msgspec Struct, which `replace` copies at a fifteenth of a dataclass's cost (a
    frozen dataclass does as well, where a rule takes rows and must know the standard library
    alone): its fields are the columns, in order (UUID, int, str, bool, date,
    datetime, optional ones; anything else is kept as jsonb). `key` names the key's columns; a key
    is the value itself for one column, a tuple for several. `handlers` say for each type what it
    does: types of one service or of many; order across services must not matter, so each column
    comes from one service. `version` is raised when the fold or the row changes, and `folds`
    follows the types: with either, a new generation is built beside the old one and takes its
    place. `events` are those types. `private` rows hold opened personal data (`opens`): the fold
    itself stays pure.
    `begun_first`: an event that finds no row to change is a fault, and its stream is parked.
    """

    name: str
    version: int = 1
    row: type[Row]
    key: tuple[str, ...]
    handlers: tuple[Handler[K, Row], ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    private: bool = False
    begun_first: bool = False
    events: tuple[type, ...] = field(init=False)
    _handler_of: Mapping[type, Handler[K, Row]] = field(init=False, repr=False, compare=False)
    _named: Callable[[Any], K] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises TypeError for a name of no table, two handlers of one event, one without key."""
        if NAME.fullmatch(self.name) is None:
            raise TypeError(f"{self.name!r} names no table: {NAME.pattern}")
        object.__setattr__(self, "events", tuple(each.event for each in self.handlers))
        object.__setattr__(self, "_handler_of", {each.folded: each for each in self.handlers})
        object.__setattr__(self, "_named", attrgetter(*self.key))
        if len(self._handler_of) < len(self.handlers) or len(set(self.events)) < len(self.events):
            raise TypeError(f"{self.name} has two handlers for one event")
        for each in self.handlers:
            if each.keys is None and (lacking := set(self.key) - set(fields_of(each.folded))):
                raise TypeError(
                    f"{self.name}: {each.folded.__name__} has no {sorted(lacking)}: say its keys"
                )

    @property
    def opens_sealed(self) -> bool:
        """Whether it needs the keys to be folded."""
        return any(each.opening is not None for each in self.handlers)

    @property
    def folds(self) -> str:
        """What this is a fold of: SHA-256, hex, over the types with their versions and fields.

        Whoever did not know one of them has passed over it, or over a field of it.
        """
        kinds = (declarations[event] for event in self.events)
        lines = sorted(
            f"{kind.name} {kind.version} {' '.join(field.name for field in fields(kind.cls))}\n"
            for kind in kinds
        )
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    async def opened(self, batch: Sequence[Recorded], sealer: Sealer) -> Sequence[Recorded]:
        """What `fold` takes: the batch as it is, or opened if the model asks for that."""
        openings = {each.event: each.opening for each in self.handlers if each.opening is not None}
        if not openings:
            return batch
        return [
            msgspec.structs.replace(recorded, event=await opening(recorded.event, sealer))
            if (opening := openings.get(type(recorded.event))) is not None
            else recorded
            for recorded in batch
        ]

    def touched(self, recorded: Recorded) -> Iterable[K]:
        """The keys of the rows that it changes."""
        keys = self._handler_of[type(recorded.event)].keys
        return (self._named(recorded.event),) if keys is None else keys(recorded)

    def fold(self, rows: Mapping[K, Row], batch: Iterable[Recorded]) -> dict[K, Row | None]:
        """Return the rows that the batch changes. `rows` holds those that it may touch.

        Raises NoRow.
        """
        changed: dict[K, Row | None] = {}
        for recorded in batch:
            for key in self.touched(recorded):
                before = changed[key] if key in changed else rows.get(key)
                changed[key] = self.apply(before, key, recorded)
        return changed

    def apply(self, row: Row | None, key: K, recorded: Recorded) -> Row | None:
        """Return a row's next value. Raises NoRow."""
        handler = self._handler_of[type(recorded.event)]
        if row is None and handler.changes_only and self.begun_first:
            raise NoRow(f"{self.name}: {type(recorded.event).__name__}")
        return handler.fold(row, key, recorded)

    def key_of(self, row: Row) -> K:
        values = tuple(getattr(row, column) for column in self.key)
        key: Any = values[0] if len(values) == 1 else values
        return key  # type: ignore[no-any-return]

    def digest(self, rows: Iterable[Row]) -> str:
        """SHA-256, hex, over the rows in key order: each its fields as a JSON array and a newline.

        Instants are told in UTC: a database keeps no offset.
        """
        columns = fields_of(self.row)
        digest = hashlib.sha256()
        for row in sorted(rows, key=self.key_of):  # type: ignore[arg-type]
            values = [_in_utc(getattr(row, column)) for column in columns]
            digest.update(_encoder.encode(values) + b"\n")
        return digest.hexdigest()


def fields_of(row: Any) -> tuple[str, ...]:
    """The names of a row's fields, in their order."""
    return tuple(get_type_hints(row))


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
