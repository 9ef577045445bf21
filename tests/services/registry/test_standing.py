from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.days import birthday, months_later
from services.registry.domain.standing import (
    Circumstance,
    History,
    StatusPeriod,
    household_status,
    standing,
)
from tests.services.registry.samples import BORN_ON, RULES, TODAY, circumstance

NEAR_POOR_IN_2024 = StatusPeriod("near-poor", date(2024, 1, 1), date(2025, 1, 1))
POOR_FROM_2025 = StatusPeriod("poor", date(2025, 1, 1), date(2027, 1, 1))
ILL = "gravely-ill-and-poor"


def of(*circumstances, periods=(), on=TODAY):
    return standing(RULES, BORN_ON, History(circumstances, tuple(periods)), on)


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
    corrected = StatusPeriod("poor", date(2024, 1, 1), date(2025, 1, 1))
    assert household_status([NEAR_POOR_IN_2024, corrected], TODAY) == "poor"


def test_an_older_decision_that_is_recorded_later_does_not_win():
    of_2023 = StatusPeriod("poor", date(2023, 1, 1), date(2026, 1, 1))
    assert household_status([NEAR_POOR_IN_2024, of_2023], TODAY) == "near-poor"
    assert household_status([NEAR_POOR_IN_2024, of_2023], date(2023, 6, 1)) == "poor"


def test_special_and_at_risk_never_hold_together_in_whatever_order_they_were_recorded():
    special = circumstance("special", "abandoned", date(2024, 3, 1))
    at_risk = circumstance("at-risk", "half-orphan", date(2024, 1, 1))
    for told in ((at_risk, special), (special, at_risk)):
        assert list(of(*told, on=date(2024, 2, 1)).facts())[1:] == [
            "at-risk",
            "at-risk:half-orphan",
        ]
        assert of(*told).at_risk == frozenset()
    later = replace(at_risk, on=date(2024, 5, 1))
    assert of(later, special).at_risk == frozenset()


def test_what_was_ended_once_is_assessed_anew_even_if_the_end_was_recorded_first():
    ended = circumstance("none", "", date(2024, 5, 1))
    assert of(ended, circumstance("special", "disability", date(2024, 3, 1))).special == frozenset()


def test_gravely_ill_and_poor_does_not_revive_by_itself():
    ill = circumstance("special", ILL, date(2024, 5, 1))
    poor_again = StatusPeriod("poor", date(2025, 3, 1), date(2026, 1, 1))
    after = date(2025, 4, 1)
    periods = [NEAR_POOR_IN_2024, poor_again]
    assert of(ill, periods=periods, on=after).special == frozenset()
    anew = circumstance("special", ILL, date(2025, 3, 2))
    assert of(ill, anew, periods=periods, on=after).special == {ILL}
    without_a_gap = StatusPeriod("poor", date(2025, 1, 1), date(2026, 1, 1))
    assert of(ill, periods=[NEAR_POOR_IN_2024, without_a_gap], on=after).special == {ILL}


def test_who_is_at_risk_after_a_group_has_ended_stays_so_when_the_household_is_poor_again():
    ill = circumstance("special", ILL, date(2024, 5, 1))
    at_risk = circumstance("at-risk", "half-orphan", date(2025, 2, 1))
    poor_again = StatusPeriod("poor", date(2025, 3, 1), date(2026, 1, 1))
    found = of(ill, at_risk, periods=[NEAR_POOR_IN_2024, poor_again], on=date(2025, 4, 1))
    assert (found.special, found.at_risk) == (frozenset(), {"half-orphan"})


@pytest.mark.parametrize("kind", ["special", "at-risk", "none"])
def test_what_was_sealed_reads_back(kind):
    one = circumstance(kind, "some-code")
    assert Circumstance.read(one.text, one.on) == one


def test_what_was_not_sealed_here_does_not_read():
    with pytest.raises(ValueError, match="no circumstance"):
        Circumstance.read("rumour:something", TODAY)


codes = st.sampled_from(["disability", "gravely-ill-and-poor", "half-orphan"])
days = st.dates(date(2024, 1, 1), date(2025, 12, 31))
told = st.builds(circumstance, st.sampled_from(["special", "at-risk", "none"]), codes, days)
decided = st.builds(
    lambda status, since, length: StatusPeriod(status, since, months_later(since, length)),
    st.sampled_from(["poor", "near-poor", "none"]),
    days,
    st.integers(1, 12),
)


@given(st.lists(told, max_size=6), st.lists(decided, max_size=3), days)
def test_nobody_is_ever_both_in_special_circumstances_and_at_risk(told, periods, on):
    found = of(*told, periods=periods, on=on)
    assert not (found.special and found.at_risk)


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
