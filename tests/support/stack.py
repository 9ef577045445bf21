"""The PostgreSQL and Kafka that tests use: one stack for a whole run, however many workers it has.

Embedded by default. STACK=containers starts both in containers; STACK=external takes
VONGTAY_TEST_POSTGRES (a superuser's DSN), VONGTAY_TEST_KAFKA (host:port) and
VONGTAY_TEST_KAFKA_PASSWORD (its administrator's) instead.
"""

import fcntl
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from deploy.embedded.stack import temporary
from eventing.kafka_access import KafkaAccess
from tests.support.containers import containers

OTHERS_WAIT_S = 3_600.0
POLL_INTERVAL_S = 0.2


@dataclass(frozen=True, slots=True)
class Stack:
    """`postgres` is a superuser's DSN, `kafka` Kafka as its administrator, who may do anything."""

    postgres: str
    kafka: KafkaAccess

    def database(self, name: str) -> str:
        return urlunsplit(urlsplit(self.postgres)._replace(path=f"/{name}"))

    async def sql(self, statement: str) -> None:
        """As the superuser, in the database of nobody."""
        connection = await asyncpg.connect(self.postgres)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def as_told(kafka: KafkaAccess) -> dict[str, str]:
    """As a process is told it by its environment."""
    return {
        "VONGTAY_KAFKA": kafka.brokers,
        "VONGTAY_KAFKA_USER": kafka.user,
        "VONGTAY_KAFKA_PASSWORD": kafka.password,
        "VONGTAY_KAFKA_MECHANISM": kafka.mechanism,
    }


_used_by_this_worker = pytest.StashKey[ExitStack]()


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if os.environ.get("STACK") == "external":
        kafka = KafkaAccess.administrator(
            os.environ["VONGTAY_TEST_KAFKA"], os.environ["VONGTAY_TEST_KAFKA_PASSWORD"]
        )
        yield Stack(os.environ["VONGTAY_TEST_POSTGRES"], kafka)
    elif "PYTEST_XDIST_WORKER" in os.environ:
        used = pytestconfig.stash.setdefault(_used_by_this_worker, ExitStack())
        yield used.enter_context(_shared(tmp_path_factory.getbasetemp().parent))
    else:
        with _started() as started:
            yield started


def give_back(config: pytest.Config) -> None:
    """At the end of a worker's session, after its last test: the others may need long.

    Within that test, as a fixture's end is, the wait would be measured as the test's own time, and
    would keep the turn for which the others wait.
    """
    config.stash.get(_used_by_this_worker, ExitStack()).close()


@contextmanager
def _started() -> Iterator[Stack]:
    match os.environ.get("STACK", "embedded"):
        case "embedded":
            with temporary() as embedded:
                yield Stack(embedded.postgres, embedded.kafka)
        case "containers":
            with containers() as (postgres, kafka):
                yield Stack(postgres, kafka)
        case other:
            raise ValueError(f"STACK={other}: embedded, containers or external")


@pytest.fixture
async def fresh_database(stack: Stack) -> AsyncIterator[str]:
    """Give the superuser's DSN of an empty database that is dropped afterwards."""
    name = f"test_{uuid4().hex}"
    await stack.sql(f"CREATE DATABASE {name}")
    yield stack.database(name)
    await stack.sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _shared(folder: Path) -> Iterator[Stack]:
    """The first worker that comes starts the stack, and stops it when no other uses it."""
    addresses = folder / "stack.json"
    with (folder / "stack-users.lock").open("a") as users, ExitStack() as ours:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "stack-start.lock").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if addresses.exists():
                known = json.loads(addresses.read_text())
                stack = Stack(known["postgres"], KafkaAccess(**known["kafka"]))
            else:
                stack = ours.enter_context(_started())
                ours.callback(_wait_for_others, users)
                addresses.write_text(json.dumps(asdict(stack)))
        yield stack


def _wait_for_others(users: IO[str]) -> None:
    deadline = time.monotonic() + OTHERS_WAIT_S
    while time.monotonic() < deadline:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(POLL_INTERVAL_S)
        else:
            return
