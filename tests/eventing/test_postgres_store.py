import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from eventing import coalesced_reads, group_commit, lasting_connection
from eventing.coalesced_reads import READ
from eventing.event_store import (
    Answered,
    Busy,
    EventStore,
    KeyUsedDifferently,
    OutcomeUnknown,
    Past,
    VersionConflict,
)
from eventing.lasting_connection import LastingConnection
from eventing.postgres_store import LOG, PostgresStore
from eventing.record import decode_envelope, leaf_hash
from tests.eventing.cutting_proxy import CuttingProxy
from tests.eventing.readers import Database
from tests.eventing.store_suite import (
    StoreSuite,
    assert_sound,
    everything,
    key,
    new,
    stands_on,
    store,
)

__all__ = ["store"]


@pytest.fixture
async def stores(database: Database) -> AsyncIterator[tuple[EventStore, EventStore]]:
    async with (
        PostgresStore("donations", database.dsn) as one,
        PostgresStore("donations", database.dsn) as other,
    ):
        yield one, other


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(database.dsn).listening() as proxy:
        yield proxy


class TestPostgresStore(StoreSuite):
    pass


async def test_columns_are_copies_of_what_the_record_says(
    database: Database, store: EventStore
) -> None:
    await store.append([new("fund-1", count=3), new("fund-2")], key())
    rows = await database.pool.fetch("SELECT * FROM events ORDER BY position")
    assert len(rows) == 4
    for row in rows:
        envelope = decode_envelope(row["record"])
        assert row["event_id"] == envelope.id
        assert row["stream"] == envelope.subject
        assert row["version"] == envelope.streamversion
        assert row["type"] == envelope.type
        assert row["recorded_at"] == envelope.recordedtime
        assert row["leaf"] == leaf_hash(row["record"])


async def test_what_is_written_meanwhile_goes_together(
    database: Database, store: EventStore
) -> None:
    await asyncio.gather(*(store.append([new(f"fund-{n}")], key()) for n in range(100)))
    transactions = await database.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM commands")
    # One half, and the other.
    assert transactions == 2


async def test_what_the_server_cannot_take_fails_alone(store: EventStore) -> None:
    answers = await asyncio.gather(
        *(store.append([new(f"fund-{n}")], key()) for n in range(5)),
        store.append([new("fund-\x00")], key()),
        store.append([new(f"fund-{2**31}", after=2**31)], key()),
        *(store.append([new(f"fund-{n}")], key()) for n in range(5, 10)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers[5:7]] == [
        asyncpg.CharacterNotInRepertoireError,
        asyncpg.DataError,
    ]
    taken = [answer for answer in answers if isinstance(answer, int)]
    assert sorted(taken) == list(range(1, 11))
    pasts = await asyncio.gather(
        store.read("fund-1", None), store.read("fund-\x00", None), return_exceptions=True
    )
    assert isinstance(pasts[0], Past)
    assert isinstance(pasts[1], asyncpg.CharacterNotInRepertoireError)


async def test_a_record_for_another_place_is_refused(store: EventStore) -> None:
    append = new("fund-1", count=2)
    append.records[1:] = []  # type: ignore[index]
    append.records.append(new("fund-2", after=1).records[0])  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="fund-1"):
        await store.append([append], key())


async def test_more_than_can_wait_is_refused(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "QUEUE_MAX", 3)
    monkeypatch.setattr(coalesced_reads, "QUEUE_MAX", 3)
    answers = await asyncio.gather(
        *(store.append([new(f"fund-{n}")], key()) for n in range(5)),
        *(store.read(f"fund-{n}", None) for n in range(5)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [
        *([int] * 3 + [Busy] * 2),
        *([Past] * 3 + [Busy] * 2),
    ]


async def test_a_batch_is_bounded_by_its_bytes(
    database: Database, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(new("fund-0").records[0].record)
    monkeypatch.setattr(group_commit, "BATCH_BYTES_MAX", 3 * size)
    await asyncio.gather(*(store.append([new(f"fund-{n}")], key()) for n in range(9)))
    batches = await database.pool.fetch("SELECT count(*) FROM commands GROUP BY xmin::text")
    assert [row["count"] for row in batches] == [3, 3, 3]


async def test_closing_finishes_what_was_begun(database: Database) -> None:
    store = PostgresStore("donations", database.dsn)
    begun = [asyncio.create_task(store.append([new(f"fund-{n}")], key())) for n in range(300)]
    asked = [asyncio.create_task(store.read(f"fund-{n}", None)) for n in range(300)]
    await asyncio.sleep(0)
    await store.close()
    assert sorted([await answer for answer in begun]) == list(range(1, 301))
    assert all([isinstance(await past, Past) for past in asked])
    with pytest.raises(Busy):
        await store.append([new("fund-1", after=1)], key())
    with pytest.raises(Busy):
        await store.read("fund-1", None)
    with pytest.raises(Busy):
        await store.head()
    left = await database.pool.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vongtay %'"
        " AND datname = current_database()"
    )
    assert left == 0


async def test_killed_backends_lose_and_repeat_nothing(
    database: Database, stores: tuple[EventStore, EventStore]
) -> None:
    stop, went_on = asyncio.Event(), asyncio.Event()

    async def kill() -> int:
        killed = 0
        while not stop.is_set():
            await asyncio.sleep(0.05)
            # On a busy machine it takes longer to connect again than until the next kill.
            await went_on.wait()
            went_on.clear()
            killed += await database.pool.fetchval(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name LIKE 'vongtay %' AND datname = current_database()"
            )
        return killed

    async def append(n: int) -> list[int]:
        positions = []
        for version in range(20):
            positions.append(await stores[n % 2].append([new(f"fund-{n}", after=version)], key()))
            past = await stores[n % 2].read(f"fund-{n}", None)
            went_on.set()
            assert isinstance(past, Past)
            assert past.version == version + 1
        return positions

    killer = asyncio.create_task(kill())
    answers = await asyncio.gather(*(append(n) for n in range(20)))
    stop.set()
    went_on.set()
    assert await killer > 3
    streams = assert_sound(await everything(stores[0]))
    assert answers == [[stored.position for stored in streams[f"fund-{n}"]] for n in range(20)]


async def test_a_commit_whose_answer_was_lost_happened_once(proxy: CuttingProxy) -> None:
    async with PostgresStore("donations", proxy.dsn) as store:
        await store.append([new("fund-0")], key())
        proxy.deaf = True
        appends = [
            asyncio.create_task(store.append([new(f"fund-{n}")], key())) for n in range(1, 9)
        ]
        await asyncio.wait_for(proxy.heard.wait(), 5)
        proxy.deaf = False
        proxy.cut()
        answers = await asyncio.gather(*appends)
        assert answers == list(range(2, 10))
        assert len(assert_sound(await everything(store))) == 9


async def test_what_stays_unknown_is_said_and_the_same_key_tells(
    database: Database, proxy: CuttingProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "KEEP_TRYING_S", 0.3)
    monkeypatch.setattr(lasting_connection, "READ_WITHIN_S", 0.3)
    async with PostgresStore("donations", proxy.dsn) as store:
        await store.append([new("fund-0")], key())
        proxy.deaf = True
        unknown, behind = key(), key()
        sent = asyncio.create_task(store.append([new("fund-1")], unknown))
        await asyncio.wait_for(proxy.heard.wait(), 5)
        waiting = asyncio.create_task(store.append([new("fund-2")], behind))
        await asyncio.sleep(0)
        proxy.down = True
        proxy.cut()
        with pytest.raises(OutcomeUnknown):
            await sent
        # What was never sent did not happen, and is told so.
        with pytest.raises(Busy):
            await waiting
        with pytest.raises(Busy):
            await store.append([new("fund-3")], key())
        with pytest.raises(Busy):
            await store.read("fund-3", None)
        with pytest.raises(Busy):
            await store.log(0, 10)
        proxy.down = proxy.deaf = False
        assert await store.append([new("fund-1")], unknown) == 2
        assert await store.read("fund-1", unknown) == Answered(2)
        assert await store.append([new("fund-2")], behind) == 3
        assert len(assert_sound(await everything(store))) == 3


async def test_a_frozen_writer_holds_nobody_up_for_long(
    database: Database, store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds head: our statement ends by its own limit and is sent again."""
    monkeypatch.setattr(lasting_connection, "STATEMENT_TIMEOUT_S", 1.0)
    async with database.pool.acquire() as other, other.transaction():
        await other.fetch("SELECT * FROM head FOR UPDATE")
        append = asyncio.create_task(store.append([new("fund-1")], key()))
        await asyncio.sleep(1.3)
        assert not append.done()
    assert await append == 1


async def test_a_lost_answer_after_a_conflict_elsewhere_is_still_a_conflict(
    database: Database, stores: tuple[EventStore, EventStore], proxy: CuttingProxy
) -> None:
    async with PostgresStore("donations", proxy.dsn) as behind_the_proxy:
        await behind_the_proxy.append([new("fund-1")], key())
        await stores[1].append([new("fund-1", after=1)], key())
        proxy.deaf = True
        first = asyncio.create_task(behind_the_proxy.append([new("fund-1", after=1)], key()))
        second = asyncio.create_task(behind_the_proxy.append([new("fund-2")], key()))
        await asyncio.wait_for(proxy.heard.wait(), 5)
        proxy.deaf = False
        proxy.cut()
        with pytest.raises(VersionConflict):
            await first
        assert await second == 3


async def test_streams_and_keys_are_found_by_index(database: Database, store: EventStore) -> None:
    await asyncio.gather(*(store.append([new(f"fund-{n}")], key()) for n in range(10)))
    await database.pool.fetch("SELECT 1")
    connection = LastingConnection(database.dsn, "vongtay plans")
    for query, arguments in (
        (READ, [["fund-1"], [0], [None], [None], [None], 500]),
        (LOG, [3, 100]),
    ):
        plan = await connection.fetch(f"EXPLAIN {query}", *arguments)
        text = "\n".join(row[0] for row in plan)
        assert "Seq Scan" not in text, text
        assert "Index" in text
    await connection.close()


ROWS_READ = """
SELECT n_tup_ins, seq_tup_read + idx_tup_fetch AS rows_read
FROM pg_stat_user_tables WHERE relname = 'events'
"""


async def test_a_young_log_is_not_read_whole_for_each_append(database: Database) -> None:
    """The plans are made while the tables are empty, and nothing has told the planner better."""
    rounds, at_once = 30, 40
    async with PostgresStore("donations", database.dsn) as store:
        for version in range(rounds):
            await asyncio.gather(
                *(store.append([new(f"fund-{n}", after=version)], key()) for n in range(at_once))
            )
    # What a connection read is told by the server once it has ended.
    async with asyncio.timeout(5):
        while not (read := await database.pool.fetch(ROWS_READ))[0]["n_tup_ins"]:
            await asyncio.sleep(0.05)
    assert read[0]["n_tup_ins"] == rounds * at_once
    # Once to look up the version before it, and what little an analysis may have looked at.
    assert read[0]["rows_read"] <= 3 * rounds * at_once


async def test_decided_apart_is_as_decided_together(stores: tuple[EventStore, EventStore]) -> None:
    """One batch with everything in it that a batch can hold."""
    store, other = stores
    await store.append([new("fund-1", count=2)], key())
    once = key()
    first = await other.append([new("fund-2")], once)
    answers = await asyncio.gather(
        store.append([new("fund-3"), new("fund-1", after=2)], key()),
        store.append([new("fund-2")], once),
        store.append([new("fund-2", after=0)], key()),
        store.append([stands_on("fund-1", 3)], key()),
        store.append([stands_on("fund-1", 2)], key()),
        store.append([new("fund-4")], type(once)(once.principal, once.idempotency_key, b"x")),
        store.append([new("fund-1", after=3)], key()),
        return_exceptions=True,
    )
    assert [answer if isinstance(answer, int) else type(answer) for answer in answers] == [
        5,
        first,
        VersionConflict,
        5,
        VersionConflict,
        KeyUsedDifferently,
        6,
    ]
    assert_sound(await everything(store))


def test_the_proxy_stands_between(proxy: CuttingProxy, database: Database) -> None:
    assert urlsplit(proxy.dsn).port != urlsplit(database.dsn).port
