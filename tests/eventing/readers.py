"""What tests of readers stand on: a migrated database, a topic of one's own, and facts to read."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest

from contracts.donations import FundEntryBooked, FundOpened
from eventing.event_store import Append, EventStore, Key
from eventing.kafka_access import KafkaAccess
from eventing.leadership import Leadership
from eventing.migrate import LOG, migrate
from eventing.record import NewRecord, StoredRecord, Why, encode
from eventing.topics import topic_of
from tests.support.databases import Templates, a_log
from tests.support.stack import Stack

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=900)


@dataclass(frozen=True, slots=True)
class Database:
    """`dsn` is that of a role which may do what a running service may; `owner` may do all."""

    dsn: str
    owner: str
    pool: "asyncpg.Pool[Any]"


@pytest.fixture
async def database(templates: Templates) -> AsyncIterator[Database]:
    async with a_copy(templates) as made:
        yield made


@asynccontextmanager
async def a_copy(templates: Templates) -> AsyncIterator[Database]:
    async with (
        templates.copy("a log", a_log) as copy,
        asyncpg.create_pool(copy.dsn, min_size=1, max_size=6) as pool,
    ):
        yield Database(copy.dsn, copy.owner, pool)


@asynccontextmanager
async def a_database(owner: str) -> AsyncIterator[Database]:
    role, password = f"vt_{uuid4().hex}", uuid4().hex
    superuser = await asyncpg.connect(owner)
    try:
        await superuser.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        await migrate(owner, role, [LOG])
        where = urlsplit(owner)
        address = f"{role}:{password}@{where.hostname}:{where.port}"
        dsn = urlunsplit(where._replace(netloc=address))
        async with asyncpg.create_pool(dsn, min_size=1, max_size=6) as pool:
            yield Database(dsn, owner, pool)
        await superuser.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    finally:
        await superuser.close()


@pytest.fixture
async def leadership(database: Database) -> AsyncIterator[Leadership]:
    leads = Leadership(database.dsn)
    yield leads
    await leads.close()


@pytest.fixture
async def service(stack: Stack) -> AsyncIterator[str]:
    """Give a service's name that no other test uses; its topic is removed afterwards."""
    async with a_service(stack.kafka) as name:
        yield name


@asynccontextmanager
async def a_service(kafka: KafkaAccess) -> AsyncIterator[str]:
    name = f"s{uuid4().hex[:12]}"
    yield name
    admin = kafka.admin()
    await admin.start()
    try:
        await admin.delete_topics([topic_of(name)])
    finally:
        await admin.close()


def fund(number: int) -> UUID:
    return uuid5(KEEPER, f"fund {number}")


def opened(number: int) -> FundOpened:
    return FundOpened(
        fund_id=fund(number),
        programme_id=UUID(int=1),
        unit_id=UUID(int=3),
        name=f"Quỹ {number}",
        opened_by=KEEPER,
        happened_at=MONDAY,
    )


def booked(number: int, paper: str = "paper") -> FundEntryBooked:
    return FundEntryBooked(
        fund_id=fund(number),
        programme_id=UUID(int=7),
        entry_id=uuid4(),
        lines=(),
        balances=(),
        paper=paper,
        happened_at=MONDAY,
    )


class Writer:
    """Appends facts to a store, keeping count of versions."""

    def __init__(self, store: EventStore) -> None:
        self.store = store
        self.versions: dict[str, int] = {}

    async def write(self, *facts: Any, stream: str | None = None) -> int:
        """Append each fact to its fund's stream; return the position of the last."""
        position = 0
        for chunk in range(0, len(facts), 100):
            appends: dict[str, list[NewRecord]] = {}
            for fact in facts[chunk : chunk + 100]:
                name = stream or f"fund-{fact.fund_id}"
                version = self.versions[name] = self.versions.get(name, 0) + 1
                appends.setdefault(name, []).append(
                    encode(
                        self.store.service, name, version, uuid4(), fact, MONDAY, Why(actor=KEEPER)
                    )
                )
            position = await self.store.append(
                [
                    Append(name, self.versions[name] - len(records), records)
                    for name, records in appends.items()
                ],
                Key(KEEPER, uuid4(), b""),
            )
        return position


def recorded(service: str, facts: Sequence[Any]) -> list[StoredRecord]:
    """The facts as a log of their own, without a store."""
    versions: dict[str, int] = {}
    log = []
    for position, fact in enumerate(facts, 1):
        name = f"fund-{fact.fund_id}" if hasattr(fact, "fund_id") else "a-unit"
        version = versions[name] = versions.get(name, 0) + 1
        new = encode(service, name, version, uuid4(), fact, MONDAY, Why(actor=KEEPER))
        log.append(StoredRecord(service, position, new.record))
    return log
