"""Corrections through the door: what is shown, counted and looked at again since."""

from datetime import timedelta
from uuid import UUID

import pytest

from contracts.registry import NeedReconfirmed
from contracts.vietnamese_day import vietnamese_day
from tests.services.registry.commune_house import (
    child_body,
    household_body,
    need_body,
    ready_for_needs,
    registry,
    status_body,
)
from tests.services.registry.samples import (
    CHILD,
    CITY,
    COMMUNE,
    COORDINATOR,
    HOUSEHOLD,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_OFFICER,
    VERIFIER,
)
from tests.support.in_clear import in_clear

NOBODY, STRANGER, PROTECTOR = UUID(int=404), UUID(int=91), UUID(int=92)
PUPIL, HOME = f"/children/{CHILD}", f"/households/{HOUSEHOLD}"
OTHER_HOME = UUID(int=212)
WHY = {"reason": "mistyped", "note": "Gõ nhầm khi nhập sổ"}


@pytest.fixture
def house():
    """A measured child in the fourth grade, with a disability; its household is near-poor."""
    one = ready_for_needs()
    one.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    enrolment = {"school_year": "2024-2025", "grade": 4}
    one.done("POST", f"{PUPIL}/enrolments", enrolment, by=OFFICER)
    one.grant(STRANGER, "commune-officer", OTHER_COMMUNE)
    one.grant(PROTECTOR, "child-protection-officer", COMMUNE)
    return one


def told(house, path=PUPIL, by=OFFICER):
    return house.seen(f"{path}/history", by=by)["items"]


def version_of(house, fact, path=PUPIL):
    return next(each["version"] for each in told(house, path) if each["fact"] == fact)


def correct(house, path, by=OFFICER, **said):
    house.done("POST", path, WHY | said, by=by)


def refused(house, path, by=OFFICER, **said):
    return house.refused("POST", path, WHY | said, by=by)


def test_who_a_child_is_is_corrected_and_what_was_said_stays_told(house):
    correct(house, f"{PUPIL}/correction", name="Triệu Thị Hoa", birth_date="2014-03-09")
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["name"], seen["birth_date"]) == ("Triệu Thị Hoa", "2014-03-09")
    assert (seen["guardian"], seen["gender"]) == ("Triệu Văn Sơn", "female")
    newest, *_, oldest = told(house)
    assert (newest["fact"], newest["corrects"], newest["reason"]) == (
        "child-corrected",
        1,
        "mistyped",
    )
    assert newest["note"] == WHY["note"]
    assert (newest["by"], newest["stands"]) == (str(OFFICER), True)
    assert (oldest["says"]["name"], oldest["stands"]) == ("Triệu Thị Hoà", False)
    assert "Hoa" not in in_clear(house.store._log[-3].record)
    found = house.call(
        "POST", "/children/search", {"unit_id": str(COMMUNE), "name": "hoa"}, by=OFFICER
    )
    assert [each["name"] for each in found.json()["items"]] == ["Triệu Thị Hoa"]


def test_each_fact_of_a_child_is_corrected_by_its_version(house):
    measured, graded = version_of(house, "child-measured"), version_of(house, "child-enrolled")
    right = {"height_cm": 121, "measured_on": "2024-09-20"}
    correct(house, f"{PUPIL}/measures/{measured}/correction", **right)
    right = {"school_year": "2024-2025", "grade": 3}
    correct(house, f"{PUPIL}/enrolments/{graded}/correction", **right)
    assessed = version_of(house, "circumstance-assessed")
    right = {"kind": "special", "code": "abandoned", "assessed_on": "2024-10-01"}
    correct(house, f"{PUPIL}/circumstances/{assessed}/correction", **right)
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["height_label"], seen["grade"]) == ("H125", 3)
    assert seen["circumstances"] == [{"kind": "special", "code": "abandoned"}]
    for fact in ("child-measure-corrected", "child-enrolment-corrected", "circumstance-corrected"):
        correct(house, f"{PUPIL}/facts/{version_of(house, fact)}/retraction")
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["height_label"], seen["grade"], seen["circumstances"]) == (None, None, [])


def test_a_household_and_its_status_are_corrected(house):
    correct(house, f"{HOME}/correction", head="Triệu Văn Sâm", village="Yên Bình")
    shown = house.seen(HOME, by=OFFICER)
    assert (shown["head"], shown["village"]) == ("Triệu Văn Sâm", "Yên Bình")
    correct(house, f"{HOME}/correction", territory_id=str(COMMUNE), village="Yên Sơn")
    recorded = version_of(house, "household-status-recorded", HOME)
    correct(house, f"{HOME}/status/{recorded}/correction", **status_body("poor"))
    assert house.seen(HOME, by=OFFICER)["status"] == "poor"
    right = version_of(house, "household-status-corrected", HOME)
    correct(house, f"{HOME}/status/{right}/retraction")
    assert house.seen(HOME, by=OFFICER)["status"] == "none"
    says = [
        (each["fact"], each["says"]["head"]) for each in told(house, HOME) if each["says"]["head"]
    ]
    assert says == [
        ("household-corrected", "Triệu Văn Sâm"),
        ("household-corrected", "Triệu Văn Sâm"),
        ("household-registered", "Triệu Văn Sơn"),
    ]


def test_a_child_that_was_registered_in_a_wrong_household_is_moved_there(house):
    house.done("PUT", f"/households/{OTHER_HOME}", household_body(head="Lý Thị Mai"), by=OFFICER)
    correct(house, f"{PUPIL}/correction", household_id=str(OTHER_HOME))
    seen = house.seen(PUPIL, by=OFFICER)
    assert (seen["household_id"], seen["household_status"]) == (str(OTHER_HOME), "none")


@pytest.mark.parametrize(
    ("path", "said", "refusal"),
    [
        ("correction", {}, (422, "nothing-is-corrected")),
        ("correction", {"birth_date": "2024-12-01"}, (422, "not-yet-born")),
        ("correction", {"household_id": str(NOBODY)}, (404, "household-not-registered")),
        ("correction", {"reason": "because"}, (422, "request-not-valid")),
        ("correction", {"note": ""}, (422, "request-not-valid")),
        (
            "measures/2/correction",
            {"height_cm": 118, "measured_on": "2024-09-20"},
            (422, "nothing-is-corrected"),
        ),
        (
            "measures/2/correction",
            {"height_cm": 200, "measured_on": "2024-09-20"},
            (422, "height-outside-the-table"),
        ),
        (
            "measures/2/correction",
            {"height_cm": 118, "measured_on": "2024-12-20"},
            (422, "measured-in-the-future"),
        ),
        (
            "measures/9/correction",
            {"height_cm": 118, "measured_on": "2024-09-20"},
            (409, "fact-does-not-stand"),
        ),
        (
            "enrolments/4/correction",
            {"school_year": "2024-2025", "grade": 4},
            (422, "nothing-is-corrected"),
        ),
        (
            "circumstances/3/correction",
            {"kind": "special", "code": "abandoned", "assessed_on": "2024-12-20"},
            (422, "assessed-in-the-future"),
        ),
        (
            "circumstances/3/correction",
            {"kind": "special", "code": "no-such", "assessed_on": "2024-09-20"},
            (422, "circumstance-not-known"),
        ),
        ("facts/1/retraction", {}, (409, "fact-does-not-stand")),
    ],
)
def test_what_is_not_corrected(house, path, said, refusal):
    assert refused(house, f"{PUPIL}/{path}", **said) == refusal


def test_only_officers_of_the_commune_correct(house):
    assert refused(house, f"{PUPIL}/correction", name="Ai", by=STRANGER) == (
        403,
        "outside-your-unit",
    )
    assert refused(house, f"{PUPIL}/correction", name="Ai", by=COORDINATOR) == (403, "not-allowed")
    assert refused(house, f"{PUPIL}/correction", name="Ai", by=VERIFIER) == (403, "not-allowed")
    house.done("PUT", f"/households/{OTHER_HOME}", household_body(), by=OFFICER)
    assert house.refused("GET", f"{PUPIL}/history", by=STRANGER) == (403, "outside-your-unit")
    nowhere = f"/children/{NOBODY}"
    assert refused(house, f"{nowhere}/correction", name="Ai") == (404, "child-not-registered")
    assert house.refused("GET", f"{nowhere}/history", by=OFFICER) == (404, "child-not-registered")


def test_a_status_that_is_not_corrected(house):
    path = f"{HOME}/status/2/correction"
    assert refused(house, path, **status_body()) == (422, "nothing-is-corrected")
    assert refused(house, path, **status_body(standard="1999")) == (422, "standard-not-known")
    ninth = f"{HOME}/status/9/correction"
    assert refused(house, ninth, **status_body("poor")) == (409, "fact-does-not-stand")
    elsewhere = f"{HOME}/correction"
    assert refused(house, elsewhere, territory_id=str(OTHER_COMMUNE)) == (
        422,
        "not-of-its-territory",
    )


def test_a_restricted_group_is_told_in_the_file_to_who_protects_alone(house):
    body = {"kind": "special", "code": "hiv"}
    house.done("POST", f"{PUPIL}/circumstances", body, by=PROTECTOR)
    said = [each["says"] for each in told(house) if each["fact"] == "circumstance-assessed"]
    assert [(each["circumstance"], each["code"]) for each in said] == [
        ("special", None),
        ("special", "disability"),
    ]
    assert told(house, by=PROTECTOR)[0]["says"]["code"] == "hiv"


def test_who_corrects_does_not_verify(house):
    house.grant(OTHER_OFFICER, "verifier", CITY)
    house.with_need()
    correct(house, f"{PUPIL}/correction", ethnicity="Mường", by=OTHER_OFFICER)
    path = f"/needs/{NEED}/verification"
    assert house.refused("POST", path, by=OTHER_OFFICER) == (403, "recorder-cannot-verify")
    house.done("POST", path, by=VERIFIER)


def looked_at(house, by=VERIFIER, query=""):
    return [each["need_id"] for each in house.seen(f"/needs/to-look-at{query}", by=by)["items"]]


def test_a_need_that_was_judged_by_what_is_otherwise_waits_for_a_person(house):
    house.with_need().verified()
    correct(house, f"{PUPIL}/correction", name="Triệu Thị Hoa")
    assert looked_at(house) == []
    graded = version_of(house, "child-enrolled")
    right = {"school_year": "2024-2025", "grade": 3}
    correct(house, f"{PUPIL}/enrolments/{graded}/correction", **right)
    assert looked_at(house) == [str(NEED)]
    assert looked_at(house, query=f"?unit_id={COMMUNE}") == [str(NEED)]
    assert looked_at(house, by=STRANGER) == []
    house.now += timedelta(days=1)
    house.done("POST", f"/needs/{NEED}/reconfirmation", by=VERIFIER)
    assert isinstance(house.events()[-1], NeedReconfirmed)
    assert looked_at(house) == []


def test_a_corrected_status_makes_the_needs_of_the_household_be_looked_at(house):
    house.with_need().verified()
    recorded = version_of(house, "household-status-recorded", HOME)
    correct(house, f"{HOME}/status/{recorded}/retraction")
    assert looked_at(house) == [str(NEED)]
    house.done("POST", f"/needs/{NEED}/withdrawal", {"reason": "Không thuộc diện"}, by=OFFICER)
    assert looked_at(house) == []


def test_a_page_of_what_is_to_be_looked_at_goes_on_where_it_ended(house):
    house.with_need().verified()
    graded = version_of(house, "child-enrolled")
    other = UUID(int=77)
    house.done("PUT", f"/needs/{other}", need_body("school-supplies"), by=OFFICER)
    house.done("POST", f"/needs/{other}/verification", by=VERIFIER)
    right = {"school_year": "2024-2025", "grade": 3}
    correct(house, f"{PUPIL}/enrolments/{graded}/correction", **right)
    first = house.seen("/needs/to-look-at?limit=1", by=VERIFIER)
    second = house.seen(f"/needs/to-look-at?limit=1&cursor={first['next']}", by=VERIFIER)
    assert [each["need_id"] for each in (*first["items"], *second["items"])] == [
        str(NEED),
        str(other),
    ]
    assert second["next"] is None


def figures(house, query):
    found = house.seen(f"/figures{query}", by=OFFICER)["units"]
    (unit,) = [each for each in found if each["unit_id"] == str(COMMUNE)]
    return unit["registered"], unit["special"], unit["near_poor"], unit["poor"]


def test_figures_as_known_then_stay_and_as_known_now_follow_the_corrections(house):
    then = vietnamese_day(house.now)
    house.now += timedelta(days=30)
    now = vietnamese_day(house.now)
    assert figures(house, f"?on={then}") == (1, 1, 1, 0)
    assessed = version_of(house, "circumstance-assessed")
    correct(house, f"{PUPIL}/facts/{assessed}/retraction")
    recorded = version_of(house, "household-status-recorded", HOME)
    correct(house, f"{HOME}/status/{recorded}/correction", **status_body("poor"))
    assert figures(house, f"?on={then}&known_on={then}") == (1, 1, 1, 0)
    assert figures(house, f"?on={then}") == (1, 0, 0, 1)
    correct(house, f"{PUPIL}/correction", birth_date="2008-01-01")
    assert figures(house, f"?on={then}&known_on={then}") == (1, 1, 1, 0)
    unit = house.seen(f"/figures?on={then}", by=OFFICER)["units"]
    assert [each["registered"] for each in unit] in ([], [0])
    between = house.seen(f"/figures/learnt?on={then}&known_on={then}", by=OFFICER)["items"]
    facts = {(each["fact"], each["since"], each["recorded_on"]) for each in between}
    assert facts == {
        ("child-fact-retracted", f"{then}", f"{now}"),
        ("household-status-corrected", "2024-01-01", f"{now}"),
        ("child-corrected", f"{then}", f"{now}"),
    }


async def test_of_who_was_erased_the_file_tells_no_more_than_the_events(house):
    correct(house, f"{PUPIL}/correction", name="Triệu Thị Hoa")
    await house.sealer.destroy(CHILD, "profile")
    assert {each["says"]["name"] for each in told(house)} == {None}
    assert {each["note"] for each in told(house)} == {None}


def test_a_household_waits_for_its_place_before_it_is_corrected():
    home = registry().with_household()
    home.done("PUT", PUPIL, child_body(), by=OFFICER)
    assert refused(home, f"{HOME}/correction", head="Ai", by=STRANGER)[0] == 403
    nowhere = f"/households/{NOBODY}"
    assert refused(home, f"{nowhere}/correction", head="Ai") == (404, "household-not-registered")
    assert home.refused("GET", f"{nowhere}/history", by=OFFICER) == (
        404,
        "household-not-registered",
    )
