"""A database that cannot serve is refused with the reason; through a real PgBouncer too."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.embedded.ports import LOOPBACK, choose, is_free
from eventing.able_database import KEYS, LOG, CannotServe, see_that_it_can_serve

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
WITHIN_S = 20.0
SOMEBODY = 65534


async def owned(database, statement):
    connection = await asyncpg.connect(database.owner)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_database_as_it_was_made_can_serve(database):
    await see_that_it_can_serve(database.dsn, LOG)


async def test_another_services_database_or_an_empty_one_cannot(database):
    with pytest.raises(CannotServe, match=r"has no table keys: .*vongtay migrate"):
        await see_that_it_can_serve(database.dsn, KEYS)


@pytest.mark.parametrize("taken", ["INSERT ON events", "UPDATE (position) ON head"])
async def test_a_right_that_is_missing_is_named(database, taken):
    role = urlsplit(database.dsn).username
    await owned(database, f"REVOKE {taken} FROM {role}")
    with pytest.raises(
        CannotServe, match=rf"role {role} may not (INSERT in events|UPDATE in head)"
    ):
        await see_that_it_can_serve(database.dsn, LOG)


async def test_a_read_only_database_is_refused(database):
    name = urlsplit(database.owner).path[1:]
    await owned(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(CannotServe, match="read-only"):
        await see_that_it_can_serve(database.dsn, LOG)


async def test_an_older_version_is_refused(database, monkeypatch):
    monkeypatch.setattr("eventing.able_database.VERSION_MIN", 990_000)
    with pytest.raises(CannotServe, match=r"on PostgreSQL 18\..* version 99 is the oldest"):
        await see_that_it_can_serve(database.dsn, LOG)


async def test_a_database_that_is_away_is_not_refused():
    with pytest.raises(OSError, match=r"refused|failed"):
        await see_that_it_can_serve(f"postgresql://x@{LOOPBACK}:{choose()}/x", LOG)


@contextmanager
def pooled(dsn, mode, size):
    """Give the address of a PgBouncer before the database."""
    with tempfile.TemporaryDirectory() as name:
        yield from _pooled(dsn, Path(name), mode, size)


def _pooled(dsn, folder, mode, size):
    where = urlsplit(dsn)
    port = choose()
    (folder / "users").write_text(f'"{where.username}" "{where.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={where.hostname} port={where.port}\n"
        f"[pgbouncer]\nlisten_addr={LOOPBACK}\nlisten_port={port}\nunix_socket_dir=\n"
        f"auth_type=scram-sha-256\nauth_file={folder}/users\npool_mode={mode}\n"
        f"default_pool_size={size}\nignore_startup_parameters=extra_float_digits\n"
    )
    # It refuses to run as root, and whoever it runs as must get at its files.
    command = [str(PGBOUNCER), str(folder / "pgbouncer.ini")]
    as_somebody = {"user": SOMEBODY, "group": SOMEBODY} if os.geteuid() == 0 else {}
    if as_somebody:
        for path in (folder, *folder.iterdir()):
            os.chown(path, SOMEBODY, SOMEBODY)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_somebody) as pooler:  # noqa: S603
        try:
            deadline = time.monotonic() + WITHIN_S
            while is_free(port) and pooler.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert pooler.poll() is None
            yield urlunsplit(
                where._replace(netloc=f"{where.username}:{where.password}@{LOOPBACK}:{port}")
            )
        finally:
            pooler.terminate()


@pytest.mark.skipif(PGBOUNCER is None, reason="needs pgbouncer")
@pytest.mark.parametrize("size", [1, 5])
async def test_behind_a_pooler_of_transactions_it_is_refused(database, size):
    with pooled(database.dsn, "transaction", size) as dsn:
        for _ in range(3):
            with pytest.raises(CannotServe, match="pool_mode = session"):
                await see_that_it_can_serve(dsn, LOG)


@pytest.mark.skipif(PGBOUNCER is None, reason="needs pgbouncer")
async def test_behind_a_pooler_of_sessions_it_can_serve(database):
    with pooled(database.dsn, "session", 5) as dsn:
        await see_that_it_can_serve(dsn, LOG)
