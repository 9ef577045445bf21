"""Who holds what where on a date, and persons by name: for keepers alone."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tests.services.registry.commune_house import registry
from tests.services.registry.samples import COMMUNE, KEEPER, OFFICER, OTHER_COMMUNE
from tests.support.answers import shown

LAN, HOA = UUID(int=51), UUID(int=52)
FIRST, SECOND, THIRD = UUID(int=61), UUID(int=62), UUID(int=63)


@pytest.fixture
def house():
    one = registry()
    for person, name in ((LAN, "Bùi Thị Lan"), (HOA, "Đinh Thị Hòa")):
        one.done("PUT", f"/persons/{person}", {"name": name}, by=KEEPER)
    for person, grant, role, unit, until in (
        (LAN, FIRST, "commune-officer", COMMUNE, None),
        (HOA, SECOND, "verifier", COMMUNE, "2025-01-01"),
        (HOA, THIRD, "storekeeper", OTHER_COMMUNE, None),
    ):
        body = {"role": role, "unit_id": str(unit), "valid_from": "2024-09-01"}
        body |= {} if until is None else {"valid_until": until}
        one.done("PUT", f"/persons/{person}/roles/{grant}", body, by=KEEPER)
    return one


def found(house, address):
    answer = house.get(address, by=KEEPER)
    assert answer.status_code == 200, answer.text
    return answer.json()


def looked_for(house, name, query="", **more):
    return shown(house.call("POST", f"/persons/search{query}", {"name": name, **more}, by=KEEPER))


def held(house, query):
    """Of those who have a name: the house gives its own people roles apart from its log."""
    items = found(house, f"/roles?{query}")["items"]
    return {(each["person"], each["role"]) for each in items if each["person"]}


def test_persons_are_found_by_name_with_or_without_tones(house):
    for name, whole in (("hoa", "Đinh Thị Hòa"), ("Bùi", "Bùi Thị Lan")):
        assert [each["name"] for each in looked_for(house, name)["items"]] == [whole]
    assert looked_for(house, "\u200b")["items"] == []
    assert looked_for(house, "lan", kind="program")["items"] == []
    assert house.refused("GET", "/persons?name=hoa", by=KEEPER) == (422, "request-not-valid")
    assert found(house, f"/persons/{LAN}")["name"] == "Bùi Thị Lan"
    assert house.refused("GET", f"/persons/{UUID(int=99)}", by=KEEPER) == (
        404,
        "person-not-registered",
    )


def test_a_page_says_how_many_there_are_in_all_when_it_is_asked(house):
    page = found(house, "/persons?limit=1&count=true")
    assert (len(page["items"]), page["count"]) == (1, 2)
    assert found(house, "/persons?limit=1")["count"] is None
    assert looked_for(house, "lan", "?count=true")["count"] == 1


def test_who_holds_what_where_is_of_a_day(house):
    lan, hoa = ("Bùi Thị Lan", "commune-officer"), ("Đinh Thị Hòa", "verifier")
    store = ("Đinh Thị Hòa", "storekeeper")
    assert held(house, "on=2024-08-31") == set()
    assert held(house, "on=2024-09-01") == {lan, hoa, store}
    assert held(house, "on=2024-12-31") == {lan, hoa, store}
    assert held(house, "on=2025-01-01") == {lan, store}
    assert held(house, f"on=2025-01-01&unit_id={COMMUNE}") == {lan}
    assert held(house, "on=2024-10-01&role=verifier") == {hoa}
    assert held(house, "on=2024-10-01&ending_by=2025-01-31") == {hoa}


def test_a_revoked_role_was_held_until_the_day_on_which_it_was_revoked(house):
    house.now = datetime(2024, 11, 5, 20, tzinfo=UTC)  # 6 November in Vietnam
    house.done("POST", f"/persons/{LAN}/roles/{FIRST}/revocation", by=KEEPER)
    lan = ("Bùi Thị Lan", "commune-officer")
    assert lan in held(house, "on=2024-11-05")
    assert lan not in held(house, "on=2024-11-06")
    assert held(house, f"person_id={LAN}") == {lan}
    (only,) = found(house, f"/roles?person_id={LAN}")["items"]
    assert (only["ends_on"], only["revoked"]) == ("2024-11-06", True)


def test_they_are_for_keepers(house):
    body = {"name": "lan"}
    assert house.refused("POST", "/persons/search", body, by=OFFICER) == (403, "not-allowed")
    for path in ("/persons", f"/persons/{LAN}", "/roles"):
        assert house.refused("GET", path, by=OFFICER) == (403, "not-allowed")
