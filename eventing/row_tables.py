"""The table that keeps a read model's rows: what its row's fields are in PostgreSQL, and its SQL.

Scalars are columns of their own type, all else is jsonb. Text is in byte order, as in Python.
"""
# ruff: noqa: S608 - names come from declarations in code; values are always arguments

import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from eventing.read_model import ReadModel

K = TypeVar("K")
Row = TypeVar("Row")

OPEN, PRIVATE = "read_models", "private"
TABLE_NAME = "name || '__v' || version || '_' || generation"
"""`RowTable.name` in SQL, over the columns of `consumers`."""
_SCALARS: Mapping[Any, str] = {
    bool: "boolean",
    int: "bigint",
    str: "text",
    UUID: "uuid",
    date: "date",
    datetime: "timestamptz",
}
_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Column:
    """`composite` is the type to make again from jsonb, None for a scalar."""

    name: str
    sql_type: str
    composite: Any = None
    may_be_null: bool = False

    @property
    def declaration(self) -> str:
        collation = ' COLLATE "C"' if self.sql_type == "text" else ""
        return f'"{self.name}" {self.sql_type}{collation}'

    @property
    def array_type(self) -> str:
        # As text, since asyncpg takes jsonb as text too, and one row's nulls stay its own.
        return "text[]" if self.composite is not None else f"{self.sql_type}[]"

    @property
    def cast(self) -> str:
        return f'"{self.name}"::jsonb' if self.composite is not None else f'"{self.name}"'

    def to_sql(self, value: Any) -> Any:
        if self.composite is None or value is None:
            return value
        return _encoder.encode(value).decode()

    def from_sql(self, value: Any) -> Any:
        if self.composite is None or value is None:
            return value
        return msgspec.json.decode(value, type=self.composite)


def refuse_unstorable(rows: Iterable[Any]) -> None:
    """Raise ValueError where PostgreSQL would refuse a row: its text and jsonb hold no NUL."""
    for row in rows:
        for column in columns_of(type(row)):
            value = column.to_sql(getattr(row, column.name))
            if isinstance(value, str) and "\x00" in value:
                raise ValueError(column.name)
            # In JSON it is escaped, and so may be the backslash before what only looks like it.
            if column.composite is not None and "\\u0000" in (value or "").replace("\\\\", ""):
                raise ValueError(column.name)
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError(column.name)


def columns_of(row: Any) -> tuple[Column, ...]:
    """The columns for a row's class, in the order of its fields."""
    return _columns_of(row)


@cache
def _columns_of(row: Any) -> tuple[Column, ...]:
    hints = get_type_hints(row)
    return tuple(_column(name, hint) for name, hint in hints.items())


def _column(name: str, hint: Any) -> Column:
    inner = hint
    may_be_null = False
    if get_origin(hint) in (Union, types.UnionType):
        may_be_null = type(None) in get_args(hint)
        rest = [part for part in get_args(hint) if part is not type(None)]
        inner = rest[0] if len(rest) == 1 else hint
    if get_origin(inner) is Literal:
        (inner,) = {type(value) for value in get_args(inner)}
    sql_type = _SCALARS.get(inner)
    if sql_type is None:
        return Column(name, "jsonb", inner, may_be_null)
    return Column(name, sql_type, None, may_be_null)


@dataclass(frozen=True)
class RowTable(Generic[K, Row]):
    """The rows of one generation of a read model."""

    model: ReadModel[K, Row]
    version: int
    generation: int

    @property
    def schema(self) -> str:
        return PRIVATE if self.model.private else OPEN

    @property
    def name(self) -> str:
        return f"{self.model.name}__v{self.version}_{self.generation}"

    @property
    def _table(self) -> str:
        return f'{self.schema}."{self.name}"'

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        return columns_of(self.model.row)

    @cached_property
    def _key_columns(self) -> list[Column]:
        by_name = {column.name: column for column in self._columns}
        return [by_name[name] for name in self.model.key]

    @cached_property
    def _quoted_key(self) -> str:
        return quoted(self._key_columns)

    async def create(self, connection: Any) -> None:
        kind = "UNLOGGED TABLE" if self.model.private else "TABLE"
        declarations = ", ".join(column.declaration for column in self._columns)
        await connection.execute(
            f"CREATE {kind} IF NOT EXISTS {self._table}"
            f" ({declarations}, PRIMARY KEY ({self._quoted_key})) WITH (fillfactor = 85)"
        )
        for index, columns in enumerate(self.model.indexes, 1):
            by_name = {column.name: column for column in self._columns}
            names = quoted(by_name[column] for column in columns)
            await connection.execute(
                f'CREATE INDEX IF NOT EXISTS "{self.name}_{index}" ON {self._table} ({names})'
            )

    async def serve(self, connection: Any) -> None:
        """Make the view of the model's name show this table."""
        view = f'{self.schema}."{self.model.name}"'
        # Not replaced: a new version may have other columns.
        await connection.execute(
            f"DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS SELECT * FROM {self._table}"
        )

    async def drop(self, connection: Any) -> None:
        await connection.execute(f"DROP TABLE IF EXISTS {self._table}")

    async def survived(self, connection: Any) -> bool:
        """Whether the rows are still there: a crash of the database empties unlogged tables."""
        await connection.execute(
            f"CREATE UNLOGGED TABLE IF NOT EXISTS {PRIVATE}.alive (table_name text PRIMARY KEY)"
        )
        found = await connection.fetchval(
            f"SELECT true FROM {PRIVATE}.alive WHERE table_name = $1", self.name
        )
        return bool(found)

    async def mark_alive(self, connection: Any) -> None:
        await connection.execute(
            f"INSERT INTO {PRIVATE}.alive VALUES ($1) ON CONFLICT DO NOTHING", self.name
        )

    async def load(self, connection: Any, keys: Iterable[K]) -> dict[K, Row]:
        arrays = _transposed(self._key_tuples(keys), len(self._key_columns))
        if not arrays[0]:
            return {}
        found = await connection.fetch(
            f"SELECT {quoted(self._columns)} FROM {self._table} WHERE ({self._quoted_key}) IN"
            f" (SELECT * FROM unnest({_parameters(self._key_columns)}))",
            *arrays,
        )
        rows = [self.row(record) for record in found]
        return {self.model.key_of(row): row for row in rows}

    def row(self, record: Any) -> Row:
        return self.model.row(
            **{column.name: column.from_sql(record[column.name]) for column in self._columns}
        )

    async def write(self, connection: Any, changed: Mapping[K, Row | None]) -> None:
        """Upsert and delete in one statement each. Raises what asyncpg raises for data."""
        kept = [row for row in changed.values() if row is not None]
        gone = [key for key, row in changed.items() if row is None]
        if kept:
            arrays = [
                [column.to_sql(getattr(row, column.name)) for row in kept]
                for column in self._columns
            ]
            await connection.execute(self._upsert, *arrays)
        if gone:
            await connection.execute(
                f"DELETE FROM {self._table} WHERE ({self._quoted_key}) IN"
                f" (SELECT * FROM unnest({_parameters(self._key_columns)}))",
                *_transposed(self._key_tuples(gone), len(self._key_columns)),
            )

    @cached_property
    def _upsert(self) -> str:
        names = quoted(self._columns)
        casts = ", ".join(column.cast for column in self._columns)
        others = [column.name for column in self._columns if column.name not in self.model.key]
        sets = ", ".join(f'"{name}" = excluded."{name}"' for name in others)
        action = f"UPDATE SET {sets}" if others else "NOTHING"
        return (
            f"INSERT INTO {self._table} ({names})"
            f" SELECT {casts} FROM unnest({_parameters(self._columns)}) AS new ({names})"
            f" ON CONFLICT ({self._quoted_key}) DO {action}"
        )

    def _key_tuples(self, keys: Iterable[K]) -> list[tuple[Any, ...]]:
        single = len(self.model.key) == 1
        return [(key,) if single else tuple(key) for key in keys]  # type: ignore[arg-type]


def quoted(columns: Iterable[Column]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _parameters(columns: Iterable[Column]) -> str:
    return ", ".join(f"${number}::{column.array_type}" for number, column in enumerate(columns, 1))


def _transposed(tuples: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[one[at] for one in tuples] for at in range(width)]
