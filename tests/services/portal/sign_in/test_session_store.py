"""One suite for both stores."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from services.portal.sign_in.session_store import (
    Kept,
    MemorySessionStore,
    PostgresSessionStore,
)
from tests.support.databases import a_portal

NOW = datetime(2024, 10, 7, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def session(name, account=1, at_provider=b"p", began_at=NOW, seen_at=NOW):
    return Kept(name, UUID(int=account), at_provider, began_at, seen_at, b"sealed")


@pytest.fixture
def memory():
    return MemorySessionStore()


@pytest.fixture
async def postgres(templates):
    async with (
        templates.copy("a portal", a_portal) as copy,
        asyncpg.create_pool(copy.dsn, min_size=0, max_size=4) as pool,
    ):
        yield PostgresSessionStore(pool)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stack)])
def store(request):
    return request.getfixturevalue(request.param)


async def test_a_session_is_found_as_it_was_added_until_it_ends(store):
    kept = session(b"1")
    await store.add(kept)
    assert await store.find(b"1") == kept
    assert await store.find(b"2") is None
    await store.seen(b"1", NOW + SECOND)
    found = await store.find(b"1")
    assert found.seen_at == NOW + SECOND
    await store.end(b"1")
    assert await store.find(b"1") is None
    await store.end(b"1")
    await store.seen(b"1", NOW)
    await store.renewed(b"1", b"new")
    assert await store.find(b"1") is None


async def test_one_alone_renews_until_it_has_or_its_time_is_over(store):
    await store.add(session(b"1"))
    until = NOW + 10 * SECOND
    both = await asyncio.gather(*(store.may_renew(b"1", NOW, until) for _ in range(6)))
    assert sorted(both) == [False] * 5 + [True]
    assert not await store.may_renew(b"1", until - SECOND, until + 10 * SECOND)
    assert await store.may_renew(b"1", until, until + 10 * SECOND)
    await store.renewed(b"1", b"new")
    assert (await store.find(b"1")).sealed == b"new"
    assert await store.may_renew(b"1", NOW, until)
    assert not await store.may_renew(b"2", NOW, until)


async def test_that_the_provider_is_away_is_known_until_another_may_renew(store):
    await store.add(session(b"1"))
    until = NOW + 10 * SECOND
    assert await store.may_renew(b"1", NOW, until)
    assert not (await store.find(b"1")).provider_away
    await store.found_away(b"1")
    assert not await store.may_renew(b"1", until - SECOND, until)
    assert (await store.find(b"1")).provider_away
    assert await store.may_renew(b"1", until, until + 10 * SECOND)
    assert not (await store.find(b"1")).provider_away
    await store.found_away(b"2")
    assert await store.find(b"2") is None


async def test_all_of_an_account_end_and_all_of_a_session_at_the_provider(store):
    for name, account, at_provider in (
        (b"1", 1, b"p"),
        (b"2", 1, b"q"),
        (b"3", 2, b"q"),
        (b"4", 3, None),
    ):
        await store.add(session(name, account, at_provider))
    assert await store.end_of(UUID(int=1)) == 2
    assert await store.end_at_provider(b"q") == 1
    assert await store.end_at_provider(b"p") == 0
    assert await store.find(b"4") is not None


async def test_what_is_too_old_or_too_long_unused_is_forgotten(store):
    await store.add(session(b"old", began_at=NOW - 9 * SECOND))
    await store.add(session(b"idle", began_at=NOW - 5 * SECOND, seen_at=NOW - 5 * SECOND))
    await store.add(session(b"both", began_at=NOW - 5 * SECOND, seen_at=NOW))
    await store.forget(began_before=NOW - 8 * SECOND, seen_before=NOW - 4 * SECOND)
    assert [await store.find(name) is None for name in (b"old", b"idle", b"both")] == [
        True,
        True,
        False,
    ]
