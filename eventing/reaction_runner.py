"""Carry out a service's reactions to the events of others, each exactly once in effect.

The effect first, the cursor after: a crash between the two gives the same commands again, with
the same keys, which the log answers as done. Each reaction has a cursor of its own, so one that is
new has missed nothing.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import asyncpg

from contracts.event import declarations
from eventing.carry_out import NOT_YET_WITHIN_S, CarryOut
from eventing.decider import CommandFor
from eventing.event_store import Key
from eventing.execute import Executor
from eventing.fail_points import come_by
from eventing.following import Cursor, MakeSource
from eventing.leadership import INFRASTRUCTURE, Fenced, Leadership, all_of
from eventing.looked_at import LookedAt, look_at, what_of
from eventing.parked import WAITS, Parking, asked_for, retry_what_was_unknown
from eventing.reactions import Reaction, because_of, keyed
from eventing.record import Recorded, StoredRecord
from eventing.shared_reading import Batches, Place, SharedReading
from eventing.unknown_types import count_unknown, forget_known

BATCHES = Batches(level=500, catching_up=500)
TEND_INTERVAL_S = 0.5

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Reader:
    """A reaction as it reads its source. `began_at`: when it was there for the first time."""

    reaction: Reaction
    source: str
    began_at: datetime
    parking: Parking
    # A stream that is retried must not meet its own later events.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def type_name(self) -> str:
        return declarations[self.reaction.on].name

    def passes_over(self, item: LookedAt) -> bool:
        return not item.may_be((self.type_name,)) or self.parking.skips(item)


Failures = dict[tuple[_Reader, str], tuple[int, str]]
"""By reader and stream: at which position it cannot go on, and why."""


@dataclass(frozen=True, slots=True)
class _Due:
    item: LookedAt
    cause: Recorded
    reader: _Reader
    give: CommandFor
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
        self._reactions = {reaction.consumer: reaction for reaction in reactions}
        self._clock = executor.clock
        self._pool = pool
        self._leadership = leadership
        self._make_source = make_source
        self._carry_out = CarryOut(executor=executor, not_yet_within_s=not_yet_within_s)
        self._readers: dict[str, _Reader] = {}
        self._epoch = 0

    async def run(self) -> None:
        await self._leadership.lead(f"reactions of {self._service}", self._lead)

    async def _lead(self) -> None:
        readings = await self._take_over()
        async with all_of() as tasks:
            for reading, places in readings:
                tasks.create_task(reading.feed())
                for place in places:
                    await reading.add(place)
                    if not place.is_level:
                        tasks.create_task(reading.catch_up(place))
            tasks.create_task(self._tend())

    async def _take_over(self) -> list[tuple[SharedReading[_Reader], list[Place[_Reader]]]]:
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await self._take_cursors(connection)
            await forget_known(connection)
            await retry_what_was_unknown(connection, list(self._reactions))
            self._readers = {
                row["name"]: _Reader(
                    self._reactions[row["name"]],
                    row["source"],
                    row["began_at"],
                    Parking(row["name"], 1),
                )
                for row in rows
            }
            for reader in self._readers.values():
                await reader.parking.learn(connection)
        places: defaultdict[str, list[Place[_Reader]]] = defaultdict(list)
        for row in rows:
            cursor = Cursor(row["position"], row["hint"])
            places[row["source"]].append(Place(self._readers[row["name"]], cursor))
        return [(self._reading(source, those), those) for source, those in places.items()]

    async def _take_cursors(self, connection: Any) -> Sequence[Any]:
        sources = {
            name: declarations[reaction.on].service or self._service
            for name, reaction in self._reactions.items()
        }
        # To another type a reaction is a new one.
        await connection.executemany(
            "INSERT INTO consumers (name, version, generation, source, folds, began_at)"
            " VALUES ($1, 0, 1, $2, $3, $4) ON CONFLICT (name, generation, source)"
            " DO UPDATE SET position = 0, hint = NULL, folds = $3, began_at = $4"
            " WHERE consumers.folds <> $3",
            [
                (name, sources[name], declarations[reaction.on].name, self._clock())
                for name, reaction in self._reactions.items()
            ],
        )
        # One that this code does not have stays where it is, for code that has it.
        taken: Sequence[Any] = await connection.fetch(
            "WITH ours AS (SELECT * FROM unnest($1::text[], $2::text[]) AS our (name, source)),"
            " others AS (UPDATE consumers SET status = 'retired' WHERE name LIKE 'reaction:%'"
            " AND (name, source) NOT IN (SELECT name, source FROM ours))"
            " UPDATE consumers SET status = 'live',"
            " epoch = (SELECT max(epoch) + 1 FROM consumers)"
            " WHERE (name, source) IN (SELECT name, source FROM ours)"
            " RETURNING name, source, position, epoch, hint, began_at",
            list(sources),
            list(sources.values()),
        )
        self._epoch = taken[0]["epoch"] if taken else 0
        return taken

    def _reading(self, source: str, places: Sequence[Place[_Reader]]) -> SharedReading[_Reader]:
        at = max(place.cursor.position for place in places)
        return SharedReading(
            source,
            Cursor(at, None),
            self._make_source,
            partial(self._advance, source),
            partial(self._trouble, source),
            BATCHES,
        )

    async def _advance(
        self,
        source: str,
        readers: Sequence[_Reader],
        records: Sequence[StoredRecord],
        hint: str | None,
    ) -> None:
        async with AsyncExitStack() as turns:
            for reader in readers:
                await turns.enter_async_context(reader.turn)
            looked_at = [look_at(stored) for stored in records]
            parked = await self._react(readers, looked_at)
            come_by("reactions:after-effect-before-cursor")
            cursor = Cursor(records[-1].position, hint)
            async with self._pool.acquire() as connection, connection.transaction():
                await self._move(connection, source, readers, records[0].position - 1, cursor)
                await count_unknown(connection, looked_at)
                for reader, items in parked.items():
                    await reader.parking.park(connection, items)
            for reader, items in parked.items():
                reader.parking.streams |= {(source, item.stream) for item, _ in items}

    async def _react(
        self, readers: Sequence[_Reader], items: Sequence[LookedAt]
    ) -> dict[_Reader, list[tuple[LookedAt, str]]]:
        """Carry out what the records give rise to; return those to park, in order."""
        failed: Failures = {}
        queues: defaultdict[str, list[_Due]] = defaultdict(list)
        meant = [
            (item, reader) for item in items for reader in readers if not reader.passes_over(item)
        ]
        for item, reader in meant:
            if reader.parking.holds(item) or (reader, item.stream) in failed:
                continue
            try:
                for due in self._due(reader, item):
                    queues[due.give.stream].append(due)
            except Exception as error:  # noqa: BLE001 - whatever it raises, its stream must stop
                failed[reader, item.stream] = (item.stored.position, what_of(error))
        async with all_of() as tasks:
            for queue in queues.values():
                tasks.create_task(self._work_off(queue, failed))
        parked: defaultdict[_Reader, list[tuple[LookedAt, str]]] = defaultdict(list)
        for item, reader in meant:
            here = item.stored.position
            position, why = failed.get((reader, item.stream), (here + 1, WAITS))
            if position == here:
                parked[reader].append((item, why))
            elif position < here or reader.parking.holds(item):
                parked[reader].append((item, WAITS))
        return parked

    def _due(self, reader: _Reader, item: LookedAt) -> list[_Due]:
        cause = item.decode()
        return [
            _Due(item, cause, reader, give, key)
            for reaction, give, key in keyed(self._service, [reader.reaction], cause)
            if reaction.heeds(give, cause, reader.began_at)
        ]

    async def _work_off(self, queue: Sequence[_Due], failed: Failures) -> None:
        """Carry out what is meant for one stream, in order; streams do not wait for each other."""
        first_due_s = asyncio.get_running_loop().time()
        for due in queue:
            position, place = due.item.stored.position, (due.reader, due.item.stream)
            if place in failed and failed[place][0] < position:
                continue
            try:
                await self._carry_out(
                    due.reader.reaction.name,
                    due.give,
                    due.key,
                    because_of(self._service, due.cause),
                    due.cause,
                    first_due_s,
                )
            except INFRASTRUCTURE:
                raise
            except Exception as error:  # noqa: BLE001 - a fault in a rule; its stream must stop
                name = due.reader.reaction.name
                log.error("%s cannot be carried out: %s", name, what_of(error))  # noqa: TRY400
                if place not in failed or failed[place][0] > position:
                    failed[place] = (position, what_of(error))

    async def _move(
        self, connection: Any, source: str, readers: Sequence[_Reader], before: int, cursor: Cursor
    ) -> None:
        moved = await connection.execute(
            "UPDATE consumers SET position = $1, hint = coalesce($2::jsonb, hint), trouble = NULL"
            " WHERE name = ANY($3) AND source = $4 AND position = $5 AND epoch = $6",
            cursor.position,
            cursor.hint,
            [reader.reaction.consumer for reader in readers],
            source,
            before,
            self._epoch,
        )
        if moved != f"UPDATE {len(readers)}":
            raise Fenced(f"reactions of {self._service}, epoch {self._epoch}")

    async def _trouble(self, source: str, what: str | None) -> None:
        await self._pool.execute(
            "UPDATE consumers SET trouble = $1 WHERE name = ANY($2) AND source = $3 AND epoch = $4",
            what,
            list(self._reactions),
            source,
            self._epoch,
        )

    async def _tend(self) -> None:
        """Look now and then for parked streams that somebody wants retried or skipped."""
        while True:
            await asyncio.sleep(TEND_INTERVAL_S)
            for consumer, _, source, stream in await asked_for(self._pool, list(self._readers)):
                reader = self._readers[consumer]
                async with reader.turn:
                    await self._take_up(reader, source, stream)

    async def _take_up(self, reader: _Reader, source: str, stream: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._hold(connection, reader)
            records = await reader.parking.take_up(connection, source, stream)
        reader.parking.streams.discard((source, stream))
        parked = (await self._react([reader], list(map(look_at, records)))).get(reader, [])
        still = {item.stored.position for item, _ in parked}
        done = [stored.position for stored in records if stored.position not in still]
        async with self._pool.acquire() as connection, connection.transaction():
            await self._hold(connection, reader)
            await reader.parking.let_go(connection, source, done)
            if parked:
                await reader.parking.park(connection, parked)
        if parked:
            reader.parking.streams.add((source, stream))

    async def _hold(self, connection: Any, reader: _Reader) -> None:
        """Until the end of the transaction nobody else takes over. Raises Fenced."""
        held = await connection.fetchval(
            "SELECT true FROM consumers WHERE name = $1 AND source = $2 AND epoch = $3 FOR UPDATE",
            reader.reaction.consumer,
            reader.source,
            self._epoch,
        )
        if not held:
            raise Fenced(f"reactions of {self._service}, epoch {self._epoch}")
