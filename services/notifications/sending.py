"""The sender as a part of the worker: one leads, and says how far it has come, like any consumer.

Its position is that up to which nothing is left to be sent now. When it is asked to end, the letter
that is under way is brought to its end first, or its outcome would be a doubt.
"""

import asyncio
from typing import Any

import asyncpg

from eventing.leadership import Fenced, Leadership
from eventing.rows import NotYetVisible, Rows
from services.notifications.read_models.messages import messages
from services.notifications.sender import Sender

NAME = "sender"
SERVICE = "notifications"
POLL_INTERVAL_S = 0.2
LAST_LETTER_WITHIN_S = 8.0


class Sending:
    def __init__(
        self, sender: Sender, rows: Rows, pool: "asyncpg.Pool[Any]", leadership: Leadership
    ) -> None:
        self._sender = sender
        self._rows = rows
        self._pool = pool
        self._leadership = leadership
        self._epoch = 0
        self._position = -1

    async def run(self) -> None:
        await self._leadership.lead(f"sender of {SERVICE}", self._lead)

    async def _lead(self) -> None:
        await self._take_over()
        while True:
            try:
                # Before the rows are read: what comes meanwhile is for the next turn.
                level = (await self._rows.positions(messages)).get(SERVICE, 0)
                done = await self._turn()
            except NotYetVisible:
                level, done = 0, 0
            if done == 0:
                await self._say(level)
                await asyncio.sleep(POLL_INTERVAL_S)

    async def _turn(self) -> int:
        turn = asyncio.ensure_future(self._sender.turn())
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            self._sender.end_after_this_letter()
            await asyncio.wait([turn], timeout=LAST_LETTER_WITHIN_S)
            raise

    async def _take_over(self) -> None:
        self._sender.begin()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO consumers (name, version, generation, source, status)"
                " VALUES ($1, 0, 1, $2, 'live') ON CONFLICT DO NOTHING",
                NAME,
                SERVICE,
            )
            self._epoch = await connection.fetchval(
                "UPDATE consumers SET epoch = (SELECT max(epoch) + 1 FROM consumers)"
                " WHERE name = $1 RETURNING epoch",
                NAME,
            )
        self._position = -1

    async def _say(self, position: int) -> None:
        """Raises Fenced when another sender has taken over."""
        if position == self._position:
            return
        said = await self._pool.execute(
            "UPDATE consumers SET position = $1 WHERE name = $2 AND epoch = $3",
            position,
            NAME,
            self._epoch,
        )
        if said != "UPDATE 1":
            raise Fenced(f"{NAME}, epoch {self._epoch}")
        self._position = position
