"""Collaborators and teachers: they say what a commune's children need, and judge nothing."""

from uuid import UUID

import pytest

from contracts.registry import ChildMeasured, NeedRecorded
from tests.services.registry.commune_house import need_body, ready_for_needs, unit_body
from tests.services.registry.samples import (
    CHILD,
    CITY,
    COMMUNE,
    KEEPER,
    NEED,
    OTHER_COMMUNE,
    VERIFIER,
)

VILLAGE, OTHER_VILLAGE = UUID(int=0xE1), UUID(int=0xE2)
LAN, SON, MAI = (UUID(int=7_001 + number) for number in range(3))
NEED_AT, MEASURES = f"/needs/{NEED}", f"/children/{CHILD}/measures"
MEASURE = {"height_cm": 121, "measured_on": "2024-10-07"}
OUTSIDE = (403, "outside-your-unit")


@pytest.fixture
def house():
    """Lan collaborates in a village of the child's commune, Sơn in one of another commune."""
    one = ready_for_needs()
    for village, commune in ((VILLAGE, COMMUNE), (OTHER_VILLAGE, OTHER_COMMUNE)):
        body = unit_body("Yên Sơn", f"{village.int}", "village", commune)
        one.done("PUT", f"/units/{village}", body, by=KEEPER)
    one.grant(LAN, "collaborator", VILLAGE)
    one.grant(SON, "collaborator", OTHER_VILLAGE)
    one.grant(MAI, "teacher", VILLAGE)
    return one


@pytest.mark.parametrize("who", [LAN, MAI])
def test_they_say_what_a_child_of_their_commune_needs_and_how_tall_it_is(house, who):
    house.done("POST", MEASURES, MEASURE, by=who)
    assert isinstance(house.events()[-1], ChildMeasured)
    house.done("PUT", NEED_AT, need_body(), by=who)
    assert isinstance(house.events()[-1], NeedRecorded)
    assert house.events()[-1].recorded_by == who


def test_of_another_commune_or_above_it_they_say_nothing(house):
    assert house.refused("POST", MEASURES, MEASURE, by=SON) == OUTSIDE
    assert house.refused("PUT", NEED_AT, need_body(), by=SON) == OUTSIDE
    for_a_unit = need_body("playground", "place", child_id=None, unit_id=str(CITY))
    assert house.refused("PUT", NEED_AT, for_a_unit, by=LAN)[0] >= 400


def test_an_officer_of_a_village_is_none_of_its_commune(house):
    """Only who proposes reaches the commune from below."""
    house.grant(SON, "commune-officer", VILLAGE)
    assert house.refused("PUT", NEED_AT, need_body(), by=SON) == OUTSIDE


def test_only_a_teacher_says_in_which_grade_a_child_is(house):
    path, grade = f"/children/{CHILD}/enrolments", {"school_year": "2024-2025", "grade": 4}
    house.done("POST", path, grade, by=MAI)
    assert house.refused("POST", path, grade, by=LAN) == (403, "not-allowed")


def test_they_see_their_own_needs_with_why_they_came_back_and_no_others(house):
    house.done("PUT", NEED_AT, need_body(), by=LAN)
    house.done("POST", f"{NEED_AT}/return", {"reason": "Thiếu cỡ áo"}, by=VERIFIER)
    (own,) = house.seen("/needs/own", by=LAN)["items"]
    assert (own["need_id"], own["status"], own["reason"]) == (str(NEED), "returned", "Thiếu cỡ áo")
    assert house.seen("/needs/own?status=open", by=LAN)["items"] == []
    assert house.seen("/needs/own", by=MAI)["items"] == []
    for path in ("/needs", NEED_AT, f"/children/{CHILD}", "/children"):
        assert house.refused("GET", path, by=LAN) == (403, "not-allowed")


def test_they_verify_and_withdraw_nothing(house):
    house.done("PUT", NEED_AT, need_body(), by=LAN)
    for step, body in (("verification", {}), ("withdrawal", {"reason": "Không"})):
        assert house.refused("POST", f"{NEED_AT}/{step}", body, by=MAI) == (403, "not-allowed")
