"""The facts about the machine that a figure is worth nothing without."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

import asyncpg
import psutil

from deploy.embedded.kafka_jars import KAFKA

SYNCED_FOR_S = 1.0
BLOCK = b"\x00" * 8192
POSTGRES_SETTINGS = (
    "server_version",
    "synchronous_commit",
    "fsync",
    "full_page_writes",
    "wal_level",
    "shared_buffers",
    "max_wal_size",
    "wal_sync_method",
    "max_connections",
)
PACKAGES = (
    "asyncpg",
    "aiokafka",
    "msgspec",
    "fastapi",
    "starlette",
    "pydantic",
    "granian",
    "uvloop",
    "eventsourcing",
    "psycopg",
)


async def facts(dsn: str, folder: Path) -> dict[str, str]:
    connection = await asyncpg.connect(dsn)
    try:
        settings = {
            name: str(await connection.fetchval("SELECT current_setting($1)", name))
            for name in POSTGRES_SETTINGS
        }
    finally:
        await connection.close()
    memory_gib = psutil.virtual_memory().total / 2**30
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory_gib:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "fdatasync of 8 KiB": f"{fdatasyncs_per_s(folder):,.0f}/s",
        "load before": load(),
        "python": platform.python_version(),
        "kafka": KAFKA.rpartition(":")[2],
        "postgresql": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    }


def load() -> str:
    """The load averages of 1, 5 and 15 minutes: others may be at work here."""
    return " ".join(f"{each:.2f}" for each in os.getloadavg())


def fdatasyncs_per_s(folder: Path) -> float:
    """How often a block can be made durable in one second: the bound of commits one by one."""
    path = folder / "fdatasync"
    count, began = 0, time.perf_counter()
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        while (passed := time.perf_counter() - began) < SYNCED_FOR_S:
            os.pwrite(descriptor, BLOCK, 0)
            os.fdatasync(descriptor)
            count += 1
    finally:
        os.close(descriptor)
        path.unlink()
    return count / passed


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
