from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes import packs
from programmes.rules import prioritise
from tests.services.registry.samples import BORN_ON, PACK, PROGRAMME_CODE, RULES, TODAY

LETTERS = ["a", "b", "c", "d", "đ", "e", "g", "h", "i", "k", "l", "m", "n", "o"]
FACTS = ["special", "at-risk", "poor", "near-poor", "priority-commune"]


def band(*facts, category="school-supplies", needed_by=TODAY):
    return prioritise(RULES.priority, facts, category, needed_by, TODAY)


def test_the_law_has_fourteen_groups_with_its_letters():
    assert [group.letter for group in RULES.groups] == LETTERS
    assert len({group.code for group in RULES.groups}) == 14


def test_no_reason_of_being_at_risk_is_also_a_group():
    groups = {group.code for group in RULES.groups}
    assert not groups & {reason.code for reason in RULES.at_risk}


def test_sizes_follow_each_other_without_gap_or_overlap():
    for smaller, larger in zip(RULES.sizes, RULES.sizes[1:], strict=False):
        assert larger.height_cm_min == smaller.height_cm_max + 1


@pytest.mark.parametrize(
    ("height_cm", "label"), [(74, None), (75, "H80"), (120, "H120"), (121, "H125"), (166, None)]
)
def test_the_label_of_a_height(height_cm, label):
    assert RULES.label(height_cm) == label


def test_a_measure_grows_stale_sooner_in_small_children():
    assert not RULES.is_stale(date(2024, 1, 7), BORN_ON, TODAY)
    assert RULES.is_stale(date(2024, 1, 6), BORN_ON, TODAY)
    born_small = date(2020, 5, 1)
    assert not RULES.is_stale(date(2024, 4, 7), born_small, TODAY)
    assert RULES.is_stale(date(2024, 4, 6), born_small, TODAY)


def test_each_category_names_the_rule_that_lets_it():
    assert RULES.eligible_under("warm-clothes", ["special"]) == "special-or-at-risk@1"
    assert RULES.eligible_under("warm-clothes", ["poor"]) is None
    assert RULES.eligible_under("scholarship", ["escaped-recently"]) == "poor-or-near-poor@1"
    assert RULES.eligible_under("scholarship", ["special"]) is None
    assert RULES.eligible_under("surgery", ["none", "at-risk"]) == "special-at-risk-or-poor@1"


def test_a_band_is_explained_by_points():
    pressing = band("special", "poor", "priority-commune")
    assert (pressing.band, pressing.rule) == (1, "priority@1")
    assert pressing.reasons == {"special": 3, "poor": 2, "priority-commune": 2}
    assert band("at-risk").band == 4
    assert band().band == 5


def test_winter_is_a_deadline_for_clothes_only():
    soon, later = TODAY + timedelta(days=60), TODAY + timedelta(days=61)
    assert "deadline" in band(category="warm-clothes", needed_by=soon).reasons
    assert "deadline" not in band(category="warm-clothes", needed_by=later).reasons
    assert "deadline" not in band(category="scholarship", needed_by=soon).reasons


@given(st.sets(st.sampled_from(FACTS)), st.sampled_from(FACTS))
def test_another_fact_never_makes_a_need_less_pressing(facts, fact):
    assert band(*facts, fact).band <= band(*facts).band


def test_roles_exclude_each_other_both_ways():
    assert RULES.excluded_roles("accountant") == {"cashier"}
    assert RULES.excluded_roles("cashier") == {"accountant"}
    assert RULES.excluded_roles("verifier") == frozenset()


def test_a_pack_is_found_by_the_programmes_code():
    installed = packs.installed()
    assert installed.of_programme(PROGRAMME_CODE) == PACK
    assert installed.of_programme("1/KH") is None
    assert PACK.on(TODAY) is RULES


def test_a_measure_that_is_stale_stays_so_when_the_child_turns_six():
    sixth = date(2024, 10, 1)
    born_on, measured_on = date(2018, 10, 1), date(2024, 2, 28)
    assert RULES.stale_from(measured_on, born_on) == date(2024, 8, 29)
    assert RULES.is_stale(measured_on, born_on, sixth)
    assert RULES.stale_from(date(2024, 4, 1), born_on) == date(2025, 1, 2)
