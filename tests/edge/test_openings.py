"""What a query opens is recorded before its answer leaves; what does not say so answers nothing."""

from uuid import UUID

import pytest

from contracts.every_service import PersonalDataOpened
from edge.door import ReadDoor
from edge.openings import NOBODYS, RECORDED_ONCE_IN, OpensUnsaid
from edge.permission import anyone, may
from edge.routes import Routes
from edge.web import web
from eventing.event_store import Busy
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

OFFICER, CITY, MAI, LAN = (UUID(int=at) for at in range(1, 5))
READS = may("read-letter", "verifier", anywhere=True, opens="judge-need")
routes = Routes()


async def letter(door: ReadDoor, of: UUID) -> str | None:
    return await door.open(of, "letter", "text", await door.seal(of, "letter", "text", "x"))


@routes.query("/letters", may=READS)
async def letters(door: ReadDoor) -> list[str | None]:
    return [await letter(door, MAI), await letter(door, LAN), await letter(door, MAI)]


@routes.query("/letters/{of}", may=READS)
async def one(of: UUID, door: ReadDoor) -> str | None:
    return await letter(door, of)


@routes.query("/unsaid", may=may("unsaid", "verifier", anywhere=True))
async def unsaid(door: ReadDoor) -> str | None:
    return await letter(door, MAI)


@routes.query("/public", may=anyone("public", opens=NOBODYS))
async def public(door: ReadDoor) -> str | None:
    return await letter(door, MAI)


@pytest.fixture
def house():
    house = HouseForTests("registry", lambda house: web(house, [routes], title="Letters"))
    house.unit(CITY)
    house.grant(OFFICER, "verifier", CITY)
    return house


def test_who_was_shown_whose_and_for_what(house):
    assert house.get("/letters", by=OFFICER).json() == ["x", "x", "x"]
    (event,) = house.openings()
    assert event == PersonalDataOpened(
        opening_id=event.opening_id,
        purpose="judge-need",
        subject_ids=(MAI, LAN),
        subjects=2,
        opened_by=OFFICER,
        happened_at=house.now,
    )


def test_the_same_is_recorded_once_in_ten_minutes_and_anything_else_anew(house):
    for path in ("/letters", "/letters", f"/letters/{MAI}", f"/letters/{LAN}"):
        house.get(path, by=OFFICER)
    assert [one.subject_ids for one in house.openings()] == [(MAI, LAN), (MAI,), (LAN,)]
    house.now += RECORDED_ONCE_IN
    house.get("/letters", by=OFFICER)
    assert len(house.openings()) == 4


def test_nothing_is_shown_where_it_cannot_be_recorded(house, monkeypatch):
    async def busy(*_):
        raise Busy

    house.be_lenient()
    monkeypatch.setattr(house.store, "append", busy)
    answer = house.get("/letters", by=OFFICER)
    assert answer.status_code == 503
    assert "x" not in answer.json().values()


def test_a_key_that_somebody_used_before_hides_no_opening(house, monkeypatch):
    """Whoever knows the key under which it will be recorded uses it for a command of their own."""
    house.get("/letters", by=OFFICER)
    (event,) = house.openings()
    other = HouseForTests("registry", SERVICES["registry"])
    other.grant(OFFICER, "verifier", CITY)
    body = {"query": "/needs", "reason": "report"}
    other.call("PUT", f"/exports/{MAI}", body, by=OFFICER, key=event.opening_id)
    house.house.executor.store = other.store
    answer = house.get("/letters", by=OFFICER)
    assert answer.json()["code"] == "key-used-differently"


def test_what_opens_and_does_not_say_so_answers_nothing(house):
    with pytest.raises(OpensUnsaid):
        house.get("/unsaid", by=OFFICER)
    assert house.get("/public", by=None).json() == "x"
    assert house.openings() == []


def test_who_anyone_is_cannot_be_recorded_and_a_command_records_itself():
    with pytest.raises(ValueError, match="anyone"):
        anyone("letters", opens="judge-need")


def test_what_is_opened_without_a_record_is_counted_by_name():
    entries = {
        entry
        for service, app in SERVICES.items()
        for entry in HouseForTests(service, app).house.permissions.values()
    }
    assert {one.name for one in entries if one.opens == NOBODYS} == {
        "see-facts-learnt",
        "see-figures",
        "see-needs-to-look-at",
        "see-public-names",
    }


BY_SERVICE = {
    "registry": {
        "explain-need": "judge-need",
        "see-group": "judge-need",
        "see-own-needs": "judge-need",
        "list-accounts": "link-accounts",
        "see-child-history": "keep-register",
        "see-children": "keep-register",
        "see-children-of-unsure-age": "keep-register",
        "see-duplicates": "keep-register",
        "see-merged-children": "keep-register",
        "see-household": "keep-register",
        "see-household-history": "keep-register",
        "see-households": "keep-register",
        "see-persons": "keep-organisation",
    },
    "donations": {
        "read-sponsor-contact": "reach-sponsor",
        "follow-own-gifts": "follow-own-gifts",
        "print-receipt": "print-receipt",
        "see-payment": "make-payment",
    },
    "allocation": {
        "see-delivery": "carry-out-delivery",
        "read-substitution-reason": "judge-substitution",
        "read-direct-gift-minutes": "judge-direct-gift",
    },
}


@pytest.mark.parametrize("service", BY_SERVICE)
def test_which_queries_open_and_for_what(service):
    entries = HouseForTests(service, SERVICES[service]).house.permissions.values()
    said = {one.name: one.opens for one in entries if one.opens not in (None, NOBODYS)}
    assert said == BY_SERVICE[service]
