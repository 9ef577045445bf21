from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import HouseholdPlaced
from services.registry.domain.household import (
    ConfirmHousehold,
    HouseholdChangedMeanwhile,
    HouseholdNotRegistered,
    HouseholdRegisteredOtherwise,
    PlaceHousehold,
    RecordStatus,
    RegisterHousehold,
    StandardNotInForce,
    StandardNotKnown,
    StatusEndsBeforeItBegins,
    StatusOutlivesItsStandard,
    household,
)
from tests.services.registry.samples import (
    COMMUNE,
    HOUSEHOLD,
    MONDAY,
    OFFICER,
    OTHER_SUCCESSOR,
    RULES,
    SUCCESSOR,
    TUESDAY,
    home,
    home_registered,
    near_poor,
    sealed,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given


def register(*, unit_id=COMMUNE, village="Yên Sơn", happened_at=MONDAY):
    return RegisterHousehold(
        household_id=HOUSEHOLD,
        unit_id=unit_id,
        territory=sealed(str(COMMUNE)),
        head=sealed("Triệu Văn Sơn"),
        village=sealed(village),
        registered_by=OFFICER,
        happened_at=happened_at,
    )


def record(
    status="near-poor",
    *,
    standard="2022-2025",
    valid_from=date(2024, 1, 1),
    valid_until=date(2025, 1, 1),
):
    return RecordStatus(
        household_id=HOUSEHOLD,
        status=sealed(status),
        standard=standard,
        decision=sealed("12/QĐ-UBND"),
        valid_from=valid_from,
        valid_until=valid_until,
        rules=RULES,
        recorded_by=OFFICER,
        happened_at=MONDAY,
    )


def place(unit_id=SUCCESSOR):
    return PlaceHousehold(
        household_id=HOUSEHOLD,
        unit_id=unit_id,
        decision=sealed("7/QĐ-UBND"),
        placed_by=OFFICER,
        happened_at=TUESDAY,
    )


placed = HouseholdPlaced(
    household_id=HOUSEHOLD,
    from_unit_id=COMMUNE,
    unit_id=SUCCESSOR,
    decision=sealed("7/QĐ-UBND"),
    placed_by=OFFICER,
    happened_at=TUESDAY,
)
registered = Given(household, home_registered)


def test_a_household_is_registered_once():
    Given(household).when(register()).then(home_registered)
    registered.when(register(happened_at=TUESDAY)).then_nothing()
    registered.when(register(village="Hợp Nhất")).then_rejected(HouseholdRegisteredOtherwise)


def test_a_status_is_recorded_with_its_decision():
    registered.when(record()).then(near_poor)
    Given(household, home_registered, near_poor).when(record()).then_nothing()
    changed = replace(near_poor, status=sealed("poor"))
    Given(household, home_registered, near_poor).when(record("poor")).then(changed)


def test_a_status_names_a_standard_in_force_when_it_begins():
    registered.when(record(standard="1999-2000")).then_rejected(StandardNotKnown)
    of_2027 = {"valid_from": date(2027, 1, 1), "valid_until": None}
    registered.when(record(**of_2027)).then_rejected(StandardNotInForce)
    newer = record(standard="2027-2030", **of_2027)
    registered.when(newer).then(
        replace(
            near_poor,
            standard="2027-2030",
            valid_from=date(2027, 1, 1),
            valid_until=date(2031, 1, 1),
        )
    )


def test_a_status_of_2026_may_still_name_the_standard_of_2022_to_2025():
    late = record(valid_from=date(2026, 1, 1), valid_until=date(2027, 1, 1))
    registered.when(late).then(
        replace(near_poor, valid_from=date(2026, 1, 1), valid_until=date(2027, 1, 1))
    )


def test_no_status_holds_longer_than_its_standard():
    registered.when(record(valid_until=date(2028, 1, 1))).then_rejected(StatusOutlivesItsStandard)
    of_the_standard = replace(near_poor, valid_until=date(2027, 1, 1))
    registered.when(record(valid_until=None)).then(of_the_standard)
    Given(household, home_registered, of_the_standard).when(record(valid_until=None)).then_nothing()


def test_a_status_ends_after_it_begins():
    backwards = record(valid_until=date(2024, 1, 1))
    registered.when(backwards).then_rejected(StatusEndsBeforeItBegins)


def test_a_household_is_placed_once():
    registered.when(place()).then(placed)
    Given(household, home_registered, placed).when(place()).then_nothing()


def test_what_was_placed_may_be_placed_again_if_its_new_commune_is_split_too():
    again = replace(placed, from_unit_id=SUCCESSOR, unit_id=OTHER_SUCCESSOR)
    Given(household, home_registered, placed).when(place(OTHER_SUCCESSOR)).then(again)


def test_what_is_not_registered_has_no_status_and_no_place():
    Given(household).when(record()).then_rejected(HouseholdNotRegistered)
    Given(household).when(place()).then_rejected(HouseholdNotRegistered)
    Given(household).when(ConfirmHousehold(seen=home())).then_rejected(HouseholdNotRegistered)


def test_a_decision_holds_only_for_the_household_as_it_was_seen():
    registered.when(ConfirmHousehold(seen=home())).then_nothing()
    changed = Given(household, home_registered, near_poor)
    changed.when(ConfirmHousehold(seen=home())).then_rejected(HouseholdChangedMeanwhile)


commands = st.one_of(
    st.builds(register, village=st.sampled_from(["Yên Sơn", "Hợp Nhất"])),
    st.builds(record, st.sampled_from(["poor", "near-poor", "none"])),
    st.builds(place, st.sampled_from([SUCCESSOR, OTHER_SUCCESSOR])),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(household, [*history, command])
    if answers[-1] is not None:
        assert household.decide(command, household.fold(events)) == []
