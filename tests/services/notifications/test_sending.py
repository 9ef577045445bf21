"""The sender as a part of a worker, with PostgreSQL for its lead and its cursor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, TypeAlias

import asyncpg
import pytest

from contracts.notifications import MessageSending, MessageSent
from eventing.leadership import Leadership
from services.notifications.sender import Sender
from services.notifications.sending import Sending
from tests.services.notifications.news import a_house, arrived, react, subscribe
from tests.services.notifications.test_sender import PROGRAM, contact_of_giver, what_became
from tests.support.databases import Templates, a_log
from tests.support.house import HouseForTests

AFTER_THE_LETTER = 6
"""The position of message-sent: after the subscription, message-due and message-sending."""

Pool: TypeAlias = "asyncpg.Pool[Any]"


class SlowServer:
    """Takes its time with each letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def __call__(self, mail: EmailMessage) -> None:
        self.begun.set()
        await self.may_end.wait()
        self.letters.append(mail)


@pytest.fixture
async def house() -> HouseForTests:
    """A message is due."""
    house = a_house()
    await asyncio.to_thread(subscribe, house)
    await react(house, arrived())
    return house


@pytest.fixture
async def dsn(templates: Templates) -> AsyncIterator[str]:
    async with templates.copy("a log", a_log) as copy:
        yield copy.owner


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4) as pool:
        yield pool


@asynccontextmanager
async def at_work(
    house: HouseForTests, dsn: str, pool: Pool, server: SlowServer
) -> AsyncIterator[asyncio.Task[None]]:
    leadership = Leadership(dsn)
    sender = Sender(
        executor=house.executor,
        rows=house.rows,
        sealer=house.sealer,
        clock=lambda: house.now,
        principal=PROGRAM,
        mail_from="khong-tra-loi@vongtay.example",
        ask_contact=contact_of_giver,
        send_mail=server,
    )
    task = asyncio.create_task(Sending(sender, house.rows, pool, leadership).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await leadership.close()


async def said(pool: Pool) -> int | None:
    found: int | None = await pool.fetchval(
        "SELECT position FROM consumers WHERE name = 'sender' AND source = 'notifications'"
    )
    return found


async def until_said(pool: Pool, position: int) -> None:
    async with asyncio.timeout(10):
        while await said(pool) != position:
            await asyncio.sleep(0.02)


async def test_it_says_how_far_it_has_come_once_nothing_is_left(
    house: HouseForTests, dsn: str, pool: Pool
) -> None:
    server = SlowServer()
    async with at_work(house, dsn, pool, server):
        await server.begun.wait()
        assert not await said(pool)
        server.may_end.set()
        await until_said(pool, AFTER_THE_LETTER)
    assert len(server.letters) == 1
    assert what_became(house) == [MessageSending, MessageSent]


async def test_asked_to_end_it_ends_the_letter_first(
    house: HouseForTests, dsn: str, pool: Pool
) -> None:
    server = SlowServer()
    async with at_work(house, dsn, pool, server) as task:
        await server.begun.wait()
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        server.may_end.set()
        await asyncio.gather(task, return_exceptions=True)
    assert what_became(house) == [MessageSending, MessageSent]


async def test_of_two_one_leads(house: HouseForTests, dsn: str, pool: Pool) -> None:
    server = SlowServer()
    server.may_end.set()
    async with (
        at_work(house, dsn, pool, server),
        at_work(house, dsn, pool, server),
    ):
        await until_said(pool, AFTER_THE_LETTER)
        await asyncio.sleep(0.5)
    assert len(server.letters) == 1
