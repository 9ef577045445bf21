"""(a) Acknowledged commands per second, one event each: our store, and others on the same server.

Ours has key, version guard and leaf hash in the transaction; the others insert, and that is all.
"""

import asyncio
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.figures import Measured
from bench.ground import Ground, Trial, pool
from bench.material import command
from console.databases import Databases
from deploy.embedded.postgres_programs import INSTALLED, SITE
from eventing.ids import by_time
from eventing.postgres_store import PostgresStore

PART = "a"
CALLERS = (1, 16, 64, 256)
POOL = 16
WARM_WITHIN_S = 60.0
OURS, LIBRARY, POOLED, PGBENCH = "our store", "eventsourcing", "pool of 16", "pgbench"

TABLE = """
CREATE TABLE IF NOT EXISTS plain (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    record bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (stream, version)
);
GRANT SELECT, INSERT ON plain TO PUBLIC;
"""
INSERT = """
INSERT INTO plain (event_id, stream, version, type, record, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""
BY_PGBENCH = """
INSERT INTO plain (event_id, stream, version, type, record, recorded_at)
VALUES (gen_random_uuid(), 'pledge-' || gen_random_uuid(), 1, 'pledge-made',
    :record::bytea, now());
"""


async def measure(ground: Ground, measured: Measured) -> None:
    log = await ground.new_log()
    await _make_plain_table(log)
    with library(log) as recorder:
        for callers in CALLERS:
            trials: dict[str, Trial] = {
                f"{OURS}, {callers}": partial(ours, log.log, callers, ground.seconds),
                f"{LIBRARY}, {callers}": partial(_library, recorder, callers, ground.seconds),
                f"{POOLED}, {callers}": partial(_pooled, log.log, callers, ground.seconds),
                f"{PGBENCH}, {callers}": partial(_pgbench, log.log_owner, callers, ground.seconds),
            }
            measured.add(PART, "commands/s", await ground.interleaved(trials))
    measured.ratio(PART, f"{OURS}, 64", f"{LIBRARY}, 64", at_least=30)
    measured.ratio(PART, f"{OURS}, 64", f"{POOLED}, 64", at_least=3.5)
    measured.ratio(PART, f"{OURS}, 64", f"{PGBENCH}, 64", at_least=1.3)
    measured.ratio(PART, f"{OURS}, 256", f"{PGBENCH}, 256", at_least=2)


async def _make_plain_table(log: Databases) -> None:
    connection = await asyncpg.connect(log.log_owner)
    await connection.execute(TABLE)
    await connection.close()


async def ours(
    dsn: str, callers: int, seconds: float, make_id: Callable[[], UUID] = by_time
) -> float:
    async with PostgresStore("donations", dsn) as store:

        async def one() -> None:
            await store.append(*command(make_id))

        await one()
        return await rate(one, callers, seconds)


async def rate(one: Callable[[], Awaitable[None]], callers: int, seconds: float) -> float:
    """How often per second `one` is done, by so many callers who each wait for the answer."""
    done = 0
    began = time.perf_counter()
    until = began + seconds

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await one()
            done += 1

    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - began)


async def _pooled(dsn: str, callers: int, seconds: float) -> float:
    async with pool(dsn, POOL, all_open=True) as connections:

        async def one() -> None:
            await connections.execute(INSERT, *_row())

        # Each connection prepares the statement for itself: all of them, before time runs.
        taken = [await connections.acquire() for _ in range(POOL)]
        for connection in taken:
            await connection.execute(INSERT, *_row())
            await connections.release(connection)
        return await rate(one, callers, seconds)


def _row() -> tuple[object, ...]:
    [append], _key = command()
    new = append.records[0]
    return new.event_id, new.stream, new.version, new.type, new.record, new.recorded_at


async def _pgbench(dsn: str, callers: int, seconds: float) -> float:
    where = urlsplit(dsn)
    [append], _key = command()
    record = append.records[0].record.hex()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(BY_PGBENCH)
        script.flush()
        ended = await asyncio.to_thread(
            subprocess.run,
            [
                str(SITE / INSTALLED / "bin" / "pgbench"),
                "--no-vacuum",
                "--protocol=prepared",
                f"--client={callers}",
                "--jobs=1",
                # Not a time: its clock would run while it connects, which takes longer than that.
                f"--transactions={ceil(seconds * min(700 * callers, 6_000) / callers)}",
                f"--define=record=\\x{record}",
                f"--file={Path(script.name)}",
                f"--host={where.hostname}",
                f"--port={where.port}",
                f"--username={where.username}",
                where.path.removeprefix("/"),
            ],
            env={"PGPASSWORD": where.password or ""},
            capture_output=True,
            check=False,
            text=True,
        )
    found = re.search(r"tps = ([\d.]+)", ended.stdout)
    if found is None:
        raise ValueError(f"pgbench said no rate: {ended.stdout}{ended.stderr}")
    return float(found[1])


class library:  # noqa: N801 - used like a function, in `with`
    """The other library's recorder for applications, with its tables beside ours."""

    def __init__(self, log: Databases) -> None:
        where = urlsplit(log.log_owner)
        self._store = PostgresDatastore(
            dbname=where.path.removeprefix("/"),
            host=where.hostname or "",
            port=str(where.port),
            user=where.username or "",
            password=where.password or "",
            pool_size=POOL,
            max_overflow=0,
            connect_timeout=60,
        )

    def __enter__(self) -> PostgresApplicationRecorder:
        recorder = PostgresApplicationRecorder(self._store, events_table_name="library_events")
        recorder.create_table()
        return recorder

    def __exit__(self, *_: object) -> None:
        self._store.close()


async def _library(recorder: PostgresApplicationRecorder, callers: int, seconds: float) -> float:
    done = 0
    began = 0.0
    counting = threading.Lock()

    def begin() -> None:
        nonlocal began
        began = time.perf_counter()

    # The threads run and the connections have prepared their statements, before time runs.
    all_warm = threading.Barrier(callers, begin, WARM_WITHIN_S)

    def one() -> None:
        [append], _key = command()
        new = append.records[0]
        recorder.insert_events([StoredEvent(by_time(), 1, new.type, new.record)])

    def caller() -> None:
        nonlocal done
        mine = 0
        one()
        all_warm.wait()
        while time.perf_counter() < began + seconds:
            one()
            mine += 1
        with counting:
            done += mine

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(callers) as threads:
        await asyncio.gather(*(loop.run_in_executor(threads, caller) for _ in range(callers)))
    return done / (time.perf_counter() - began)
