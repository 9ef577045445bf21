import asyncio
from uuid import uuid4

from eventing.postgres_store import PostgresStore
from eventing.record import StoredRecord
from tests.eventing.racing import (
    PROCESSES,
    append_as_others_do,
    append_with_the_same_keys,
    in_processes,
)
from tests.eventing.readers import Database
from tests.eventing.store_suite import assert_sound, everything

CALLERS, EACH = 8, 12


async def test_processes_race_and_a_reader_that_follows_misses_nothing(database: Database) -> None:
    followed: list[StoredRecord] = []

    async def follow(store: PostgresStore) -> None:
        while True:
            page = await store.log(len(followed), 1_000)
            followed.extend(page)
            # What is missing now would be missed for ever.
            assert [stored.position for stored in followed] == list(range(1, len(followed) + 1))
            await asyncio.sleep(0)

    async with PostgresStore("donations", database.dsn) as store:
        follower = asyncio.create_task(follow(store))
        results = await in_processes(append_as_others_do, database.dsn, 4, CALLERS, EACH)
        total = PROCESSES * CALLERS * EACH
        async with asyncio.timeout(10):
            while len(followed) < total and not follower.done():
                await asyncio.sleep(0.01)
        follower.cancel()
        await asyncio.wait([follower])
        log = await everything(store)
    assert followed == log
    streams = assert_sound(log)
    assert len(log) == total
    for name, stream in streams.items():
        acknowledged = sorted(position for got in results for position in got.get(name, ()))
        assert acknowledged == [stored.position for stored in stream]


async def test_processes_that_send_the_same_keys_get_the_same_answers(database: Database) -> None:
    keys = [uuid4() for _ in range(200)]
    results = await in_processes(append_with_the_same_keys, database.dsn, keys)
    assert results[0] == results[1] == results[2]
    async with PostgresStore("donations", database.dsn) as store:
        log = await everything(store)
    assert sorted(results[0]) == [stored.position for stored in log] == list(range(1, 201))
    assert_sound(log)
