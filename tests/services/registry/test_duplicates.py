"""Two records of one child: proposed with reasons, merged by a person, and unmerged again."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.registry import ChildMerged, ChildrenToldApart, ChildUnmerged
from contracts.vietnamese_day import vietnamese_day
from services.registry.domain.child import (
    ChildIsItself,
    ChildIsMerged,
    ChildNotMerged,
    ChildNotRegistered,
    EnrolChild,
    MergeChild,
    TellApart,
    UnmergeChild,
    child,
)
from services.registry.duplicates import PROPOSED_FROM, likeness, proposed
from services.registry.names import search_key
from services.registry.read_models.children_by_name import NamedChild
from tests.services.registry.commune_house import child_body, need_body, ready_for_needs
from tests.services.registry.samples import (
    CHILD,
    COMMUNE,
    HOUSEHOLD,
    NEED,
    OFFICER,
    OTHER_CHILD,
    OTHER_COMMUNE,
    TUESDAY,
    VERIFIER,
    child_measured,
    child_registered,
    pupil,
    sealed,
)
from tests.support.spec import Given

OTHER = child.fold([replace(child_registered, child_id=OTHER_CHILD)])
NOTE = {"note": sealed("Trùng với hồ sơ trước"), "happened_at": TUESDAY}
MERGED = ChildMerged(child_id=CHILD, into_child_id=OTHER_CHILD, merged_by=OFFICER, **NOTE)
UNMERGED = ChildUnmerged(child_id=CHILD, from_child_id=OTHER_CHILD, unmerged_by=OFFICER, **NOTE)
APART = ChildrenToldApart(child_id=CHILD, other_child_id=OTHER_CHILD, told_by=OFFICER, **NOTE)


def merge(into=OTHER):
    return MergeChild(child_id=CHILD, into=into, merged_by=OFFICER, **NOTE)


unmerge = UnmergeChild(child_id=CHILD, unmerged_by=OFFICER, **NOTE)
apart = TellApart(child_id=CHILD, other_child_id=OTHER_CHILD, told_by=OFFICER, **NOTE)
enrol = EnrolChild(child_id=CHILD, school_year="2024-2025", grade=4, happened_at=TUESDAY)


def test_a_record_is_merged_into_another_that_owns_what_is_new():
    registered = Given(child, child_registered)
    registered.when(merge()).then(MERGED)
    registered.when(merge(pupil())).then_rejected(ChildIsItself)
    resting = child.fold([replace(child_registered, child_id=OTHER_CHILD), MERGED])
    registered.when(merge(resting)).then_rejected(ChildIsMerged)
    Given(child).when(merge()).then_rejected(ChildNotRegistered)
    merged = Given(child, child_registered, MERGED)
    merged.when(merge()).then_nothing()
    merged.when(enrol).then_rejected(ChildIsMerged)


def test_merge_then_unmerge_shows_what_was_there_before():
    merged = Given(child, child_registered, child_measured, MERGED)
    merged.when(unmerge).then(UNMERGED)
    Given(child, child_registered).when(unmerge).then_rejected(ChildNotMerged)
    before, after = pupil(child_measured), pupil(child_measured, MERGED, UNMERGED)
    assert replace(after, version=before.version) == before


def test_two_that_were_told_apart_are_told_so_once():
    Given(child, child_registered).when(apart).then(APART)
    Given(child, child_registered, APART).when(apart).then_nothing()
    itself = replace(apart, other_child_id=CHILD)
    Given(child, child_registered).when(itself).then_rejected(ChildIsItself)
    Given(child).when(apart).then_rejected(ChildNotRegistered)


# --- what is proposed ---


def named(number, name="Triệu Thị Hòa", **changed):
    row = NamedChild(
        child_id=UUID(int=number),
        household_id=HOUSEHOLD,
        registered_on=date(2024, 10, 7),
        recorded_on=date(2024, 10, 7),
        name=name,
        name_key=search_key(name),
        birth_date=date(2015, 3, 9),
        birth_precision="day",
        gender="female",
        guardian="Triệu Văn Sơn",
        ethnicity="Dao",
    )
    return NamedChild(**{each: getattr(row, each) for each in row.__struct_fields__} | changed)


@pytest.mark.parametrize(
    ("changed", "weight"),
    [
        ({}, 105),
        ({"name": "Triệu Thị Hoà", "name_key": "trieu thi hoa"}, 105),
        ({"guardian": "Lý Thị Mai", "household_id": UUID(int=5)}, 75),
        ({"gender": "male"}, 80),
        ({"birth_date": date(2015, 1, 1)}, 85),
        ({"birth_date": date(2015, 1, 1), "birth_precision": "year"}, 85),
        ({"birth_date": date(2012, 5, 5), "guardian": None, "household_id": UUID(int=5)}, 45),
    ],
)
def test_what_speaks_for_one_child_is_weighed(changed, weight):
    assert likeness(named(2, **changed), named(1)).weight == weight


def test_the_first_of_january_speaks_for_nobody():
    new_year = {"birth_date": date(2015, 1, 1)}
    assert likeness(named(1, **new_year), named(2, **new_year)).birth == 10


def test_y_and_i_are_written_for_one_name_and_another_name_is_nobody_s_duplicate():
    ly, li = named(1, "Lý Thị Mỹ"), named(2, "Lí Thị Mĩ")
    ((after, before, how),) = proposed([ly, li, named(3, "Phùng Thị Lan")])
    assert (after.child_id, before.child_id, how.name) == (li.child_id, ly.child_id, 35)
    assert how.weight >= PROPOSED_FROM


# --- through the door ---

PUPIL, TWIN, STRANGER = f"/children/{CHILD}", UUID(int=212), UUID(int=91)
WHY = {"note": "Cùng một trẻ, ghi hai lần"}
MERGE = WHY | {"into_child_id": str(CHILD)}


@pytest.fixture
def house():
    one = ready_for_needs()
    one.now += timedelta(days=1)
    one.done("PUT", f"/children/{TWIN}", child_body(name="Triệu Thị Hòa"), by=OFFICER)
    one.grant(STRANGER, "commune-officer", OTHER_COMMUNE)
    return one


def pairs(house, by=OFFICER):
    found = house.seen("/children/duplicates", by=by)
    return [(UUID(each["child_id"]), UUID(each["into_child_id"])) for each in found["items"]]


def counted(house, query=""):
    return [each["registered"] for each in house.seen(f"/figures{query}", by=OFFICER)["units"]]


def test_a_pair_is_proposed_with_its_reasons_and_merged_and_unmerged_by_a_person(house):
    assert pairs(house) == pairs(house, by=VERIFIER) == [(TWIN, CHILD)]
    assert pairs(house, by=STRANGER) == []
    (pair,) = house.seen(f"/children/duplicates?unit_id={COMMUNE}", by=VERIFIER)["items"]
    assert house.seen(f"/children/duplicates?unit_id={OTHER_COMMUNE}", by=VERIFIER)["items"] == []
    assert pair["weights"] == {
        "name": 40,
        "birth": 30,
        "guardian": 20,
        "household": 10,
        "gender": 5,
    }
    assert counted(house) == [2]
    before = house.seen(f"/children/{TWIN}", by=OFFICER)
    house.now += timedelta(days=1)
    house.done("POST", f"/children/{TWIN}/merging", MERGE, by=OFFICER)
    assert pairs(house) == []
    assert counted(house) == [1]
    yesterday = vietnamese_day(house.now) - timedelta(days=1)
    assert counted(house, f"?on={yesterday}") == [1]
    assert counted(house, f"?on={yesterday}&known_on={yesterday}") == [2]
    found = house.seen(f"/figures/learnt?on={yesterday}&known_on={yesterday}", by=OFFICER)["items"]
    assert [each["fact"] for each in found] == ["child-merged"]
    listed = house.seen(f"/children?unit_id={COMMUNE}", by=OFFICER)["items"]
    assert [each["child_id"] for each in listed] == [str(CHILD)]
    assert house.seen(f"/children/{TWIN}", by=OFFICER)["merged_into"] == str(CHILD)
    resting = house.seen(f"{PUPIL}/merged", by=VERIFIER)["items"]
    assert [each["child_id"] for each in resting] == [str(TWIN)]
    assert house.refused("GET", f"{PUPIL}/merged", by=STRANGER) == (403, "outside-your-unit")
    house.done("POST", f"/children/{TWIN}/unmerging", WHY, by=OFFICER)
    after = house.seen(f"/children/{TWIN}", by=OFFICER)
    assert after | {"version": before["version"]} == before
    assert pairs(house) == [(TWIN, CHILD)]
    assert counted(house) == [2]
    assert house.seen(f"{PUPIL}/merged", by=OFFICER)["items"] == []


def test_what_is_new_of_a_merged_child_belongs_to_the_other_record(house):
    house.done("POST", f"/children/{TWIN}/merging", MERGE, by=OFFICER)
    for path, body in (
        ("measures", {"height_cm": 118, "measured_on": "2024-09-20"}),
        ("enrolments", {"school_year": "2024-2025", "grade": 4}),
        ("circumstances", {"kind": "special", "code": "abandoned"}),
        ("leaving", WHY | {"how": "other"}),
        ("correction", WHY | {"reason": "mistyped", "name": "Ai"}),
    ):
        refusal = house.refused("POST", f"/children/{TWIN}/{path}", body, by=OFFICER)
        assert refusal == (409, "child-is-merged"), path
    body = need_body(child_id=str(TWIN))
    assert house.refused("PUT", f"/needs/{NEED}", body, by=OFFICER)[1] in {
        "child-is-merged",
        "not-eligible",
    }


def test_a_need_of_a_merged_record_is_looked_at_and_judged_no_more(house):
    house.with_need().verified()
    into = WHY | {"into_child_id": str(TWIN)}
    house.done("POST", f"{PUPIL}/merging", into, by=OFFICER)
    waiting = house.seen("/needs/to-look-at", by=VERIFIER)["items"]
    assert [each["need_id"] for each in waiting] == [str(NEED)]
    house.now += timedelta(days=1)
    path = f"/needs/{NEED}/reconfirmation"
    assert house.refused("POST", path, by=VERIFIER) == (409, "child-is-merged")


def test_two_children_are_told_apart_and_proposed_no_more(house):
    other = WHY | {"other_child_id": str(CHILD)}
    house.done("POST", f"/children/{TWIN}/telling-apart", other, by=OFFICER)
    assert pairs(house) == []
    newest = house.seen(f"/children/{TWIN}/history", by=OFFICER)["items"][0]
    assert newest["says"]["told_apart_from"] == str(CHILD)


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        (f"{PUPIL}/merging", MERGE, (422, "child-is-itself")),
        (f"{PUPIL}/unmerging", WHY, (409, "child-not-merged")),
        (
            f"{PUPIL}/merging",
            WHY | {"into_child_id": str(UUID(int=404))},
            (404, "child-not-registered"),
        ),
        (f"{PUPIL}/telling-apart", WHY | {"other_child_id": str(CHILD)}, (422, "child-is-itself")),
    ],
)
def test_what_does_not_happen(house, path, body, refusal):
    assert house.refused("POST", path, body, by=OFFICER) == refusal


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("merging", MERGE),
        ("unmerging", WHY),
        ("telling-apart", WHY | {"other_child_id": str(CHILD)}),
    ],
)
def test_only_officers_of_the_commune_decide(house, path, body):
    assert house.refused("POST", f"/children/{TWIN}/{path}", body, by=STRANGER) == (
        403,
        "outside-your-unit",
    )
    assert house.refused("POST", f"/children/{TWIN}/{path}", body, by=VERIFIER) == (
        403,
        "not-allowed",
    )
