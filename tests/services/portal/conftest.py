"""The portal behind its door: in memory, or on PostgreSQL where its sums are SQL."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from edge.checkpoints import newest
from edge.door import House
from edge.who_may_where import Directory
from eventing.execute import Executor
from eventing.memory_store import MemoryStore
from eventing.postgres_rows import PostgresRows
from eventing.read_model import ReadModel
from eventing.record import Recorded
from eventing.row_tables import RowTable
from eventing.sealing import MemorySealer
from services.portal.app import make_app
from services.portal.publications import MemoryPublications, PostgresPublications
from services.portal.publishing import Publishing
from services.portal.read_models import READ_MODELS
from tests.services.portal.story import Story
from tests.services.portal.winter import a_winter
from tests.support.databases import Templates, a_portal
from tests.support.house import CODE_KEY, HouseForTests, who_says

AUGUST = datetime(2025, 8, 1, 2, tzinfo=UTC)
WEEK = timedelta(days=7)


@dataclass(slots=True)
class Portal:
    """`get` asks for a page or for data; `by` is who is signed in, if anybody."""

    client: httpx.AsyncClient
    house: House
    publications: PostgresPublications

    async def publish(self, at: datetime | None = None) -> int:
        """What is due; return how many publications that were."""
        checkpoints = partial(newest, self.house)
        clock = self.house.clock if at is None else lambda: at
        return await Publishing(self.house.rows, self.publications, clock, WEEK, checkpoints).turn()

    async def get(
        self,
        path: str,
        *,
        by: UUID | None = None,
        params: dict[str, str] | None = None,
        **headers: str,
    ) -> httpx.Response:
        if by is not None:
            headers["Authorization"] = f"Bearer {by}"
        return await self.client.get(path, headers=headers, params=params)


@pytest.fixture(scope="session")
def winter() -> Story:
    return a_winter()


@pytest.fixture
def in_memory(winter: Story) -> HouseForTests:
    house = HouseForTests(
        "portal", lambda house: make_app(house, publications=MemoryPublications())
    )
    house.rows.feed(winter.told)
    house.now = AUGUST
    return house


async def _with_the_winter(winter: Story, owner: str, role: str) -> None:
    await a_portal(owner, role)
    async with on_postgres(owner, winter.told):
        pass


@pytest.fixture
async def of_the_winter(templates: Templates, winter: Story) -> AsyncIterator[str]:
    """Give a portal's database that holds the winter and its first publication."""
    async with templates.copy("the winter", partial(_with_the_winter, winter)) as copy:
        yield copy.owner


@pytest.fixture
async def portal(of_the_winter: str) -> AsyncIterator[Portal]:
    async with on_postgres(of_the_winter) as portal:
        yield portal


@pytest.fixture
async def empty_portal(templates: Templates) -> AsyncIterator[str]:
    """Give a portal's database as it is migrated."""
    async with templates.copy("a portal", a_portal) as copy:
        yield copy.owner


class on_postgres:  # noqa: N801 - read as a verb where it is used
    """The portal on its database; what is `told` it hears first, and publishes what is due."""

    def __init__(
        self,
        dsn: str,
        told: Sequence[Recorded] | None = None,
        make_app: Callable[[House], FastAPI] = make_app,
    ) -> None:
        self._dsn = dsn
        self._told = told
        self._make_app = make_app

    async def __aenter__(self) -> Portal:
        self._pool = await asyncpg.create_pool(self._dsn, min_size=1, max_size=2)
        store = MemoryStore("portal")
        rows = PostgresRows(self._pool)

        def now() -> datetime:
            return AUGUST

        self._publications = PostgresPublications(rows, self._pool)
        house = House(
            service="portal",
            executor=Executor(store, now),
            rows=rows,
            clock=now,
            who_asks=who_says,
            sealer=MemorySealer(),
            mac_key=b"a key for tests",
            code_key=CODE_KEY,
            directory=Directory(rows),
            strict=True,
        )
        transport = httpx.ASGITransport(self._make_app(house), client=("192.0.2.7", 1))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://portal")
        found = Portal(self._client, house, self._publications)
        if self._told is not None:
            for model in READ_MODELS:
                await fill(self._pool, model, self._told)
            await found.publish()
        return found

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()
        await self._pool.close()


async def fill(
    pool: "asyncpg.Pool[Any]", model: ReadModel[Any, Any], told: Sequence[Recorded]
) -> None:
    """What the runner of read models would have made of it."""
    table: RowTable[Any, Any] = RowTable(model, model.version, 1)
    followed = [event for event in told if type(event.event) in model.events]
    positions: dict[str, int] = {}
    for event in told:
        positions[event.service] = max(event.position, positions.get(event.service, 0))
    async with pool.acquire() as connection:
        await table.create(connection)
        await table.write(connection, model.fold({}, followed))
        await table.serve(connection)
        await connection.executemany(
            "INSERT INTO consumers (name, version, generation, source, position, status)"
            " VALUES ($1, $2, 1, $3, $4, 'live')",
            [(model.name, model.version, source, at) for source, at in positions.items()],
        )
