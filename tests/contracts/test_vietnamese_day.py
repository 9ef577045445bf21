import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vietnamese_day import VIETNAM, in_vietnam, vietnamese_day

PROJECT = Path(__file__).parents[2]
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def test_the_day_begins_at_seventeen_hours_in_utc():
    assert vietnamese_day(datetime(2024, 10, 6, 16, 59, 59, tzinfo=UTC)) == date(2024, 10, 6)
    assert vietnamese_day(datetime(2024, 10, 6, 17, tzinfo=UTC)) == date(2024, 10, 7)


@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1 < at.year < 9999),
    OFFSETS,
)
def test_it_does_not_depend_on_how_the_instant_is_written(at, offset):
    assert vietnamese_day(at.astimezone(offset)) == vietnamese_day(at)


@given(st.datetimes(timezones=OFFSETS))
def test_every_instant_that_a_record_can_hold_has_a_day(at):
    assert abs(vietnamese_day(at) - at.date()) <= timedelta(days=1)
    assert in_vietnam(at).tzinfo is VIETNAM


@pytest.mark.parametrize("said", [r"hours=7\b", "Asia/Ho_Chi_Minh", "Asia/Bangkok"])
def test_it_is_said_in_one_module(said):
    product = ("audit", "console", "contracts", "edge", "eventing", "notary", "services")
    files = [file for folder in product for file in (PROJECT / folder).rglob("*.py")]
    assert len(files) > 200
    found = {file.name for file in files if re.search(said, file.read_text(encoding="utf-8"))}
    assert found <= {"vietnamese_day.py"}
