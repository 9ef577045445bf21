from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import ChildMeasured
from programmes.days import Birth
from services.registry.domain.child import (
    AgedOut,
    AssessCircumstance,
    ChildChangedMeanwhile,
    ChildNotRegistered,
    ChildRegisteredOtherwise,
    CircumstanceNotKnown,
    ConfirmChild,
    EnrolChild,
    HeightOutsideTheTable,
    HouseholdNotPoorEnough,
    MeasureChild,
    MeasuredInTheFuture,
    NotYetBorn,
    RegisterChild,
    SpecialExcludesAtRisk,
    child,
)
from services.registry.domain.standing import History, StatusPeriod
from tests.services.registry.samples import (
    BORN_ON,
    CHILD,
    COMMUNE,
    MONDAY,
    OFFICER,
    RULES,
    TODAY,
    TUESDAY,
    assessed,
    child_enrolled,
    child_measured,
    child_registered,
    circumstance,
    home,
    pupil,
    sealed,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given


def register(*, name="Triệu Thị Hoà", born_on=BORN_ON, happened_at=MONDAY):
    born = born_on if isinstance(born_on, Birth) else Birth(born_on)
    return RegisterChild(
        child_id=CHILD,
        home=home(),
        unit_id=COMMUNE,
        born=born,
        gender="female",
        name=sealed(name),
        birth_date=sealed(born.text),
        guardian=sealed("Triệu Văn Sơn"),
        ethnicity=sealed("Dao"),
        rules=RULES,
        registered_by=OFFICER,
        happened_at=happened_at,
    )


def measure(height_cm=118, measured_on=date(2024, 9, 20)):
    return MeasureChild(
        child_id=CHILD,
        height_cm=height_cm,
        height=sealed(str(height_cm)),
        measured_on=measured_on,
        rules=RULES,
        measured_by=OFFICER,
        happened_at=MONDAY,
    )


def enrol(grade=4, school_year="2024-2025"):
    return EnrolChild(child_id=CHILD, school_year=school_year, grade=grade, happened_at=MONDAY)


def assess(kind, code, *, on=TODAY, seen=None, told=(), household="none"):
    status = StatusPeriod(household, date(2024, 1, 1), date(2025, 1, 1))
    return AssessCircumstance(
        child_id=CHILD,
        circumstance=sealed(f"{kind}:{code}"),
        assessed=circumstance(kind, code, on),
        told=History(tuple(told), (status,)),
        seen=seen or pupil(),
        home=home(),
        rules=RULES,
        assessed_by=OFFICER,
        happened_at=MONDAY,
    )


registered = Given(child, child_registered)


def test_a_child_is_registered_with_no_more_than_birth_month_and_gender_in_clear():
    Given(child).when(register()).then(child_registered)
    assert child_registered.birth_month == "2015-03"


def test_a_child_is_registered_once():
    registered.when(register(happened_at=TUESDAY)).then_nothing()
    registered.when(register(name="Triệu Thị Hoa")).then_rejected(ChildRegisteredOtherwise)


def test_the_register_ends_on_the_sixteenth_birthday_in_viet_nam():
    born_on = date(2008, 10, 8)
    evening_before = datetime(2024, 10, 7, 16, 59, tzinfo=UTC)
    Given(child).when(register(born_on=born_on, happened_at=evening_before)).then(
        replace(
            child_registered,
            birth_month="2008-10",
            birth_date=sealed("2008-10-08"),
            happened_at=evening_before,
        )
    )
    midnight = datetime(2024, 10, 7, 17, 0, tzinfo=UTC)
    Given(child).when(register(born_on=born_on, happened_at=midnight)).then_rejected(AgedOut)


def test_of_a_birth_date_that_is_not_known_to_the_day_no_more_is_told_than_is_known():
    month = Birth(date(2015, 3, 1), "month")
    Given(child).when(register(born_on=month)).then(
        replace(child_registered, birth_date=sealed("2015-03"))
    )
    about = Birth(date(2015, 1, 1), "about")
    Given(child).when(register(born_on=about)).then(
        replace(child_registered, birth_month="2015", birth_date=sealed("~2015"))
    )


def test_where_it_depends_on_the_day_a_child_is_registered():
    depends = Given(child).when(register(born_on=Birth(date(2008, 1, 1), "year")))
    depends.then(replace(child_registered, birth_month="2008", birth_date=sealed("2008")))
    grown = Birth(date(2007, 1, 1), "year")
    Given(child).when(register(born_on=grown)).then_rejected(AgedOut)
    next_year = Birth(date(2025, 1, 1), "year")
    Given(child).when(register(born_on=next_year)).then_rejected(NotYetBorn)


def test_nobody_is_registered_before_birth():
    Given(child).when(register(born_on=date(2024, 10, 8))).then_rejected(NotYetBorn)


def test_a_measure_gives_the_label_and_seals_the_height():
    registered.when(measure()).then(child_measured)
    Given(child, child_registered, child_measured).when(measure()).then_nothing()
    corrected = replace(child_measured, height_label="H125", height=sealed("121"))
    Given(child, child_registered, child_measured).when(measure(121)).then(corrected)


def test_a_measure_is_of_the_past_and_inside_the_table():
    registered.when(measure(measured_on=date(2024, 10, 8))).then_rejected(MeasuredInTheFuture)
    registered.when(measure(74)).then_rejected(HeightOutsideTheTable)
    registered.when(measure(166)).then_rejected(HeightOutsideTheTable)


def test_the_newest_measure_counts_whatever_was_recorded_last():
    older = replace(child_measured, height_label="H110", measured_on=date(2024, 1, 5))
    state = pupil(child_measured, older)
    assert state.measure(date(2024, 10, 7)) == child_measured
    assert state.measure(date(2024, 9, 19)) == older
    assert state.measure(date(2024, 1, 4)) is None


def test_a_child_is_enrolled_and_the_grade_corrected():
    registered.when(enrol()).then(child_enrolled)
    Given(child, child_registered, child_enrolled).when(enrol()).then_nothing()
    corrected = replace(child_enrolled, grade=3)
    Given(child, child_registered, child_enrolled).when(enrol(3)).then(corrected)


def test_a_group_of_article_10_is_assessed_once():
    registered.when(assess("special", "disability")).then(assessed("special", "disability"))
    before = assessed("special", "disability")
    Given(child, child_registered, before).when(assess("special", "disability")).then_nothing()


def test_a_circumstance_is_one_that_the_rules_know():
    registered.when(assess("special", "half-orphan")).then_rejected(CircumstanceNotKnown)
    registered.when(assess("at-risk", "disability")).then_rejected(CircumstanceNotKnown)
    registered.when(assess("none", "disability")).then_rejected(CircumstanceNotKnown)
    registered.when(assess("none", "")).then(assessed("none", ""))


def test_who_is_in_special_circumstances_is_not_at_risk_besides():
    at_risk = assess("at-risk", "half-orphan", told=[circumstance("special", "disability")])
    registered.when(at_risk).then_rejected(SpecialExcludesAtRisk)


@pytest.mark.parametrize("kind", ["special", "at-risk"])
def test_nobody_is_made_both_by_dating_back(kind):
    codes = {"special": "disability", "at-risk": "half-orphan"}
    (other,) = codes.keys() - {kind}
    early, late = date(2024, 8, 1), date(2024, 9, 1)
    days = {"special": early, "at-risk": late}
    before = circumstance(other, codes[other], days[other])
    both = assess(kind, codes[kind], on=days[kind], told=[before])
    registered.when(both).then_rejected(SpecialExcludesAtRisk)
    days = {"special": late, "at-risk": early}
    before = circumstance(other, codes[other], days[other])
    one_after_the_other = assess(kind, codes[kind], on=days[kind], told=[before])
    registered.when(one_after_the_other).then(assessed(kind, codes[kind]))


def test_what_was_told_in_vain_already_forbids_nothing_more():
    told = [
        circumstance("special", "disability", date(2024, 8, 1)),
        circumstance("at-risk", "half-orphan", date(2024, 9, 1)),
    ]
    more = assess("special", "abandoned", told=told)
    registered.when(more).then(assessed("special", "abandoned"))


def test_gravely_ill_and_poor_needs_a_poor_or_near_poor_household():
    code = "gravely-ill-and-poor"
    registered.when(assess("special", code)).then_rejected(HouseholdNotPoorEnough)
    escaped = assess("special", code, household="escaped-recently")
    registered.when(escaped).then_rejected(HouseholdNotPoorEnough)
    near_poor = assess("special", code, household="near-poor")
    registered.when(near_poor).then(assessed("special", code))


def test_an_assessment_rests_on_the_child_as_it_was_seen():
    changed = Given(child, child_registered, child_measured)
    changed.when(assess("special", "disability")).then_rejected(ChildChangedMeanwhile)
    changed.when(ConfirmChild(seen=pupil())).then_rejected(ChildChangedMeanwhile)
    changed.when(ConfirmChild(seen=pupil(child_measured))).then_nothing()


def test_what_is_not_registered_has_no_record():
    Given(child).when(measure()).then_rejected(ChildNotRegistered)
    Given(child).when(enrol()).then_rejected(ChildNotRegistered)
    Given(child).when(assess("special", "disability")).then_rejected(ChildNotRegistered)
    Given(child).when(ConfirmChild(seen=pupil())).then_rejected(ChildNotRegistered)


commands = st.one_of(
    st.builds(register, name=st.sampled_from(["Hoà", "Hoa"])),
    st.builds(measure, st.integers(70, 170), st.dates(date(2024, 10, 6), date(2024, 10, 8))),
    st.builds(enrol, st.integers(1, 3)),
    st.builds(assess, st.just("special"), st.sampled_from(["disability", "abandoned"])),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(child, [*history, command])
    if answers[-1] is not None:
        assert child.decide(command, child.fold(events)) == []


@given(st.integers(0, 250))
def test_every_label_fits_the_height(height_cm):
    answers = outcomes(child, [register(), measure(height_cm)])[0][1:]
    for event in answers:
        assert isinstance(event, ChildMeasured)
        (size,) = [size for size in RULES.sizes if size.label == event.height_label]
        assert size.height_cm_min <= height_cm <= size.height_cm_max
