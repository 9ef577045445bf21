from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.days import birthday, months_later
from services.registry.domain.standing import (
    Circumstance,
    StatusPeriod,
    household_status,
    standing,
)
from tests.services.registry.samples import BORN_ON, RULES, TODAY, circumstance

NEAR_POOR_IN_2024 = StatusPeriod("near-poor", date(2024, 1, 1), date(2025, 1, 1))
POOR_FROM_2025 = StatusPeriod("poor", date(2025, 1, 1), None)


def of(*circumstances, periods=(), on=TODAY):
    return standing(RULES, BORN_ON, circumstances, periods, on)


def test_a_child_may_be_in_several_groups():
    several = of(circumstance("special", "disability"), circumstance("special", "abandoned"))
    assert several.special == {"disability", "abandoned"}


def test_special_wins_over_at_risk():
    moved = of(circumstance("at-risk", "half-orphan"), circumstance("special", "abandoned"))
    assert (moved.special, moved.at_risk) == ({"abandoned"}, frozenset())


def test_none_ends_what_was():
    ended = of(circumstance("special", "disability"), circumstance("none", ""))
    assert list(ended.facts()) == ["none"]


def test_what_is_assessed_later_does_not_hold_yet():
    assert of(circumstance("special", "disability", date(2024, 10, 8))).special == frozenset()


def test_gravely_ill_and_poor_lapses_with_the_households_status():
    ill = circumstance("special", "gravely-ill-and-poor", date(2024, 5, 1))
    assert of(ill, periods=[NEAR_POOR_IN_2024]).special == {"gravely-ill-and-poor"}
    after = of(ill, periods=[NEAR_POOR_IN_2024], on=date(2025, 1, 1))
    assert after.special == frozenset()


def test_a_status_holds_from_its_day_until_the_day_before_its_end():
    periods = [NEAR_POOR_IN_2024, POOR_FROM_2025]
    assert household_status(periods, date(2023, 12, 31)) == "none"
    assert household_status(periods, date(2024, 12, 31)) == "near-poor"
    assert household_status(periods, date(2025, 1, 1)) == "poor"


def test_the_decision_recorded_last_counts():
    corrected = StatusPeriod("poor", date(2024, 1, 1), None)
    assert household_status([NEAR_POOR_IN_2024, corrected], TODAY) == "poor"


@pytest.mark.parametrize("kind", ["special", "at-risk", "none"])
def test_what_was_sealed_reads_back(kind):
    one = circumstance(kind, "some-code")
    assert Circumstance.read(one.text, one.on) == one


def test_what_was_not_sealed_here_does_not_read():
    with pytest.raises(ValueError, match="no circumstance"):
        Circumstance.read("rumour:something", TODAY)


codes = st.sampled_from(["disability", "gravely-ill-and-poor", "half-orphan"])


@given(st.lists(st.builds(circumstance, st.just("special"), codes), max_size=5), codes)
def test_whoever_was_at_risk_before_is_not_once_special(specials, code):
    found = of(circumstance("at-risk", code), *specials, periods=[NEAR_POOR_IN_2024])
    assert bool(found.special) != bool(found.at_risk)


def test_birthdays_of_the_29th_of_february_fall_on_the_28th_in_common_years():
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)
    assert birthday(date(2008, 2, 29), 15) == date(2023, 2, 28)
    assert RULES.is_child(date(2007, 2, 28), date(2023, 2, 27))
    assert not RULES.is_child(date(2007, 2, 28), date(2023, 2, 28))


@given(st.dates(date(1990, 1, 1), date(2040, 1, 1)), st.integers(0, 240))
def test_months_later_is_never_more_than_the_month_and_keeps_the_day(on, months):
    later = months_later(on, months)
    assert (later.year - on.year) * 12 + later.month - on.month == months
    assert later.day <= on.day
