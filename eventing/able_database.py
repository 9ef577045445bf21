"""Before a process begins: can this database serve it at all? If not, why, in one sentence.

A database that is merely away is none of that: it may come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from eventing.compared import WillNotStart
from eventing.lasting_connection import CONNECT_TIMEOUT_S

VERSION_MIN = 180_000

_ASKED = """
SELECT pg_backend_pid() AS server, current_user AS role, current_database() AS database,
    current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS version_said,
    pg_is_in_recovery() AS is_standby,
    current_setting('transaction_read_only')::bool AS is_read_only
"""
_ALLOWED = """
SELECT CASE
    WHEN to_regclass($2) IS NULL THEN NULL
    WHEN $3::text IS NULL THEN has_table_privilege($2, $1)
    ELSE has_column_privilege($2, $3, $1)
END
"""
_NO_SESSION_OF_OURS = (
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    asyncpg.ProtocolViolationError,
)


class CannotServe(WillNotStart):
    """This database cannot do what is asked of it, however long one waits."""

    vi = "cơ sở dữ liệu này không phục vụ được"


@dataclass(frozen=True, slots=True)
class Needed:
    """What a role must be allowed: a privilege on a table, or on one of its columns."""

    privilege: str
    table: str
    column: str | None = None


LOG = (
    Needed("INSERT", "events"),
    Needed("INSERT", "commands"),
    Needed("UPDATE", "head", "position"),
    Needed("UPDATE", "relay", "published"),
    Needed("UPDATE", "consumers"),
    Needed("INSERT", "identity"),
)
KEYS = (Needed("INSERT", "keys"), Needed("UPDATE", "keys", "wrapped"), Needed("SELECT", "identity"))


async def see_that_it_can_serve(dsn: str, needed: Sequence[Needed]) -> None:
    """Raises CannotServe; what a connection fails with when the database is away."""
    first = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S, statement_cache_size=0)
    try:
        try:
            found = await first.fetchrow(_ASKED)
            assert found is not None
            _see_that_it_is_able(found)
            await _see_that_the_session_is_ours(dsn, first, found["server"])
        except _NO_SESSION_OF_OURS as error:
            raise CannotServe(_NOT_OURS) from error
        for each in needed:
            allowed = await first.fetchval(_ALLOWED, each.privilege, each.table, each.column)
            if allowed is None:
                raise CannotServe(
                    f"database {found['database']} has no table {each.table}: is it another"
                    " service's, or did `vongtay migrate` not run?"
                )
            if not allowed:
                raise CannotServe(
                    f"role {found['role']} may not {each.privilege} in {each.table} of database"
                    f" {found['database']}: `vongtay migrate` grants it"
                )
    finally:
        first.terminate()


def _see_that_it_is_able(found: "asyncpg.Record") -> None:
    if found["version"] < VERSION_MIN:
        raise CannotServe(
            f"database {found['database']} is on PostgreSQL {found['version_said']}, and version"
            f" {VERSION_MIN // 10_000} is the oldest that will do"
        )
    if found["is_standby"] or found["is_read_only"]:
        why = "a standby" if found["is_standby"] else "read-only (default_transaction_read_only)"
        raise CannotServe(f"database {found['database']} is {why}: nothing can be appended to it")


_NOT_OURS = (
    "between this process and the database is a pooler that gives each transaction another server"
    " connection (PgBouncer, pool_mode = transaction): locks, prepared statements and LISTEN need a"
    " session: connect to PostgreSQL itself, or set pool_mode = session"
)


async def _see_that_the_session_is_ours(
    dsn: str, first: "asyncpg.Connection[Any]", server: int
) -> None:
    """A server process of its own for each connection, and the same one as long as it lasts."""
    if server == first.get_server_pid():
        return
    # Something stands between, and gives out process ids of its own. Who holds a transaction open
    # keeps its server process from the other: one pooled by transaction then has another, or both
    # had the same.
    second = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S, statement_cache_size=0)
    try:
        async with second.transaction():
            if await second.fetchval("SELECT pg_backend_pid()") == server:
                raise CannotServe(_NOT_OURS)
            if await first.fetchval("SELECT pg_backend_pid()") != server:
                raise CannotServe(_NOT_OURS)
    finally:
        second.terminate()
