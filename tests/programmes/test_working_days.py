from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes import packs, working_days
from programmes.working_days import CalendarNotValid, WorkingDays

OURS = working_days.installed()


@pytest.mark.parametrize(
    ("on", "worked_from"),
    [
        (date(2024, 10, 7), date(2024, 10, 7)),  # a Monday
        (date(2024, 10, 12), date(2024, 10, 14)),  # a Saturday
        (date(2025, 1, 25), date(2025, 2, 3)),  # the Saturday before Tết
        (date(2025, 4, 26), date(2025, 4, 26)),  # a Saturday that is worked
        (date(2025, 5, 1), date(2025, 5, 5)),  # Labour Day, a bridge day, a week's end
        (date(2029, 9, 2), date(2029, 9, 3)),  # a year that nobody announced yet
    ],
)
def test_a_day_off_passes_to_the_next_working_day(on, worked_from):
    assert OURS.from_day(on) == worked_from


def test_working_days_are_counted_over_days_off():
    assert OURS.later(date(2025, 1, 24), 1) == date(2025, 2, 3)
    assert OURS.later(date(2024, 10, 7), 5) == date(2024, 10, 14)
    assert OURS.later(date(2024, 10, 12), 0) == date(2024, 10, 12)


@given(st.dates(date(2019, 1, 1), date(2040, 1, 1)), st.integers(0, 40))
def test_what_is_counted_to_is_worked_and_so_many_days_lie_before_it(on, days):
    end = OURS.later(on, days)
    between = [date.fromordinal(day) for day in range(on.toordinal() + 1, end.toordinal() + 1)]
    assert sum(map(OURS.is_worked, between)) == days
    assert days == 0 or OURS.is_worked(end)


def test_a_calendar_without_a_working_day_is_told():
    never = WorkingDays(every_year=frozenset((month, day) for month in (1, 2) for day in range(32)))
    with pytest.raises(ValueError, match="no working day"):
        never.from_day(date(2025, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b'every_year = ["30-02"]',
        b"every_year = []\n[2024]\noff = [2025-01-01]",
        b"every_year = []\n[2024]\nclosed = [2024-01-01]",
        b'every_year = []\n[2024]\noff = ["Tet"]',
        b"every_year = []\n[soon]\noff = []",
    ],
)
def test_a_calendar_that_says_nonsense_is_refused(text):
    with pytest.raises(CalendarNotValid, match=r"working-days\.toml"):
        working_days.read(text)


def test_the_rules_of_every_pack_go_by_it():
    for pack in packs.read([packs.FOLDER]).all:
        for rules in pack.versions:
            assert rules.working_days == OURS
            # Six months after 1 March 2025 is a bridge day, and the two after it are days off.
            assert rules.lapses_on(date(2025, 3, 1)) == date(2025, 9, 3)
