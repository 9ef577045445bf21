import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from contracts.donations import FundEntryBooked, FundOpened
from contracts.registry import UnitEstablished
from eventing.event_store import Append, Key
from eventing.execute import CommandContext, Executor
from eventing.generations import rebuild
from eventing.leadership import Fenced, Leadership
from eventing.log_source import LogSource
from eventing.memory_store import MemoryStore
from eventing.parked import NothingIsParked, Parked
from eventing.postgres_rows import PostgresRows, digest
from eventing.postgres_store import PostgresStore
from eventing.progress import progress
from eventing.read_model import keyed
from eventing.read_model_runner import ReadModelRunner
from eventing.record import Older, Why, decode, encode
from eventing.row_tables import RowTable
from eventing.rows import NotYetVisible
from eventing.set_back import set_back
from eventing.unknown_types import UnknownEvents
from tests.eventing.funds import FundRow, funds_model, handlers, papers_model
from tests.eventing.readers import KEEPER, MONDAY, Writer, booked, fund, opened
from tests.eventing.test_relay import running, until

WHY = Why(actor=KEEPER)


class Donations:
    """A donations service with a database, and a registry beside it that it hears of."""

    def __init__(self, database, store):
        self.database, self.pool, self.store = database, database.pool, store
        self.registry = MemoryStore("registry")
        self.writer, self.registrar = Writer(store), Writer(self.registry)
        self.rows = PostgresRows(self.pool)
        self.executor = Executor(store, lambda: MONDAY)
        self.parked = Parked(self.pool, self.executor)
        self.sources = {"donations": store, "registry": self.registry}

    def source(self, service):
        return LogSource(self.sources[service])

    @asynccontextmanager
    async def worker(self, *models):
        leadership = Leadership(self.database.dsn)
        runner = ReadModelRunner("donations", models, self.pool, leadership, self.source)
        async with running(runner.run()):
            yield runner
        await leadership.close()

    async def level(self, model, **at):
        heads = {name: await store.head() for name, store in self.sources.items()}
        await self.rows.reached(model, heads | at, 10)

    async def expected(self, model):
        """The rows as a fold of everything from the beginning makes them."""
        rows: dict[Any, Any] = {}
        for store in self.sources.values():
            events = [decode(stored) for stored in await store.log(0, 100_000)]
            events = [event for event in events if type(event.event) in model.events]
            rows |= model.fold(rows, events)
        return sorted((row for row in rows.values() if row), key=model.key_of)

    async def ask(self):
        return CommandContext(Key(KEEPER, uuid4(), b"mac"), WHY)


@pytest.fixture
async def donations(database):
    async with PostgresStore("donations", database.dsn) as store:
        yield Donations(database, store)


def unit(of_fund, unit_id=None):
    return UnitEstablished(
        unit_id=unit_id or uuid4(),
        code="09703",
        name="Ba Vì",
        kind="commune",
        parent_id=fund(of_fund),
        district_name=None,
        priority=False,
        valid_from=date(2019, 1, 1),
        happened_at=MONDAY,
    )


def some_facts(seed, count):
    chance = random.Random(seed)  # noqa: S311 - an example, again and again
    facts = []
    for _ in range(count):
        number = chance.randrange(30)
        facts.append(
            opened(number) if chance.random() < 0.3 else booked(number, chance.choice("abc"))
        )
    return facts


both = funds_model(handlers=handlers(FundOpened, FundEntryBooked, UnitEstablished))


async def test_rows_are_the_fold_of_the_log(donations):
    await donations.writer.write(*some_facts(1, 3_000))
    async with donations.worker(funds_model(), papers_model):
        await donations.level(funds_model())
        await donations.writer.write(*some_facts(2, 50))
        await donations.level(funds_model())
        await donations.level(papers_model)
        for model in (funds_model(), papers_model):
            rows = await donations.expected(model)
            assert await donations.rows.where(model, limit=1000) == rows
            found, vector = await digest(donations.pool, model)
            assert (found, vector) == (model.digest(rows), {"donations": 3_050})
            assert await donations.rows.get(model, model.key_of(rows[7])) == rows[7]
            assert await donations.rows.get(model, model.key_of(rows[7])) is not rows[7]


async def test_queries_page_and_filter_by_columns(donations):
    await donations.writer.write(
        opened(1), opened(2), booked(1, "á"), booked(1, "b"), booked(2, "b")
    )
    async with donations.worker(funds_model(), papers_model):
        await donations.level(papers_model)
        rows = await donations.rows.where(papers_model, limit=1000)
        assert [row.paper for row in rows if row.fund_id == fund(1)] == ["b", "á"]
        # In this order on every server, whatever the language of its database.
        collation = await donations.pool.fetchval(
            "SELECT collname FROM pg_attribute JOIN pg_collation ON attcollation = pg_collation.oid"
            " WHERE attrelid = 'read_models.papers__v1_1'::regclass AND attname = 'paper'"
        )
        assert collation == "C"
        assert await donations.rows.where(papers_model, limit=2) == rows[:2]
        assert (
            await donations.rows.where(papers_model, after=papers_model.key_of(rows[0]), limit=1000)
            == rows[1:]
        )
        assert len(await donations.rows.where(papers_model, paper="b", limit=1000)) == 2
        assert len(await donations.rows.where(papers_model, paper=["á", "x"], limit=1000)) == 1
        await donations.level(funds_model())
        assert (
            len(
                await donations.rows.where(
                    funds_model(), state="open", opened_at=MONDAY, limit=1000
                )
            )
            == 2
        )
        assert await donations.rows.where(funds_model(), name=None, limit=1000) == []
        assert len(await donations.rows.where(funds_model(), counts={"b": 1}, limit=1000)) == 1
        with pytest.raises(TypeError):
            await donations.rows.where(papers_model, colour="red", limit=1000)
        (total,) = await donations.rows.query(
            "SELECT sum(times)::int AS times FROM papers"
            " JOIN funds USING (fund_id) WHERE state = $1",
            "open",
        )
        assert total["times"] == 3
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await donations.rows.query("DELETE FROM consumers")


async def test_a_row_without_reason_to_be_goes(donations):
    async with donations.worker(funds_model()):
        await donations.writer.write(opened(1), opened(2))
        await donations.level(funds_model())
        await donations.writer.write(replace(opened(1), name="closed"))
        await donations.level(funds_model())
        assert [row.fund_id for row in await donations.rows.where(funds_model(), limit=1000)] == [
            fund(2)
        ]


async def test_what_is_not_built_or_not_reached_is_not_visible_yet(donations):
    with pytest.raises(NotYetVisible):
        await donations.rows.where(funds_model(), limit=1000)
    with pytest.raises(NotYetVisible):
        await digest(donations.pool, funds_model())
    async with donations.worker(funds_model()):
        await donations.writer.write(opened(1))
        await donations.level(funds_model())
        with pytest.raises(NotYetVisible):
            await donations.rows.reached(funds_model(), {"donations": 2}, 0.1)
        await donations.rows.reached(funds_model(), {"allocation": 99}, 0.1)


async def test_columns_of_two_services_meet_in_a_row(donations):
    async with donations.worker(both):
        for number in range(20):
            await asyncio.gather(
                donations.writer.write(*some_facts(number, 20)),
                donations.registrar.write(unit(number % 5), stream=f"unit-{number}"),
            )
        await donations.level(both)
        assert await donations.rows.where(both, limit=1000) == await donations.expected(both)


@pytest.mark.parametrize("seed", range(4))
async def test_rebuilt_is_equal_to_live_at_any_point(donations, seed):
    chance = random.Random(seed)  # noqa: S311 - an example, again and again
    await donations.writer.write(*some_facts(seed, chance.randrange(1, 900)))
    for _ in range(3):
        async with donations.worker(both, papers_model):
            # Stopped wherever it happens to be.
            await asyncio.sleep(chance.random() * 0.15)
    async with donations.worker(both, papers_model):
        writing = asyncio.ensure_future(donations.writer.write(*some_facts(seed + 50, 700)))
        await asyncio.sleep(chance.random() * 0.3)
        await donations.level(both, donations=1, registry=0)
        assert await rebuild(donations.pool, both)
        assert not await rebuild(donations.pool, both)
        await writing
        await until(lambda: serves(donations, both, 2))
        await donations.level(both)
        await donations.level(papers_model)
        rows = await donations.expected(both)
        found, vector = await digest(donations.pool, both)
        assert (found, vector["donations"]) == (both.digest(rows), await donations.store.head())
        # The one that served before is kept as it was when they changed places: the same.
        old, at = await old_rows(donations, both, 1)
        log = [decode(one) for one in await donations.store.log(0, at["donations"])]
        assert old == sorted(both.fold({}, log).values(), key=both.key_of)


async def serves(donations, model, generation):
    return await donations.pool.fetchval(
        "SELECT bool_and(status = 'live') FROM consumers WHERE name = $1 AND generation = $2",
        model.name,
        generation,
    )


async def old_rows(donations, model, generation):
    table = RowTable(model, model.version, generation)
    rows = await donations.pool.fetch(f'SELECT * FROM read_models."{table.name}"')  # noqa: S608
    at = await donations.pool.fetch(
        "SELECT source, position FROM consumers WHERE name = $1 AND generation = $2",
        model.name,
        generation,
    )
    return sorted((table.row(row) for row in rows), key=model.key_of), dict(at)


async def test_a_new_version_is_built_beside_the_old_one(donations):
    await donations.writer.write(*some_facts(1, 500))
    async with donations.worker(funds_model(), papers_model):
        await donations.level(funds_model())

    def shout(row, key, recorded):
        made = funds_model().apply(row, key, recorded)
        return made and msgspec.structs.replace(made, name=made.name and made.name.upper())

    newer = funds_model(version=2, handlers=handlers(FundOpened, FundEntryBooked, fold=shout))
    gate = asyncio.Event()

    class Slow(LogSource):
        async def next(self, limit, wait_s):
            if self._position < 500:
                await gate.wait()
            return await super().next(min(limit, 120), wait_s)

    donations.source = lambda service: Slow(donations.sources[service])
    async with donations.worker(newer, papers_model):
        await asyncio.sleep(0.3)
        # The old rows are served until the new ones are level.
        assert await donations.rows.where(funds_model(), limit=1000) == await donations.expected(
            funds_model()
        )
        with pytest.raises(NotYetVisible):
            await digest(donations.pool, newer)
        await donations.writer.write(opened(77))
        gate.set()
        await until(lambda: serves(donations, newer, 2))
        await donations.level(newer)
        assert await donations.rows.where(newer, limit=1000) == await donations.expected(newer)
        assert (await donations.rows.get(newer, fund(77))).name == "QUỸ 77"


async def test_a_version_that_was_taken_back_leaves_nothing_half_built(donations):
    await donations.writer.write(*some_facts(1, 50))
    async with donations.worker(papers_model):
        await donations.level(papers_model)

    class Silent(LogSource):
        async def next(self, limit, wait_s):
            del limit
            await asyncio.sleep(wait_s)
            return ()

    donations.source = lambda service: Silent(donations.sources[service])
    async with donations.worker(replace(papers_model, version=2)):
        await until(lambda: is_building(donations))
    donations.source = lambda service: LogSource(donations.sources[service])
    async with donations.worker(papers_model):
        await donations.writer.write(booked(1))
        await donations.level(papers_model)
        assert not await is_building(donations)
        assert await donations.rows.where(papers_model, limit=1000) == await donations.expected(
            papers_model
        )


async def test_another_set_of_types_is_built_beside_and_takes_its_place(donations):
    opened_only = funds_model(handlers=handlers(FundOpened))
    await donations.writer.write(*some_facts(1, 400))
    async with donations.worker(opened_only):
        await donations.level(opened_only)
    # Nobody had to raise a version: what was passed over is folded.
    async with donations.worker(funds_model()):
        await until(lambda: serves(donations, funds_model(), 2))
        await donations.level(funds_model())
        assert await donations.rows.where(funds_model(), limit=1000) == await donations.expected(
            funds_model()
        )


async def test_what_two_sets_of_types_were_folded_into_is_served_but_is_the_fold_of_none(donations):
    opened_only = funds_model(handlers=handlers(FundOpened))
    await donations.writer.write(*some_facts(1, 400))
    async with donations.worker(funds_model()):
        await donations.level(funds_model())

    class NothingOld(LogSource):
        async def next(self, limit, wait_s):
            if self._position < 400:
                await asyncio.sleep(wait_s)
                return ()
            return await super().next(limit, wait_s)

    # Rolled back: what serves is kept up to date, though less than it could be.
    donations.source = lambda service: NothingOld(donations.sources[service])
    async with donations.worker(opened_only):
        await until(lambda: is_building(donations))
        await donations.writer.write(opened(55), booked(55, "passed over"))
        await donations.level(opened_only)
        assert (await donations.rows.get(opened_only, fund(55))).papers == ()
        with pytest.raises(NotYetVisible):
            await digest(donations.pool, opened_only)
    # And upgraded again before the older code had built its own.
    donations.source = lambda service: LogSource(donations.sources[service])
    async with donations.worker(funds_model()):
        await until(lambda: digest_of(donations, funds_model()))
        await donations.level(funds_model())
        assert (await donations.rows.get(funds_model(), fund(55))).papers == ("passed over",)
        assert await donations.rows.where(funds_model(), limit=1000) == await donations.expected(
            funds_model()
        )


async def digest_of(donations, model):
    try:
        return await digest(donations.pool, model)
    except NotYetVisible:
        return None


async def test_unknown_types_are_counted_once_however_often_they_are_read(donations):
    for number in range(3):
        later = Older("fund-dreamt-of", 1, {"happened_at": "2024-10-07T02:00:00Z"})
        new = encode("donations", f"dream-{number}", 1, uuid4(), later, MONDAY, WHY)
        await donations.store.append(
            [Append(f"dream-{number}", 0, [new])], Key(KEEPER, uuid4(), b"")
        )
        await donations.writer.write(opened(number))
    async with donations.worker(funds_model(), papers_model):
        await donations.level(funds_model())
        await rebuild(donations.pool, funds_model())
        await until(lambda: serves(donations, funds_model(), 2))
        (unknown,) = (await progress(donations.pool)).unknown
    assert unknown == UnknownEvents("donations", "fund-dreamt-of", 1, 3, 1)


async def is_building(donations):
    now = await progress(donations.pool)
    return any(follower.status == "building" for follower in now.followers)


async def test_those_who_read_do_not_notice_the_swap_to_another_type_of_column(donations):
    @dataclass(frozen=True, slots=True)
    class NewRow:
        fund_id: UUID
        paper: str
        times: tuple[int, ...]

    def collect(row, key, recorded):
        fund_id, paper = key
        return NewRow(fund_id, paper, (*(row.times if row else ()), recorded.position))

    other: dict[str, Any] = {
        "version": 2,
        "row": NewRow,
        "handlers": (keyed(FundEntryBooked, collect),),
    }
    newer = replace(papers_model, **other)
    await donations.writer.write(booked(1, "a"), booked(1, "a"))
    sql = "SELECT * FROM papers"
    async with donations.worker(papers_model):
        await donations.level(papers_model)
        for _ in range(12):
            assert (await donations.rows.query(sql))[0]["times"] == 2
            assert (await donations.rows.where(papers_model, limit=1000))[0].times == 2
    async with donations.worker(newer):
        await until(lambda: serves(donations, newer, 2))
        await donations.level(newer)
        for _ in range(12):
            assert (await donations.rows.query(sql))[0]["times"] == "[1, 2]"
            assert (await donations.rows.where(newer, limit=1000))[0].times == (1, 2)


async def test_a_poison_event_stops_its_stream_alone_until_it_is_retried(donations):
    async with donations.worker(funds_model(), papers_model) as runner:
        await donations.writer.write(
            opened(1), booked(1, "spoils the fold"), booked(1, "later"), booked(2, "else")
        )
        await donations.level(funds_model())
        row = await donations.rows.get(funds_model(), fund(1))
        assert (row.name, row.papers) == ("Quỹ 1", ())
        assert (await donations.rows.get(funds_model(), fund(2))).papers == ("else",)
        # The other read model has no trouble with it.
        assert len(await donations.rows.where(papers_model, limit=1000)) == 3
        (parked,) = await donations.parked.streams()
        assert (parked.consumer, parked.stream) == ("funds", f"fund-{fund(1)}")
        assert (parked.first_position, parked.last_position, parked.records) == (2, 3, 2)
        assert parked.error.startswith("KeyError at funds.py:")
        assert (await progress(donations.pool)).parked == 2

        # Not mended yet: it stays.
        await donations.parked.retry(
            "funds",
            "donations",
            parked.stream,
            reason="fault-passed",
            context=await donations.ask(),
        )
        await until(lambda: tried(donations, 2))
        # Mended.
        for follower in runner._followers:
            if follower.name == "funds":
                follower.model = funds_model(
                    handlers=handlers(FundOpened, FundEntryBooked, fold=forgiving)
                )
        await donations.writer.write(booked(1, "last"))
        await donations.level(funds_model())
        await donations.parked.retry(
            "funds", "donations", parked.stream, reason="code-mended", context=await donations.ask()
        )
        await until(lambda: nothing_parked(donations))
        row = await donations.rows.get(funds_model(), fund(1))
        assert row.papers == ("mended", "later", "last")
        await donations.writer.write(booked(1, "flows again"))
        await donations.level(funds_model())
        assert (await donations.rows.get(funds_model(), fund(1))).papers[-1] == "flows again"


def forgiving(row, key, recorded):
    if getattr(recorded.event, "paper", None) in ("spoils the fold", "spoils the row"):
        recorded = msgspec.structs.replace(recorded, event=replace(recorded.event, paper="mended"))
    return funds_model().apply(row, key, recorded)


async def tried(donations, times):
    parked = await donations.parked.streams()
    return bool(parked) and parked[0].attempts == times


async def nothing_parked(donations):
    return not await donations.parked.streams()


async def test_what_is_skipped_stays_skipped_in_a_rebuild(donations):
    async with donations.worker(funds_model()):
        await donations.writer.write(
            opened(1), booked(1, "spoils the row"), booked(1, "x"), booked(1, "y")
        )
        await donations.level(funds_model())
        (parked,) = await donations.parked.streams()
        assert "UntranslatableCharacter" in parked.error
        asked = await donations.ask()
        position = await donations.parked.skip(
            "funds",
            "donations",
            parked.stream,
            up_to_position=3,
            reason="of-no-effect-any-more",
            context=asked,
        )
        await until(lambda: nothing_parked(donations))
        assert (await donations.rows.get(funds_model(), fund(1))).papers == ("y",)
        # Said again, it is answered again; without anything parked it is refused.
        again = await donations.parked.skip(
            "funds",
            "donations",
            parked.stream,
            up_to_position=3,
            reason="of-no-effect-any-more",
            context=asked,
        )
        assert again == position
        with pytest.raises(NothingIsParked):
            await donations.parked.retry(
                "funds",
                "donations",
                parked.stream,
                reason="fault-passed",
                context=await donations.ask(),
            )
        before, _ = await digest(donations.pool, funds_model())
        await rebuild(donations.pool, funds_model())
        await until(lambda: serves(donations, funds_model(), 2))
        assert (await digest(donations.pool, funds_model()))[0] == before
        assert await nothing_parked(donations)
    (skipped,) = [
        decode(one).event for one in await donations.store.log(4, 9) if b"skipped" in one.record
    ]
    assert skipped.reason == "of-no-effect-any-more"
    assert (skipped.up_to_position, skipped.skipped_by) == (3, KEEPER)


async def test_records_that_nobody_can_read_are_parked(donations):
    async def append(stream, name, version, data):
        old = Older(name, version, {"happened_at": "2024-10-07T02:00:00Z", **data})
        new = encode("donations", stream, 1, uuid4(), old, MONDAY, WHY)
        await donations.store.append([Append(stream, 0, [new])], Key(KEEPER, uuid4(), b""))

    await append("from-the-future", "fund-entry-booked", 99, {})
    await append("of-another-shape", "fund-entry-booked", 1, {"fund_id": "?"})
    await append("of-no-interest", "never-heard-of", 1, {})
    await donations.writer.write(opened(1))
    async with donations.worker(funds_model()):
        await donations.level(funds_model())
        streams = {parked.stream: parked.error for parked in await donations.parked.streams()}
        assert streams.keys() == {"from-the-future", "of-another-shape"}
        assert streams["from-the-future"] == "UnknownType fund-entry-booked v99"


async def test_of_two_workers_one_keeps_the_rows_and_the_other_takes_over(donations):
    async with donations.worker(funds_model()):
        await donations.writer.write(*some_facts(1, 300))
        await donations.level(funds_model())
        async with donations.worker(funds_model()) as second:
            await asyncio.sleep(0.7)
            assert second._epoch == 0
    async with donations.worker(funds_model()) as third:
        await donations.writer.write(*some_facts(2, 300))
        await donations.level(funds_model())
        assert third._epoch == 2
    async with donations.worker(funds_model()):
        await donations.level(funds_model())
        assert await donations.rows.where(funds_model(), limit=1000) == await donations.expected(
            funds_model()
        )


async def test_a_leader_that_wakes_too_late_changes_nothing(donations):
    await donations.writer.write(*some_facts(1, 100))
    async with donations.worker(funds_model()) as woken:
        await donations.level(funds_model())
    async with donations.worker(funds_model()):
        await donations.writer.write(*some_facts(2, 100))
        await donations.level(funds_model())
    records = await donations.store.log(100, 10)
    with pytest.raises(Fenced):
        await woken._advance("donations", woken._followers, records, None)
    async with donations.worker(funds_model()):
        await donations.level(funds_model())
        assert await donations.rows.where(funds_model(), limit=1000) == await donations.expected(
            funds_model()
        )


async def test_private_rows_come_again_after_the_database_lost_them(donations):
    private = funds_model(private=True)
    await donations.writer.write(*some_facts(1, 200))
    async with donations.worker(private):
        await donations.level(private)
    assert await donations.pool.fetchval(
        "SELECT relpersistence = 'u' FROM pg_class WHERE relname = 'funds__v1_1'"
    )
    # What a crash of the database does to unlogged tables.
    await donations.pool.execute('TRUNCATE private."funds__v1_1", private.alive')
    async with donations.worker(private):
        await donations.level(private)
        assert await donations.rows.where(private, limit=1000) == await donations.expected(private)


async def test_a_hole_is_an_alarm_and_nothing_moves_over_it(donations):
    await donations.writer.write(*some_facts(1, 20))

    class WithAHole(MemoryStore):
        async def log(self, after, limit):
            found = await donations.store.log(after, limit)
            return [stored for stored in found if stored.position != 13]

    donations.sources["donations"] = WithAHole("donations")
    async with donations.worker(funds_model()):
        await until(lambda: has_a_hole(donations))
        assert (await donations.rows.positions(funds_model())).get("donations", 0) < 13
        donations.sources["donations"] = donations.store
        await donations.level(funds_model())
        assert not await has_a_hole(donations)


async def test_a_reader_ahead_of_its_log_is_told_and_set_back(donations):
    """The registry was restored from before, and went on: what is new is not passed over."""
    model = funds_model(handlers=handlers(FundOpened, UnitEstablished))
    await donations.writer.write(*(opened(number) for number in range(5)))
    await donations.registrar.write(*(unit(number % 5) for number in range(30)), stream="units")
    async with donations.worker(model):
        await donations.level(model)
    donations.sources["registry"] = restored = MemoryStore("registry")
    registrar = Writer(restored)
    await registrar.write(*(unit(number % 5) for number in range(20)), stream="units")
    async with donations.worker(model):
        (told,) = await until(lambda: ahead(donations))
        assert "registry was read up to position 30, and its log ends at 20" in told
        await registrar.write(*(unit(number % 5) for number in range(5)), stream="units")
        assert await ahead(donations) == [told]
    async with donations.pool.acquire() as connection, connection.transaction():
        assert await set_back(connection, "registry", 20, end=25) == ["funds"]
    async with donations.worker(model):
        # What was built before serves until the new rows take its place.
        await until(lambda: rows_are_those_of_the_logs(donations, model))
        assert await ahead(donations) == []
        await registrar.write(unit(1), stream="units")
        await donations.level(model)
        assert await rows_are_those_of_the_logs(donations, model)


async def rows_are_those_of_the_logs(donations, model):
    return await donations.rows.where(model, limit=100) == await donations.expected(model)


async def ahead(donations):
    return (await progress(donations.pool)).ahead


async def has_a_hole(donations):
    return (await progress(donations.pool)).holes


def test_a_digest_tells_instants_in_utc():
    row = FundRow(
        fund(1), None, "open", datetime.fromisoformat("2024-10-07T09:00:00+07:00"), (), {}, ()
    )
    same = msgspec.structs.replace(row, opened_at=datetime(2024, 10, 7, 2, tzinfo=UTC))
    model = funds_model()
    assert model.digest([row]) == model.digest([same])
    assert model.digest([row]) != model.digest([msgspec.structs.replace(row, fund_id=UUID(int=1))])
