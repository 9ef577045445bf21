import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest

from contracts.registry import (
    ChildShareTaken,
    NeedOpened,
    NeedReconfirmed,
    NeedRecorded,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
)
from contracts.vietnamese_day import begins
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.record import Why
from services.registry.domain import child as children
from services.registry.domain import household as households
from services.registry.domain.need import LapseNeed, need, stream
from services.registry.domain.need_support import CountArrived, CountReserved
from services.registry.routes.needs_seen import told_points
from tests.services.registry.commune_house import (
    AFTER_THE_REORGANISATION,
    SUCCESSOR_OFFICER,
    child_body,
    household_body,
    need_body,
    ready_for_needs,
    registry,
    status_body,
    succession_body,
    unit_body,
)
from tests.services.registry.samples import (
    CHILD,
    CITY,
    COMMUNE,
    COORDINATOR,
    HOUSEHOLD,
    KEEPER,
    LINE,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_OFFICER,
    OTHER_SUCCESSOR,
    PROGRAMME,
    RULES,
    SUCCESSOR,
    VERIFIER,
)
from tests.support.in_clear import in_clear

NOBODY = UUID(int=404)
PATH = f"/needs/{NEED}"


@pytest.fixture
def house():
    return ready_for_needs()


def near_poor(house):
    house.done("POST", f"/households/{HOUSEHOLD}/status", status_body(), by=OFFICER)
    return house


# --- recording ---


def test_warm_clothes_take_size_and_gender_from_the_register(house):
    house.with_need()
    recorded = house.events()[-1]
    assert isinstance(recorded, NeedRecorded)
    assert recorded.specification == {"size": "H120", "gender": "female"}
    assert (recorded.unit_id, recorded.eligible_under) == (COMMUNE, "special-or-at-risk@1")


def test_what_makes_a_child_eligible_stays_inside(house):
    house.with_need().verified()
    log = "".join(in_clear(stored.record) for stored in house.store._log)
    assert "disability" not in log


@pytest.mark.parametrize("group", [group.code for group in RULES.groups])
def test_no_group_of_the_law_is_in_any_published_record(group):
    house = near_poor(registry().with_programme().with_household().with_child().measured())
    body = {"kind": "special", "code": group}
    house.done("POST", f"/children/{CHILD}/circumstances", body, by=OFFICER)
    house.with_need().verified()
    for stored in house.store._log:
        assert group not in in_clear(stored.record)


def test_a_surgerys_detail_is_sealed_and_explained_to_the_officer(house):
    house.with_need(category="surgery", measure="dong", quantity=60_000_000, detail="Tim bẩm sinh")
    told = house.seen(f"{PATH}/explanation", by=OFFICER)
    assert (told["category"], told["detail"]) == ("surgery", "Tim bẩm sinh")
    house.verified()
    assert house.events()[-1].category == "medical-care"
    for stored in house.store._log:
        assert "Tim" not in in_clear(stored.record)
        assert "surgery" not in in_clear(stored.record)


def test_school_supplies_take_the_grade(house):
    near_poor(house)
    body = {"school_year": "2024-2025", "grade": 4}
    house.done("POST", f"/children/{CHILD}/enrolments", body, by=OFFICER)
    house.with_need(category="school-supplies")
    assert house.events()[-1].specification == {"grade": 4}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"programme_id": str(NOBODY)}, (404, "programme-not-started")),
        ({"child_id": str(NOBODY)}, (404, "child-not-registered")),
        ({"specification": {"colour": "red"}}, (422, "specification-not-of-the-category")),
        ({"measure": "dong"}, (422, "measure-not-of-the-category")),
        ({"category": "surgery", "measure": "dong"}, (422, "detail-missing")),
        ({"category": "scholarship", "measure": "dong"}, (422, "not-eligible")),
        ({"quantity": 0}, (422, "request-not-valid")),
        ({"quantity": "one"}, (422, "request-not-valid")),
        ({"category": "toys"}, (422, "category-not-in-the-pack")),
        ({"category": "Đồ chơi của Lan"}, (422, "request-not-valid")),
    ],
)
def test_needs_that_are_not_recorded(house, changed, refusal):
    assert house.refused("PUT", PATH, need_body(**changed), by=OFFICER) == refusal


def test_no_grade_no_school_supplies(house):
    body = need_body("school-supplies")
    assert near_poor(house).refused("PUT", PATH, body, by=OFFICER) == (422, "not-enrolled")


def test_no_measure_or_a_stale_one_no_clothes():
    house = registry().with_programme().with_household().with_child().disabled()
    assert house.refused("PUT", PATH, need_body(), by=OFFICER) == (422, "not-measured")
    house.measured(measured_on="2024-01-06")
    answer = house.call("PUT", PATH, need_body(), by=OFFICER, Accept_Language="en")
    assert (answer.status_code, answer.json()["code"]) == (422, "measure-is-stale")
    assert answer.json()["detail"] == "The measure of 2024-01-06 is too old; please measure again."


def test_nothing_for_who_is_no_longer_a_child():
    house = registry().with_programme().with_household()
    house.with_child(birth_date="2008-10-08").measured().disabled()
    house.now = house.now.replace(day=8)
    assert house.refused("PUT", PATH, need_body(), by=OFFICER) == (422, "aged-out")


def test_nothing_in_the_month_of_the_sixteenth_birthday():
    house = registry().with_programme().with_household()
    house.with_child(birth_date="2008-10-31").measured().disabled()
    assert house.refused("PUT", PATH, need_body(), by=OFFICER) == (422, "turns-of-age")


def test_what_the_register_knows_better_is_not_verified(house):
    house.with_need().measured(height_cm=130, measured_on="2024-10-07")
    house.now = house.now.replace(day=8)
    house.measured(height_cm=130, measured_on="2024-10-08")
    assert house.refused("POST", f"{PATH}/verification", by=VERIFIER) == (
        409,
        "specification-no-longer-so",
    )


def test_nothing_outside_the_programme(house):
    programme = UUID(int=82)
    body = {
        "code": "3874/KH-LĐTB&XH",
        "name": "Nơi khác",
        "starts_on": "2019-09-01",
        "ends_on": "2025-12-31",
        "unit_ids": [str(OTHER_COMMUNE)],
    }
    house.grant(OFFICER, "organisation-keeper", OTHER_COMMUNE)
    house.done("PUT", f"/programmes/{programme}", body, by=OFFICER)
    asked = need_body(programme_id=str(programme))
    assert house.refused("PUT", PATH, asked, by=OFFICER) == (422, "outside-the-programme")


def test_a_need_of_another_commune_is_not_ones_own(house):
    house.grant(UUID(int=83), "commune-officer", OTHER_COMMUNE)
    assert house.refused("PUT", PATH, need_body(), by=UUID(int=83)) == (403, "outside-your-unit")
    assert house.refused("PUT", PATH, need_body(), by=COORDINATOR) == (403, "not-allowed")


def test_a_needs_id_means_one_need(house):
    house.with_need()
    for other, who in ((need_body(quantity=2), OFFICER), (need_body(), OTHER_OFFICER)):
        assert house.refused("PUT", PATH, other, by=who) == (409, "need-recorded-otherwise")


def test_a_household_of_a_split_commune_is_placed_first(house):
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    assert house.refused("PUT", PATH, need_body(), by=OFFICER) == (409, "household-to-be-placed")


def test_a_need_after_a_merger_is_the_successors(house):
    house.succeeded_by(SUCCESSOR)
    house.now = AFTER_THE_REORGANISATION
    fresh = {"height_cm": 122, "measured_on": "2025-07-01"}
    house.done("POST", f"/children/{CHILD}/measures", fresh, by=SUCCESSOR_OFFICER)
    house.done("PUT", PATH, need_body(needed_by="2025-12-01"), by=SUCCESSOR_OFFICER)
    assert house.events()[-1].unit_id == SUCCESSOR


def test_facts_that_changed_between_the_look_and_the_decision(house):
    house.once_looked_at(children.child, lambda: house.measured(121, "2024-10-01"))
    answer = house.call("PUT", PATH, need_body(), by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (409, "child-changed-meanwhile")
    house.once_looked_at(households.household, lambda: near_poor(house))
    answer = house.call("PUT", PATH, need_body(), by=OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (409, "household-changed-meanwhile")


async def test_what_rests_on_an_erased_child_is_refused(house):
    await house.sealer.destroy(CHILD, "profile")
    assert house.refused("PUT", PATH, need_body(), by=OFFICER) == (409, "erased")


# --- verifying ---


def test_another_person_verifies_and_the_band_is_explained(house):
    house.with_need().verified()
    verified, opened, share = house.events()[-3:]
    assert isinstance(share, ChildShareTaken)
    assert isinstance(verified, NeedVerified)
    assert isinstance(opened, NeedOpened)
    assert (opened.priority_band, opened.priority_rule) == (1, "priority@1")
    explained = house.seen(f"{PATH}/explanation", by=VERIFIER)
    assert explained["priority_points"] == {"priority-commune": 2, "special": 3, "deadline": 2}


def test_who_recorded_the_need_or_registered_the_child_never_verifies(house):
    house.done("PUT", PATH, need_body(), by=OTHER_OFFICER)
    for who in (OFFICER, OTHER_OFFICER):
        house.grant(who, "verifier", COMMUNE)
        assert house.refused("POST", f"{PATH}/verification", by=who) == (
            403,
            "recorder-cannot-verify",
        )


def test_a_verifier_of_another_area_does_not_verify(house):
    house.with_need()
    house.grant(UUID(int=84), "verifier", OTHER_COMMUNE)
    assert house.refused("POST", f"{PATH}/verification", by=UUID(int=84)) == (
        403,
        "outside-your-unit",
    )


def test_a_need_that_is_not_there(house):
    for what in ("verification", "return", "withdrawal"):
        body = None if what == "verification" else {"reason": "x"}
        assert house.refused("POST", f"{PATH}/{what}", body, by=VERIFIER) == (
            404,
            "need-not-recorded",
        )
    for path in (PATH, f"{PATH}/explanation"):
        assert house.refused("GET", path, by=VERIFIER) == (404, "need-not-recorded")


def test_a_need_is_verified_once(house):
    house.with_need().verified()
    house.grant(UUID(int=84), "verifier", COMMUNE)
    assert house.refused("POST", f"{PATH}/verification", by=UUID(int=84)) == (
        409,
        "need-verified-already",
    )
    assert house.refused("POST", f"{PATH}/return", {"reason": "Muộn"}, by=VERIFIER) == (
        409,
        "need-verified-already",
    )


def test_what_is_no_longer_so_is_not_verified(house):
    house.with_need()
    ended = {"kind": "none"}
    house.done("POST", f"/children/{CHILD}/circumstances", ended, by=OFFICER)
    assert house.refused("POST", f"{PATH}/verification", by=VERIFIER) == (422, "not-eligible")


# --- returning and withdrawing ---


def test_a_returned_need_is_completed_by_its_recorder(house):
    house.with_need()
    house.done("POST", f"{PATH}/return", {"reason": "Thiếu một áo"}, by=VERIFIER)
    assert isinstance(house.events()[-1], NeedReturned)
    assert house.seen(f"{PATH}/explanation", by=OFFICER)["reason"] == "Thiếu một áo"
    assert house.refused("POST", f"{PATH}/verification", by=VERIFIER) == (
        409,
        "need-returned-first",
    )
    assert house.refused("POST", f"{PATH}/return", {"reason": "Khác"}, by=VERIFIER) == (
        409,
        "need-returned-otherwise",
    )
    assert house.refused("PUT", PATH, need_body(quantity=2), by=OTHER_OFFICER) == (
        403,
        "only-the-recorder-completes",
    )
    house.with_need(quantity=2).verified()
    assert house.events()[-1].quantity == 2


def test_a_need_is_withdrawn(house):
    house.with_need()
    house.done("POST", f"{PATH}/withdrawal", {"reason": "Đã chuyển đi"}, by=OFFICER)
    assert isinstance(house.events()[-1], NeedWithdrawn)
    assert house.seen(PATH, by=COORDINATOR)["status"] == "withdrawn"
    assert house.refused("POST", f"{PATH}/withdrawal", {"reason": "Khác"}, by=OFFICER) == (
        409,
        "need-withdrawn-already",
    )
    for what, body in (("verification", None), ("return", {"reason": "x"})):
        assert house.refused("POST", f"{PATH}/{what}", body, by=VERIFIER) == (
            409,
            "need-withdrawn-already",
        )


def ask_for(house, need_id, **changed):
    house.done("PUT", f"/needs/{need_id}", need_body(**changed), by=OFFICER)
    return f"/needs/{need_id}/verification"


def test_a_child_has_its_share_of_a_kind_in_a_season_whatever_the_programme(house):
    house.with_need().verified()
    other = {
        "code": "3874/KH-LĐTB&XH",
        "name": "Chương trình khác",
        "starts_on": "2024-01-01",
        "ends_on": "2025-12-31",
        "unit_ids": [str(COMMUNE)],
    }
    house.done("PUT", f"/programmes/{UUID(int=5001)}", other, by=KEEPER)
    second, third, later = (UUID(int=number) for number in (5002, 5003, 5004))
    of_the_other = {"programme_id": str(UUID(int=5001))}
    house.done("POST", ask_for(house, second, **of_the_other), by=VERIFIER)
    verification = ask_for(house, third, needed_by="2025-06-30", measure="piece", **of_the_other)
    assert house.refused("POST", verification, None, by=VERIFIER) == (409, "child-has-its-share")
    house.done("POST", ask_for(house, later, needed_by="2025-07-01"), by=VERIFIER)
    house.done("POST", f"{PATH}/withdrawal", {"reason": "Đã có"}, by=OFFICER)
    house.done("POST", verification, by=VERIFIER)


def test_points_name_no_restricted_group():
    points = {"special": 3, "special:hiv": 2, "special:disability": 1, "poor": 2}
    told = {"special": 5, "special:disability": 1, "poor": 2}
    assert told_points(points, MONDAY) == told


def test_an_inspector_may_what_an_auditor_may_and_sees_no_names(house):
    house.with_need()
    inspector = house.grant(UUID(int=5005), "inspector", CITY)
    assert house.seen(PATH, by=inspector)["status"] == "recorded"
    for path in (f"/children/{CHILD}", f"{PATH}/explanation"):
        assert house.refused("GET", path, by=inspector) == (403, "not-allowed")


async def support(house, command):
    asked = CommandContext(Key(NOBODY, uuid4(), b""), Why(actor=NOBODY))
    await house.executor.execute(need, stream(NEED), command, asked)


async def test_a_met_need_is_not_withdrawn(house):
    house.with_need().verified()
    await support(house, CountReserved(line_id=LINE, quantity=1, happened_at=house.now))
    assert house.seen(PATH, by=COORDINATOR)["status"] == "reserved"
    await support(house, CountArrived(line_id=LINE, quantity=1, happened_at=house.now))
    assert house.refused("POST", f"{PATH}/withdrawal", {"reason": "x"}, by=OFFICER) == (
        409,
        "need-met-already",
    )
    shown = house.seen(PATH, by=COORDINATOR)
    assert (shown["status"], shown["reserved"], shown["met"]) == ("met", 0, 1)


# --- seeing ---


def test_a_need_shows_its_version_and_no_name(house):
    house.with_need().verified()
    answer = house.get(PATH, by=COORDINATOR)
    assert answer.headers["ETag"].startswith('"3.')
    assert answer.json()["child_id"] == str(CHILD)
    assert "Hoà" not in answer.text
    assert house.refused("GET", f"{PATH}/explanation", by=COORDINATOR) == (403, "not-allowed")


def test_who_saw_an_older_version_is_told(house):
    house.with_need()
    assert house.refused(
        "POST", f"{PATH}/withdrawal", {"reason": "x"}, by=OFFICER, If_Match='"7"'
    ) == (412, "changed-since")


def test_needs_are_listed_where_one_works(house):
    house.with_need().verified()

    def listed(query, by):
        return [item["need_id"] for item in house.seen(f"/needs{query}", by=by)["items"]]

    assert listed("", COORDINATOR) == [str(NEED)]
    assert listed(f"?unit_id={COMMUNE}&category=warm-clothes&status=open", OFFICER) == [str(NEED)]
    assert listed("?status=met", COORDINATOR) == []
    assert listed("?category=surgery", COORDINATOR) == []
    house.grant(UUID(int=85), "commune-officer", OTHER_COMMUNE)
    assert listed("", UUID(int=85)) == []
    assert house.refused("GET", f"/needs?unit_id={COMMUNE}", by=UUID(int=85)) == (
        403,
        "outside-your-unit",
    )
    assert house.refused("GET", PATH, by=UUID(int=85)) == (403, "outside-your-unit")


def test_the_programmes_id_travels_with_the_need(house):
    house.with_need()
    assert house.seen(PATH, by=OFFICER)["programme_id"] == str(PROGRAMME)


# --- lapsing, and reconfirming ---


def lapse(house):
    """What the registry's timer gives on the need's day."""
    on = house.seen(PATH, by=VERIFIER)["lapses_on"]
    asked = CommandContext(Key(OFFICER, uuid4(), b""), Why(actor=OFFICER))
    command = LapseNeed(lapsed_on=date.fromisoformat(on))
    asyncio.run(house.executor.execute(need, stream(NEED), command, asked))


def to_reconfirm(house, query=""):
    return house.seen(f"/needs/to-reconfirm{query}", by=OFFICER)


def test_what_lapses_soon_or_has_lapsed_is_listed_and_reconfirmed_with_one_tap(house):
    house.with_need().verified()
    assert to_reconfirm(house)["items"] == []
    its_day = house.seen(PATH, by=VERIFIER)["lapses_on"]
    (due,) = to_reconfirm(house, f"?by={its_day}")["items"]
    assert (due["need_id"], due["status"]) == (str(NEED), "open")
    house.now = begins(date.fromisoformat(its_day))
    lapse(house)
    assert house.seen(PATH, by=VERIFIER)["status"] == "lapsed"
    house.measured(measured_on=its_day)
    assert len(to_reconfirm(house)["items"]) == 1
    house.done("POST", f"{PATH}/reconfirmation", by=OFFICER)
    assert isinstance(house.events()[-1], NeedReconfirmed)
    assert house.seen(PATH, by=VERIFIER)["status"] == "open"
    assert to_reconfirm(house)["items"] == []


def test_nobody_of_another_commune_reconfirms_or_is_shown(house):
    house.with_need().verified()
    elsewhere = SUCCESSOR_OFFICER
    refused = house.refused("POST", f"{PATH}/reconfirmation", by=elsewhere)
    assert refused == (403, "outside-your-unit")
    shown = house.seen("/needs/to-reconfirm?by=2026-01-01", by=elsewhere)
    assert shown["items"] == []


def test_a_need_is_reconfirmed_at_a_later_visit(house):
    path = f"{PATH}/reconfirmation"
    assert house.refused("POST", path, by=OFFICER) == (404, "need-not-recorded")
    house.with_need()
    assert house.refused("POST", path, by=OFFICER) == (404, "need-not-opened")
    house.verified()
    assert house.refused("POST", path, by=OFFICER) == (409, "need-confirmed-since")


# --- who comes to a commune after it has taken others over ---

NEW_HOME = UUID(int=91)
THE_VILLAGE, HAMLET_ELSEWHERE = UUID(int=92), UUID(int=93)


def merged():
    """The programme's commune and another one are one now."""
    house = registry().with_programme()
    for village_id, parent_id in ((THE_VILLAGE, COMMUNE), (HAMLET_ELSEWHERE, OTHER_COMMUNE)):
        body = unit_body("Yên Sơn", f"{village_id.int}", "village", parent_id)
        house.done("PUT", f"/units/{village_id}", body, by=KEEPER)
    house.succeeded_by(SUCCESSOR)
    body = succession_body(SUCCESSOR)
    house.done("POST", f"/units/{OTHER_COMMUNE}/succession", body, by=KEEPER)
    return house


def moves_in(house, **said):
    body = household_body(unit_id=str(SUCCESSOR)) | said
    return house.call("PUT", f"/households/{NEW_HOME}", body, by=SUCCESSOR_OFFICER)


def needs_a_jacket(house):
    child = child_body(household_id=str(NEW_HOME))
    steps = [
        ("PUT", f"/children/{CHILD}", child),
        (
            "POST",
            f"/children/{CHILD}/measures",
            {"height_cm": 118, "measured_on": "2025-07-01"},
        ),
        ("POST", f"/children/{CHILD}/circumstances", {"kind": "special", "code": "disability"}),
    ]
    for method, path, body in steps:
        house.done(method, path, body, by=SUCCESSOR_OFFICER)
    return house.call("PUT", PATH, need_body(needed_by="2025-11-30"), by=SUCCESSOR_OFFICER)


@pytest.mark.parametrize("land", [COMMUNE, THE_VILLAGE], ids=["former commune", "village"])
def test_a_new_household_on_land_of_the_programme_is_inside_it(land):
    house = merged()
    assert moves_in(house, territory_id=str(land)).status_code == 200
    shown = house.seen(f"/households/{NEW_HOME}", by=SUCCESSOR_OFFICER)
    assert (shown["unit_id"], shown["territory_id"]) == (str(SUCCESSOR), str(land))
    assert str(land) not in in_clear(house.store._log[-1].record)
    assert needs_a_jacket(house).status_code == 200


@pytest.mark.parametrize(
    "land",
    [OTHER_COMMUNE, HAMLET_ELSEWHERE, SUCCESSOR],
    ids=["another former commune", "its village", "none of them"],
)
def test_a_new_household_on_other_land_is_outside(land):
    house = merged()
    assert moves_in(house, territory_id=str(land)).status_code == 200
    answer = needs_a_jacket(house)
    assert (answer.status_code, answer.json()["code"]) == (422, "outside-the-programme")


def test_of_a_commune_that_took_others_over_the_land_is_asked():
    house = merged()
    answer = moves_in(house)
    assert (answer.status_code, answer.json()["code"]) == (422, "territory-to-be-said")
    assert answer.json()["fields"]["former_ids"] == [str(COMMUNE), str(OTHER_COMMUNE)]
    answer = moves_in(house, territory_id=str(OTHER_SUCCESSOR))
    assert (answer.status_code, answer.json()["code"]) == (422, "not-of-its-territory")
    a_class = {"unit_id": str(SUCCESSOR), "children": 30, "description": "Lớp 3A"}
    path = f"/groups/{UUID(int=94)}"
    refused = house.refused("PUT", path, a_class, by=SUCCESSOR_OFFICER)
    assert refused == (422, "territory-to-be-said")
    elsewhere = a_class | {"territory_id": str(OTHER_SUCCESSOR)}
    refused = house.refused("PUT", path, elsewhere, by=SUCCESSOR_OFFICER)
    assert refused == (422, "not-of-its-territory")
    here = a_class | {"territory_id": str(COMMUNE)}
    house.done("PUT", path, here, by=SUCCESSOR_OFFICER)
