"""The databases of the services: one with the log, one with the keys, and who may do what there.

Two roles each: the owner migrates, the other runs and can change no event.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from console.run_folder import PROJECT

MIGRATION_WAIT_S = 120.0


class DidNotMigrate(Exception):
    """A migration failed. The message ends with what it said."""


@dataclass(frozen=True, slots=True)
class Databases:
    """DSNs of one service."""

    log: str
    keys: str
    log_owner: str
    keys_owner: str


class Passwords(Protocol):
    def password(self, role: str) -> str:
        """Of a database role; URL-safe."""


async def prepare(
    superuser: str, services: tuple[str, ...], passwords: Passwords
) -> dict[str, Databases]:
    """Make what is missing and migrate it. Raises DidNotMigrate."""
    connection = await asyncpg.connect(superuser)
    try:
        for name in services:
            await _make(connection, name, passwords)
    finally:
        await connection.close()
    made = {name: databases_of(superuser, name, passwords) for name in services}
    await asyncio.gather(*(_migrate(name, databases) for name, databases in made.items()))
    return made


def databases_of(superuser: str, name: str, passwords: Passwords) -> Databases:
    def dsn(role: str, database: str) -> str:
        server = urlsplit(superuser).netloc.rpartition("@")[2]
        user = f"{role}:{passwords.password(role)}"
        return urlunsplit(("postgresql", f"{user}@{server}", database, "", ""))

    role, owner = f"vt_{name}", f"vt_{name}_owner"
    return Databases(
        log=dsn(role, f"vt_{name}"),
        keys=dsn(role, f"vt_{name}_keys"),
        log_owner=dsn(owner, f"vt_{name}"),
        keys_owner=dsn(owner, f"vt_{name}_keys"),
    )


async def _make(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, passwords: Passwords
) -> None:
    """Names come from our own list and passwords are URL-safe: neither can end a literal."""
    role, owner = f"vt_{name}", f"vt_{name}_owner"
    for each in (role, owner):
        known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", each)
        verb = "ALTER" if known else "CREATE"
        await connection.execute(f"{verb} ROLE {each} LOGIN PASSWORD '{passwords.password(each)}'")
    for database in (f"vt_{name}", f"vt_{name}_keys"):
        known = await connection.fetchval(
            "SELECT true FROM pg_database WHERE datname = $1", database
        )
        if not known:
            await connection.execute(f"CREATE DATABASE {database} OWNER {owner}")
        await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}")


async def _migrate(name: str, databases: Databases) -> None:
    environment = os.environ | {
        "VONGTAY_OWNER_DATABASE_URL": databases.log_owner,
        "VONGTAY_KEYS_OWNER_DATABASE_URL": databases.keys_owner,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "eventing.migrate",
        "--service",
        name,
        cwd=PROJECT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), MIGRATION_WAIT_S)
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise DidNotMigrate(f"{name}: {said.decode(errors='replace')}")
