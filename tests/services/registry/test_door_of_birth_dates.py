"""Birth dates that are not known to the day: registered, counted, and found out by a person."""

from uuid import UUID

import pytest

from tests.services.registry.commune_house import child_body, need_body, registry
from tests.services.registry.samples import CHILD, COMMUNE, NEED, OFFICER, OTHER_COMMUNE, VERIFIER
from tests.support.in_clear import in_clear

PUPIL, STRANGER = f"/children/{CHILD}", UUID(int=91)
WHY = {"reason": "paper-says-otherwise", "note": "Theo giấy khai sinh"}


@pytest.fixture
def house():
    """Born in 2008, nobody knows when: on 7 October 2024 it may be sixteen, or not."""
    one = registry().with_programme().with_household()
    body = child_body(birth_date="2008-05-01", birth_precision="year")
    one.done("PUT", PUPIL, body, by=OFFICER)
    one.measured().disabled()
    one.grant(STRANGER, "commune-officer", OTHER_COMMUNE)
    return one


def unsure(house, by=OFFICER):
    return [each["child_id"] for each in house.seen("/children/of-unsure-age", by=by)["items"]]


def test_no_more_is_told_than_is_known(house):
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["birth_date"], seen["birth_precision"]) == ("2008-01-01", "year")
    said = house.seen(f"{PUPIL}/history", by=OFFICER)["items"][-1]["says"]
    assert (said["birth_date"], said["birth_precision"]) == ("2008-01-01", "year")
    body = child_body(birth_date="2008-11-30", birth_precision="year")
    house.done("PUT", PUPIL, body, by=OFFICER)
    assert not any("2008-" in in_clear(each.record) for each in house.store._log[6:])


def test_what_depends_on_the_day_waits_for_a_person_who_finds_it_out(house):
    assert house.refused("PUT", f"/needs/{NEED}", need_body(), by=OFFICER) == (
        409,
        "age-depends-on-the-day",
    )
    assert unsure(house) == [str(CHILD)]
    assert unsure(house, by=VERIFIER) == [str(CHILD)]
    assert unsure(house, by=STRANGER) == []
    (unit,) = house.seen("/figures", by=OFFICER)["units"]
    assert (unit["unit_id"], unit["registered"], unit["age_unsure"]) == (str(COMMUNE), 1, 1)
    right = WHY | {"birth_date": "2008-12-15"}
    house.done("POST", f"{PUPIL}/correction", right, by=OFFICER)
    assert house.seen(PUPIL, by=OFFICER)["birth_precision"] == "day"
    assert unsure(house) == []
    house.done("PUT", f"/needs/{NEED}", need_body(quantity=1), by=OFFICER)


def test_who_turns_out_to_be_grown_leaves_the_count(house):
    right = WHY | {"birth_date": "2008-02-01", "birth_precision": "month"}
    house.done("POST", f"{PUPIL}/correction", right, by=OFFICER)
    assert unsure(house) == []
    assert [each["registered"] for each in house.seen("/figures", by=OFFICER)["units"]] in ([], [0])
    assert house.refused("PUT", f"/needs/{NEED}", need_body(), by=OFFICER) == (422, "aged-out")


def test_a_precision_is_said_of_a_date(house):
    body = WHY | {"birth_precision": "month"}
    assert house.refused("POST", f"{PUPIL}/correction", body, by=OFFICER) == (
        422,
        "request-not-valid",
    )


def test_who_left_is_not_asked_for(house):
    gone = {"how": "moved-away", "note": "Vào Nam"}
    house.done("POST", f"{PUPIL}/leaving", gone, by=OFFICER)
    assert unsure(house) == []
