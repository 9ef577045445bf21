"""Carry out a service's reactions to the events of others, each exactly once in effect.

The effect first, the cursor after: a crash between the two gives the same commands again, with
the same keys, which the log answers as done.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from contracts.event import declarations
from eventing.carry_out import NOT_YET_WITHIN_S, CarryOut
from eventing.decider import Give
from eventing.event_store import Key
from eventing.execute import Executor
from eventing.fail_points import come_by
from eventing.following import Cursor, Follow, MakeSource
from eventing.leadership import INFRASTRUCTURE, Fenced, Leadership, all_of
from eventing.looked_at import LookedAt, look_at, what_of
from eventing.parked import WAITS, Parking, asked_for
from eventing.reactions import Reaction, because_of, keyed
from eventing.record import Recorded, StoredRecord, type_names

REACTIONS = "reactions"
BATCH_RECORDS = 500
TEND_INTERVAL_S = 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    item: LookedAt
    cause: Recorded
    reaction: Reaction
    give: Give
    key: Key


class ReactionRunner:
    """All reactions of one service. `run` leads whenever it can."""

    def __init__(
        self,
        executor: Executor,
        reactions: Sequence[Reaction],
        pool: "asyncpg.Pool[Any]",
        leadership: Leadership,
        make_source: MakeSource,
        *,
        not_yet_within_s: float = NOT_YET_WITHIN_S,
    ) -> None:
        self._service = executor.store.service
        self._reactions = reactions
        self._pool = pool
        self._leadership = leadership
        self._make_source = make_source
        self._carry_out = CarryOut(executor=executor, not_yet_within_s=not_yet_within_s)
        self._types = type_names(tuple(reaction.on for reaction in reactions))
        self._sources = {
            declarations[reaction.on].service or self._service for reaction in reactions
        }
        self._cursors: dict[str, Cursor] = {}
        self._epoch = 0
        self._parking = Parking(REACTIONS, 1)
        # A stream that is retried must not meet its own later events.
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self) -> None:
        await self._leadership.lead(f"reactions of {self._service}", self._lead)

    async def _lead(self) -> None:
        await self._take_over()
        async with all_of() as tasks:
            for source in self._sources:
                tasks.create_task(self._follow(source))
            tasks.create_task(self._tend())

    async def _take_over(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.executemany(
                "INSERT INTO consumers (name, version, generation, source, status)"
                " VALUES ($1, 0, 1, $2, 'live') ON CONFLICT DO NOTHING",
                [(REACTIONS, source) for source in self._sources],
            )
            rows = await connection.fetch(
                "UPDATE consumers SET epoch = (SELECT max(epoch) + 1 FROM consumers),"
                " status = CASE WHEN source = ANY($2) THEN 'live' ELSE 'retired' END"
                " WHERE name = $1 RETURNING source, position, epoch, hint",
                REACTIONS,
                list(self._sources),
            )
            await self._parking.learn(connection)
        self._cursors = {row["source"]: Cursor(row["position"], row["hint"]) for row in rows}
        self._epoch = rows[0]["epoch"] if rows else 0

    async def _follow(self, source: str) -> None:
        await Follow(
            service=source,
            make_source=self._make_source,
            cursor=lambda: self._cursors[source],
            take=lambda records, hint: self._take(source, records, hint),
            trouble=lambda what: self._trouble(source, what),
            limit=lambda: BATCH_RECORDS,
        ).run()

    async def _take(self, source: str, records: Sequence[StoredRecord], hint: str | None) -> None:
        async with self._turns[source]:
            items = [item for item in map(look_at, records) if item.may_be(self._types)]
            parked = await self._react(items)
            come_by("reactions:after-effect-before-cursor")
            cursor = Cursor(records[-1].position, hint)
            async with self._pool.acquire() as connection, connection.transaction():
                await self._move(connection, source, records[0].position - 1, cursor)
                if parked:
                    await self._parking.park(connection, parked)
            self._cursors[source] = cursor
            self._parking.streams |= {(source, item.stream) for item, _ in parked}

    async def _react(self, items: Sequence[LookedAt]) -> list[tuple[LookedAt, str]]:
        """Carry out what the records give rise to; return those to park, in order."""
        stopped: dict[str, tuple[int, str]] = {}
        queues: defaultdict[str, list[_Due]] = defaultdict(list)
        for item in items:
            if self._parking.skips(item) or self._parking.holds(item) or item.stream in stopped:
                continue
            try:
                cause = item.decode()
                for reaction, give, key in keyed(self._service, self._reactions, cause):
                    queues[give.stream].append(_Due(item, cause, reaction, give, key))
            except Exception as error:  # noqa: BLE001 - whatever it raises, its stream must stop
                stopped[item.stream] = (item.stored.position, what_of(error))
        async with all_of() as tasks:
            for queue in queues.values():
                tasks.create_task(self._work_off(queue, stopped))
        return [
            (item, self._why_parked(item, stopped))
            for item in items
            if not self._parking.skips(item)
            and (
                self._parking.holds(item)
                or (item.stream in stopped and stopped[item.stream][0] <= item.stored.position)
            )
        ]

    @staticmethod
    def _why_parked(item: LookedAt, stopped: dict[str, tuple[int, str]]) -> str:
        position, error = stopped.get(item.stream, (0, WAITS))
        return error if position == item.stored.position else WAITS

    async def _work_off(self, queue: Sequence[_Due], stopped: dict[str, tuple[int, str]]) -> None:
        """Carry out what is meant for one stream, in order; streams do not wait for each other."""
        first_due_s = asyncio.get_running_loop().time()
        for due in queue:
            position = due.item.stored.position
            if stopped.get(due.item.stream, (position, ""))[0] < position:
                continue
            try:
                await self._carry_out(
                    due.reaction.name,
                    due.give,
                    due.key,
                    because_of(self._service, due.cause),
                    due.cause,
                    first_due_s,
                )
            except INFRASTRUCTURE:
                raise
            except Exception as error:  # noqa: BLE001 - a fault in a rule; its stream must stop
                log.error("%s cannot be carried out: %s", due.reaction.name, what_of(error))  # noqa: TRY400
                before = stopped.get(due.item.stream)
                if before is None or before[0] > position:
                    stopped[due.item.stream] = (position, what_of(error))

    async def _move(self, connection: Any, source: str, before: int, cursor: Cursor) -> None:
        moved = await connection.execute(
            "UPDATE consumers SET position = $1, hint = coalesce($2::jsonb, hint), trouble = NULL"
            " WHERE name = $3 AND source = $4 AND position = $5 AND epoch = $6",
            cursor.position,
            cursor.hint,
            REACTIONS,
            source,
            before,
            self._epoch,
        )
        if moved != "UPDATE 1":
            raise Fenced(f"reactions of {self._service}, epoch {self._epoch}")

    async def _trouble(self, source: str, what: str | None) -> None:
        await self._pool.execute(
            "UPDATE consumers SET trouble = $1 WHERE name = $2 AND source = $3 AND epoch = $4",
            what,
            REACTIONS,
            source,
            self._epoch,
        )

    async def _tend(self) -> None:
        """Look now and then for parked streams that somebody wants retried or skipped."""
        while True:
            await asyncio.sleep(TEND_INTERVAL_S)
            for _, _, source, stream in await asked_for(self._pool, [REACTIONS]):
                async with self._turns[source]:
                    await self._take_up(source, stream)

    async def _take_up(self, source: str, stream: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            records = await self._parking.take_up(connection, source, stream)
        self._parking.streams.discard((source, stream))
        parked = await self._react([look_at(stored) for stored in records])
        still = {item.stored.position for item, _ in parked}
        done = [stored.position for stored in records if stored.position not in still]
        async with self._pool.acquire() as connection, connection.transaction():
            await self._move(
                connection, source, self._cursors[source].position, self._cursors[source]
            )
            await self._parking.let_go(connection, source, done)
            if parked:
                await self._parking.park(connection, parked)
        if parked:
            self._parking.streams.add((source, stream))
