"""One connection to PostgreSQL: opened when first needed, and again after it was lost."""

import asyncio
import logging
import time
from typing import Any

import asyncpg

from eventing.back_off import BackOff
from eventing.event_store import Busy

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 3.0
STATEMENT_TIMEOUT_S = 5.0
CANCEL_GRACE_S = 1.0
READ_WITHIN_S = 5.0
PAUSE_S = 0.02
PAUSE_MAX_S = 0.5

FAILURES = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""All that a statement may fail with, lost or not."""

_LOST = (
    OSError,
    # What asyncpg says of a connection that the server ended while it was idle.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
)


def is_lost(error: BaseException) -> bool:
    """Whether the server, not the statement, is the trouble: worth trying again elsewhere."""
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, asyncpg.DataError)
    return isinstance(error, _LOST)


class LastingConnection:
    """For one user at a time; a second one waits."""

    def __init__(self, dsn: str, name: str) -> None:
        self._dsn = dsn
        self._name = name
        self._connection: asyncpg.Connection[Any] | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def open(self) -> "asyncpg.Connection[Any]":
        """Raises whatever `is_lost` knows; Busy once closed."""
        if self._closed:
            raise Busy
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_TIMEOUT_S,
                # The server's own limit comes first; this one is for a server that is silent.
                command_timeout=STATEMENT_TIMEOUT_S + CANCEL_GRACE_S,
                server_settings={
                    "application_name": self._name,
                    # Nobody waits for longer, so nothing may hold the lock on head for longer:
                    # a statement that its caller gave up would keep all writers waiting.
                    "statement_timeout": f"{STATEMENT_TIMEOUT_S:.0f}s",
                    # In a stricter one, a statement that waited for head sees the log as it was
                    # before it waited, and cannot find what was answered meanwhile.
                    "default_transaction_isolation": "read committed",
                    # Acknowledged means durable, whatever this role's default is.
                    "synchronous_commit": "on",
                    # Our statements look up by key. A plan made while the tables were small, kept
                    # after they have grown, would read them whole.
                    "enable_seqscan": "off",
                    "enable_hashjoin": "off",
                    "enable_mergejoin": "off",
                    "jit": "off",
                },
            )
        return self._connection

    def drop(self) -> None:
        """Forget a connection that failed, without a word to the server."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def fetch(self, query: str, *arguments: Any) -> "list[asyncpg.Record]":
        """Read, again and again while the server cannot be reached. Raises Busy."""
        deadline = time.monotonic() + READ_WITHIN_S
        back_off = BackOff(PAUSE_S, PAUSE_MAX_S)
        async with self._turn:
            while True:
                try:
                    return await (await self.open()).fetch(query, *arguments)
                except FAILURES as error:
                    if not is_lost(error):
                        raise
                    self.drop()
                    if time.monotonic() > deadline:
                        logger.warning("gave up reading: %r", type(error))
                        raise Busy from error
                await asyncio.sleep(back_off.pause_s())

    async def close(self) -> None:
        self._closed = True
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.close(timeout=CANCEL_GRACE_S)
            except FAILURES:
                connection.terminate()
