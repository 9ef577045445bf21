from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import (
    NeedLapsed,
    NeedMet,
    NeedOpened,
    NeedPartlyMet,
    NeedReconfirmed,
    NeedRecorded,
    NeedReleased,
    NeedReserved,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
)
from services.registry.domain.child import AgedOut
from services.registry.domain.need import (
    LapseNeed,
    NeedConfirmedSince,
    NeedMetAlready,
    NeedNotOpened,
    NeedNotRecorded,
    NeedRecordedOtherwise,
    NeedReturnedFirst,
    NeedReturnedOtherwise,
    NeedVerifiedAlready,
    NeedWithdrawnAlready,
    OnlyTheRecorderCompletes,
    ReconfirmNeed,
    RecorderCannotVerify,
    RecordNeed,
    ReturnNeed,
    VerifyNeed,
    WithdrawNeed,
    need,
)
from services.registry.domain.need_detail import Detail, detail_of
from services.registry.domain.need_facts import Facts, NotEligible, OutsideTheProgramme, TurnsOfAge
from services.registry.domain.need_specification import (
    DetailMissing,
    MeasureIsStale,
    MeasureNotOfTheCategory,
    NotEnrolled,
    NotMeasured,
    SpecificationNoLongerSo,
    SpecificationNotOfTheCategory,
    category_of,
)
from services.registry.domain.need_subject import OneChild
from services.registry.domain.need_support import CountArrived, CountReleased, CountReserved
from services.registry.domain.standing import Standing
from tests.services.registry.samples import (
    BORN_ON,
    CHILD,
    COMMUNE,
    HOUSEHOLD,
    LINE,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_LINE,
    OTHER_OFFICER,
    PROGRAMME,
    RULES,
    TUESDAY,
    VERIFIER,
    child_enrolled,
    child_measured,
    child_registered,
    commune,
    home,
    programme_started,
    pupil,
    sealed,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given

DISABLED = Standing(BORN_ON, frozenset({"disability"}), frozenset(), "none")
NEAR_POOR = Standing(BORN_ON, frozenset(), frozenset(), "near-poor")
WELL_OFF = Standing(BORN_ON, frozenset(), frozenset(), "none")
WINTER = date(2024, 11, 30)


def facts(standing=DISABLED, *, child=None, programme=programme_started, unit=commune, land=()):
    return Facts(
        programme=programme,
        unit=unit,
        subject=OneChild(
            child=child or pupil(child_measured, child_enrolled),
            home=home(),
            standing=standing,
            land=frozenset(land),
        ),
        rules=RULES,
    )


def record(
    category="warm-clothes",
    specification=None,
    *,
    quantity=1,
    measure="set",
    text=None,
    known=None,
    by=OFFICER,
    happened_at=MONDAY,
):
    told = detail_of(category_of(RULES, category), specification or {}, text)
    return RecordNeed(
        need_id=NEED,
        told=told,
        specification=specification or {},
        detail=sealed(told.written()),
        quantity=quantity,
        measure=measure,
        needed_by=WINTER,
        facts=known or facts(),
        recorded_by=by,
        happened_at=happened_at,
    )


def supplies(specification=None, **changed):
    return record("school-supplies", specification, known=facts(NEAR_POOR, **changed))


def detail(category="warm-clothes", text=None, **facts):
    return sealed(Detail(category=category, text=text, facts=facts).written())


def verify(by=VERIFIER, known=None, category="warm-clothes"):
    return VerifyNeed(
        told=Detail(category=category),
        facts=known or facts(),
        priority_reasons=sealed("why"),
        verified_by=by,
        happened_at=TUESDAY,
    )


def give_back(reason="Thiếu số đo", by=VERIFIER):
    return ReturnNeed(reason=sealed(reason), returned_by=by, happened_at=TUESDAY)


def withdraw(reason="Đã chuyển đi", by=OFFICER):
    return WithdrawNeed(reason=sealed(reason), withdrawn_by=by, happened_at=TUESDAY)


def reserve(quantity=1, line=LINE):
    return CountReserved(line_id=line, quantity=quantity, happened_at=TUESDAY)


def release(line=LINE):
    return CountReleased(line_id=line, happened_at=TUESDAY)


def arrive(quantity=1, line=LINE):
    return CountArrived(line_id=line, quantity=quantity, happened_at=TUESDAY)


recorded = NeedRecorded(
    need_id=NEED,
    programme_id=PROGRAMME,
    child_id=CHILD,
    group_id=None,
    children=1,
    household_id=HOUSEHOLD,
    unit_id=COMMUNE,
    category="warm-clothes",
    specification={"size": "H120", "gender": "female"},
    detail=detail(),
    quantity=1,
    measure="set",
    needed_by=WINTER,
    eligible_under="special-or-at-risk@1",
    rules=RULES.named,
    recorded_by=OFFICER,
    happened_at=MONDAY,
)
verified = NeedVerified(
    need_id=NEED, programme_id=PROGRAMME, verified_by=VERIFIER, happened_at=TUESDAY
)
opened = NeedOpened(
    need_id=NEED,
    programme_id=PROGRAMME,
    child_id=CHILD,
    group_id=None,
    children=1,
    unit_id=COMMUNE,
    category="warm-clothes",
    specification={"size": "H120", "gender": "female"},
    quantity=1,
    measure="set",
    needed_by=WINTER,
    birth_month="2015-03",
    gender="female",
    eligible_under="special-or-at-risk@1",
    priority_band=1,
    priority_rule="priority@1",
    priority_reasons=sealed("why"),
    rules=RULES.named,
    lapses_on=date(2025, 4, 8),
    registered_by=OFFICER,
    recorded_by=OFFICER,
    verified_by=VERIFIER,
    happened_at=TUESDAY,
)
returned = NeedReturned(
    need_id=NEED,
    programme_id=PROGRAMME,
    returned_by=VERIFIER,
    reason=sealed("Thiếu số đo"),
    happened_at=TUESDAY,
)
withdrawn = NeedWithdrawn(
    need_id=NEED,
    programme_id=PROGRAMME,
    withdrawn_by=OFFICER,
    reason=sealed("Đã chuyển đi"),
    happened_at=TUESDAY,
)
OPEN = (recorded, verified, opened)
OPEN_FOR_THREE = (replace(recorded, quantity=3), verified, replace(opened, quantity=3))


def reserved(quantity=1, line=LINE, before=0):
    return NeedReserved(
        need_id=NEED,
        programme_id=PROGRAMME,
        line_id=line,
        quantity=quantity,
        quantity_reserved=before + quantity,
        quantity_met=0,
        happened_at=TUESDAY,
    )


def met(quantity, quantity_met, line=LINE, fact=NeedMet):
    return fact(
        need_id=NEED,
        programme_id=PROGRAMME,
        line_id=line,
        quantity=quantity,
        quantity_reserved=0,
        quantity_met=quantity_met,
        happened_at=TUESDAY,
    )


# --- recording ---


def test_size_and_gender_come_from_the_register():
    Given(need).when(record()).then(recorded)


def test_recording_again_changes_nothing_even_when_the_child_has_grown():
    grown = facts(child=pupil(replace(child_measured, height_label="H125")))
    Given(need, recorded).when(record(known=grown, happened_at=TUESDAY)).then_nothing()


@pytest.mark.parametrize(
    "otherwise",
    [record(quantity=2), record(specification={"size": "H130"}), record(by=OTHER_OFFICER)],
    ids=["quantity", "size", "recorder"],
)
def test_the_same_id_does_not_mean_something_else(otherwise):
    Given(need, recorded).when(otherwise).then_rejected(NeedRecordedOtherwise)


def test_a_size_may_be_asked_for_but_not_one_that_is_no_size():
    unmeasured = facts(child=pupil())
    asked = record(specification={"size": "H110"}, known=unmeasured)
    Given(need).when(asked).then(
        replace(recorded, specification={"size": "H110", "gender": "female"})
    )
    for wrong in ({"size": "XL"}, {"gender": "male"}, {"colour": "red"}):
        Given(need).when(record(specification=wrong)).then_rejected(SpecificationNotOfTheCategory)


def test_clothes_are_not_chosen_without_a_measure_or_by_a_stale_one():
    Given(need).when(record(known=facts(child=pupil()))).then_rejected(NotMeasured)
    old = replace(child_measured, measured_on=date(2024, 1, 6))
    Given(need).when(record(known=facts(child=pupil(old)))).then_rejected(MeasureIsStale)


def test_school_supplies_take_the_grade_of_the_school_year():
    Given(need).when(supplies()).then(
        replace(
            recorded,
            category="school-supplies",
            detail=detail("school-supplies"),
            specification={"grade": 4},
            eligible_under="poor-or-near-poor@1",
        )
    )
    last_year = replace(child_enrolled, school_year="2023-2024")
    Given(need).when(supplies(child=pupil(last_year))).then_rejected(NotEnrolled)
    Given(need).when(supplies({"grade": 13})).then_rejected(SpecificationNotOfTheCategory)


def test_a_scholarship_is_a_sum():
    scholarship = record("scholarship", quantity=2_000_000, measure="dong", known=facts(NEAR_POOR))
    Given(need).when(scholarship).then(
        replace(
            recorded,
            category="scholarship",
            detail=detail("scholarship"),
            specification={},
            quantity=2_000_000,
            measure="dong",
            eligible_under="poor-or-near-poor@1",
        )
    )
    Given(need).when(replace(scholarship, measure="set")).then_rejected(MeasureNotOfTheCategory)


def test_a_surgery_travels_under_a_neutral_code_and_is_sealed():
    surgery = record("surgery", quantity=60_000_000, measure="dong", text="Tim bẩm sinh")
    Given(need).when(surgery).then(
        replace(
            recorded,
            category="medical-care",
            specification={},
            detail=detail("surgery", "Tim bẩm sinh"),
            quantity=60_000_000,
            measure="dong",
            eligible_under="special-at-risk-or-poor@1",
        )
    )
    untold = record("surgery", quantity=60_000_000, measure="dong")
    Given(need).when(untold).then_rejected(DetailMissing)


def test_who_is_not_eligible_is_refused():
    Given(need).when(record(known=facts(NEAR_POOR))).then_rejected(NotEligible)
    scholarship = record("scholarship", measure="dong", known=facts(DISABLED))
    Given(need).when(scholarship).then_rejected(NotEligible)


def test_nothing_new_is_recorded_from_the_sixteenth_birthday_on():
    on_the_birthday = Standing(date(2008, 10, 7), DISABLED.special, frozenset(), "none")
    Given(need).when(record(known=facts(on_the_birthday))).then_rejected(AgedOut)


def test_nothing_is_opened_in_the_month_of_the_sixteenth_birthday():
    """The need would have lapsed when the month began: the day itself is told to nobody."""
    turning = Standing(date(2008, 10, 31), DISABLED.special, frozenset(), "none")
    Given(need).when(record(known=facts(turning))).then_rejected(TurnsOfAge)
    Given(need, recorded).when(verify(known=facts(turning))).then_rejected(TurnsOfAge)
    Given(need, *OPEN).when(reconfirm(at=AUTUMN, known=facts(turning))).then_rejected(TurnsOfAge)


def test_a_need_lies_inside_the_programme():
    elsewhere = replace(programme_started, unit_ids=(OTHER_COMMUNE,))
    Given(need).when(record(known=facts(programme=elsewhere))).then_rejected(OutsideTheProgramme)
    over = replace(programme_started, ends_on=date(2024, 10, 6))
    Given(need).when(record(known=facts(programme=over))).then_rejected(OutsideTheProgramme)


def test_whoever_comes_to_a_successor_lives_on_land_of_the_programme_or_not():
    """The household was registered by the commune that took over: what counts is the land."""
    merged = replace(commune, unit_id=OTHER_COMMUNE, priority=False)
    newcomer = home(home_of_unit=OTHER_COMMUNE)
    known = facts(unit=merged, land={COMMUNE})
    known = replace(known, subject=replace(known.subject, home=newcomer))
    assert need.decide(record(known=known), need.initial)
    elsewhere = replace(known, subject=replace(known.subject, land=frozenset({OTHER_COMMUNE})))
    Given(need).when(record(known=elsewhere)).then_rejected(OutsideTheProgramme)


def test_the_territory_stays_in_scope_under_its_successor():
    successor = replace(commune, unit_id=OTHER_COMMUNE, priority=False)
    Given(need).when(record(known=facts(unit=successor))).then(
        replace(recorded, unit_id=OTHER_COMMUNE)
    )


# --- verifying, returning, withdrawing ---


def test_another_person_verifies_and_the_need_opens():
    Given(need, recorded).when(verify()).then(verified, opened)


def test_who_recorded_the_need_or_registered_the_child_never_verifies():
    Given(need, recorded).when(verify(by=OFFICER)).then_rejected(RecorderCannotVerify)
    by_another = replace(recorded, recorded_by=OTHER_OFFICER)
    assert child_registered.registered_by == OFFICER
    Given(need, by_another).when(verify(by=OFFICER)).then_rejected(RecorderCannotVerify)
    Given(need, by_another).when(verify(by=OTHER_OFFICER)).then_rejected(RecorderCannotVerify)


def test_verifying_again_changes_nothing_and_another_verifier_comes_too_late():
    Given(need, *OPEN).when(verify()).then_nothing()
    Given(need, *OPEN).when(verify(by=OTHER_OFFICER)).then_rejected(NeedVerifiedAlready)


def test_what_is_no_longer_so_is_not_verified():
    Given(need, recorded).when(verify(known=facts(WELL_OFF))).then_rejected(NotEligible)


def test_a_returned_need_is_completed_by_its_recorder_alone():
    sent_back = Given(need, recorded, returned)
    sent_back.when(record(quantity=2)).then(replace(recorded, quantity=2))
    sent_back.when(record(by=OTHER_OFFICER)).then_rejected(OnlyTheRecorderCompletes)
    sent_back.when(verify()).then_rejected(NeedReturnedFirst)
    other = replace(programme_started, programme_id=UUID(int=77))
    sent_back.when(record(known=facts(programme=other))).then_rejected(NeedRecordedOtherwise)


def test_a_need_is_returned_for_one_reason():
    Given(need, recorded).when(give_back()).then(returned)
    Given(need, recorded, returned).when(give_back()).then_nothing()
    Given(need, recorded, returned).when(give_back("Sai")).then_rejected(NeedReturnedOtherwise)
    Given(need, *OPEN).when(give_back()).then_rejected(NeedVerifiedAlready)
    Given(need, recorded, withdrawn).when(give_back()).then_rejected(NeedWithdrawnAlready)


@pytest.mark.parametrize("past", [(recorded,), (recorded, returned), OPEN])
def test_a_need_is_withdrawn_at_any_time_before_it_is_met(past):
    Given(need, *past).when(withdraw()).then(withdrawn)
    Given(need, *past, withdrawn).when(withdraw()).then_nothing()
    Given(need, *past, withdrawn).when(withdraw("Khác")).then_rejected(NeedWithdrawnAlready)


def test_a_met_need_is_not_withdrawn():
    Given(need, *OPEN, met(1, 1)).when(withdraw()).then_rejected(NeedMetAlready)


def test_a_withdrawn_need_is_not_verified():
    Given(need, recorded, withdrawn).when(verify()).then_rejected(NeedWithdrawnAlready)


@pytest.mark.parametrize("command", [verify(), give_back(), withdraw()])
def test_a_need_begins_by_being_recorded(command):
    Given(need).when(command).then_rejected(NeedNotRecorded)


# --- what allocation does ---


def test_what_is_kept_for_the_need_is_counted_once():
    Given(need, *OPEN).when(reserve()).then(reserved())
    Given(need, *OPEN, reserved()).when(reserve()).then_nothing()


def test_what_was_kept_is_released_once():
    released = NeedReleased(
        need_id=NEED,
        programme_id=PROGRAMME,
        line_id=LINE,
        quantity=1,
        quantity_reserved=0,
        quantity_met=0,
        happened_at=TUESDAY,
    )
    Given(need, *OPEN, reserved()).when(release()).then(released)
    Given(need, *OPEN, reserved(), released).when(release()).then_nothing()


def test_a_need_is_partly_met_then_met():
    three = Given(need, *OPEN_FOR_THREE)
    three.when(arrive(2)).then(met(2, 2, fact=NeedPartlyMet))
    partly = Given(need, *OPEN_FOR_THREE, met(2, 2, fact=NeedPartlyMet))
    partly.when(arrive(2)).then_nothing()
    partly.when(arrive(1, OTHER_LINE)).then(met(1, 3, OTHER_LINE))


def test_more_than_was_asked_for_is_recorded_as_it_came():
    Given(need, *OPEN, met(1, 1)).when(arrive(1, OTHER_LINE)).then(met(1, 2, OTHER_LINE))
    Given(need, *OPEN, withdrawn).when(arrive(5)).then(met(5, 5))


def test_what_has_arrived_is_no_longer_kept():
    Given(need, *OPEN, met(1, 1)).when(reserve()).then_nothing()


@pytest.mark.parametrize("command", [reserve(), release(), arrive()])
def test_support_waits_until_the_need_is_open(command):
    Given(need, recorded).when(command).then_rejected(NeedNotOpened)
    Given(need).when(command).then_rejected(NeedNotOpened)


lines = st.sampled_from([LINE, OTHER_LINE])
commands = st.one_of(
    st.builds(record, quantity=st.integers(1, 2), by=st.sampled_from([OFFICER, OTHER_OFFICER])),
    st.builds(verify, st.sampled_from([OFFICER, VERIFIER])),
    st.builds(give_back, st.sampled_from(["a", "b"])),
    st.builds(withdraw, st.sampled_from(["a", "b"])),
    st.builds(reserve, st.integers(1, 2), lines),
    st.builds(release, lines),
    st.builds(arrive, st.integers(1, 2), lines),
)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(need, [*history, command])
    if answers[-1] is not None:
        assert need.decide(command, need.fold(events)) == []


@given(st.lists(commands, max_size=12))
def test_nobody_acts_on_a_withdrawn_need_any_more(history):
    events, _ = outcomes(need, history)
    names = [type(event) for event in events]
    if NeedWithdrawn in names:
        after = set(names[names.index(NeedWithdrawn) + 1 :])
        assert after <= {NeedReserved, NeedReleased, NeedPartlyMet, NeedMet}


@given(st.lists(commands, max_size=12))
def test_what_arrived_adds_up(history):
    arrivals = [
        event
        for event in outcomes(need, [record(), verify(), *history])[0]
        if isinstance(event, NeedPartlyMet | NeedMet)
    ]
    total = 0
    for arrival in arrivals:
        total += arrival.quantity
        assert arrival.quantity_met == total


@given(st.lists(commands, max_size=12))
def test_no_need_is_open_that_its_recorder_verified(history):
    events, _ = outcomes(need, history)
    for event in events:
        if isinstance(event, NeedOpened):
            assert event.verified_by not in (event.recorded_by, child_registered.registered_by)


# --- lapsing, and reconfirming ---

ITS_DAY = opened.lapses_on
SPRING = datetime(2025, 3, 3, 2, tzinfo=UTC)
AUTUMN = datetime(2024, 10, 9, 2, tzinfo=UTC)
lapsed = NeedLapsed(
    need_id=NEED,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    lapsed_on=ITS_DAY,
    happened_at=datetime(2025, 4, 7, 17, tzinfo=UTC),
)


def lapse(on=ITS_DAY):
    return LapseNeed(lapsed_on=on)


def reconfirm(by=OFFICER, at=SPRING, known=None):
    return ReconfirmNeed(
        told=Detail(category="warm-clothes"),
        facts=known or facts(),
        reconfirmed_by=by,
        happened_at=at,
    )


def reconfirmed(by=OFFICER, at=SPRING, lapses_on=date(2025, 6, 21)):
    return NeedReconfirmed(
        need_id=NEED,
        programme_id=PROGRAMME,
        unit_id=COMMUNE,
        rules=RULES.named,
        lapses_on=lapses_on,
        reconfirmed_by=by,
        happened_at=at,
    )


def test_an_open_need_lapses_on_its_day_once():
    Given(need, *OPEN).when(lapse()).then(lapsed)
    Given(need, *OPEN, reserved()).when(lapse()).then(lapsed)
    Given(need, *OPEN, lapsed).when(lapse()).then_nothing()


@pytest.mark.parametrize(
    "past",
    [
        (),
        (recorded,),
        (recorded, withdrawn),
        (*OPEN, withdrawn),
        (*OPEN, met(1, 1)),
        (*OPEN, reconfirmed()),
    ],
    ids=["unknown", "recorded", "withdrawn unverified", "withdrawn", "met", "reconfirmed"],
)
def test_what_is_not_open_or_was_seen_since_does_not_lapse(past):
    Given(need, *past).when(lapse()).then_nothing()


def test_seen_again_it_holds_from_that_day_and_is_offered_again():
    # 3 September is the first working day after 2 September, National Day.
    on = datetime(2025, 3, 1, 2, tzinfo=UTC)
    told = reconfirmed(at=on, lapses_on=date(2025, 9, 3))
    Given(need, *OPEN).when(reconfirm(at=on, known=measured_on(date(2025, 2, 20)))).then(told)
    Given(need, *OPEN, lapsed).when(reconfirm(by=OTHER_OFFICER)).then(reconfirmed(OTHER_OFFICER))
    Given(need, *OPEN, lapsed, reconfirmed()).when(lapse(date(2025, 6, 21))).then(
        replace(
            lapsed, lapsed_on=date(2025, 6, 21), happened_at=datetime(2025, 6, 20, 17, tzinfo=UTC)
        )
    )


def measured_on(day, label="H120"):
    again = replace(child_measured, measured_on=day, height_label=label)
    return facts(child=pupil(child_measured, again, child_enrolled))


def opens_until(lapses_on, known):
    past = replace(recorded, happened_at=AUTUMN)
    Given(need, past).when(replace(verify(known=known), happened_at=AUTUMN)).then(
        replace(verified, happened_at=AUTUMN),
        replace(
            opened,
            lapses_on=lapses_on,
            happened_at=AUTUMN,
        ),
    )


def test_it_lapses_when_the_first_thing_ends_that_it_rests_on():
    opens_until(date(2025, 4, 9), facts())
    ends = replace(programme_started, ends_on=date(2024, 12, 31))
    opens_until(date(2025, 1, 1), facts(programme=ends))
    old_measure = replace(child_measured, measured_on=date(2024, 2, 5))
    opens_until(date(2024, 11, 6), facts(child=pupil(old_measure)))
    nearly_grown = replace(DISABLED, birth_date=date(2009, 1, 20))
    opens_until(date(2025, 1, 1), facts(nearly_grown))


def test_a_size_that_was_said_is_as_old_as_the_need():
    """Measured before as another size: whoever recorded the need knew better."""
    opens_until(date(2025, 4, 9), measured_on(date(2024, 9, 25), "H110"))
    said = replace(recorded, happened_at=datetime(2024, 6, 3, 2, tzinfo=UTC))
    other = facts(child=pupil(replace(child_measured, height_label="H110")))
    late = replace(verify(known=other), happened_at=datetime(2025, 3, 5, 2, tzinfo=UTC))
    Given(need, said).when(late).then_rejected(SpecificationNoLongerSo)
    unmeasured = facts(child=pupil())
    late = replace(late, facts=unmeasured)
    Given(need, said).when(late).then_rejected(MeasureIsStale)


def test_who_has_grown_meanwhile_is_not_offered_the_smaller_size():
    grown = measured_on(date(2025, 3, 1), "H130")
    Given(need, *OPEN).when(reconfirm(known=grown)).then_rejected(SpecificationNoLongerSo)


def test_an_old_measure_is_taken_again_before_the_need_is_seen_again():
    summer = datetime(2025, 6, 21, 2, tzinfo=UTC)
    Given(need, *OPEN, lapsed).when(reconfirm(at=summer)).then_rejected(MeasureIsStale)
    again = reconfirm(at=summer, known=measured_on(date(2025, 6, 20)))
    Given(need, *OPEN, lapsed).when(again).then(
        reconfirmed(at=summer, lapses_on=date(2025, 12, 22))
    )


def test_a_grade_is_of_its_school_year():
    pupil_of_4 = (child_measured, child_enrolled)
    asked = replace(
        recorded,
        category="school-supplies",
        specification={"grade": 4},
        happened_at=datetime(2025, 2, 3, 2, tzinfo=UTC),
    )
    spring = replace(
        verify(known=facts(NEAR_POOR, child=pupil(*pupil_of_4)), category="school-supplies"),
        happened_at=SPRING,
    )
    events = need.decide(spring, need.fold([asked]))
    assert [event.lapses_on for event in events if isinstance(event, NeedOpened)] == [
        date(2025, 6, 1)
    ]
    summer = replace(spring, happened_at=datetime(2025, 6, 2, 2, tzinfo=UTC))
    Given(need, asked).when(summer).then_rejected(SpecificationNoLongerSo)
    for_next_year = replace(child_enrolled, school_year="2025-2026", grade=5)
    of_5 = replace(asked, specification={"grade": 5})
    ready = facts(NEAR_POOR, child=pupil(*pupil_of_4, for_next_year))
    events = need.decide(replace(spring, facts=ready), need.fold([of_5]))
    assert [event.lapses_on for event in events if isinstance(event, NeedOpened)] == [
        date(2025, 9, 3)
    ]


def test_one_visit_confirms_once():
    Given(need, *OPEN).when(reconfirm(by=VERIFIER, at=TUESDAY)).then_nothing()
    Given(need, *OPEN).when(reconfirm(by=OFFICER, at=TUESDAY)).then_rejected(NeedConfirmedSince)
    Given(need, *OPEN).when(reconfirm(at=MONDAY)).then_rejected(NeedConfirmedSince)
    Given(need, *OPEN, reconfirmed()).when(reconfirm()).then_nothing()


@pytest.mark.parametrize(
    ("past", "rejection"),
    [
        ((), NeedNotRecorded),
        ((recorded,), NeedNotOpened),
        ((recorded, returned), NeedNotOpened),
        ((recorded, withdrawn), NeedWithdrawnAlready),
        ((*OPEN, withdrawn), NeedWithdrawnAlready),
        ((*OPEN, met(1, 1)), NeedMetAlready),
    ],
)
def test_only_an_open_need_is_reconfirmed(past, rejection):
    Given(need, *past).when(reconfirm()).then_rejected(rejection)


def test_a_need_is_reconfirmed_only_for_whom_it_still_may_be():
    long_after = datetime(2026, 3, 3, 2, tzinfo=UTC)
    Given(need, *OPEN).when(reconfirm(at=long_after)).then_rejected(OutsideTheProgramme)
    Given(need, *OPEN).when(reconfirm(known=facts(WELL_OFF))).then_rejected(NotEligible)
    grown = replace(DISABLED, birth_date=date(2009, 3, 3))
    Given(need, *OPEN).when(reconfirm(known=facts(grown))).then_rejected(AgedOut)
