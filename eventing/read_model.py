"""A read model answers one question from a table whose rows are folds of events by key.

The fold is pure, so the same code serves one event, a batch, a rebuild and a property test.
A total is a query over rows, or what an event says that it then is; it is never added up in a row:
a delta applied twice is a lasting lie.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, get_type_hints

import msgspec

from contracts.event import declarations
from eventing.record import Recorded
from eventing.sealing import Sealer

K = TypeVar("K")
Row = TypeVar("Row")

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel(Generic[K, Row]):
    """A table of rows, each the fold of the events that touch its key.

    `row` is a frozen msgspec Struct, which `replace` copies at a fifteenth of a dataclass's cost (a
    frozen dataclass does as well, where a rule takes rows and must know the standard library
    alone): its fields are the columns, in order (UUID, int, str, bool, date,
    datetime, optional ones; anything else is kept as jsonb). `key` names the key's columns; a key
    is the value itself for one column, a tuple for several. `events` are the types it folds, of
    one service or of many; order across services must not matter, so each column comes from one
    service. `version` is raised when the fold or the row changes, and `folds` follows the types:
    with either, a new generation is built beside the old one and takes its place. `private` rows
    hold opened personal data: `opening` turns an event into one with its sealed fields opened
    before it is folded, so the fold stays pure.
    `keys_of_record`, where set, is asked instead of `keys`: for rows that stand for the record.
    """

    name: str
    version: int = 1
    row: type[Row]
    key: tuple[str, ...]
    events: tuple[type, ...]
    keys: Callable[[Any], Iterable[K]]
    apply: Callable[[Row | None, K, Recorded], Row | None]
    indexes: tuple[tuple[str, ...], ...] = ()
    private: bool = False
    keys_of_record: Callable[[Recorded], Iterable[K]] | None = None
    opening: Callable[[Any, Sealer], Awaitable[Any]] | None = None

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
        if self.opening is None:
            return batch
        return [
            msgspec.structs.replace(recorded, event=await self.opening(recorded.event, sealer))
            for recorded in batch
        ]

    def touched(self, recorded: Recorded) -> Iterable[K]:
        """The keys of the rows that it changes."""
        if self.keys_of_record is not None:
            return self.keys_of_record(recorded)
        return self.keys(recorded.event)

    def fold(self, rows: Mapping[K, Row], batch: Iterable[Recorded]) -> dict[K, Row | None]:
        """Return the rows that the batch changes. `rows` holds those that it may touch."""
        changed: dict[K, Row | None] = {}
        for recorded in batch:
            for key in self.touched(recorded):
                before = changed[key] if key in changed else rows.get(key)
                changed[key] = self.apply(before, key, recorded)
        return changed

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
