"""Moves, leavings and returns through the door: who is shown, counted and helped where."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.registry import ChildLeft, ChildShareFreed, NeedWithdrawn
from contracts.vietnamese_day import vietnamese_day
from services.registry.reactions import REACTIONS
from tests.services.registry.commune_house import (
    household_body,
    need_body,
    ready_for_needs,
    status_body,
)
from tests.services.registry.samples import (
    CHILD,
    CITY,
    COMMUNE,
    HOUSEHOLD,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    VERIFIER,
)
from tests.support.in_clear import in_clear

NOBODY, STRANGER, OTHER_HOME = UUID(int=404), UUID(int=91), UUID(int=212)
PUPIL, HOME = f"/children/{CHILD}", f"/households/{HOUSEHOLD}"
NOTE = {"note": "Theo mẹ về quê ngoại"}
MOVED = NOTE | {"household_id": str(OTHER_HOME)}
GONE = NOTE | {"how": "moved-away"}
DIED = NOTE | {"how": "died"}
ELSEWHERE = NOTE | {"unit_id": str(OTHER_COMMUNE), "village": "Đồng Chay"}


@pytest.fixture
def house():
    one = ready_for_needs()
    one.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    one.done("PUT", f"/households/{OTHER_HOME}", household_body(head="Lý Thị Mai"), by=OFFICER)
    one.grant(STRANGER, "commune-officer", OTHER_COMMUNE)
    return one


def act(house, path, body, by=OFFICER):
    house.done("POST", path, body, by=by)
    house.react(REACTIONS)


def need_status(house, by=VERIFIER):
    return house.seen(f"/needs/{NEED}", by=by)["status"]


def test_a_child_that_moves_within_the_commune_keeps_its_need_which_is_looked_at(house):
    house.with_need().verified()
    act(house, f"{PUPIL}/move", MOVED)
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["household_id"], seen["household_status"]) == (str(OTHER_HOME), "none")
    assert need_status(house) == "open"
    waiting = house.seen("/needs/to-look-at", by=VERIFIER)["items"]
    assert [each["need_id"] for each in waiting] == [str(NEED)]
    listed = house.seen(f"/children?unit_id={COMMUNE}", by=OFFICER)["items"]
    assert [each["household_id"] for each in listed] == [str(OTHER_HOME)]


def test_a_child_that_moves_into_another_commune_is_needed_for_anew_there(house):
    """By somebody who keeps both registers."""
    house.grant(NOBODY, "commune-officer", CITY)
    far = UUID(int=213)
    there = household_body(unit_id=str(OTHER_COMMUNE), head="Bàn Thị Lan")
    house.done("PUT", f"/households/{far}", there, by=NOBODY)
    house.with_need().verified()
    act(house, f"{PUPIL}/move", NOTE | {"household_id": str(far)}, by=NOBODY)
    assert need_status(house) == "withdrawn"
    assert house.seen(PUPIL, by=STRANGER)["unit_id"] == str(OTHER_COMMUNE)


@pytest.mark.parametrize("gone", [GONE, DIED])
def test_what_is_open_for_a_child_that_left_is_withdrawn_and_says_no_more_than_that(house, gone):
    house.with_need().verified()
    act(house, f"{PUPIL}/leaving", gone)
    assert need_status(house) == "withdrawn"
    left = next(each for each in house.events() if isinstance(each, ChildLeft))
    assert [each.need_id for each in left.lets_go] == [NEED]
    assert [type(each) for each in house.events()[-2:]] == [NeedWithdrawn, ChildShareFreed]
    assert house.seen(f"/needs/{NEED}/explanation", by=OFFICER)["reason"] == (
        "Trẻ em không còn ở địa bàn."
    )
    assert not any(
        word in in_clear(stored.record)
        for stored in house.store._log
        for word in ("died", "moved-away", "quê ngoại")
    )
    newest = house.seen(f"{PUPIL}/history", by=OFFICER)["items"][0]
    assert (newest["fact"], newest["says"]["how"]) == ("child-left", gone["how"])
    assert house.refused("PUT", f"/needs/{UUID(int=5)}", need_body(), by=OFFICER) == (
        409,
        "child-has-left",
    )


def test_a_child_comes_back_but_not_after_its_death(house):
    assert house.refused("POST", f"{PUPIL}/return", NOTE, by=OFFICER) == (409, "child-is-here")
    act(house, f"{PUPIL}/leaving", GONE)
    assert house.seen(PUPIL, by=OFFICER)["left_on"] == f"{vietnamese_day(house.now)}"
    assert house.refused("POST", f"{PUPIL}/leaving", DIED, by=OFFICER) == (409, "child-has-left")
    act(house, f"{PUPIL}/return", NOTE)
    assert house.seen(PUPIL, by=OFFICER)["left_on"] is None
    house.now += timedelta(days=1)
    act(house, f"{PUPIL}/leaving", DIED)
    assert house.refused("POST", f"{PUPIL}/return", NOTE, by=OFFICER) == (409, "child-has-died")
    # It was another child: what was recorded in error is taken back.
    version = house.seen(f"{PUPIL}/history", by=OFFICER)["items"][0]["version"]
    wrong = {"reason": "of-another", "note": "Nhầm với trẻ trùng tên"}
    act(house, f"{PUPIL}/facts/{version}/retraction", wrong)
    assert house.seen(PUPIL, by=OFFICER)["left_on"] is None
    house.with_need()


def test_a_household_that_moves_is_on_the_register_of_the_other_commune(house):
    house.with_need().verified()
    act(house, f"{HOME}/move", ELSEWHERE)
    assert need_status(house) == "withdrawn"
    shown = house.seen(HOME, by=STRANGER)
    assert (shown["unit_id"], shown["village"]) == (str(OTHER_COMMUNE), "Đồng Chay")
    assert house.seen(PUPIL, by=STRANGER)["unit_id"] == str(OTHER_COMMUNE)
    assert house.refused("GET", PUPIL, by=OFFICER) == (403, "outside-your-unit")
    nowhere = house.refused("POST", f"{HOME}/move", ELSEWHERE, by=STRANGER)
    assert nowhere == (422, "household-moved-nowhere")
    earlier = ELSEWHERE | {"unit_id": str(COMMUNE)}
    earlier["happened_at"] = (house.now - timedelta(days=3)).isoformat()
    refusal = house.refused("POST", f"{HOME}/move", earlier, by=STRANGER)
    assert refusal == (409, "household-moved-later")


def test_a_household_leaves_with_its_children_and_comes_back(house):
    house.with_need().verified()
    assert house.refused("POST", f"{HOME}/return", NOTE, by=OFFICER) == (409, "household-is-here")
    act(house, f"{HOME}/leaving", NOTE)
    assert need_status(house) == "withdrawn"
    assert house.seen(PUPIL, by=OFFICER)["left_on"] == f"{vietnamese_day(house.now)}"
    assert house.refused("PUT", f"/needs/{UUID(int=5)}", need_body(), by=OFFICER) == (
        409,
        "household-has-left",
    )
    assert house.refused("POST", f"{HOME}/move", ELSEWHERE, by=OFFICER) == (
        409,
        "household-has-left",
    )
    act(house, f"{HOME}/return", NOTE)
    assert house.seen(HOME, by=OFFICER)["left_on"] is None


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        (f"{PUPIL}/move", NOTE | {"household_id": str(HOUSEHOLD)}, (409, "child-lives-there")),
        (f"{PUPIL}/move", NOTE | {"household_id": str(NOBODY)}, (404, "household-not-registered")),
        (f"/children/{NOBODY}/leaving", GONE, (404, "child-not-registered")),
        (f"{PUPIL}/leaving", NOTE | {"how": "fled"}, (422, "request-not-valid")),
        (f"{HOME}/move", NOTE | {"unit_id": str(NOBODY)}, (404, "unit-not-established")),
    ],
)
def test_what_does_not_happen(house, path, body, refusal):
    assert house.refused("POST", path, body, by=OFFICER) == refusal


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{PUPIL}/move", MOVED),
        (f"{PUPIL}/leaving", GONE),
        (f"{PUPIL}/return", NOTE),
        (f"{HOME}/move", ELSEWHERE),
        (f"{HOME}/leaving", NOTE),
        (f"{HOME}/return", NOTE),
    ],
)
def test_only_officers_of_the_commune_say_who_lives_where(house, path, body):
    assert house.refused("POST", path, body, by=STRANGER) == (403, "outside-your-unit")
    assert house.refused("POST", path, body, by=VERIFIER) == (403, "not-allowed")


def counted(house, query):
    found = house.seen(f"/figures{query}", by=OFFICER)["units"]
    return {UUID(unit["unit_id"]): unit["registered"] for unit in found if unit["registered"]}


def test_figures_of_a_day_count_who_was_there_as_known_then_and_as_known_now(house):
    first = vietnamese_day(house.now)
    house.now += timedelta(days=30)
    left_at, told_on = house.now - timedelta(days=10), vietnamese_day(house.now)
    left_on = vietnamese_day(left_at)
    act(house, f"{PUPIL}/leaving", GONE | {"happened_at": left_at.isoformat()})
    assert counted(house, f"?on={first}") == {COMMUNE: 1}
    assert counted(house, f"?on={left_on}") == {}
    assert counted(house, f"?on={left_on}&known_on={left_on}") == {COMMUNE: 1}
    found = house.seen(f"/figures/learnt?on={left_on}&known_on={left_on}", by=OFFICER)["items"]
    assert [(each["fact"], each["since"], each["recorded_on"]) for each in found] == [
        ("child-left", f"{left_on}", f"{told_on}")
    ]
    act(house, f"{PUPIL}/return", NOTE)
    assert counted(house, f"?on={told_on}") == {COMMUNE: 1}
    assert counted(house, f"?on={left_on}") == {}


def test_figures_follow_a_household_that_moves_and_one_that_leaves(house):
    first = vietnamese_day(house.now)
    house.now += timedelta(days=30)
    moved_on = vietnamese_day(house.now)
    act(house, f"{HOME}/move", ELSEWHERE)
    assert counted(house, f"?on={first}") == {COMMUNE: 1}
    seen = house.seen(f"/figures?on={moved_on}", by=STRANGER)["units"]
    assert {UUID(each["unit_id"]): each["registered"] for each in seen if each["registered"]} == {
        OTHER_COMMUNE: 1
    }
    house.now += timedelta(days=1)
    act(house, f"{HOME}/leaving", NOTE, by=STRANGER)
    assert counted(house, f"?on={vietnamese_day(house.now)}") == {}


def test_what_a_leaving_has_not_let_go_yet_stands_among_what_is_to_be_looked_at(house):
    house.with_need().verified()
    house.done("POST", f"{PUPIL}/leaving", GONE, by=OFFICER)
    waiting = house.seen("/needs/to-look-at", by=VERIFIER)["items"]
    assert [each["need_id"] for each in waiting] == [str(NEED)]
    path = f"/needs/{NEED}/reconfirmation"
    house.now += timedelta(days=1)
    assert house.refused("POST", path, by=VERIFIER) == (409, "child-has-left")
    house.react(REACTIONS)
    assert house.seen("/needs/to-look-at", by=VERIFIER)["items"] == []
