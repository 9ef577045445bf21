from datetime import UTC, datetime
from uuid import UUID

import pytest

from contracts.registry import (
    ChildEnrolled,
    ChildMeasured,
    ChildRegistered,
    CircumstanceAssessed,
    HouseholdPlaced,
    HouseholdStatusRecorded,
)
from services.registry.domain import child as children
from services.registry.domain import household as households
from tests.services.registry.commune_house import (
    AFTER_THE_REORGANISATION,
    SUCCESSOR_OFFICER,
    child_body,
    household_body,
    registry,
    status_body,
)
from tests.services.registry.samples import (
    CHILD,
    COMMUNE,
    COORDINATOR,
    HOUSEHOLD,
    KEEPER,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_SUCCESSOR,
    RULES,
    SUCCESSOR,
    VERIFIER,
)
from tests.support.answers import shown
from tests.support.in_clear import in_clear

NOBODY = UUID(int=404)
HOME = f"/households/{HOUSEHOLD}"
PUPIL = f"/children/{CHILD}"
PROTECTS = "child-protection-officer"
MEASURE = {"height_cm": 118, "measured_on": "2024-09-20"}
PLACEMENT = {"unit_id": str(SUCCESSOR), "decision": "7/QĐ-UBND"}


@pytest.fixture
def home():
    return registry().with_household()


@pytest.fixture
def pupil(home):
    return home.with_child()


# --- households ---


def test_nothing_that_identifies_is_in_clear(pupil):
    log = b"".join(stored.record for stored in pupil.store._log)
    for word in ("Triệu", "Yên Sơn", "Dao", "2015-03-09"):
        assert word.encode() not in log
    assert b"2015-03" in log


@pytest.mark.parametrize(
    ("changed", "who", "refusal"),
    [
        ({}, SUCCESSOR_OFFICER, (403, "outside-your-unit")),
        ({}, COORDINATOR, (403, "not-allowed")),
        ({"unit_id": str(SUCCESSOR)}, SUCCESSOR_OFFICER, (409, "unit-not-in-force")),
        ({"head": ""}, OFFICER, (422, "request-not-valid")),
        ({"phone": "0912345678"}, OFFICER, (422, "request-not-valid")),
    ],
)
def test_households_that_are_not_registered(changed, who, refusal):
    assert registry().refused("PUT", HOME, household_body(**changed), by=who) == refusal


def test_a_household_in_a_unit_that_is_not_established():
    house = registry()
    house.grant(OFFICER, "commune-officer", NOBODY)
    nowhere = household_body(unit_id=str(NOBODY))
    assert house.refused("PUT", HOME, nowhere, by=OFFICER) == (404, "unit-not-established")


def test_a_households_id_means_one_household(home):
    other = household_body(head="Ai khác")
    assert home.refused("PUT", HOME, other, by=OFFICER) == (409, "household-registered-otherwise")


def test_a_status_is_recorded_sealed(home):
    home.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    assert isinstance(home.events()[-1], HouseholdStatusRecorded)
    assert "near-poor" not in in_clear(home.store._log[-1].record)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"standard": "1999-2000"}, "standard-not-known"),
        ({"standard": "2027-2030"}, "standard-not-in-force"),
        ({"valid_until": "2024-01-01"}, "status-ends-before-it-begins"),
        ({"valid_until": "2028-01-01"}, "status-outlives-its-standard"),
        ({"status": "rich"}, "request-not-valid"),
    ],
)
def test_a_status_that_cannot_be(home, changed, code):
    assert home.refused("POST", f"{HOME}/status", status_body(**changed), by=OFFICER) == (422, code)


def test_a_status_of_a_household_that_is_not_there():
    assert registry().refused("POST", f"{HOME}/status", status_body(), by=OFFICER) == (
        404,
        "household-not-registered",
    )


def test_a_split_commune_has_each_household_placed_before_anything_else(pupil):
    pupil.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    pupil.now = AFTER_THE_REORGANISATION
    first = [
        ("POST", f"{HOME}/status", status_body()),
        ("PUT", f"/children/{UUID(int=61)}", child_body()),
        ("POST", f"{PUPIL}/measures", MEASURE),
        ("POST", f"{PUPIL}/enrolments", {"school_year": "2024-2025", "grade": 4}),
        ("POST", f"{PUPIL}/circumstances", {"kind": "special", "code": "disability"}),
    ]
    for method, path, body in first:
        assert pupil.refused(method, path, body, by=OFFICER) == (409, "household-to-be-placed")
    assert pupil.refused("GET", PUPIL, by=OFFICER) == (409, "household-to-be-placed")
    pupil.done("POST", f"{HOME}/placement", PLACEMENT, by=SUCCESSOR_OFFICER)
    assert isinstance(pupil.events()[-1], HouseholdPlaced)
    pupil.done("POST", f"{PUPIL}/measures", MEASURE, by=SUCCESSOR_OFFICER)
    assert pupil.refused("POST", f"{PUPIL}/measures", MEASURE, by=OFFICER) == (
        403,
        "outside-your-unit",
    )


def test_what_was_accepted_stays_answered_though_the_child_is_elsewhere_now(pupil):
    key, path = UUID(int=72), f"{PUPIL}/measures"
    first = pupil.done("POST", path, MEASURE, by=OFFICER, key=key)
    pupil.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    pupil.now = AFTER_THE_REORGANISATION
    assert pupil.done("POST", path, MEASURE, by=OFFICER, key=key) == first
    otherwise = MEASURE | {"height_cm": 120}
    assert pupil.refused("POST", path, otherwise, by=OFFICER, key=key) == (
        422,
        "key-used-differently",
    )


def test_a_merged_communes_households_are_their_successors_without_a_word(pupil):
    pupil.succeeded_by(SUCCESSOR)
    pupil.now = AFTER_THE_REORGANISATION
    pupil.done("POST", f"{PUPIL}/measures", MEASURE, by=SUCCESSOR_OFFICER)
    assert pupil.seen(PUPIL, by=SUCCESSOR_OFFICER)["name"] == "Triệu Thị Hoà"


@pytest.mark.parametrize(
    ("body", "who", "refusal"),
    [
        (PLACEMENT, SUCCESSOR_OFFICER, (409, "not-one-of-its-successors")),
        (PLACEMENT, OFFICER, (403, "outside-your-unit")),
    ],
)
def test_a_household_is_not_placed_without_a_split_or_by_outsiders(home, body, who, refusal):
    assert home.refused("POST", f"{HOME}/placement", body, by=who) == refusal


def test_a_household_that_is_not_there_is_not_placed():
    path = f"/households/{NOBODY}/placement"
    assert registry().refused("POST", path, PLACEMENT, by=SUCCESSOR_OFFICER) == (
        404,
        "household-not-registered",
    )


def test_each_successor_sees_whom_the_split_left_to_be_placed(home):
    path = f"/households?unit_id={COMMUNE}"
    assert home.refused("GET", path, by=SUCCESSOR_OFFICER) == (403, "outside-your-unit")
    lasting = status_body(valid_until="2026-01-01")
    home.done("POST", f"{HOME}/status", lasting, by=OFFICER)
    home.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    seen = home.seen(path, by=SUCCESSOR_OFFICER)
    assert [(item["head"], item["status"]) for item in seen["items"]] == [
        ("Triệu Văn Sơn", "near-poor")
    ]
    assert home.refused("GET", f"/households?unit_id={NOBODY}", by=OFFICER) == (
        404,
        "unit-not-established",
    )


# --- children ---


def test_a_child_is_registered_once_however_often_it_is_sent(home):
    key = UUID(int=71)
    answers = [home.done("PUT", PUPIL, child_body(), by=OFFICER, key=key) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert sum(isinstance(event, ChildRegistered) for event in home.events()) == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"birth_date": "2008-10-07"}, (422, "aged-out")),
        ({"birth_date": "2024-10-08"}, (422, "not-yet-born")),
        ({"household_id": str(NOBODY)}, (404, "household-not-registered")),
        ({"gender": "?"}, (422, "request-not-valid")),
        ({"name": "  "}, (422, "request-not-valid")),
        ({"happened_at": "2024-10-08T00:00:00Z"}, (422, "not-yet-happened")),
    ],
)
def test_children_that_are_not_registered(home, changed, refusal):
    assert home.refused("PUT", PUPIL, child_body(**changed), by=OFFICER) == refusal


def test_a_child_of_another_commune_is_not_ones_own(home):
    assert home.refused("PUT", PUPIL, child_body(), by=SUCCESSOR_OFFICER) == (
        403,
        "outside-your-unit",
    )


def test_a_childs_id_means_one_child(pupil):
    other = child_body(name="Triệu Thị Hoa")
    assert pupil.refused("PUT", PUPIL, other, by=OFFICER) == (409, "child-registered-otherwise")


def test_a_composed_and_a_decomposed_name_are_one_name(pupil):
    before = len(pupil.events())
    decomposed = "Trie\u0323\u0302u Thi\u0323 Hoa\u0300"
    pupil.done("PUT", PUPIL, child_body(name=decomposed), by=OFFICER)
    assert len(pupil.events()) == before


def test_a_child_registered_later_for_an_earlier_day_says_both(home):
    home.done("PUT", PUPIL, child_body(happened_at="2024-10-01T02:00:00Z"), by=OFFICER)
    assert home.events()[-1].happened_at == datetime(2024, 10, 1, 2, tzinfo=UTC)


def test_a_child_is_measured_and_enrolled(pupil):
    pupil.done("POST", f"{PUPIL}/measures", MEASURE, by=OFFICER)
    measured = pupil.events()[-1]
    assert isinstance(measured, ChildMeasured)
    assert (measured.height_label, measured.measured_by) == ("H120", OFFICER)
    pupil.done("POST", f"{PUPIL}/enrolments", {"school_year": "2024-2025", "grade": 4}, by=OFFICER)
    assert isinstance(pupil.events()[-1], ChildEnrolled)


@pytest.mark.parametrize(
    ("question", "body", "refusal"),
    [
        (
            "measures",
            MEASURE | {"measured_on": "2024-10-08"},
            (422, "measured-in-the-future"),
        ),
        ("measures", MEASURE | {"height_cm": 60}, (422, "height-outside-the-table")),
        ("enrolments", {"school_year": "2024", "grade": 4}, (422, "request-not-valid")),
        ("enrolments", {"school_year": "2024-2025", "grade": 13}, (422, "request-not-valid")),
        ("circumstances", {"kind": "special", "code": "tall"}, (422, "circumstance-not-known")),
        (
            "circumstances",
            {"kind": "special", "code": "gravely-ill-and-poor"},
            (422, "household-not-poor-enough"),
        ),
    ],
)
def test_what_is_not_recorded_of_a_child(pupil, question, body, refusal):
    assert pupil.refused("POST", f"{PUPIL}/{question}", body, by=OFFICER) == refusal


@pytest.mark.parametrize(
    ("question", "body"),
    [
        ("measures", MEASURE),
        ("enrolments", {"school_year": "2024-2025", "grade": 4}),
        ("circumstances", {"kind": "special", "code": "disability"}),
    ],
)
def test_what_is_not_recorded_of_nobody(home, question, body):
    path = f"/children/{NOBODY}/{question}"
    assert home.refused("POST", path, body, by=OFFICER) == (404, "child-not-registered")


def test_special_circumstances_exclude_being_at_risk(pupil):
    pupil.disabled()
    assert isinstance(pupil.events()[-1], CircumstanceAssessed)
    at_risk = {"kind": "at-risk", "code": "half-orphan"}
    assert pupil.refused("POST", f"{PUPIL}/circumstances", at_risk, by=OFFICER) == (
        409,
        "special-excludes-at-risk",
    )


def test_gravely_ill_and_poor_with_a_near_poor_household(pupil):
    pupil.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    body = {"kind": "special", "code": "gravely-ill-and-poor"}
    pupil.done("POST", f"{PUPIL}/circumstances", body, by=OFFICER)
    assert isinstance(pupil.events()[-1], CircumstanceAssessed)


async def test_what_rests_on_an_erased_child_is_refused(pupil):
    await pupil.sealer.destroy(CHILD, "profile")
    answer = pupil.call(
        "POST",
        f"{PUPIL}/circumstances",
        {"kind": "special", "code": "disability"},
        by=OFFICER,
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "person-erased")


# --- who changes what between the look and the decision ---


def test_a_child_that_changed_between_the_look_and_the_decision(pupil):
    seen = pupil.get(PUPIL, by=OFFICER).headers["ETag"]
    pupil.once_looked_at(children.child, pupil.measured)
    body = {"kind": "special", "code": "disability"}
    answer = pupil.call("POST", f"{PUPIL}/circumstances", body, by=OFFICER, if_match=seen)
    assert (answer.status_code, answer.json()["code"]) == (412, "changed-since")
    assert not isinstance(pupil.events()[-1], CircumstanceAssessed)


def test_a_household_that_changed_between_the_look_and_the_decision(home):
    def near_poor():
        home.done("POST", f"{HOME}/status", status_body(), by=OFFICER)

    home.once_looked_at(households.household, near_poor)
    answer = home.call("PUT", PUPIL, child_body(), by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (409, "household-changed-meanwhile")
    assert not isinstance(home.events()[-1], ChildRegistered)


# --- children by name ---


def looked_for(house, name, by=OFFICER):
    body = {"unit_id": str(COMMUNE), "name": name}
    return shown(house.call("POST", "/children/search", body, by=by))["items"]


def test_children_are_found_by_name_with_or_without_tones(pupil):
    other = UUID(int=62)
    pupil.with_child(other, name="Triệu Văn An")
    path = f"/children?unit_id={COMMUNE}"
    assert [item["name"] for item in pupil.seen(path, by=OFFICER)["items"]] == [
        "Triệu Văn An",
        "Triệu Thị Hoà",
    ]
    for name in ("thị hoà", "thi hoa", "THỊ HÒA", "thi\u0323 ho\u0300a"):
        found = looked_for(pupil, name, VERIFIER)
        assert [item["child_id"] for item in found] == [str(CHILD)]
    assert looked_for(pupil, "hường") == []


def test_a_name_that_is_looked_for_stands_in_no_address_and_no_cache(pupil):
    path = f"/children?unit_id={COMMUNE}&name=hoa"
    assert pupil.refused("GET", path, by=OFFICER) == (422, "request-not-valid")
    body = {"unit_id": str(COMMUNE), "name": "hoa"}
    answer = pupil.call("POST", "/children/search", body, by=OFFICER)
    assert answer.headers["cache-control"] == "no-store"
    assert pupil.refused("POST", "/children/search", body, by=COORDINATOR) == (403, "not-allowed")
    pupil.grant(UUID(int=63), "commune-officer", OTHER_COMMUNE)
    refused = pupil.refused("POST", "/children/search", body, by=UUID(int=63))
    assert refused == (403, "outside-your-unit")


def test_names_of_any_letters_are_listed_and_found_and_the_unseen_finds_nobody(pupil):
    pupil.with_child(UUID(int=1_001), name="Nguyễn Андрей")
    pupil.with_child(UUID(int=1_002), name="Ðinh Văn An")
    path = f"/children?unit_id={COMMUNE}"
    assert [item["name"] for item in pupil.seen(path, by=OFFICER)["items"]] == [
        "Ðinh Văn An",
        "Triệu Thị Hoà",
        "Nguyễn Андрей",
    ]
    for asked, found in {
        "đinh": "Ðinh Văn An",
        "dinh": "Ðinh Văn An",
        "андрей": "Nguyễn Андрей",
    }.items():
        assert [item["name"] for item in looked_for(pupil, asked)] == [found]
    for unseen in (" ", "\u200b"):
        assert looked_for(pupil, unseen) == []


def test_a_child_is_seen_with_what_is_so_today(pupil):
    pupil.measured().disabled()
    pupil.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    shown = pupil.seen(PUPIL, by=OFFICER)
    assert shown["birth_date"] == "2015-03-09"
    assert shown["village"] == "Yên Sơn"
    assert shown["household_status"] == "near-poor"
    assert shown["circumstances"] == [{"kind": "special", "code": "disability"}]
    assert shown["height_label"] == "H120"
    assert pupil.get(PUPIL, by=OFFICER).headers["ETag"].startswith('"3.')


@pytest.mark.parametrize("group", [one.code for one in RULES.groups if one.tier == "R"])
def test_a_restricted_group_is_told_to_a_child_protection_officer_of_the_unit_alone(pupil, group):
    protecting, elsewhere, both = UUID(int=64), UUID(int=65), UUID(int=66)
    pupil.grant(protecting, "child-protection-officer", COMMUNE)
    for role, unit_id in (("commune-officer", COMMUNE), (PROTECTS, OTHER_COMMUNE)):
        pupil.grant(elsewhere, role, unit_id)
    for role in ("commune-officer", PROTECTS):
        pupil.grant(both, role, COMMUNE)
    pupil.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    before = pupil.seen(PUPIL, by=OFFICER)
    body = {"kind": "special", "code": group}
    pupil.disabled().done("POST", f"{PUPIL}/circumstances", body, by=protecting)
    listed = f"/children?unit_id={COMMUNE}"
    open_to_all = [{"kind": "special", "code": "disability"}]
    for person, told in (
        (OFFICER, None),
        (VERIFIER, None),
        (elsewhere, None),
        (protecting, [group]),
        (both, [group]),
    ):
        for seen in (pupil.seen(PUPIL, by=person), *pupil.seen(listed, by=person)["items"]):
            assert (seen["circumstances"], seen["restricted"]) == (open_to_all, told)
    assert before["restricted"] is None, "null for every child, or it would tell of this one"
    assert pupil.refused("GET", listed, by=UUID(int=67)) == (403, "not-allowed")


def test_names_are_seen_in_ones_own_unit_alone(pupil):
    path = f"/children?unit_id={COMMUNE}"
    pupil.grant(UUID(int=63), "commune-officer", OTHER_COMMUNE)
    assert pupil.refused("GET", path, by=UUID(int=63)) == (403, "outside-your-unit")
    assert pupil.refused("GET", PUPIL, by=UUID(int=63)) == (403, "outside-your-unit")
    assert pupil.refused("GET", path, by=COORDINATOR) == (403, "not-allowed")
    assert pupil.refused("GET", path, by=KEEPER) == (403, "not-allowed")
    assert pupil.refused("GET", f"/children/{NOBODY}", by=OFFICER) == (404, "child-not-registered")


def test_children_of_a_unit_that_is_not_established():
    house = registry()
    house.grant(OFFICER, "commune-officer", NOBODY)
    assert house.refused("GET", f"/children?unit_id={NOBODY}", by=OFFICER) == (
        404,
        "unit-not-established",
    )


# --- what somebody saw ---


SOMEWHERE_ELSE = UUID(int=27)


def test_a_household_is_seen_with_the_version_that_the_next_decision_names(home):
    home.grant(SOMEWHERE_ELSE, "commune-officer", OTHER_COMMUNE)
    home.done("POST", f"{HOME}/status", status_body(), by=OFFICER)
    seen = home.get(HOME, by=OFFICER)
    assert seen.json()["status"] == "near-poor"
    assert seen.headers["ETag"].startswith('"2.')
    assert home.refused("GET", HOME, by=SOMEWHERE_ELSE) == (403, "outside-your-unit")
    home.done("POST", f"{HOME}/status", status_body("poor"), by=OFFICER)
    answer = home.call("POST", f"{HOME}/status", status_body(), by=OFFICER, if_match='"2"')
    assert (answer.status_code, answer.json()["code"]) == (412, "changed-since")
    told = {one["now"] for one in answer.json()["fields"]["changed"]}
    assert "sealed" in told
    assert "poor" not in told
    nowhere = f"/households/{NOBODY}"
    assert home.refused("GET", nowhere, by=OFFICER) == (404, "household-not-registered")


def test_a_childs_version_is_that_of_what_is_shown(pupil):
    before = pupil.get(PUPIL, by=OFFICER).headers["ETag"]
    pupil.measured()
    assert pupil.get(PUPIL, by=OFFICER).headers["ETag"] != before
    body = {"kind": "special", "code": "disability"}
    answer = pupil.call("POST", f"{PUPIL}/circumstances", body, by=OFFICER, if_match=before)
    assert (answer.status_code, answer.json()["code"]) == (412, "changed-since")
