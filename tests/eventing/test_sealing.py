"""One suite for both sealers; what only a database can show is at the end."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.sealed import Sealed
from eventing import key_database, sealing
from eventing.key_database import KeyDatabase, WrappedByAnother
from eventing.sealing import (
    KeyDestroyed,
    MemorySealer,
    NotOpenable,
    Sealer,
    open_with,
    seal_with,
)
from tests.support.databases import Templates, a_log_and_keys

MAI, LAN = UUID(int=1), UUID(int=2)
CARE, NEWS = "care", "news"
ENCRYPTION_KEY = bytes(range(32))


@dataclass(frozen=True, slots=True)
class KeyDatabases:
    dsn: str
    pool: "asyncpg.Pool[asyncpg.Record]"


@pytest.fixture
async def keys(templates: Templates) -> AsyncIterator[KeyDatabases]:
    async with (
        templates.copy("a log and keys", a_log_and_keys) as copy,
        asyncpg.create_pool(copy.dsn, min_size=1, max_size=6) as pool,
    ):
        yield KeyDatabases(copy.dsn, pool)


class SealerSuite:
    async def test_what_is_sealed_opens_again(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(MAI, CARE, "name", "Nguyễn Thị Mai")
        assert "Mai" not in sealed.ciphertext
        assert b"Mai" not in base64.b64decode(sealed.ciphertext)
        assert await sealer.open(MAI, CARE, "name", sealed) == "Nguyễn Thị Mai"

    async def test_the_same_again_is_the_same(self, sealer: Sealer) -> None:
        first, again, other = [
            await sealer.seal(MAI, CARE, "name", text) for text in ("Mai", "Mai", "Lan")
        ]
        assert first == again
        assert first.key_id == other.key_id
        assert first.ciphertext != other.ciphertext

    async def test_a_person_has_a_key_for_each_purpose(self, sealer: Sealer) -> None:
        ids = {
            (await sealer.seal(person, purpose, "name", "Mai")).key_id
            for person in (MAI, LAN)
            for purpose in (CARE, NEWS)
        }
        assert len(ids) == 4

    async def test_it_opens_only_as_what_it_was_sealed(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(MAI, CARE, "name", "Mai")
        for person, purpose in ((LAN, CARE), (MAI, NEWS)):
            await sealer.seal(person, purpose, "name", "another")
        raw = bytearray(base64.b64decode(sealed.ciphertext))
        raw[14] ^= 1
        changed = replace(sealed, ciphertext=base64.b64encode(raw).decode())
        for person, purpose, field, tried in (
            (LAN, CARE, "name", sealed),
            (MAI, NEWS, "name", sealed),
            (MAI, CARE, "village", sealed),
            (MAI, CARE, "name", replace(sealed, key_id=uuid4())),
            (MAI, CARE, "name", changed),
            (MAI, CARE, "name", replace(sealed, ciphertext="")),
            (MAI, CARE, "name", replace(sealed, ciphertext="no base64!")),
        ):
            with pytest.raises(NotOpenable):
                await sealer.open(person, purpose, field, tried)

    async def test_without_a_key_nothing_opens(self, sealer: Sealer) -> None:
        assert await sealer.open(MAI, CARE, "name", Sealed(uuid4(), "AAAA")) is None

    async def test_a_destroyed_key_is_gone_for_ever(self, sealer: Sealer) -> None:
        sealed = await sealer.seal(MAI, CARE, "name", "Mai")
        kept = await sealer.seal(MAI, NEWS, "name", "Mai")
        for _ in range(2):
            await sealer.destroy(MAI, CARE)
            assert await sealer.open(MAI, CARE, "name", sealed) is None
            with pytest.raises(KeyDestroyed):
                await sealer.seal(MAI, CARE, "name", "Mai")
        assert await sealer.open(MAI, NEWS, "name", kept) == "Mai"

    async def test_who_was_erased_before_anything_was_sealed_stays_so(self, sealer: Sealer) -> None:
        await sealer.destroy(MAI, CARE)
        with pytest.raises(KeyDestroyed):
            await sealer.seal(MAI, CARE, "name", "Mai")


class TestMemorySealer(SealerSuite):
    @pytest.fixture
    def sealer(self) -> Sealer:
        return MemorySealer()


class TestKeyDatabase(SealerSuite):
    @pytest.fixture
    async def sealer(self, keys: KeyDatabases) -> AsyncIterator[Sealer]:
        sealer = KeyDatabase(keys.dsn, ENCRYPTION_KEY)
        yield sealer
        await sealer.close()


@pytest.fixture
async def two(keys: KeyDatabases) -> AsyncIterator[tuple[KeyDatabase, KeyDatabase]]:
    """Two processes' sealers on one key database."""
    one, other = (KeyDatabase(keys.dsn, ENCRYPTION_KEY) for _ in range(2))
    yield one, other
    await one.close()
    await other.close()


async def test_processes_that_seal_for_the_first_time_use_one_key(
    two: tuple[KeyDatabase, KeyDatabase], keys: KeyDatabases
) -> None:
    sealed = await asyncio.gather(
        *(sealer.seal(UUID(int=n % 20), CARE, "name", "x") for n in range(80) for sealer in two)
    )
    assert len({one.key_id for one in sealed}) == 20
    assert await keys.pool.fetchval("SELECT count(*) FROM keys") == 20


async def test_a_key_is_durable_before_anything_is_sealed(
    two: tuple[KeyDatabase, KeyDatabase], keys: KeyDatabases
) -> None:
    sealed = await two[0].seal(MAI, CARE, "name", "Mai")
    row = await keys.pool.fetchrow("SELECT * FROM keys")
    assert row is not None
    assert (row["key_id"], row["person"], row["purpose"]) == (sealed.key_id, MAI, CARE)
    assert len(row["wrapped"]) == 12 + 32 + 16
    assert await two[1].open(MAI, CARE, "name", sealed) == "Mai"


async def test_other_processes_forget_a_destroyed_key_within_seconds(
    two: tuple[KeyDatabase, KeyDatabase],
    keys: KeyDatabases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_database, "CACHED_S", 0.2)
    one, other = two
    sealed = await one.seal(MAI, CARE, "name", "Mai")
    assert await other.open(MAI, CARE, "name", sealed) == "Mai"
    await one.destroy(MAI, CARE)
    await asyncio.sleep(0.25)
    assert await other.open(MAI, CARE, "name", sealed) is None
    with pytest.raises(KeyDestroyed):
        await other.seal(MAI, CARE, "name", "Mai")
    row = await keys.pool.fetchrow("SELECT * FROM keys")
    assert row is not None
    assert row["wrapped"] is None
    assert row["destroyed_at"] is not None


async def test_the_cache_spares_the_database_and_is_bounded(
    two: tuple[KeyDatabase, KeyDatabase],
    keys: KeyDatabases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_database, "CACHED_MAX", 3)
    for n in range(6):
        await two[0].seal(UUID(int=n), CARE, "name", "x")
    assert len(two[0]._cache) == 3
    await keys.pool.execute("UPDATE keys SET wrapped_by = 'another'")
    await two[0].seal(UUID(int=5), CARE, "name", "y")
    with pytest.raises(WrappedByAnother):
        await two[0].seal(UUID(int=0), CARE, "name", "y")


async def test_another_key_encryption_key_opens_nothing(
    two: tuple[KeyDatabase, KeyDatabase], keys: KeyDatabases
) -> None:
    sealed = await two[0].seal(MAI, CARE, "name", "Mai")
    stranger = KeyDatabase(keys.dsn, bytes(32))
    with pytest.raises(WrappedByAnother):
        await stranger.open(MAI, CARE, "name", sealed)
    await stranger.close()
    with pytest.raises(ValueError, match="32 bytes"):
        KeyDatabase(keys.dsn, b"short")


async def test_a_wrapped_key_cannot_be_moved_to_another_person(
    two: tuple[KeyDatabase, KeyDatabase], keys: KeyDatabases
) -> None:
    sealed = await two[0].seal(MAI, CARE, "name", "Mai")
    await two[0].seal(LAN, CARE, "name", "Lan")
    await keys.pool.execute(
        "UPDATE keys SET wrapped = (SELECT wrapped FROM keys WHERE person = $1) WHERE person = $2",
        MAI,
        LAN,
    )
    with pytest.raises(NotOpenable):
        await two[1].open(LAN, CARE, "name", sealed)


@given(st.binary(min_size=32, max_size=32), st.text(), st.text())
def test_any_text_opens_again_and_no_two_look_alike(key: bytes, text: str, other: str) -> None:
    key_id = UUID(int=7)
    sealed = seal_with(key, key_id, MAI, CARE, "name", text)
    assert open_with(key, key_id, MAI, CARE, "name", sealed) == text
    nonces = {
        base64.b64decode(seal_with(key, key_id, MAI, CARE, "name", each).ciphertext)[:12]
        for each in (text, other)
    }
    assert len(nonces) == len({text, other})


@pytest.mark.parametrize(
    ("plain", "sealed"),
    [(0, 256), (1, 256), (255, 256), (256, 1_024), (65_535, 65_536), (65_536, 131_072)],
)
def test_what_is_sealed_has_one_of_a_few_lengths(plain: int, sealed: int) -> None:
    one = seal_with(bytes(32), UUID(int=7), MAI, CARE, "name", "x" * plain)
    assert len(base64.b64decode(one.ciphertext)) == 12 + sealed + 16


def test_what_was_not_padded_is_not_openable() -> None:
    key, key_id = bytes(32), UUID(int=7)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(sealing, "_padded", lambda plain: plain)
        sealed = seal_with(key, key_id, MAI, CARE, "name", "Mai")
    with pytest.raises(NotOpenable):
        open_with(key, key_id, MAI, CARE, "name", sealed)
