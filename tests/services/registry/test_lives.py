"""Where a child and a household live, by the day from which on it is so."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.registry import (
    ChildFactRetracted,
    ChildLeft,
    ChildMoved,
    ChildReturned,
    HouseholdLeft,
    HouseholdMoved,
    HouseholdReturned,
    NeedLetGo,
)
from services.registry.domain.child import (
    ChildChangedMeanwhile,
    ChildHasDied,
    ChildHasLeft,
    ChildIsHere,
    ChildLivesThere,
    ChildNotRegistered,
    LeaveChild,
    MoveChild,
    ReturnChild,
    child,
)
from services.registry.domain.household import (
    HouseholdHasLeft,
    HouseholdIsHere,
    HouseholdMovedLater,
    HouseholdMovedNowhere,
    HouseholdNotRegistered,
    LeaveHousehold,
    MoveHousehold,
    ReturnHousehold,
    household,
)
from services.registry.domain.household import Registered as Household
from tests.services.registry.samples import (
    CHILD,
    COMMUNE,
    HOUSEHOLD,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    TUESDAY,
    child_registered,
    home,
    home_registered,
    pupil,
    sealed,
)
from tests.support.spec import Given

OTHER_HOME = UUID(int=212)
NOTE: dict[str, Any] = {"note": sealed("Theo mẹ"), "happened_at": TUESDAY}
GOES = (NeedLetGo(need_id=NEED, reason=sealed("Trẻ em không còn ở địa bàn.")),)
LEFT = ChildLeft(
    child_id=CHILD,
    household_id=HOUSEHOLD,
    how=sealed("moved-away"),
    lets_go=GOES,
    recorded_by=OFFICER,
    **NOTE,
)
BACK = ChildReturned(child_id=CHILD, household_id=HOUSEHOLD, recorded_by=OFFICER, **NOTE)
MOVED = ChildMoved(
    child_id=CHILD,
    from_household_id=HOUSEHOLD,
    household_id=OTHER_HOME,
    unit_id=COMMUNE,
    lets_go=(),
    moved_by=OFFICER,
    **NOTE,
)


def move(to: UUID = OTHER_HOME) -> MoveChild:
    there = household.fold([replace(home_registered, household_id=to)])
    assert isinstance(there, Household)
    return MoveChild(
        child_id=CHILD, home=there, unit_id=COMMUNE, lets_go=(), moved_by=OFFICER, **NOTE
    )


def leave(how: str = "moved-away") -> LeaveChild:
    return LeaveChild(child_id=CHILD, how=sealed(how), lets_go=GOES, recorded_by=OFFICER, **NOTE)


def come_back(seen: Any, *, died: bool = False) -> ReturnChild:
    return ReturnChild(child_id=CHILD, died=died, seen=seen, recorded_by=OFFICER, **NOTE)


registered = Given(child, child_registered)


def test_a_child_moves_to_another_household_from_a_day_on():
    registered.when(move()).then(MOVED)
    registered.when(move(HOUSEHOLD)).then_rejected(ChildLivesThere)
    Given(child).when(move()).then_rejected(ChildNotRegistered)
    assert pupil(MOVED).household_id == OTHER_HOME
    # What was recorded later of an earlier day is no newer.
    third = replace(MOVED, household_id=UUID(int=213), happened_at=MONDAY)
    assert pupil(MOVED, third).household_id == OTHER_HOME


def test_a_child_leaves_and_comes_back():
    registered.when(leave()).then(LEFT)
    registered.when(come_back(pupil())).then_rejected(ChildIsHere)
    gone = Given(child, child_registered, LEFT)
    gone.when(leave()).then_nothing()
    gone.when(leave("died")).then_rejected(ChildHasLeft)
    gone.when(move()).then_rejected(ChildHasLeft)
    gone.when(come_back(pupil(LEFT))).then(BACK)
    gone.when(come_back(pupil())).then_rejected(ChildChangedMeanwhile)
    gone.when(come_back(pupil(LEFT), died=True)).then_rejected(ChildHasDied)
    assert pupil(LEFT).left(date(2024, 10, 8)) == LEFT
    assert pupil(LEFT).left(date(2024, 10, 7)) is None
    assert pupil(LEFT, BACK).left(date(2024, 10, 8)) is None


def test_what_was_recorded_in_error_of_where_it_lives_is_taken_back():
    wrong = {"child_id": CHILD, "corrects": 2, "reason": "of-another", "retracted_by": OFFICER}
    gone: Any = ChildFactRetracted(**wrong, **NOTE)
    assert pupil(LEFT, gone).left(date(2024, 10, 9)) is None
    assert pupil(MOVED, gone).household_id == HOUSEHOLD


# --- households ---

THERE: dict[str, Any] = {
    "territory": sealed(str(OTHER_COMMUNE)),
    "village": sealed("Đồng Chay"),
    "lets_go": (),
    "moved_by": OFFICER,
}
HOME_MOVED = HouseholdMoved(
    household_id=HOUSEHOLD, from_unit_id=COMMUNE, unit_id=OTHER_COMMUNE, **THERE, **NOTE
)
HOME_LEFT = HouseholdLeft(
    household_id=HOUSEHOLD, unit_id=COMMUNE, lets_go=(), recorded_by=OFFICER, **NOTE
)
HOME_BACK = HouseholdReturned(household_id=HOUSEHOLD, unit_id=COMMUNE, recorded_by=OFFICER, **NOTE)


def move_home(unit_id: UUID = OTHER_COMMUNE, **changed: Any) -> MoveHousehold:
    said: dict[str, Any] = {"household_id": HOUSEHOLD, "unit_id": unit_id} | THERE | NOTE
    return MoveHousehold(**said | changed)


leave_home = LeaveHousehold(household_id=HOUSEHOLD, lets_go=(), recorded_by=OFFICER, **NOTE)
home_back = ReturnHousehold(household_id=HOUSEHOLD, recorded_by=OFFICER, **NOTE)


def test_a_household_moves_to_another_commune():
    there = Given(household, home_registered)
    there.when(move_home()).then(HOME_MOVED)
    stays = {name: getattr(home_registered, name) for name in ("territory", "village")}
    there.when(move_home(COMMUNE, **stays)).then_rejected(HouseholdMovedNowhere)
    Given(household).when(move_home()).then_rejected(HouseholdNotRegistered)
    moved = Given(household, home_registered, HOME_MOVED)
    moved.when(move_home()).then_nothing()
    earlier = move_home(COMMUNE, happened_at=MONDAY)
    moved.when(earlier).then_rejected(HouseholdMovedLater)
    state = home(HOME_MOVED)
    assert (state.unit_id, state.territory) == (OTHER_COMMUNE, THERE["territory"])
    # It is of the land it lives on, no longer of that which it left.
    assert state.units == {OTHER_COMMUNE}
    assert home().units == {COMMUNE}


def test_a_household_leaves_and_comes_back():
    here = Given(household, home_registered)
    here.when(leave_home).then(HOME_LEFT)
    here.when(home_back).then_rejected(HouseholdIsHere)
    gone = Given(household, home_registered, HOME_LEFT)
    gone.when(leave_home).then_nothing()
    gone.when(replace(leave_home, note=sealed("Vào Nam"))).then_rejected(HouseholdHasLeft)
    gone.when(move_home()).then_rejected(HouseholdHasLeft)
    gone.when(home_back).then(HOME_BACK)
    assert home(HOME_LEFT).has_left(date(2024, 10, 8))
    assert not home(HOME_LEFT).has_left(date(2024, 10, 7))
    assert not home(HOME_LEFT, HOME_BACK).has_left(date(2024, 10, 8))


@pytest.mark.parametrize("command", [leave_home, home_back])
def test_only_a_registered_household_leaves_or_returns(command):
    Given(household).when(command).then_rejected(HouseholdNotRegistered)


@pytest.mark.parametrize("command", [leave(), come_back(pupil())])
def test_only_a_registered_child_leaves_or_returns(command):
    Given(child).when(command).then_rejected(ChildNotRegistered)
