"""What a service's running role may and may not do in the databases that `vongtay up` makes."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from console.databases import Databases, prepare
from console.run_folder import RunFolder
from tests.support.stack import Stack

# The services by their own names: those are the stack's one and only.
pytestmark = pytest.mark.alone

SERVICES = ("registry", "donations")


@pytest.fixture
async def made(stack: Stack, tmp_path: Path) -> AsyncIterator[dict[str, Databases]]:
    run = RunFolder(tmp_path)
    yield await prepare(stack.postgres, SERVICES, run)
    connection = await asyncpg.connect(stack.postgres)
    try:
        for name in SERVICES:
            for database in (f"vt_{name}", f"vt_{name}_keys"):
                await connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
            await connection.execute(f"DROP ROLE vt_{name}, vt_{name}_owner")
    finally:
        await connection.close()


async def run_sql(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def test_prepared_again_nothing_is_lost(
    made: dict[str, Databases], stack: Stack, tmp_path: Path
) -> None:
    await run_sql(made["registry"].log, "CREATE TABLE read_models.kept AS SELECT 1 AS it")
    again = await prepare(stack.postgres, SERVICES, RunFolder(tmp_path))
    assert again == made
    await run_sql(again["registry"].log, "SELECT it FROM read_models.kept")


@pytest.mark.parametrize(
    "forbidden", ["UPDATE events SET type = ''", "DELETE FROM events", "TRUNCATE events"]
)
async def test_the_running_role_changes_no_event(
    made: dict[str, Databases], forbidden: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run_sql(made["registry"].log, forbidden)


async def test_a_service_cannot_enter_another_services_databases(
    made: dict[str, Databases],
) -> None:
    for others in ("vt_donations", "vt_donations_keys"):
        intruder = made["registry"].log.rpartition("/")[0] + f"/{others}"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run_sql(intruder, "SELECT 1")


async def test_secrets_are_read_by_their_owner_only(
    made: dict[str, Databases], tmp_path: Path
) -> None:
    run = RunFolder(tmp_path)
    assert len(run.key_file("registry-mac").read_bytes()) == 32
    files = list((tmp_path / "secrets").iterdir())
    assert len(files) == 2 * len(SERVICES) + 1
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
