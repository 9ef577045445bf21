"""One process leads: a session lock on a connection of its own, given up when it falls silent.

The lock keeps two from working at once; it cannot stop one that was frozen and wakes. So whoever
leads also takes the next epoch in its own table, and each write of it asks for that epoch.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from aiokafka.errors import KafkaError

from eventing.back_off import BackOff
from eventing.event_store import Busy, OutcomeUnknown
from eventing.sources import FalseRecord

T = TypeVar("T")

LEASE_S = 10.0
CANCEL_AGAIN_S, CANCEL_TRIES_MAX = 5.0, 4
RETRY_INTERVAL_S = 0.5
BACK_OFF_S_MIN, BACK_OFF_S_MAX = 0.1, 5.0

log = logging.getLogger(__name__)


class LeadershipLost(Exception):
    """The session that held the lock is gone: another may lead already."""


class Fenced(Exception):
    """Somebody with a later epoch has taken over."""


INFRASTRUCTURE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What asyncpg says of a connection that the server ended while it was idle.
    asyncpg.InternalClientError,
    KafkaError,
    Busy,
    OutcomeUnknown,
    LeadershipLost,
    Fenced,
    # Everybody's place was set back: whoever reads takes it up anew.
    FalseRecord,
)
"""What passes by waiting: never a reason to park an event, or to end."""


@asynccontextmanager
async def all_of() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that run or end together. The first failure is raised as it is, for `lead` to judge."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except BaseExceptionGroup as failed:
        raise failed.exceptions[0] from failed


class _Session:
    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection
        # One statement at a time is all that a connection takes.
        self.turn = asyncio.Lock()
        self.lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: self.lost.set())


async def _cancelled(name: str, *tasks: asyncio.Future[Any]) -> None:
    """Cancel, and again where that was swallowed, as `wait_for` of Python 3.11 may do."""
    for _ in range(CANCEL_TRIES_MAX):
        for task in tasks:
            task.cancel()
        _, pending = await asyncio.wait(tasks, timeout=CANCEL_AGAIN_S)
        if not pending:
            # Whatever they ended with is nobody's any more.
            await asyncio.gather(*tasks, return_exceptions=True)
            return
    log.error("%s does not end; what it still writes is fenced by its epoch", name)


class Leadership:
    """All that one process leads hangs on one session: it leads all of it or nothing."""

    def __init__(self, dsn: str, *, lease_s: float = LEASE_S) -> None:
        self._dsn = dsn
        self._lease_s = lease_s
        self._session: _Session | None = None
        self._connecting = asyncio.Lock()
        self._beating: asyncio.Task[None] | None = None
        self._held: set[str] = set()

    async def lead(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` whenever we lead, for ever; back off from infrastructure that fails.

        Raises whatever else `work` raises.
        """
        back_off = BackOff(BACK_OFF_S_MIN, BACK_OFF_S_MAX)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.while_leading(name, work)
            except INFRASTRUCTURE as error:
                # Its words may quote what it was given: only the kind of trouble is told.
                log.warning("%s starts again: %s", name, type(error).__name__)
            back_off.lasted(loop.time() - began)
            await asyncio.sleep(back_off.pause_s())

    async def while_leading(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Wait until we lead, then run `work` to its end. Raises LeadershipLost."""
        session = await self._acquire(name)
        working = asyncio.ensure_future(work())
        losing = asyncio.ensure_future(session.lost.wait())
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise LeadershipLost(name)
            return await working
        finally:
            await _cancelled(name, working, losing)
            await self._release(name, session)

    async def close(self) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        if self._session is not None:
            await self._end(self._session)

    async def _acquire(self, name: str) -> _Session:
        while True:
            # A session gets its own lock again and again, so inside a process we must refuse.
            if name not in self._held:
                self._held.add(name)
                got: _Session | None = None
                try:
                    got = await self._try(name)
                finally:
                    if got is None:
                        self._held.discard(name)
                if got is not None:
                    return got
            await asyncio.sleep(RETRY_INTERVAL_S)

    async def _try(self, name: str) -> _Session | None:
        session = await self._connected()
        try:
            async with session.turn:
                got = await session.connection.fetchval(
                    "SELECT pg_try_advisory_lock(hashtextextended($1, 0))",
                    name,
                    timeout=self._lease_s,
                )
        except BaseException:
            # Whether we hold the lock is unknown, and nobody would ever give it back.
            session.lost.set()
            await self._end(session)
            raise
        return session if got else None

    async def _release(self, name: str, session: _Session) -> None:
        self._held.discard(name)
        if session.lost.is_set():
            return
        try:
            async with session.turn:
                await session.connection.execute(
                    "SELECT pg_advisory_unlock(hashtextextended($1, 0))",
                    name,
                    timeout=self._lease_s,
                )
        except INFRASTRUCTURE:
            session.lost.set()
            await self._end(session)

    async def _connected(self) -> _Session:
        async with self._connecting:
            if self._session is None or self._session.lost.is_set():
                connection = await asyncpg.connect(
                    self._dsn,
                    timeout=self._lease_s,
                    server_settings={
                        "application_name": "vongtay leader",
                        # A frozen process keeps its socket open; its silence ends the session.
                        "idle_session_timeout": str(int(self._lease_s * 1000)),
                    },
                )
                self._session = _Session(connection)
                self._beating = asyncio.create_task(self._beat(self._session))
            return self._session

    async def _beat(self, session: _Session) -> None:
        while not session.lost.is_set():
            await asyncio.sleep(self._lease_s / 4)
            try:
                async with session.turn:
                    await session.connection.execute("SELECT 1", timeout=self._lease_s)
            except INFRASTRUCTURE:
                session.lost.set()
                await self._end(session)

    async def _end(self, session: _Session) -> None:
        try:
            await session.connection.close(timeout=1.0)
        except INFRASTRUCTURE:
            session.connection.terminate()
