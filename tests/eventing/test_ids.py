from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import RFC_4122, UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from eventing.event_store import Key, event_id_of
from eventing.ids import at, beside, by_time, mark, mark_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEY = Key(UUID(int=1), UUID(int=2), b"")
instants = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001 - hypothesis adds the offset
    max_value=datetime(9999, 12, 31),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=7))]),
)


def test_new_ids_follow_each_other_in_time():
    made = [by_time() for _ in range(1_000)]
    assert len(set(made)) == len(made)
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert [each.bytes[:6] for each in made] == sorted(each.bytes[:6] for each in made)
    when = datetime.fromtimestamp(int.from_bytes(made[-1].bytes[:6]) / 1000, UTC)
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=1)


@given(instants, instants, st.integers(0, 1_000))
def test_an_event_s_id_has_its_time_and_its_command_s_mark(one, other, ordinal):
    first, second = event_id_of(KEY, ordinal, one), event_id_of(KEY, ordinal, other)
    assert mark_of(first) == mark_of(second)
    assert (first.version, first.variant) == (8, RFC_4122)
    assert int.from_bytes(first.bytes[:6]) == (one - EPOCH) // timedelta(milliseconds=1)
    assert mark_of(event_id_of(KEY, ordinal + 1, one)) != mark_of(first)


def test_the_mark_is_the_hash_that_the_record_format_says():
    hashed = sha256(UUID(int=1).bytes + UUID(int=2).bytes + b"0").digest()[:10]
    marked = mark_of(event_id_of(KEY, 0, datetime(2024, 10, 7, tzinfo=UTC)))
    differ = int.from_bytes(hashed) ^ int.from_bytes(marked)
    assert differ & ~(0xF << 76 | 0b11 << 62) == 0


def test_what_follows_from_an_event_lies_beside_it():
    cause = uuid4()
    derived = beside(cause, mark(b"what it is for"))
    assert derived.bytes[:6] == cause.bytes[:6]
    assert (derived.version, derived.variant) == (8, RFC_4122)


def test_one_instant_gives_one_id_however_it_is_written():
    marked = mark(b"x")
    one = datetime(2024, 10, 7, 2, 0, 0, 999_999, tzinfo=UTC)
    assert at(one, marked) == at(one.astimezone(timezone(timedelta(hours=7))), marked)
