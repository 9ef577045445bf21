"""The rows of read models as PostgreSQL keeps them: what queries read, in any process."""
# ruff: noqa: S608 - names come from declarations in code; values are always arguments

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import asyncpg

from eventing.questions import Question, question
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
        self, model: ReadModel[Any, Row], *, limit: int, after: Any = None, **which: Any
    ) -> Sequence[Row]:
        asked = question(model, **which)
        columns = {column.name: column for column in columns_of(model.row)}
        condition = _Condition(columns, [], [])
        condition.of(asked)
        if after is not None:
            condition.after(asked, after)
        table = RowTable(model, model.version, 0)
        try:
            found = await self._pool.fetch(
                f"SELECT {quoted(columns.values())}"
                f' FROM {table.schema}."{model.name}" {condition.sql}'
                f" ORDER BY {condition.order(asked)} LIMIT {int(limit)}",
                *condition.arguments,
            )
        except NOT_BUILT as error:
            raise NotYetVisible(model.name) from error
        return [table.row(record) for record in found]

    async def count(self, model: ReadModel[Any, Any], *, bound: int, **which: Any) -> int:
        condition = _Condition({one.name: one for one in columns_of(model.row)}, [], [])
        condition.of(question(model, **which))
        table = f'{RowTable(model, model.version, 0).schema}."{model.name}"'
        found = f"SELECT FROM {table} {condition.sql} LIMIT {int(bound)}"
        try:
            count = await self._pool.fetchval(
                f"SELECT count(*) FROM ({found}) AS found", *condition.arguments
            )
        except NOT_BUILT as error:
            raise NotYetVisible(model.name) from error
        return int(count)

    async def query(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        (found,) = await self.query_together([(sql, arguments)])
        return found

    async def query_together(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        try:
            return await self._query(asked)
        except asyncpg.InvalidCachedStatementError:
            # A new version was swapped in; what the driver remembered of the old one is dropped.
            return await self._query(asked)
        except NOT_BUILT as error:
            raise NotYetVisible from error

    async def _query(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        one_moment: Literal["repeatable_read"] | None = (
            "repeatable_read" if len(asked) > 1 else None
        )
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation=one_moment, readonly=True),
        ):
            # In the transaction, so that the next user of the connection has their own path.
            await connection.execute(f"SET LOCAL search_path TO {OPEN}, {PRIVATE}, public")
            return [
                await connection.fetch(sql, *arguments, timeout=QUERY_WITHIN_S)
                for sql, arguments in asked
            ]

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
    columns: Mapping[str, Column]
    parts: list[str]
    arguments: list[Any]

    def of(self, asked: Question[Any]) -> None:
        for name, value in asked.equals.items():
            self._equals(self.columns[name], value)
        for sign, bounds in ((">=", asked.at_least), ("<=", asked.at_most)):
            for name, value in bounds.items():
                self.parts.append(f'"{name}" {sign} {self._value(name, value)}')
        for name, value in asked.contains.items():
            self.parts.append(f'strpos("{name}", {self._value(name, value)}) > 0')
        for name, wanted in asked.any_of.items():
            self.parts.append(f'"{name}" ?| {self._argument(sorted(map(str, wanted)))}::text[]')

    def _equals(self, column: Column, value: Any) -> None:
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

    def after(self, asked: Question[Any], place: Any) -> None:
        places = [*zip(asked.order, asked.values_of(place), strict=True)]
        columns = [self.columns[by.column] for by in asked.order]
        directions = {by.descending for by in asked.order}
        if len(directions) == 1 and not any(column.may_be_null for column in columns):
            names = quoted(columns)
            given = ", ".join(self._value(by.column, value) for by, value in places)
            # An index over these columns leads straight there.
            self.parts.append(f"({names}) {'<' if True in directions else '>'} ({given})")
            return
        # Column by column, the last first; what is NULL is behind all that is not.
        behind = "false"
        for by, value in reversed(places):
            name = f'"{by.column}"'
            if value is None:
                behind = f"({name} IS NULL AND {behind})"
            else:
                given, sign = self._value(by.column, value), "<" if by.descending else ">"
                farther = f"{name} {sign} {given} OR {name} IS NULL"
                behind = f"({farther} OR ({name} = {given} AND {behind}))"
        self.parts.append(behind)

    def order(self, asked: Question[Any]) -> str:
        """Said only where it matters: an index read backwards has its nulls first."""
        last = {name: " NULLS LAST" for name, column in self.columns.items() if column.may_be_null}
        return ", ".join(
            f'"{by.column}"' + (f" DESC{last.get(by.column, '')}" if by.descending else "")
            for by in asked.order
        )

    def _value(self, name: str, value: Any) -> str:
        return f"{self._argument(value)}::{self.columns[name].sql_type}"

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
