"""Bring a service's databases to the newest tables, as their owner, and grant what it runs with.

`python -m eventing.migrate --service NAME` reads the owner's addresses from
`VONGTAY_OWNER_DATABASE_URL` and `VONGTAY_KEYS_OWNER_DATABASE_URL`. Run again, it changes nothing.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
from pogo_core.util import migrate as pogo

from eventing import identity

LOG = Path(__file__).with_name("migrations")
KEYS = Path(__file__).with_name("key_migrations")
SERVICES = Path(__file__).parents[1] / "services"

# Any number, the same in every process: two that migrate at once would both apply a step.
ONE_AT_A_TIME = 6_031_874

# What the running service may do. Nothing here changes or removes an event, a command, or what was
# signed.
LOG_GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT ON events, commands, tiles, checkpoints, false_records TO {role};
GRANT SELECT ON brought_back TO {role};
GRANT EXECUTE ON FUNCTION close_log(text) TO {role};
GRANT SELECT, UPDATE (position) ON head TO {role};
GRANT SELECT, UPDATE (published, epoch, trouble) ON relay TO {role};
GRANT SELECT, UPDATE (epoch, size, released, right_edge, trouble) ON notary TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON consumers, parked, unknown_types, vouched TO {role};
GRANT SELECT, INSERT ON identity TO {role};
CREATE SCHEMA IF NOT EXISTS read_models;
CREATE SCHEMA IF NOT EXISTS private;
GRANT USAGE, CREATE ON SCHEMA read_models, private TO {role};
"""
KEY_GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT ON keys TO {role};
GRANT SELECT ON identity TO {role};
GRANT UPDATE (wrapped, wrapped_by, destroyed_at) ON keys TO {role};
"""


async def migrate(
    owner_dsn: str, runtime_role: str, folders: Sequence[Path], grants: str = LOG_GRANTS
) -> None:
    """Apply the steps of the folders, in turn, and grant the role what it needs.

    A step's name is unique in its database: it starts with the name of what it belongs to.
    Raises pogo_core.error.BadMigrationError; UndefinedObjectError when there is no such role.
    """
    connection = await asyncpg.connect(owner_dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1::bigint)", ONE_AT_A_TIME)
        for folder in folders:
            await pogo.apply(connection, folder, schema_name="public")
        role = await connection.fetchval("SELECT quote_ident($1)", runtime_role)
        async with connection.transaction():
            await connection.execute(grants.format(role=role))
    finally:
        await connection.close()


def with_own_tables(service: str) -> tuple[list[Path], str]:
    """The folders of a service's log database, and the grants: its own after every service's."""
    own = SERVICES / service / "migrations"
    if not own.is_dir():
        return [LOG], LOG_GRANTS
    return [LOG, own], LOG_GRANTS + (SERVICES / service / "grants.sql").read_text()


async def migrate_service(service: str, owner_dsn: str, keys_owner_dsn: str | None) -> None:
    """Migrate a service's log with its own tables, and its keys."""
    role = f"vt_{service}"
    await migrate(owner_dsn, role, *with_own_tables(service))
    await _mark(owner_dsn, "log", service)
    if keys_owner_dsn is not None:
        await migrate(keys_owner_dsn, role, [KEYS], KEY_GRANTS)
        await _mark(keys_owner_dsn, "keys", service)


async def _mark(owner_dsn: str, holds: identity.Holds, service: str) -> None:
    connection = await asyncpg.connect(owner_dsn)
    try:
        await identity.mark(connection, holds, service)
    finally:
        await connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m eventing.migrate", description=__doc__)
    parser.add_argument("--service", required=True)
    service = parser.parse_args().service
    owner_dsn = os.environ.get("VONGTAY_OWNER_DATABASE_URL")
    if owner_dsn is None:
        sys.exit("VONGTAY_OWNER_DATABASE_URL is not set")
    keys_owner_dsn = os.environ.get("VONGTAY_KEYS_OWNER_DATABASE_URL")
    asyncio.run(migrate_service(service, owner_dsn, keys_owner_dsn))


if __name__ == "__main__":
    main()
