import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import pytest
from pogo_core.error import BadMigrationError

from eventing.migrate import KEY_GRANTS, KEYS, LOG, migrate
from tests.eventing.readers import Database

OWN = """\
-- A table of the service's own
-- depends:

-- migrate: apply
CREATE TABLE own (id int PRIMARY KEY);

-- migrate: rollback
DROP TABLE own;
"""


async def tables(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^_pogo'"
        )
    finally:
        await connection.close()
    return {row["tablename"] for row in rows}


@pytest.fixture
def role(database: Database) -> str:
    """Give a role that exists, in whatever database."""
    return database.dsn.split("//")[1].split(":")[0]


async def test_again_it_changes_nothing_and_keeps_what_is_there(
    database: Database, role: str, tmp_path: Path
) -> None:
    await database.pool.execute("INSERT INTO consumers (name, source) VALUES ('needs', 'registry')")
    (tmp_path / "donations-0001-own.sql").write_text(OWN)
    for _ in range(2):
        await migrate(database.owner, role, [LOG, tmp_path])
    assert await tables(database.owner) == {
        "false_records",
        "vouched",
        *("head", "events", "commands", "relay", "consumers", "parked", "own"),
        *("tiles", "checkpoints", "notary", "brought_back", "unknown_types", "identity", "vouched"),
    }
    assert await database.pool.fetchval("SELECT name FROM consumers") == "needs"


async def test_several_at_once_apply_each_step_once(database: Database, role: str) -> None:
    before = await tables(database.owner)
    await asyncio.gather(*(migrate(database.owner, role, [KEYS], KEY_GRANTS) for _ in range(4)))
    assert await tables(database.owner) == before | {"keys"}


async def test_a_step_that_fails_leaves_nothing_of_itself(
    database: Database, role: str, tmp_path: Path
) -> None:
    (tmp_path / "donations-0001-own.sql").write_text(
        OWN.replace("\n\n-- migrate: rollback", "\nSELECT no_such_column;\n\n-- migrate: rollback")
    )
    with pytest.raises(BadMigrationError):
        await migrate(database.owner, role, [LOG, tmp_path])
    assert "own" not in await tables(database.owner)


async def test_the_role_must_exist(fresh_database: str) -> None:
    with pytest.raises(asyncpg.UndefinedObjectError, match="nobody"):
        await migrate(fresh_database, "nobody", [LOG])


async def test_the_command_takes_its_addresses_from_the_environment(fresh_database: str) -> None:
    await as_superuser(
        fresh_database,
        "DO $$ BEGIN CREATE ROLE vt_donations; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
    )
    for variables, code in (({"VONGTAY_OWNER_DATABASE_URL": fresh_database}, 0), ({}, 1)):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "eventing.migrate", "--service", "donations"),
            env={**os.environ, **variables},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        assert process.returncode == code, said.decode()
    assert b"VONGTAY_OWNER_DATABASE_URL is not set" in said
    assert {"head", "events"} <= await tables(fresh_database)
    await as_superuser(fresh_database, "DROP OWNED BY vt_donations")


async def as_superuser(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
