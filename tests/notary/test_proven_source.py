"""What a reader gives, and when, as its topic tells the truth, lies, or is ahead of its log."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint
from audit.merkle import RightEdge, root_of
from eventing.record import StoredRecord, leaf_hash
from eventing.sources import (
    AheadOfItsSource,
    FalseRecord,
    HoleInTheLog,
    NothingIsTrue,
    NotVouchedFor,
)
from notary import proven_source
from notary.keys import LogKeys, make
from notary.newest import NewestCheckpoints
from notary.proven_source import ProvenSource

SERVICE = "registry"
ORIGIN = f"vongtay.test/{SERVICE}"
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def log(count, salt=""):
    return [StoredRecord(SERVICE, at, f"{salt}{at}".encode()) for at in range(1, count + 1)]


class Topic:
    """A source over a list; its hint is its position, as Kafka's is an offset."""

    service = SERVICE

    def __init__(self, records, chance=None):
        self.records, self.chance, self.at, self.hole_at = records, chance, 0, None

    async def start(self, after, hint=None):
        assert hint is None or int(hint) == after
        self.at = after

    async def next(self, limit, wait_s):
        assert wait_s > 0
        if self.hole_at is not None and self.at + 1 == self.hole_at:
            raise HoleInTheLog(SERVICE, self.hole_at)
        count = limit if self.chance is None else self.chance.randint(1, limit)
        taken = self.records[self.at : self.at + count]
        self.at += len(taken)
        return taken

    async def end(self, at_least):
        assert at_least <= self.at
        return len(self.records)

    def hint(self):
        return str(self.at)

    async def stop(self):
        pass


class ItsLog:
    def __init__(self, records, checkpoints, notes=()):
        self.records, self.checkpoints, self.notes, self.asked = records, checkpoints, notes, []

    async def leaves(self, service, after, upto):
        assert service == SERVICE
        return [leaf_hash(each.record) for each in self.records[after:upto]]

    async def more_checkpoints(self, service, after):
        assert service == SERVICE
        self.asked.append(after)
        for note in self.notes:
            self.checkpoints.take(SERVICE, note, NOW)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    make(folder / "log.key", folder / "log.pub", ORIGIN)
    return LogKeys.of(ORIGIN, folder / "log.key", folder / "log.pub")


class World:
    def __init__(self, keys, true, *, on_topic=None, shown=None, chance=None):
        self.keys, self.true = keys, true
        self.topic = Topic(true if on_topic is None else on_topic, chance)
        self.checkpoints = NewestCheckpoints({SERVICE: keys})
        self.its_log = ItsLog(true if shown is None else shown, self.checkpoints)
        self.false, self.vouched = [], []

    def note(self, size):
        root = root_of([leaf_hash(each.record) for each in self.true[:size]])
        return Checkpoint(ORIGIN, size, root).signed(*self.keys.signers)

    def sign(self, *sizes):
        for size in sizes:
            self.checkpoints.take(SERVICE, self.note(size), NOW)

    async def found(self, service, records, vouched):
        assert service == SERVICE
        self.false.append((records, vouched))

    async def tell(self, service, position):
        assert service == SERVICE
        self.vouched.append(position)

    def source(self, **more):
        return ProvenSource(
            self.topic, self.checkpoints, self.its_log, self.found, self.tell, **more
        )


async def all_of(source, limit=7):
    found = []
    while got := await source.next(limit, 0.1):
        found += got
    return found


def test_with_tiles_of_two_the_right_edge_is_a_few_dozen_hashes():
    leaves = [leaf_hash(str(at).encode()) for at in range(1000)]
    edge = RightEdge(width=2)
    for size, leaf in enumerate(leaves, 1):
        edge.extend([leaf])
        assert edge.size == size
        assert edge.root() == root_of(leaves[:size])
        assert sum(len(level) for level in edge.levels) == size.bit_count()


@settings(deadline=None)
@given(
    count=st.integers(1, 300),
    signed=st.lists(st.integers(1, 300), max_size=8),
    stops=st.lists(st.integers(0, 300), max_size=4),
    seed=st.integers(0, 2**32),
)
async def test_what_is_true_is_all_given_wherever_it_stops_and_goes_on(
    keys, count, signed, stops, seed
):
    chance = random.Random(seed)  # noqa: S311 - an example, again and again
    world = World(keys, log(count), chance=chance)
    world.sign(*(size for size in signed if size <= count))
    found, hint = [], None
    for stop in [*sorted(stops), count]:
        source = world.source()
        await source.start(len(found), hint)
        while len(found) < min(stop, count) and (got := await source.next(9, 0.1)):
            found += got
            hint = source.hint()
    assert found == world.true
    assert world.false == []


async def test_what_is_not_vouched_for_is_given_and_told_apart(keys):
    world = World(keys, log(100))
    world.sign(40)
    source = world.source()
    await source.start(0)
    assert await all_of(source) == world.true
    assert world.vouched == [40]
    world.sign(90)
    assert await source.next(7, 0.1) == []
    assert world.vouched == [40, 90]


async def test_where_an_effect_goes_out_only_what_is_vouched_for_is_given(keys):
    world = World(keys, log(100))
    world.sign(40)
    source = world.source(only_vouched=True)
    await source.start(0)
    assert await all_of(source) == world.true[:40]
    world.sign(41)
    assert await all_of(source) == world.true[40:41]
    hint = source.hint()
    world.sign(100)
    again = world.source(only_vouched=True)
    await again.start(41, hint)
    assert await all_of(again) == world.true[41:]


@pytest.mark.parametrize("at", [1, 41, 64, 65, 90])
async def test_a_forged_record_is_named_and_the_place_before_it(keys, at):
    true = log(100)
    forged = StoredRecord(SERVICE, at, b"role-granted")
    world = World(keys, true, on_topic=[*true[: at - 1], forged, *true[at:]])
    world.sign(*(size for size in (40, 64) if size < at))
    vouched = max([0, *(size for size in (40, 64) if size < at)])
    source = world.source()
    await source.start(0)
    given = await all_of(source)
    assert len(given) == 100
    world.sign(95)
    with pytest.raises(FalseRecord) as caught:
        await source.next(7, 0.1)
    assert (caught.value.position, caught.value.vouched) == (at, vouched)
    assert world.false == [([forged], vouched)]
    assert world.vouched[-1:] == ([vouched] if vouched else [])
    # The hint that a reader kept leads back to before it.
    world.topic.records = true
    again = world.source()
    await again.start(100, source.hint())
    assert await all_of(again) == []
    assert world.vouched[-1] == 95


async def test_only_vouched_records_never_let_a_forged_one_out(keys):
    true = log(100)
    forged = StoredRecord(SERVICE, 50, b"role-granted")
    world = World(keys, true, on_topic=[*true[:49], forged, *true[50:]])
    world.sign(40)
    source = world.source(only_vouched=True)
    await source.start(0)
    assert await all_of(source) == true[:40]
    world.sign(60)
    with pytest.raises(FalseRecord):
        await source.next(7, 0.1)


async def test_where_nothing_fits_the_reader_stops_and_names_the_place(keys):
    true = log(100)
    rewritten = log(100, "rewritten ")
    world = World(keys, true, on_topic=rewritten, shown=rewritten)
    world.sign(80)
    source = world.source()
    await source.start(0)
    with pytest.raises(NothingIsTrue, match="from position 1 to 80"):
        await all_of(source, 100)
    assert world.false == []


@pytest.mark.parametrize(("kept", "signed"), [(49, 40), (30, 20), (49, 0)])
async def test_a_past_that_is_no_more_the_logs_is_told(keys, kept, signed):
    """A log that was set back to before what its readers know, and went on."""
    old, new = log(50), [*log(kept), *log(70, "another ")[kept:]]
    world = World(keys, old)
    world.sign(*([signed] if signed else []))
    source = world.source()
    await source.start(0)
    assert await all_of(source) == old
    hint = source.hint()
    world.topic.records = new
    again = world.source()
    await again.start(50, hint)
    with pytest.raises(AheadOfItsSource, match="up to position 50, and its log has another record"):
        await all_of(again)
    assert await again.end(50) == 70


async def test_a_claim_beyond_what_the_log_has_is_no_hole_in_it(keys):
    world = World(keys, log(50))
    world.topic.hole_at = 51
    world.sign(50)
    source = world.source()
    await source.start(0)
    assert await all_of(source) == world.true
    world.true = log(60)
    world.sign(60)
    with pytest.raises(HoleInTheLog):
        await source.next(7, 0.1)


async def test_a_note_of_no_known_key_is_passed_over(keys, tmp_path):
    make(tmp_path / "other.key", tmp_path / "other.pub", ORIGIN)
    others = LogKeys.of(ORIGIN, tmp_path / "other.key", tmp_path / "other.pub")
    world = World(keys, log(100))
    forged = Checkpoint(ORIGIN, 100, b"\0" * 32).signed(*others.signers)
    for note in (forged, "hello", "", "\udcff"):
        world.checkpoints.take(SERVICE, note, NOW)
    world.checkpoints.take("nobody", world.note(5), NOW)
    assert world.checkpoints.passed_over == 5
    assert dict(world.checkpoints.all) == {}
    source = world.source()
    await source.start(0)
    assert await all_of(source) == world.true


async def test_too_much_beyond_a_checkpoint_is_not_believed(keys, monkeypatch):
    monkeypatch.setattr(proven_source, "NOT_VOUCHED_MAX", 30)
    world = World(keys, log(100))
    world.sign(10)
    source = world.source()
    await source.start(0)
    with pytest.raises(NotVouchedFor, match="vouched for up to 10"):
        await all_of(source)
    assert world.its_log.asked == [10]


async def test_older_checkpoints_than_are_known_are_asked_of_the_log(keys, monkeypatch):
    monkeypatch.setattr(proven_source, "NOT_VOUCHED_MAX", 30)
    world = World(keys, log(100))
    world.its_log.notes = [world.note(size) for size in (20, 40, 60, 80)]
    world.sign(100)
    source = world.source()
    await source.start(0)
    assert await all_of(source) == world.true
    assert world.vouched[-1] == 100


async def test_a_hint_of_another_kind_begins_anew(keys):
    world = World(keys, log(30))
    world.sign(20)
    source = world.source()
    await source.start(25, '{"offsets": {}, "partition": 1}')
    assert await all_of(source) == world.true[25:]
    assert world.vouched == [20]
