"""Databases that are made once in a worker, and copied for each test: that is far quicker."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from eventing.migrate import KEY_GRANTS, KEYS, LOG, migrate, with_own_tables
from tests.support.stack import Stack

Fill = Callable[[str, str], Awaitable[None]]
"""From the superuser's DSN of an empty database, and the role that a service will have there."""


@dataclass(frozen=True, slots=True)
class Copy:
    """`dsn` is that of `role`, which may do what a running service may; `owner` may do all."""

    owner: str
    dsn: str
    role: str


class Templates:
    """One template for each name that is asked for, and one role for all of them."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._role, self._password = f"vt_{uuid4().hex}", uuid4().hex
        self._made: dict[str, str] = {}

    @asynccontextmanager
    async def copy(self, name: str, fill: Fill) -> AsyncIterator[Copy]:
        """Give a database as `fill` made it, which is dropped afterwards."""
        if name not in self._made:
            self._made[name] = await self._make(fill)
        copy = f"test_{uuid4().hex}"
        await self._stack.sql(f"CREATE DATABASE {copy} TEMPLATE {self._made[name]}")
        owner = self._stack.database(copy)
        where = urlsplit(owner)
        address = f"{self._role}:{self._password}@{where.hostname}:{where.port}"
        try:
            yield Copy(owner, urlunsplit(where._replace(netloc=address)), self._role)
        finally:
            await self._stack.sql(f"DROP DATABASE {copy} WITH (FORCE)")

    async def _make(self, fill: Fill) -> str:
        if not self._made:
            await self._stack.sql(f"CREATE ROLE {self._role} LOGIN PASSWORD '{self._password}'")
        made = f"template_{uuid4().hex}"
        await self._stack.sql(f"CREATE DATABASE {made}")
        await fill(self._stack.database(made), self._role)
        return made

    async def drop(self) -> None:
        for made in self._made.values():
            await self._stack.sql(f"DROP DATABASE {made} WITH (FORCE)")
        if self._made:
            await self._stack.sql(f"DROP ROLE {self._role}")


async def a_log(owner: str, role: str) -> None:
    await migrate(owner, role, [LOG])


async def a_log_and_keys(owner: str, role: str) -> None:
    """Both in one database: that they are two matters to no test that takes this."""
    await a_log(owner, role)
    await migrate(owner, role, [KEYS], KEY_GRANTS)


async def a_portal(owner: str, role: str) -> None:
    await migrate(owner, role, *with_own_tables("portal"))
