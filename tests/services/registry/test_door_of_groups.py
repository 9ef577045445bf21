from uuid import UUID

import pytest

from contracts.registry import GroupCounted, GroupRegistered
from services.registry.domain import group as groups
from tests.programmes.conftest import two_packs
from tests.services.registry.commune_house import need_body, ready_for_needs, registry, unit_body
from tests.services.registry.samples import (
    COMMUNE,
    COORDINATOR,
    KEEPER,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    PROGRAMME,
    SUCCESSOR,
    VERIFIER,
)
from tests.support.in_clear import in_clear

GROUP, SCHOOL, NOBODY = UUID(int=121), UUID(int=122), UUID(int=404)
PATH = f"/groups/{GROUP}"


def body(**changed):
    return {
        "unit_id": str(COMMUNE),
        "children": 30,
        "description": "Lớp 3A, Trường Tiểu học Ba Vì",
    } | changed


@pytest.fixture
def house():
    return registry()


def test_a_class_is_registered_and_which_one_is_sealed(house):
    house.done("PUT", PATH, body(), by=OFFICER)
    house.done("PUT", PATH, body(), by=OFFICER)
    registered = house.events()[-1]
    assert isinstance(registered, GroupRegistered)
    assert (registered.children, registered.registered_by) == (30, OFFICER)
    for stored in house.store._log:
        assert "Lớp 3A" not in in_clear(stored.record)
    assert house.seen(PATH, by=VERIFIER)["description"] == "Lớp 3A, Trường Tiểu học Ba Vì"


def test_it_is_counted_anew(house):
    house.done("PUT", PATH, body(), by=OFFICER)
    house.done("POST", f"{PATH}/counts", {"children": 28}, by=OFFICER)
    assert isinstance(house.events()[-1], GroupCounted)
    shown = house.seen(PATH, by=OFFICER)
    assert (shown["children"], shown["version"]) == (28, 2)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"children": 4}, (422, "group-too-small")),
        ({"children": 0}, (422, "request-not-valid")),
        ({"description": ""}, (422, "request-not-valid")),
        ({"unit_id": str(OTHER_COMMUNE)}, (403, "outside-your-unit")),
    ],
)
def test_groups_that_are_not_registered(house, changed, refusal):
    assert house.refused("PUT", PATH, body(**changed), by=OFFICER) == refusal


def test_a_group_belongs_to_a_commune_that_is_in_force(house):
    for unit_id in (SCHOOL, NOBODY):
        house.grant(OFFICER, "commune-officer", unit_id)
    school = unit_body("Trường Tiểu học", "TH-1", "school", COMMUNE)
    house.done("PUT", f"/units/{SCHOOL}", school, by=KEEPER)
    asked = body(unit_id=str(SCHOOL))
    assert house.refused("PUT", PATH, asked, by=OFFICER) == (422, "unit-is-no-commune")
    asked = body(unit_id=str(NOBODY))
    assert house.refused("PUT", PATH, asked, by=OFFICER) == (404, "unit-not-established")
    house.succeeded_by(SUCCESSOR)
    late = body(happened_at="2024-10-07T01:00:00Z")
    house.done("PUT", PATH, late, by=OFFICER)
    house.now = house.now.replace(year=2025, month=8)
    house.grant(OFFICER, "commune-officer", COMMUNE)
    other = f"/groups/{UUID(int=123)}"
    assert house.refused("PUT", other, body(), by=OFFICER) == (409, "unit-not-in-force")


def test_another_group_under_the_same_id(house):
    house.done("PUT", PATH, body(), by=OFFICER)
    other = body(description="Lớp 3B")
    assert house.refused("PUT", PATH, other, by=OFFICER) == (409, "group-registered-otherwise")


def test_a_group_that_is_not_there(house):
    count = ("POST", f"{PATH}/counts", {"children": 28})
    assert house.refused(*count, by=OFFICER) == (404, "group-not-registered")
    assert house.refused("GET", PATH, by=OFFICER) == (404, "group-not-registered")


def test_too_small_a_count(house):
    house.done("PUT", PATH, body(), by=OFFICER)
    count = ("POST", f"{PATH}/counts", {"children": 4})
    assert house.refused(*count, by=OFFICER) == (422, "group-too-small")


def test_whoever_coordinates_sees_how_many_and_not_which(house):
    house.done("PUT", PATH, body(), by=OFFICER)
    (listed,) = house.seen(f"/groups?unit_id={COMMUNE}", by=COORDINATOR)["items"]
    assert (listed["group_id"], listed["children"]) == (str(GROUP), 30)
    assert "description" not in listed
    assert house.refused("GET", PATH, by=COORDINATOR) == (403, "not-allowed")
    other = UUID(int=85)
    house.grant(other, "commune-officer", OTHER_COMMUNE)
    assert house.seen("/groups", by=other)["items"] == []
    assert house.refused("GET", PATH, by=other) == (403, "outside-your-unit")
    assert house.refused("POST", f"{PATH}/counts", {"children": 9}, by=other) == (
        403,
        "outside-your-unit",
    )


def test_what_a_group_needs_is_said_for_no_record_tells_it():
    house = ready_for_needs()
    house.done("PUT", PATH, body(), by=OFFICER)
    need = need_body(
        child_id=None, group_id=str(GROUP), quantity=30, specification={"size": "H120"}
    )
    answer = house.refused("PUT", f"/needs/{NEED}", need, by=OFFICER)
    assert answer == (422, "specification-missing")


@pytest.fixture
def school():
    """A house of a programme whose pack gives coats to a class."""
    with two_packs():
        house = registry()
        programme = {
            "code": "7/KH-TH",
            "name": "Chương trình (minh hoạ)",
            "starts_on": "2024-01-01",
            "ends_on": "2026-12-31",
            "unit_ids": [str(COMMUNE)],
        }
        house.done("PUT", f"/programmes/{PROGRAMME}", programme, by=KEEPER)
        house.done("PUT", PATH, body(), by=OFFICER)
        yield house


def test_a_group_that_is_counted_between_the_look_and_the_decision(school):
    def counted():
        school.done("POST", f"{PATH}/counts", {"children": 28}, by=OFFICER)

    coats = need_body("class-coats", "coat", 30, child_id=None, group_id=str(GROUP))
    coats["specification"] = {"size": "A2", "colour": "blue"}
    school.once_looked_at(groups.group, counted)
    answer = school.call("PUT", f"/needs/{NEED}", coats, by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (409, "group-changed-meanwhile")
    school.done("PUT", f"/needs/{NEED}", coats, by=OFFICER)
    assert school.events()[-1].children == 28
