from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.registry import DisclosureGranted, DisclosureRevoked, NamesOpened
from eventing.event_store import OutcomeUnknown
from services.registry.domain.disclosure import SHOWN_AGAIN_FOR
from services.registry.opening import PROFILE
from services.registry.routes.disclosures import CHILDREN_MAX
from tests.services.registry.commune_house import grant_body, registry
from tests.services.registry.samples import (
    AUDITOR,
    CHILD,
    CITY,
    COMMUNE,
    COORDINATOR,
    GRANT,
    KEEPER,
    OFFICER,
    OTHER_CHILD,
    OTHER_COMMUNE,
    OTHER_SUCCESSOR,
    PRIVACY_OFFICER,
    SPONSOR,
    SUCCESSOR,
    VERIFIER,
)
from tests.support.in_clear import in_clear

GRANT_PATH = f"/disclosures/{GRANT}"
OPENINGS = f"{GRANT_PATH}/openings"
PROGRAM = UUID(int=30)
KEY = UUID(int=777)
NAMES = [
    {"child_id": str(OTHER_CHILD), "name": "Dương Văn An"},
    {"child_id": str(CHILD), "name": "Triệu Thị Hoà"},
]


def both_body(**changed):
    return grant_body(CHILD, OTHER_CHILD, **changed)


@pytest.fixture
def house():
    one = registry().with_household().with_child()
    one.with_child(OTHER_CHILD, name="Dương Văn An", birth_date="2019-01-20")
    one.grant(PRIVACY_OFFICER, "privacy-officer", CITY)
    one.grant(AUDITOR, "auditor", CITY)
    for person, kind, name in (
        (SPONSOR, "human", "Lê Văn Tài"),
        (PRIVACY_OFFICER, "human", "Hà Thị Yến"),
        (PROGRAM, "program", "notifications"),
    ):
        one.done("PUT", f"/persons/{person}", {"kind": kind, "name": name}, by=KEEPER)
    return one


@pytest.fixture
def granted(house):
    house.done("PUT", GRANT_PATH, both_body(), by=PRIVACY_OFFICER)
    return house


# --- granted ---


def test_names_are_disclosed_for_a_purpose_and_a_time(granted):
    told = granted.events()[-1]
    assert isinstance(told, DisclosureGranted)
    assert (told.person_id, told.child_ids) == (SPONSOR, (CHILD, OTHER_CHILD))
    assert (told.purpose, told.granted_by) == ("sponsorship", PRIVACY_OFFICER)


def test_the_same_children_in_another_order_are_the_same_grant(granted):
    before = len(granted.events())
    body = grant_body(OTHER_CHILD, CHILD, CHILD)
    granted.done("PUT", GRANT_PATH, body, by=PRIVACY_OFFICER)
    assert len(granted.events()) == before


def test_an_id_is_one_grant(granted):
    other = grant_body(CHILD)
    assert granted.refused("PUT", GRANT_PATH, other, by=PRIVACY_OFFICER) == (
        409,
        "disclosure-granted-otherwise",
    )


@pytest.mark.parametrize("by", [OFFICER, VERIFIER, COORDINATOR, KEEPER, AUDITOR, SPONSOR])
def test_only_a_privacy_officer_grants_and_revokes(granted, by):
    assert granted.refused("PUT", GRANT_PATH, both_body(), by=by) == (403, "not-allowed")
    assert granted.refused("POST", f"{GRANT_PATH}/revocation", by=by) == (403, "not-allowed")


def test_each_child_belongs_to_a_unit_of_who_grants(house):
    elsewhere = house.grant(UUID(int=131), "privacy-officer", OTHER_COMMUNE)
    assert house.refused("PUT", GRANT_PATH, both_body(), by=elsewhere) == (
        403,
        "outside-your-unit",
    )
    here = house.grant(UUID(int=132), "privacy-officer", COMMUNE)
    house.done("PUT", GRANT_PATH, both_body(), by=here)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"person_id": str(PRIVACY_OFFICER)}, 403, "disclosure-to-oneself"),
        ({"person_id": str(PROGRAM)}, 422, "disclosure-to-a-program"),
        ({"person_id": str(UUID(int=404))}, 404, "person-not-registered"),
        ({"child_ids": [str(UUID(int=404))]}, 404, "child-not-registered"),
        ({"valid_until": "2024-10-07"}, 422, "disclosure-ends-before-it-begins"),
        ({"ground": "law"}, 422, "consent-needed"),
        ({"ground": "guardian-consent"}, 422, "own-consent-needed"),
        ({"child_ids": []}, 422, "request-not-valid"),
        (
            {"child_ids": [str(UUID(int=at)) for at in range(CHILDREN_MAX + 1)]},
            422,
            "request-not-valid",
        ),
        ({"purpose": "curiosity"}, 422, "request-not-valid"),
        ({"paper": "Triệu Thị Hoà 12"}, 422, "request-not-valid"),
        ({"paper": "TRIEU-THI-HOA"}, 422, "request-not-valid"),
        ({"happened_at": "2024-10-08T02:00:00Z"}, 422, "not-yet-happened"),
    ],
)
def test_grants_that_cannot_be(house, changed, status, code):
    body = both_body() | changed
    assert house.refused("PUT", GRANT_PATH, body, by=PRIVACY_OFFICER) == (status, code)


def test_a_child_under_seven_is_spoken_for_by_the_guardian(house):
    body = grant_body(OTHER_CHILD, ground="guardian-consent")
    house.done("PUT", GRANT_PATH, body, by=PRIVACY_OFFICER)


async def test_who_was_erased_is_not_disclosed(house):
    await house.sealer.destroy(CHILD, PROFILE)
    assert house.refused("PUT", GRANT_PATH, both_body(), by=PRIVACY_OFFICER) == (409, "erased")


def test_a_household_of_a_split_commune_is_placed_first(house):
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    house.now = datetime(2025, 7, 2, 2, tzinfo=UTC)
    body = both_body(valid_until="2025-08-01")
    assert house.refused("PUT", GRANT_PATH, body, by=PRIVACY_OFFICER) == (
        409,
        "household-to-be-placed",
    )


# --- revoked ---


def test_a_disclosure_is_revoked_and_nothing_opens_any_more(granted):
    granted.done("POST", f"{GRANT_PATH}/revocation", by=PRIVACY_OFFICER)
    assert isinstance(granted.events()[-1], DisclosureRevoked)
    assert granted.refused("POST", OPENINGS, by=SPONSOR) == (403, "disclosure-revoked-already")


def test_only_what_was_granted_is_revoked(house):
    assert house.refused("POST", f"{GRANT_PATH}/revocation", by=PRIVACY_OFFICER) == (
        404,
        "disclosure-not-granted",
    )


# --- opened ---


def test_the_grantee_sees_the_names_and_that_is_told(granted):
    shown = granted.done("POST", OPENINGS, by=SPONSOR)
    assert shown["names"] == NAMES
    told = granted.events()[-1]
    assert isinstance(told, NamesOpened)
    assert (told.grant_id, told.opened_by, told.happened_at) == (GRANT, SPONSOR, granted.now)
    assert (told.children, told.child_ids) == (2, (CHILD, OTHER_CHILD))
    assert shown["positions"] == {"registry": len(granted.events())}


def test_the_event_is_before_the_names(granted, monkeypatch):
    """Where appending fails, not one sealed name is opened."""
    opened = []
    of_the_house = granted.sealer.open

    async def watched(person, purpose, field, sealed):
        opened.append((len(granted.events()), isinstance(granted.events()[-1], NamesOpened)))
        return await of_the_house(person, purpose, field, sealed)

    async def failing(*_):
        raise OutcomeUnknown

    monkeypatch.setattr(granted.sealer, "open", watched)
    with monkeypatch.context() as broken:
        broken.setattr(granted.store, "append", failing)
        answer = granted.call("POST", OPENINGS, by=SPONSOR, key=KEY)
    assert answer.status_code == 503
    assert not opened
    for name in NAMES:
        assert name["name"] not in answer.text
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)["names"] == NAMES
    assert opened == [(len(granted.events()), True)] * len(NAMES)


def test_the_same_opening_again_shows_the_names_and_is_told_once(granted):
    first = granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)
    before = len(granted.events())
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY) == first
    assert len(granted.events()) == before
    granted.done("POST", OPENINGS, by=SPONSOR)
    assert len(granted.events()) == before + 1


@pytest.mark.parametrize(("later", "names"), [(SHOWN_AGAIN_FOR, NAMES), (timedelta(hours=1), None)])
def test_an_answer_that_was_lost_is_given_again_but_no_second_look(granted, later, names):
    granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)
    granted.now += later
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)["names"] == names


def test_the_same_opening_shows_no_names_once_the_grant_is_over(granted):
    granted.now = datetime(2024, 10, 31, 16, 59, tzinfo=UTC)
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)["names"] == NAMES
    granted.now += timedelta(minutes=1)
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)["names"] is None


def test_the_same_opening_shows_no_names_once_the_grant_is_revoked(granted):
    granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)
    granted.done("POST", f"{GRANT_PATH}/revocation", by=PRIVACY_OFFICER)
    assert granted.done("POST", OPENINGS, by=SPONSOR, key=KEY)["names"] is None


@pytest.mark.parametrize("by", [PRIVACY_OFFICER, OFFICER, AUDITOR, KEEPER])
def test_nobody_else_opens(granted, by):
    assert granted.refused("POST", OPENINGS, by=by) == (403, "only-the-grantee-opens")


def test_openings_that_cannot_be(house):
    assert house.refused("POST", OPENINGS, by=SPONSOR) == (404, "disclosure-not-granted")
    assert house.call("POST", OPENINGS, by=None).status_code == 401
    house.done("PUT", GRANT_PATH, both_body(), by=PRIVACY_OFFICER)
    assert house.refused("POST", OPENINGS, {"name": "Hoà"}, by=SPONSOR) == (
        422,
        "request-not-valid",
    )
    house.now = datetime(2024, 10, 31, 17, tzinfo=UTC)
    assert house.refused("POST", OPENINGS, by=SPONSOR) == (403, "disclosure-expired")


async def test_who_was_erased_has_no_name(granted):
    await granted.sealer.destroy(OTHER_CHILD, PROFILE)
    shown = granted.done("POST", OPENINGS, by=SPONSOR)
    assert shown["names"] == [{"child_id": str(OTHER_CHILD), "name": None}, NAMES[1]]
    assert granted.events()[-1].children == 2


def test_no_name_is_in_the_log_in_clear(granted):
    granted.done("POST", OPENINGS, by=SPONSOR)
    for stored in granted.store._log:
        for name in ("Triệu", "Hoà", "Dương", "Tài"):
            assert name not in in_clear(stored.record)


# --- seen ---


def test_who_may_see_whose_names_is_seen_under_pseudonyms(granted):
    granted.done("POST", OPENINGS, by=SPONSOR)
    for by in (PRIVACY_OFFICER, AUDITOR):
        (row,) = granted.seen("/disclosures", by=by)["items"]
        assert (row["person_id"], row["child_ids"]) == (
            str(SPONSOR),
            [str(CHILD), str(OTHER_CHILD)],
        )
        assert (row["openings"], row["revoked"], row["version"]) == (1, False, 2)
        assert granted.seen(f"/disclosures?person_id={OFFICER}", by=by)["items"] == []
    assert granted.get("/disclosures", by=SPONSOR).status_code == 403
    assert granted.get("/disclosures", by=OFFICER).status_code == 403


def test_a_person_sees_what_was_disclosed_to_them(granted):
    (row,) = granted.seen("/disclosures/own", by=SPONSOR)["items"]
    assert row["grant_id"] == str(GRANT)
    assert granted.seen("/disclosures/own", by=OFFICER)["items"] == []
    assert granted.get("/disclosures/own", by=None).status_code == 401
