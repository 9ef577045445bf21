"""What was recorded wrongly is corrected by a further event, which stands in its place."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import (
    ChildCorrected,
    ChildEnrolmentCorrected,
    ChildFactRetracted,
    ChildMeasureCorrected,
    CircumstanceCorrected,
    HouseholdCorrected,
    HouseholdStatusCorrected,
    HouseholdStatusRetracted,
)
from programmes.days import Birth
from services.registry.domain.child import (
    AssessedInTheFuture,
    ChildChangedMeanwhile,
    ChildNotRegistered,
    CircumstanceNotKnown,
    CorrectChild,
    CorrectCircumstance,
    CorrectEnrolment,
    CorrectMeasure,
    HeightOutsideTheTable,
    MeasuredInTheFuture,
    NotYetBorn,
    RetractFact,
    SpecialExcludesAtRisk,
    child,
)
from services.registry.domain.household import (
    CorrectHousehold,
    CorrectStatus,
    HouseholdNotRegistered,
    RetractStatus,
    StandardNotInForce,
    StandardNotKnown,
    StatusEndsBeforeItBegins,
    StatusOutlivesItsStandard,
    household,
)
from services.registry.domain.standing import History
from services.registry.domain.told import FactDoesNotStand, NothingIsCorrected
from tests.services.registry.samples import (
    CHILD,
    COMMUNE,
    HOUSEHOLD,
    OFFICER,
    OTHER_OFFICER,
    RULES,
    TUESDAY,
    assessed,
    child_enrolled,
    child_measured,
    child_registered,
    circumstance,
    home,
    home_registered,
    near_poor,
    pupil,
    sealed,
)
from tests.support.spec import Given

WHY: dict[str, Any] = {"reason": "mistyped", "note": sealed("Gõ nhầm"), "happened_at": TUESDAY}
BY: dict[str, Any] = {"corrected_by": OTHER_OFFICER}


def who(**changed):
    said = {
        "child_id": CHILD,
        "corrects": 1,
        "home": home(),
        "unit_id": COMMUNE,
        "born": None,
        "gender": "female",
        "name": sealed("Triệu Thị Hoà"),
        "birth_date": sealed("2015-03-09"),
        "guardian": sealed("Triệu Văn Sơn"),
        "ethnicity": sealed("Dao"),
    }
    return CorrectChild(**said | WHY | BY | changed)


def right(corrected, **changed):
    said = {
        name: getattr(child_registered, name)
        for name in ChildCorrected.__slots__
        if name
        in {
            "child_id",
            "household_id",
            "unit_id",
            "birth_month",
            "gender",
            "name",
            "birth_date",
            "guardian",
            "ethnicity",
        }
    }
    return ChildCorrected(**said | WHY | BY | {"corrects": 1, "corrected": corrected} | changed)


registered = Given(child, child_registered)
HOA = right(("name",), name=sealed("Triệu Thị Hoa"))


def test_a_name_is_corrected_and_the_event_says_all_that_is_right():
    registered.when(who(name=sealed("Triệu Thị Hoa"))).then(HOA)
    record = pupil(HOA)
    assert record.now == HOA
    assert record.fact == child_registered
    assert record.corrected_by == {OTHER_OFFICER}


def test_a_birth_date_is_corrected_with_its_month():
    born = {"birth_date": sealed("2014-03-09")}
    registered.when(who(born=Birth(date(2014, 3, 9)), **born)).then(
        right(("birth-date",), birth_month="2014-03", **born)
    )
    registered.when(
        who(born=Birth(date(2024, 10, 8)), birth_date=sealed("2024-10-08"))
    ).then_rejected(NotYetBorn)


def test_a_correction_says_something_else_of_what_stands():
    registered.when(who()).then_rejected(NothingIsCorrected)
    again = Given(child, child_registered, HOA)
    again.when(who(name=sealed("Triệu Thị Hoa"))).then_nothing()
    again.when(who(name=sealed("Triệu Thị Hòa B"))).then_rejected(FactDoesNotStand)
    again.when(who(corrects=2)).then(right(("name",), corrects=2))
    Given(child).when(who()).then_rejected(ChildNotRegistered)


def measure(height_cm=121, corrects=2, **changed):
    said = {"child_id": CHILD, "height_cm": height_cm, "height": sealed(str(height_cm))}
    said |= {"measured_on": child_measured.measured_on, "rules": RULES, "corrects": corrects}
    return CorrectMeasure(**said | WHY | BY | changed)


RIGHT_MEASURE = ChildMeasureCorrected(
    child_id=CHILD,
    corrects=2,
    height_label="H125",
    height=sealed("121"),
    measured_on=child_measured.measured_on,
    rules=RULES.named,
    **WHY,
    **BY,
)


def test_a_measure_is_corrected_in_its_place():
    wrong = Given(child, child_registered, child_measured)
    wrong.when(measure()).then(RIGHT_MEASURE)
    wrong.when(measure(118)).then_rejected(NothingIsCorrected)
    wrong.when(measure(corrects=1)).then_rejected(FactDoesNotStand)
    wrong.when(measure(166)).then_rejected(HeightOutsideTheTable)
    wrong.when(measure(measured_on=date(2024, 10, 9))).then_rejected(MeasuredInTheFuture)
    Given(child).when(measure()).then_rejected(ChildNotRegistered)
    once = Given(child, child_registered, child_measured, RIGHT_MEASURE)
    once.when(measure()).then_nothing()
    once.when(measure(122)).then_rejected(FactDoesNotStand)
    assert pupil(child_measured, RIGHT_MEASURE).measure(date(2024, 10, 8)) == RIGHT_MEASURE


def test_a_correction_of_an_older_measure_does_not_outdo_a_newer_one():
    newer = replace(child_measured, measured_on=date(2024, 10, 1), height_label="H130")
    record = pupil(child_measured, newer, RIGHT_MEASURE)
    assert record.measure(date(2024, 10, 8)) == newer
    assert record.measure(date(2024, 9, 30)) == RIGHT_MEASURE


def enrolment(grade=3, school_year="2024-2025", corrects=2):
    said = {"child_id": CHILD, "corrects": corrects, "school_year": school_year, "grade": grade}
    return CorrectEnrolment(**said, **WHY, **BY)


RIGHT_GRADE = ChildEnrolmentCorrected(
    child_id=CHILD, corrects=2, school_year="2024-2025", grade=3, **WHY, **BY
)


def test_a_grade_is_corrected():
    wrong = Given(child, child_registered, child_enrolled)
    wrong.when(enrolment()).then(RIGHT_GRADE)
    wrong.when(enrolment(4)).then_rejected(NothingIsCorrected)
    wrong.when(enrolment(corrects=7)).then_rejected(FactDoesNotStand)
    Given(child).when(enrolment()).then_rejected(ChildNotRegistered)
    Given(child, child_registered, child_enrolled, RIGHT_GRADE).when(enrolment()).then_nothing()
    assert pupil(child_enrolled, RIGHT_GRADE).enrolments == {"2024-2025": RIGHT_GRADE}


def reassess(kind, code, on=date(2024, 10, 7), *, told=(), then=(), corrects=2, seen=None):
    return CorrectCircumstance(
        child_id=CHILD,
        corrects=corrects,
        circumstance=sealed(f"{kind}:{code}"),
        assessed=circumstance(kind, code, on),
        told=History(tuple(told)),
        then=History(tuple(then)),
        seen=seen or pupil(assessed("special", "disability")),
        home=home(),
        rules=RULES,
        **WHY,
        **BY,
    )


ORPHAN = CircumstanceCorrected(
    child_id=CHILD,
    corrects=2,
    circumstance=sealed("special:abandoned"),
    assessed_on=date(2024, 9, 1),
    rules=RULES.named,
    **WHY,
    **BY,
)


def test_a_circumstance_is_corrected_with_the_day_from_which_on_it_is_so():
    wrong = Given(child, child_registered, assessed("special", "disability"))
    wrong.when(reassess("special", "abandoned", date(2024, 9, 1))).then(ORPHAN)
    wrong.when(reassess("special", "disability")).then_rejected(NothingIsCorrected)
    wrong.when(reassess("special", "disability", date(2024, 10, 9))).then_rejected(
        AssessedInTheFuture
    )
    wrong.when(reassess("special", "no-such")).then_rejected(CircumstanceNotKnown)
    wrong.when(reassess("special", "abandoned", corrects=9)).then_rejected(FactDoesNotStand)
    wrong.when(reassess("special", "abandoned", seen=pupil())).then_rejected(ChildChangedMeanwhile)
    Given(child).when(reassess("special", "abandoned")).then_rejected(ChildNotRegistered)
    once = Given(child, child_registered, assessed("special", "disability"), ORPHAN)
    once.when(reassess("special", "abandoned", date(2024, 9, 1))).then_nothing()


def test_a_correction_makes_no_child_special_and_at_risk_on_one_day():
    special = circumstance("special", "disability", date(2024, 10, 1))
    risk = circumstance("at-risk", "half-orphan", date(2024, 9, 1))
    late = circumstance("at-risk", "half-orphan", date(2024, 10, 2))
    seen = pupil(assessed("special", "disability"), assessed("at-risk", "half-orphan"))
    given_both = Given(
        child,
        child_registered,
        assessed("special", "disability"),
        assessed("at-risk", "half-orphan"),
    )
    asked = reassess(
        "at-risk",
        "half-orphan",
        date(2024, 10, 2),
        told=(special, risk),
        then=(special, late),
        corrects=3,
        seen=seen,
    )
    given_both.when(asked).then_rejected(SpecialExcludesAtRisk)


def retraction(corrects=2, **changed):
    said = {"child_id": CHILD, "corrects": corrects, "told": History(), "then": History()}
    said |= {"seen": pupil(child_measured), "home": home(), "rules": RULES}
    return RetractFact(**said | WHY | {"retracted_by": OTHER_OFFICER} | changed)


GONE = ChildFactRetracted(child_id=CHILD, corrects=2, retracted_by=OTHER_OFFICER, **WHY)


def test_what_should_not_have_been_recorded_is_taken_back():
    wrong = Given(child, child_registered, child_measured)
    wrong.when(retraction()).then(GONE)
    wrong.when(retraction(1)).then_rejected(FactDoesNotStand)
    wrong.when(retraction(seen=pupil())).then_rejected(ChildChangedMeanwhile)
    Given(child).when(retraction()).then_rejected(ChildNotRegistered)
    Given(child, child_registered, child_measured, GONE).when(retraction()).then_nothing()
    assert pupil(child_measured, GONE).measure(date(2024, 10, 8)) is None


def test_what_separated_two_circumstances_is_not_taken_back_where_both_would_hold():
    special = circumstance("special", "disability", date(2024, 9, 1))
    none = circumstance("none", "", date(2024, 9, 2))
    risk = circumstance("at-risk", "half-orphan", date(2024, 9, 3))
    seen = pupil(assessed("special", "disability"), assessed("none", ""), assessed("at-risk", "x"))
    both = Given(
        child,
        child_registered,
        assessed("special", "disability"),
        assessed("none", ""),
        assessed("at-risk", "x"),
    )
    told, then = History((special, none, risk)), History((special, risk))
    asked = retraction(3, told=told, then=then, seen=seen)
    both.when(asked).then_rejected(SpecialExcludesAtRisk)


@given(st.permutations(["name", "measure", "grade", "circumstance", "gone"]))
def test_corrections_in_any_order_come_to_the_same(order):
    events = {
        "name": HOA,
        "measure": RIGHT_MEASURE,
        "grade": replace(RIGHT_GRADE, corrects=3),
        "circumstance": replace(ORPHAN, corrects=4),
        "gone": replace(GONE, corrects=5),
    }
    past = child_measured, child_enrolled, assessed("special", "disability"), assessed("none", "")
    one, other = pupil(*past, *events.values()), pupil(*past, *(events[name] for name in order))
    for what in ("now", "measures", "enrolments", "assessments"):
        assert getattr(one, what) == getattr(other, what)


@given(st.permutations(range(3)))
def test_facts_of_one_day_that_are_corrected_in_any_order_keep_their_places(order):
    """Of two of one day the one that was recorded later counts, whichever was corrected later."""
    past = child_measured, child_measured, child_measured
    right = [replace(RIGHT_MEASURE, corrects=at, height_label=f"H{at}") for at in (2, 3, 4)]
    record = pupil(*past, *(right[at] for at in order))
    assert record.measure(child_measured.measured_on) == right[2]
    assert [told.event for told in record.measured] == right


# --- households ---


def household_said(**changed):
    said = {"household_id": HOUSEHOLD, "corrects": 1}
    said |= {name: getattr(home_registered, name) for name in ("territory", "head", "village")}
    return CorrectHousehold(**said | WHY | BY | changed)


RIGHT_HEAD = HouseholdCorrected(
    household_id=HOUSEHOLD,
    corrects=1,
    corrected=("head",),
    territory=home_registered.territory,
    head=sealed("Triệu Văn Sâm"),
    village=home_registered.village,
    **WHY,
    **BY,
)


def test_the_head_of_a_household_is_corrected():
    there = Given(household, home_registered)
    there.when(household_said(head=sealed("Triệu Văn Sâm"))).then(RIGHT_HEAD)
    there.when(household_said()).then_rejected(NothingIsCorrected)
    there.when(household_said(corrects=2, head=sealed("Ai"))).then_rejected(FactDoesNotStand)
    Given(household).when(household_said()).then_rejected(HouseholdNotRegistered)
    once = Given(household, home_registered, RIGHT_HEAD)
    once.when(household_said(head=sealed("Triệu Văn Sâm"))).then_nothing()
    assert home(RIGHT_HEAD).now == RIGHT_HEAD


def status_said(status="poor", corrects=2, **changed):
    said = {"household_id": HOUSEHOLD, "corrects": corrects, "status": sealed(status)}
    said |= {name: getattr(near_poor, name) for name in ("standard", "decision", "valid_from")}
    said |= {"valid_until": near_poor.valid_until, "rules": RULES}
    return CorrectStatus(**said | WHY | BY | changed)


RIGHT_STATUS = HouseholdStatusCorrected(
    household_id=HOUSEHOLD,
    corrects=2,
    status=sealed("poor"),
    standard=near_poor.standard,
    decision=near_poor.decision,
    valid_from=near_poor.valid_from,
    valid_until=near_poor.valid_until,
    rules=RULES.named,
    **WHY,
    **BY,
)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"status": "near-poor"}, NothingIsCorrected),
        ({"corrects": 1}, FactDoesNotStand),
        ({"standard": "1999-2000"}, StandardNotKnown),
        ({"valid_from": date(2030, 1, 1)}, StandardNotInForce),
        ({"valid_until": date(2024, 1, 1)}, StatusEndsBeforeItBegins),
        ({"valid_until": date(2028, 1, 1)}, StatusOutlivesItsStandard),
    ],
)
def test_a_status_that_is_not_corrected(changed, refusal):
    Given(household, home_registered, near_poor).when(status_said(**changed)).then_rejected(refusal)


def test_a_decision_on_the_status_is_corrected_or_taken_back():
    wrong = Given(household, home_registered, near_poor)
    wrong.when(status_said()).then(RIGHT_STATUS)
    once = Given(household, home_registered, near_poor, RIGHT_STATUS)
    once.when(status_said()).then_nothing()
    assert home(near_poor, RIGHT_STATUS).statuses == (RIGHT_STATUS,)
    Given(household).when(status_said()).then_rejected(HouseholdNotRegistered)
    why: dict[str, Any] = {"household_id": HOUSEHOLD, "retracted_by": OFFICER, **WHY}
    gone = HouseholdStatusRetracted(corrects=2, **why)
    wrong.when(RetractStatus(corrects=2, **why)).then(gone)
    wrong.when(RetractStatus(corrects=1, **why)).then_rejected(FactDoesNotStand)
    Given(household).when(RetractStatus(corrects=2, **why)).then_rejected(HouseholdNotRegistered)
    Given(household, home_registered, near_poor, gone).when(
        RetractStatus(corrects=2, **why)
    ).then_nothing()
    assert home(near_poor, gone).statuses == ()
