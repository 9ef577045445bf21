"""What every event store must do.

A store's test module gives the fixture `stores`: two of them, as two processes would have, on one
empty log of the service "donations".
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4, uuid5

import pytest

from contracts.donations import FundOpened
from eventing.event_store import (
    Answered,
    Append,
    EventStore,
    Key,
    KeyUsedDifferently,
    Past,
    VersionConflict,
)
from eventing.record import NewRecord, StoredRecord, Why, decode_envelope, encode

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=900)
MAC = b"a request"


def key(idempotency_key: UUID | None = None, mac: bytes = MAC) -> Key:
    return Key(KEEPER, idempotency_key or uuid4(), mac)


def record(stream: str, version: int, name: str = "Quỹ áo ấm") -> NewRecord:
    event = FundOpened(
        fund_id=uuid5(KEEPER, stream),
        programme_id=UUID(int=1),
        unit_id=UUID(int=3),
        name=name,
        opened_by=KEEPER,
        happened_at=MONDAY,
    )
    return encode("donations", stream, version, uuid4(), event, MONDAY, Why(actor=KEEPER))


def new(stream: str, after: int = 0, count: int = 1) -> Append:
    return Append(stream, after, [record(stream, after + n) for n in range(1, count + 1)])


def stands_on(stream: str, version: int) -> Append:
    return Append(stream, version, [])


async def everything(store: EventStore) -> Sequence[StoredRecord]:
    return await store.log(0, 1_000_000)


def assert_sound(log: Sequence[StoredRecord]) -> dict[str, list[StoredRecord]]:
    """Positions of the log and versions of each stream are dense. Return it by stream."""
    assert [stored.position for stored in log] == list(range(1, len(log) + 1))
    streams: dict[str, list[StoredRecord]] = {}
    for stored in log:
        envelope = decode_envelope(stored.record)
        streams.setdefault(envelope.subject, []).append(stored)
        assert envelope.streamversion == len(streams[envelope.subject])
    return streams


@pytest.fixture
def store(stores: tuple[EventStore, EventStore]) -> EventStore:
    return stores[0]


class StoreSuite:
    """Inherit it in a class whose name starts with `Test`."""

    async def test_an_empty_log(self, store: EventStore) -> None:
        assert await store.head() == 0
        assert await store.log(0, 10) == []
        assert await store.read("fund-1", key()) == Past(0, [])

    async def test_what_was_appended_is_read_back_to_the_byte(self, store: EventStore) -> None:
        append = new("fund-1", count=3)
        assert await store.append([append], key()) == 3
        past = await store.read("fund-1", None)
        assert isinstance(past, Past)
        assert past.version == 3
        assert list(past.records) == [each.record for each in append.records]
        assert [stored.record for stored in await store.log(0, 10)] == list(past.records)
        assert await store.head() == 3

    async def test_only_what_came_after_a_version_is_read(self, store: EventStore) -> None:
        append = new("fund-1", count=5)
        await store.append([append], key())
        past = await store.read("fund-1", None, after=3)
        assert isinstance(past, Past)
        assert (past.version, list(past.records)) == (
            5,
            [each.record for each in append.records[3:]],
        )
        assert await store.read("fund-1", None, after=5) == Past(5, [])

    async def test_a_version_that_the_log_does_not_have_yet_is_told(
        self, store: EventStore
    ) -> None:
        await store.append([new("fund-1")], key())
        assert await store.read("fund-1", None, after=7) == Past(1, [])

    async def test_a_long_stream_is_read_whole(self, store: EventStore) -> None:
        append = new("fund-1", count=1_203)
        await store.append([append], key())
        pasts = await asyncio.gather(
            store.read("fund-1", key()),
            store.read("fund-1", None, after=1_200),
            store.read("fund-2", None),
            store.read("fund-1", None),
        )
        versions = [(past.version, len(past.records)) for past in pasts if isinstance(past, Past)]
        assert versions == [(1_203, 1_203), (1_203, 3), (0, 0), (1_203, 1_203)]
        assert isinstance(pasts[0], Past)
        assert list(pasts[0].records) == [each.record for each in append.records]

    @pytest.mark.parametrize("expected", [0, 1, 3, 7])
    async def test_another_version_than_expected_is_a_conflict(
        self, store: EventStore, expected: int
    ) -> None:
        await store.append([new("fund-1", count=2)], key())
        refused = key()
        with pytest.raises(VersionConflict):
            await store.append([new("fund-1", after=expected)], refused)
        assert await store.head() == 2
        # A refusal is not remembered.
        assert await store.read("fund-2", refused) == Past(0, [])
        assert await store.append([new("fund-1", after=2)], refused) == 3

    async def test_the_same_key_gets_its_first_answer(self, store: EventStore) -> None:
        once = key()
        assert await store.append([new("fund-1", count=2)], once) == 2
        await store.append([new("fund-2")], key())
        assert await store.append([new("fund-1", after=2)], once) == 2
        assert await store.append([new("fund-9", after=5)], once) == 2
        assert await store.read("fund-1", once) == Answered(2)
        assert await store.head() == 3

    async def test_a_command_without_events_is_remembered_too(self, store: EventStore) -> None:
        await store.append([new("fund-1")], key())
        quiet = key()
        assert await store.append([stands_on("fund-1", 1)], quiet) == 1
        await store.append([new("fund-1", after=1)], key())
        assert await store.append([stands_on("fund-1", 1)], quiet) == 1
        assert await store.read("fund-1", quiet) == Answered(1)

    async def test_a_key_is_one_principals_own(self, store: EventStore) -> None:
        once = key()
        await store.append([new("fund-1")], once)
        other = Key(UUID(int=901), once.idempotency_key, MAC)
        assert await store.append([new("fund-2")], other) == 2

    async def test_the_same_key_for_another_request_is_refused(self, store: EventStore) -> None:
        once = uuid4()
        await store.append([new("fund-1")], key(once))
        other = key(once, mac=b"another request")
        with pytest.raises(KeyUsedDifferently):
            await store.append([new("fund-2")], other)
        with pytest.raises(KeyUsedDifferently):
            await store.read("fund-1", other)
        assert await store.head() == 1

    async def test_a_double_click_happens_once(self, store: EventStore) -> None:
        once = key()
        answers = await asyncio.gather(
            store.append([new("fund-0")], key()),
            *(store.append([new("fund-1")], once) for _ in range(5)),
            *(store.append([new(f"fund-{n}")], key()) for n in range(2, 8)),
        )
        assert len(set(answers[1:6])) == 1
        assert {name: len(s) for name, s in assert_sound(await everything(store)).items()} == {
            f"fund-{n}": 1 for n in range(8)
        }

    async def test_a_double_click_with_another_request_is_refused(self, store: EventStore) -> None:
        once = uuid4()
        first, second = await asyncio.gather(
            store.append([new("fund-1")], key(once)),
            store.append([new("fund-2")], key(once, mac=b"another request")),
            return_exceptions=True,
        )
        assert first == 1
        assert isinstance(second, KeyUsedDifferently)
        assert await store.head() == 1

    async def test_the_same_key_in_two_processes_happens_once(
        self, stores: tuple[EventStore, EventStore]
    ) -> None:
        for n in range(20):
            once = key()
            answers = await asyncio.gather(
                *(store.append([new(f"fund-{n}")], once) for store in stores)
            )
            assert answers == [n + 1, n + 1]

    async def test_appends_to_one_stream_keep_their_order(self, store: EventStore) -> None:
        answers = await asyncio.gather(
            *(store.append([new("fund-1", after=version)], key()) for version in range(50))
        )
        assert answers == list(range(1, 51))

    async def test_one_conflict_does_not_disturb_its_neighbours(self, store: EventStore) -> None:
        await store.append([new("fund-0")], key())
        answers = await asyncio.gather(
            *(store.append([new(f"fund-{n}")], key()) for n in range(40)), return_exceptions=True
        )
        assert isinstance(answers[0], VersionConflict)
        assert sorted(answer for answer in answers[1:] if isinstance(answer, int)) == list(
            range(2, 41)
        )
        assert_sound(await everything(store))

    async def test_several_streams_take_part_or_none(self, store: EventStore) -> None:
        assert await store.append([new("fund-1", count=2), new("fund-2")], key()) == 3
        with pytest.raises(VersionConflict):
            await store.append([new("fund-1", after=2), new("fund-2", after=0)], key())
        with pytest.raises(VersionConflict):
            await store.append([new("fund-2", after=0), new("fund-1", after=2)], key())
        assert await store.append([new("fund-1", after=2), new("fund-2", after=1)], key()) == 5
        streams = assert_sound(await everything(store))
        assert [stored.position for stored in streams["fund-1"]] == [1, 2, 4]

    async def test_a_stream_may_take_part_only_to_stand_where_it_is(
        self, store: EventStore
    ) -> None:
        await store.append([new("fund-1", count=2)], key())
        assert await store.append([new("fund-2"), stands_on("fund-1", 2)], key()) == 3
        assert await store.append([stands_on("fund-9", 0), new("fund-3")], key()) == 4
        for elsewhere in (stands_on("fund-1", 1), stands_on("fund-1", 3), stands_on("fund-1", 0)):
            with pytest.raises(VersionConflict):
                await store.append([new("fund-4"), elsewhere], key())
        with pytest.raises(VersionConflict):
            await store.append([stands_on("fund-1", 1)], key())
        assert await store.head() == 4

    async def test_nobody_gets_past_a_stream_that_is_stood_on(
        self, stores: tuple[EventStore, EventStore]
    ) -> None:
        """What stood on version 1 comes before version 2, whoever was faster."""
        one, other = stores
        for n in range(30):
            await one.append([new(f"lot-{n}")], key())
            stood, moved = await asyncio.gather(
                one.append([new(f"need-{n}"), stands_on(f"lot-{n}", 1)], key()),
                other.append([new(f"lot-{n}", after=1)], key()),
                return_exceptions=True,
            )
            assert isinstance(moved, int)
            if isinstance(stood, int):
                assert stood < moved
            else:
                assert isinstance(stood, VersionConflict)
                assert await one.read(f"need-{n}", None) == Past(0, [])

    async def test_a_cancelled_caller_disturbs_nobody(self, store: EventStore) -> None:
        commands = [(key(), new(f"fund-{n}")) for n in range(40)]
        callers = [asyncio.create_task(store.append([append], k)) for k, append in commands]
        for n in range(0, 40, 4):
            # At different moments: before it is sent, while it is, and after.
            await asyncio.sleep(0)
            callers[n].cancel()
        for n, caller in enumerate(callers):
            if n % 4:
                await caller
            else:
                with suppress(asyncio.CancelledError):
                    await caller
        answers = [await store.append([append], k) for k, append in commands]
        assert sorted(answers) == list(range(1, 41))
        assert len(assert_sound(await everything(store))) == 40

    async def test_the_log_is_read_page_by_page(self, store: EventStore) -> None:
        await store.append([new("fund-1", count=4), new("fund-2", count=3)], key())
        pages, after = [], 0
        while page := await store.log(after, 3):
            pages.append(page)
            after = page[-1].position
        assert [len(page) for page in pages] == [3, 3, 1]
        assert [stored for page in pages for stored in page] == list(await everything(store))
        assert {stored.service for stored in await everything(store)} == {"donations"}

    async def test_two_processes_race_for_the_same_streams(
        self, stores: tuple[EventStore, EventStore]
    ) -> None:
        async def appends(store: EventStore, stream: str, wanted: int) -> None:
            done = 0
            while done < wanted:
                past = await store.read(stream, None)
                assert isinstance(past, Past)
                with suppress(VersionConflict):
                    await store.append([new(stream, after=past.version)], key())
                    done += 1

        await asyncio.gather(
            *(appends(store, f"fund-{n % 3}", 5) for store in stores for n in range(6))
        )
        streams = assert_sound(await everything(stores[0]))
        assert {name: len(stream) for name, stream in streams.items()} == {
            f"fund-{n}": 20 for n in range(3)
        }
