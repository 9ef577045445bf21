"""Keep a service's read models level with their sources, and build new versions beside the old.

Each has a cursor of its own in each source, moved in one transaction with its rows. A leader that
was succeeded finds another epoch, or another position, in its cursors, and nothing of it stays.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg

from eventing.fail_points import come_by
from eventing.follower import Follower, RowNotStorable, sources_of
from eventing.following import Cursor, MakeSource
from eventing.generations import have_a_generation, let_serve
from eventing.leadership import Fenced, Leadership, all_of
from eventing.looked_at import LookedAt, look_at
from eventing.parked import Parking, asked_for
from eventing.read_model import ReadModel
from eventing.record import StoredRecord
from eventing.row_tables import RowTable
from eventing.sealing import Sealer
from eventing.shared_reading import Batches, Place, SharedReading
from eventing.unknown_types import count_unknown, forget_known

BATCHES = Batches(level=2_000, catching_up=10_000)
TEND_INTERVAL_S = 0.5
HEARD_INTERVAL_S = 2.0

log = logging.getLogger(__name__)


class ReadModelRunner:
    """All read models of one service. `run` leads whenever it can.

    `sealer` is for those that open personal data.
    """

    def __init__(
        self,
        service: str,
        models: Sequence[ReadModel[Any, Any]],
        pool: "asyncpg.Pool[Any]",
        leadership: Leadership,
        make_source: MakeSource,
        sealer: Sealer | None = None,
    ) -> None:
        self._service = service
        self._models = {model.name: model for model in models}
        self._pool = pool
        self._leadership = leadership
        self._make_source = make_source
        self._sealer = sealer
        self._epoch = 0
        self._followers: list[Follower] = []
        self._readings: dict[str, SharedReading[Follower]] = {}
        self._say_again: dict[str, float] = {}
        # Sources of one read model change the same rows, which a fold reads and writes back.
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        await self._leadership.lead(f"read models of {self._service}", self._lead)

    async def _lead(self) -> None:
        new = await self._take_over()
        async with all_of() as tasks:
            for reading in self._readings.values():
                tasks.create_task(reading.feed())
            tasks.create_task(self._tend(tasks))
            await self._begin_to_follow(new, tasks)

    async def _begin_to_follow(self, new: Sequence[Follower], tasks: asyncio.TaskGroup) -> None:
        for follower in new:
            for source, place in follower.places.items():
                await self._readings[source].add(place)
                if not place.is_level:
                    tasks.create_task(self._catch_up(self._readings[source], place))
        await self._serve_if_level()

    async def _catch_up(self, reading: SharedReading[Follower], place: Place[Follower]) -> None:
        await reading.catch_up(place)
        await self._serve_if_level()

    # --- taking over ---

    async def _take_over(self) -> Sequence[Follower]:
        self._followers = []
        self._readings = {}
        self._say_again = {}
        async with self._pool.acquire() as connection, connection.transaction():
            for model in self._models.values():
                await have_a_generation(connection, model, sources_of(model, self._service))
            await connection.execute(
                "UPDATE consumers SET status = 'retired'"
                " WHERE status <> 'retired' AND version > 0 AND name <> ALL($1)",
                list(self._models),
            )
            # The highest of all, so that one epoch fences every cursor of this leader.
            self._epoch = (
                await connection.fetchval(
                    "UPDATE consumers SET epoch = (SELECT max(epoch) + 1 FROM consumers)"
                    " WHERE name = ANY($1) RETURNING epoch",
                    list(self._models),
                )
                or 0
            )
            for source, position in await connection.fetch(
                "SELECT source, max(position) FROM consumers"
                " WHERE name = ANY($1) AND status <> 'retired' GROUP BY source",
                list(self._models),
            ):
                self._reading(source, Cursor(position, None))
            await forget_known(connection)
            return await self._know_new_followers(connection)

    def _reading(self, source: str, at: Cursor) -> None:
        self._readings[source] = SharedReading(
            source,
            at,
            self._make_source,
            partial(self._advance, source),
            partial(self._trouble, source),
            BATCHES,
            partial(self._heard, source),
        )

    async def _know_new_followers(self, connection: Any) -> list[Follower]:
        """Add the generations of the current versions that are not followed yet."""
        rows = await connection.fetch(
            "UPDATE consumers SET epoch = $2 WHERE name = ANY($1) AND status <> 'retired'"
            " RETURNING name, version, generation, source, position, status, hint",
            list(self._models),
            self._epoch,
        )
        known = {(follower.name, follower.generation) for follower in self._followers}
        new: dict[tuple[str, int], Follower] = {}
        for row in rows:
            model = self._models[row["name"]]
            key = (row["name"], row["generation"])
            if key in known or row["version"] != model.version:
                continue
            follower = new.get(key)
            if follower is None:
                table = RowTable(model, row["version"], row["generation"])
                parking = Parking(model.name, row["generation"])
                follower = new[key] = Follower(
                    model, table, parking, row["status"], sealer=self._sealer
                )
            cursor = Cursor(row["position"], row["hint"])
            follower.places[row["source"]] = Place(follower, cursor)
            if row["source"] not in self._readings:
                self._reading(row["source"], Cursor(row["position"], row["hint"]))
        for follower in new.values():
            await follower.table.create(connection)
            await follower.parking.learn(connection)
            await self._see_that_rows_survived(connection, follower)
        self._followers += new.values()
        return list(new.values())

    async def _see_that_rows_survived(self, connection: Any, follower: Follower) -> None:
        """Unlogged rows are gone after a crash of the database: then begin again."""
        if not follower.model.private or await follower.table.survived(connection):
            return
        await connection.execute(
            "UPDATE consumers SET position = 0, hint = NULL WHERE name = $1 AND generation = $2",
            follower.name,
            follower.generation,
        )
        await follower.parking.forget(connection)
        for place in follower.places.values():
            place.cursor = Cursor(0, None)
        await follower.table.mark_alive(connection)

    # --- following ---

    async def _advance(
        self,
        source: str,
        followers: Sequence[Follower],
        records: Sequence[StoredRecord],
        hint: str | None,
    ) -> None:
        """Fold a batch into all the followers, and move their cursors, in one transaction."""
        async with self._turn:
            # One whose place was taken meanwhile stays as it was then.
            if followers := [one for one in followers if one in self._followers]:
                await self._advance_together(source, followers, records, hint)

    async def _advance_together(
        self,
        source: str,
        followers: Sequence[Follower],
        records: Sequence[StoredRecord],
        hint: str | None,
    ) -> None:
        wanted = {name for follower in followers for name in follower.types}
        looked_at = [look_at(stored) for stored in records]
        items = [item for item in looked_at if item.may_be(wanted)]
        apart: set[str] = set()
        parked: dict[Follower, list[tuple[LookedAt, str]]] = {}
        for _ in range(len(followers) + 1):
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    # Cursors first: a leader that was succeeded must not wait to lose.
                    await self._move(connection, source, followers, records, hint)
                    await count_unknown(connection, looked_at)
                    for follower in followers:
                        parked[follower] = await self._fold(
                            connection, follower, items, one_by_one=follower.name in apart
                        )
                    come_by("read-models:before-commit")
                come_by("read-models:after-commit")
                break
            except RowNotStorable as error:
                apart.add(str(error))
        for follower in followers:
            follower.parking.streams |= {(source, item.stream) for item, _ in parked[follower]}

    @staticmethod
    async def _fold(
        connection: Any, follower: Follower, items: Sequence[LookedAt], *, one_by_one: bool
    ) -> list[tuple[LookedAt, str]]:
        parked = await follower.fold(connection, items, one_by_one=one_by_one)
        if parked:
            await follower.parking.park(connection, parked)
        return parked

    async def _move(
        self,
        connection: Any,
        source: str,
        followers: Sequence[Follower],
        records: Sequence[StoredRecord],
        hint: str | None,
    ) -> None:
        moved = await connection.execute(
            "UPDATE consumers SET position = $1, hint = coalesce($2::jsonb, hint), trouble = NULL"
            " FROM unnest($3::text[], $4::int[]) AS follower (follower_name, follower_generation)"
            " WHERE name = follower_name AND generation = follower_generation"
            " AND source = $5 AND position = $6 AND epoch = $7",
            records[-1].position,
            hint,
            [follower.name for follower in followers],
            [follower.generation for follower in followers],
            source,
            records[0].position - 1,
            self._epoch,
        )
        if moved != f"UPDATE {len(followers)}":
            raise Fenced(f"read models of {self._service}, epoch {self._epoch}")

    async def _heard(self, source: str, followers: Sequence[Follower]) -> None:
        """Say now and then that these are at the end, by the database's clock."""
        tick = time.monotonic()
        if tick < self._say_again.get(source, 0.0):
            return
        self._say_again[source] = tick + HEARD_INTERVAL_S
        await self._pool.execute(
            "UPDATE consumers SET heard_at = clock_timestamp() WHERE source = $1 AND epoch = $2"
            " AND (name, generation) IN (SELECT * FROM unnest($3::text[], $4::int[]))",
            source,
            self._epoch,
            [follower.name for follower in followers],
            [follower.generation for follower in followers],
        )

    async def _trouble(self, source: str, what: str | None) -> None:
        await self._pool.execute(
            "UPDATE consumers SET trouble = $1 WHERE name = ANY($2) AND source = $3"
            " AND epoch = $4 AND trouble IS DISTINCT FROM $1",
            what,
            list(self._models),
            source,
            self._epoch,
        )

    # --- what is asked for, and what is built ---

    async def _tend(self, tasks: asyncio.TaskGroup) -> None:
        """Look now and then for streams to retry or skip, and for rebuilds that were asked for."""
        while True:
            await asyncio.sleep(TEND_INTERVAL_S)
            for consumer, generation, source, stream in await asked_for(
                self._pool, list(self._models)
            ):
                for follower in self._followers:
                    if (follower.name, follower.generation) == (consumer, generation):
                        async with self._turn:
                            await self._take_up(follower, source, stream)
            if await self._pool.fetchval(
                "SELECT EXISTS (SELECT FROM consumers"
                " WHERE name = ANY($1) AND status = 'building' AND epoch < $2)",
                list(self._models),
                self._epoch,
            ):
                await self._build(tasks)

    async def _build(self, tasks: asyncio.TaskGroup) -> None:
        sources = set(self._readings)
        async with self._turn, self._pool.acquire() as connection, connection.transaction():
            new = await self._know_new_followers(connection)
        for source in set(self._readings) - sources:
            tasks.create_task(self._readings[source].feed())
        await self._begin_to_follow(new, tasks)

    async def _take_up(self, follower: Follower, source: str, stream: str) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            held = await connection.fetchval(
                "SELECT true FROM consumers WHERE name = $1 AND generation = $2 AND source = $3"
                " AND epoch = $4 FOR UPDATE",
                follower.name,
                follower.generation,
                source,
                self._epoch,
            )
            if not held:
                raise Fenced(f"read models of {self._service}, epoch {self._epoch}")
            records = await follower.parking.take_up(connection, source, stream)
            follower.parking.streams.discard((source, stream))
            items = [look_at(stored) for stored in records]
            parked = await self._fold(connection, follower, items, one_by_one=True)
            still = {item.stored.position for item, _ in parked}
            await follower.parking.let_go(
                connection,
                source,
                [stored.position for stored in records if stored.position not in still],
            )
        if parked:
            follower.parking.streams.add((source, stream))

    async def _serve_if_level(self) -> None:
        """Let what is built take the place of what it was built beside."""
        async with self._turn:
            for follower in list(self._followers):
                if follower.status == "building" and follower.is_level:
                    await self._swap(follower)

    async def _swap(self, follower: Follower) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            if not await let_serve(connection, follower, self._epoch):
                raise Fenced(f"read models of {self._service}, epoch {self._epoch}")
        follower.status = "live"
        for other in list(self._followers):
            if other is not follower and other.name == follower.name:
                self._followers.remove(other)
                for source, place in other.places.items():
                    self._readings[source].remove(place)
        log.info("read model %s serves %s", follower.name, follower.table.name)
