"""The rows of read models as PostgreSQL keeps them: what queries read, in any process."""
# ruff: noqa: S608 - names come from declarations in code; values are always arguments

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

from eventing.read_model import ReadModel
from eventing.row_tables import OPEN, PRIVATE, TABLE_NAME, Column, RowTable, columns_of, quoted
from eventing.rows import NotYetVisible

K = TypeVar("K")
Row = TypeVar("Row")

POLL_INTERVAL_S = 0.015
QUERY_WITHIN_S = 10.0
NOT_BUILT = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""Until the first build, or the swap to a version with new columns, is done."""

ALIVE = f"EXISTS (SELECT FROM {PRIVATE}.alive WHERE table_name = {TABLE_NAME})"


class PostgresRows:
    """Raises NotYetVisible for a read model of which this version is not built yet."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool

    async def get(self, model: ReadModel[K, Row], key: K) -> Row | None:
        values: Any = (key,) if len(model.key) == 1 else key
        equals = dict(zip(model.key, values, strict=True))
        found = await self.where(model, limit=1, **equals)
        return found[0] if found else None

    async def where(
        self, model: ReadModel[Any, Row], *, limit: int, after: Any = None, **equals: Any
    ) -> Sequence[Row]:
        columns = {column.name: column for column in columns_of(model.row)}
        if unknown := equals.keys() - columns.keys():
            raise TypeError(f"{model.name} has no columns {sorted(unknown)}")
        key = [columns[name] for name in model.key]
        condition = _Condition([], [])
        for name, value in equals.items():
            condition.equals(columns[name], value)
        if after is not None:
            condition.after(key, after)
        table = RowTable(model, model.version, 0)
        try:
            found = await self._pool.fetch(
                f"SELECT {quoted(columns.values())}"
                f' FROM {table.schema}."{model.name}" {condition.sql}'
                f" ORDER BY {quoted(key)} LIMIT {int(limit)}",
                *condition.arguments,
            )
        except NOT_BUILT as error:
            raise NotYetVisible(model.name) from error
        return [table.row(record) for record in found]

    async def query(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        try:
            return await self._query(sql, arguments)
        except asyncpg.InvalidCachedStatementError:
            # A new version was swapped in; what the driver remembered of the old one is dropped.
            return await self._query(sql, arguments)
        except NOT_BUILT as error:
            raise NotYetVisible from error

    async def _query(self, sql: str, arguments: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            # In the transaction, so that the next user of the connection has their own path.
            await connection.execute(f"SET LOCAL search_path TO {OPEN}, {PRIVATE}, public")
            found: Sequence[Mapping[str, Any]] = await connection.fetch(
                sql, *arguments, timeout=QUERY_WITHIN_S
            )
            return found

    async def positions(self, model: ReadModel[Any, Any]) -> Mapping[str, int]:
        # A crash of the database takes private rows away; their cursors are taken back later.
        alive = f" AND {ALIVE}" if model.private else ""
        try:
            found = await self._pool.fetch(
                "SELECT source, position FROM consumers"
                f" WHERE name = $1 AND status = 'live'{alive}",
                model.name,
            )
        except NOT_BUILT:
            return {}
        return {row["source"]: row["position"] for row in found}

    async def reached(
        self, model: ReadModel[Any, Any], at_least: Mapping[str, int], wait_s: float = 5.0
    ) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            positions = await self.positions(model)
            # What the model does not follow can never make it too old.
            if positions and all(
                positions[source] >= at for source, at in at_least.items() if source in positions
            ):
                return
            if loop.time() >= deadline:
                raise NotYetVisible(model.name)
            await asyncio.sleep(POLL_INTERVAL_S)


@dataclass(frozen=True, slots=True)
class _Condition:
    parts: list[str]
    arguments: list[Any]

    def equals(self, column: Column, value: Any) -> None:
        name = f'"{column.name}"'
        if value is None:
            self.parts.append(f"{name} IS NULL")
        elif isinstance(value, list | tuple):
            members = [column.to_sql(one) for one in value if one is not None]
            or_null = f" OR {name} IS NULL" if None in value else ""
            cast = f"::{column.array_type}" + ("::jsonb[]" if column.composite is not None else "")
            self.parts.append(f"({name} = ANY({self._argument(members)}{cast}){or_null})")
        else:
            self.parts.append(f"{name} = {self._argument(column.to_sql(value))}")

    def after(self, key: Sequence[Column], after: Any) -> None:
        values = (after,) if len(key) == 1 else after
        given = ", ".join(
            f"{self._argument(value)}::{column.sql_type}"
            for column, value in zip(key, values, strict=True)
        )
        self.parts.append(f"({quoted(key)}) > ({given})")

    def _argument(self, value: Any) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments)}"

    @property
    def sql(self) -> str:
        return f"WHERE {' AND '.join(self.parts)}" if self.parts else ""


async def digest(
    pool: "asyncpg.Pool[Any]", model: ReadModel[Any, Any]
) -> tuple[str, Mapping[str, int]]:
    """The digest of what a model serves, and the positions at which it is that.

    One snapshot for both: else rows could be newer than the positions they are stated with.
    """
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        found = await connection.fetch(
            "SELECT source, position, generation FROM consumers"
            " WHERE name = $1 AND status = 'live' AND version = $2 AND folds = $3",
            model.name,
            model.version,
            model.folds,
        )
        if not found:
            raise NotYetVisible(model.name)
        table = RowTable(model, model.version, found[0]["generation"])
        rows = await connection.fetch(f'SELECT * FROM {table.schema}."{table.name}"')
    vector = {row["source"]: row["position"] for row in found}
    return model.digest(table.row(row) for row in rows), vector
