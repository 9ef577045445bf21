"""Three ways to keep a log that do not work, on a real PostgreSQL: the checker must catch each."""

from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
import pytest

from eventing.event_store import Key, event_id_of
from eventing.record import Why, encode
from tests.chaos.checker import violations
from tests.chaos.looked_at import Sent, World
from tests.chaos.small_world import KEEPER, MONDAY, booking, row_of, topic_of
from tests.eventing.test_relay import until

pytestmark = pytest.mark.stack

IDENTITY = """
CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY, xid xid8 DEFAULT pg_current_xact_id(),
    stream text, version int, record bytea, UNIQUE (stream, version))
"""
INSERT = "INSERT INTO events (stream, version, record) VALUES ($1, $2, $3)"


class NaiveLog:
    """`published` is what a reader that tails this log in its own way has passed on, in order."""

    def __init__(self, *connections):
        self.connections = connections
        self.journal, self.answers, self.published = [], {}, []

    async def append(self, connection, stream, version, statement=INSERT):
        """Within the caller's transaction, if there is one; into an empty fund of its own."""
        key = uuid4()
        first = event_id_of(Key(KEEPER, key, b""), 0, MONDAY)
        booked = booking(str(key), fund_id=key, after=0)
        new = encode("donations", stream, version, first, booked, MONDAY, Why(actor=KEEPER))
        await connection.execute(statement, stream, version, new.record)
        return key

    def acknowledged(self, key, position):
        self.answers[KEEPER, key] = position
        self.journal.append(Sent("donations", KEEPER, key, "acknowledged", position, 200))

    async def rows(self):
        found = await self.connections[0].fetch(
            "SELECT position, record FROM events ORDER BY position"
        )
        return [row_of(row["position"], row["record"]) for row in found]

    async def violations(self):
        rows = await self.rows()
        by_position = {row.position: row for row in rows}
        messages = topic_of([by_position[position] for position in self.published])
        return violations(
            World(
                logs={"donations": rows},
                topics={"donations": messages},
                answers={"donations": self.answers},
                journal=self.journal,
                all_have_events=True,
                has_tables=False,
            )
        )


@asynccontextmanager
async def naive(dsn):
    connections = [await asyncpg.connect(dsn) for _ in range(3)]
    try:
        await connections[0].execute(IDENTITY)
        yield NaiveLog(*connections)
    finally:
        for connection in connections:
            await connection.close()


async def tail(log, cursor):
    """Whatever is there behind the highest position seen."""
    rows = await log.connections[2].fetch(
        "SELECT position FROM events WHERE position > $1 ORDER BY position", cursor
    )
    log.published += [row["position"] for row in rows]
    return max([cursor, *(row["position"] for row in rows)])


async def test_an_identity_without_a_lock(fresh_database):
    """Positions are taken in one order and become visible in another."""
    async with naive(fresh_database) as log:
        slow, quick, _ = log.connections
        async with slow.transaction():
            late = await log.append(slow, "fund-1", 1)
            log.acknowledged(await log.append(quick, "fund-2", 1), 2)
            cursor = await tail(log, 0)
        log.acknowledged(late, 1)
        await tail(log, cursor)
        assert await log.violations() == ["donations: Kafka lacks 1"]


async def test_an_identity_that_was_rolled_back(fresh_database):
    async with naive(fresh_database) as log:
        slow, quick, _ = log.connections
        giving_up = slow.transaction()
        await giving_up.start()
        await log.append(slow, "fund-1", 1)
        await giving_up.rollback()
        log.acknowledged(await log.append(quick, "fund-2", 1), 2)
        await tail(log, 0)
        assert "donations: position 1 is missing, 2 stands there" in await log.violations()


async def test_a_cursor_over_transaction_ids(fresh_database):
    """Who got a number early may write late: the later event comes first."""
    async with naive(fresh_database) as log:
        early, quick, reader = log.connections
        async with early.transaction():
            await early.execute("SELECT pg_current_xact_id()")
            log.acknowledged(await log.append(quick, "fund-1", 1), 1)
            key = await log.append(early, "fund-1", 2)
        log.acknowledged(key, 2)

        async def all_seen():
            # The horizon is the whole server's: it waits for other databases' transactions too.
            rows = await reader.fetch(
                "SELECT position FROM events WHERE xid < pg_snapshot_xmin(pg_current_snapshot())"
                " ORDER BY xid, position"
            )
            log.published = [row["position"] for row in rows]
            return len(rows) == 2

        await until(all_seen)
        assert await log.violations() == ["donations: Kafka: 1 first comes after 2"]


async def test_a_conflict_that_does_nothing(fresh_database):
    """The loser of a race is told that all went well."""
    async with naive(fresh_database) as log:
        one, other, _ = log.connections
        do_nothing = f"{INSERT} ON CONFLICT DO NOTHING"
        log.acknowledged(await log.append(one, "fund-1", 1, do_nothing), 1)
        lost = await log.append(other, "fund-1", 1, do_nothing)
        log.acknowledged(lost, 1)
        await tail(log, 0)
        name = f"donations: command {lost} of {UUID(int=900)}"
        assert await log.violations() == [f"{name} was accepted and has no event"]
