"""What people type, understood; and what cannot be, refused with how it is written."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vietnamese_day import VIETNAM
from services.portal.desks import typed
from services.portal.desks.typed import NotUnderstood

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1 234 567", 1_234_567),
        ("1\u00a0234", 1_234),
        (" 120 ", 120),
        ("0", 0),
    ],
)
def test_numbers_are_taken_as_they_are_typed(said, meant):
    assert typed.number(said) == meant


@pytest.mark.parametrize(
    "said", ["", "1.23", "1.2345", "1.234,567", "1,5", "-3", "12 bộ", "１２", "1" * 16, "1..234"]
)
def test_what_may_be_another_number_is_none(said):
    with pytest.raises(NotUnderstood):
        typed.number(said)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("5/7/22", date(2022, 7, 5)),
        ("05/07/2022", date(2022, 7, 5)),
        ("5-7-2022", date(2022, 7, 5)),
        ("5.7.2022", date(2022, 7, 5)),
        ("2022-07-05", date(2022, 7, 5)),
        ("1/1/36", date(2036, 1, 1)),
        ("1/1/37", date(1937, 1, 1)),
    ],
)
def test_days_are_taken_as_they_are_typed(said, meant):
    assert typed.day(said, TODAY) == meant


@pytest.mark.parametrize("said", ["", "31/2/2022", "2022/7/5", "5/7", "13/13/2022", "hôm nay"])
def test_what_is_no_day_is_refused(said):
    with pytest.raises(NotUnderstood) as refused:
        typed.day(said, TODAY)
    assert "5/7/2022" in refused.value.words.vi


@pytest.mark.parametrize("said", ["5/7/22 14:30", "5/7/2022 14h30", "2022-07-05T14:30"])
def test_a_time_is_one_in_vietnam(said):
    assert typed.instant(said, TODAY) == datetime(2022, 7, 5, 14, 30, tzinfo=VIETNAM)


@pytest.mark.parametrize("said", ["5/7/22", "5/7/22 25:00", "14:30"])
def test_what_is_no_time_is_refused(said):
    with pytest.raises(NotUnderstood):
        typed.instant(said, TODAY)


@given(st.integers(0, 10**15 - 1))
def test_a_number_that_is_shown_is_understood_again(number):
    assert typed.number(typed.number_shown(number)) == number


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_that_is_shown_is_understood_again(day):
    assert typed.day(typed.day_shown(day), TODAY) == day
