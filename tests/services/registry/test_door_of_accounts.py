from uuid import UUID

import pytest

from contracts.registry import AccountLinked, AccountProposed, AccountUnlinked, SignInGiven
from edge.tokens import Identity
from tests.services.registry.commune_house import registry
from tests.services.registry.samples import CITY, COMMUNE, KEEPER, OFFICER

LAN, CLERK = UUID(int=51), UUID(int=902)
MINE = Identity("tests", "nobody Lan")
ACCOUNT = f"/accounts/{MINE.account_id}"


@pytest.fixture
def house():
    one = registry()
    one.grant(CLERK, "organisation-keeper", CITY)
    one.done("PUT", f"/persons/{LAN}", {"kind": "human", "name": "Bùi Thị Lan"}, by=KEEPER)
    return one


def propose(house, name="Lan, cán bộ xã", by="nobody Lan"):
    return house.call("PUT", "/accounts/mine", {"name": name}, by=by)


def test_whom_nobody_knows_may_say_who_they_are_and_nothing_else(house):
    assert propose(house).status_code == 200
    proposed = house.events()[-1]
    assert isinstance(proposed, AccountProposed)
    assert proposed.account_id == MINE.account_id
    record = house.store._log[-1].record
    assert b"Lan" not in record
    assert house.why(-1).actor == MINE.account_id
    for method, path, body in (
        ("GET", "/units", None),
        ("GET", "/accounts", None),
        ("POST", f"{ACCOUNT}/acceptance", {"person_id": str(LAN)}),
    ):
        answer = house.call(method, path, body, by="nobody Lan")
        if answer.status_code == 200:
            continue
        assert answer.json()["code"] == "account-not-linked"


def test_a_keeper_sees_who_waits_and_links_them(house):
    propose(house)
    (shown,) = house.get("/accounts", by=CLERK).json()["items"]
    assert shown == {
        "account_id": str(MINE.account_id),
        "status": "proposed",
        "person_id": None,
        "issuer": "tests",
        "subject": "nobody Lan",
        "said": "Lan, cán bộ xã",
    }
    house.done("POST", f"{ACCOUNT}/acceptance", {"person_id": str(LAN)}, by=CLERK)
    linked, given = house.events()[-2:]
    assert isinstance(linked, AccountLinked)
    assert isinstance(given, SignInGiven)
    assert house.get("/accounts", by=CLERK).json()["items"] == []
    (shown,) = house.get("/accounts?status=linked", by=CLERK).json()["items"]
    assert shown["person_id"] == str(LAN)
    house.done("POST", f"{ACCOUNT}/unlinking", by=CLERK)
    assert isinstance(house.events()[-2], AccountUnlinked)


def test_who_signs_in_is_told_under_which_account(house):
    assert house.get("/accounts/mine", by="nobody Lan").json() == {
        "account_id": str(MINE.account_id),
        "person_id": None,
    }
    assert house.get("/accounts/mine", by=OFFICER).json()["person_id"] == str(OFFICER)


def code(answer):
    assert answer.status_code >= 400, answer.text
    return answer.json()["code"]


def accept(house, person=LAN, by=CLERK, **more):
    return house.call("POST", f"{ACCOUNT}/acceptance", {"person_id": str(person)} | more, by=by)


def test_what_is_refused(house):
    assert code(accept(house)) == "account-not-proposed"
    assert code(house.call("POST", f"{ACCOUNT}/refusal", by=CLERK)) == "account-not-proposed"
    assert code(house.call("POST", f"{ACCOUNT}/unlinking", by=CLERK)) == "account-is-nobodys"
    other = {"issuer": "tests", "subject": "somebody else"}
    assert code(accept(house, identity=other)) == "account-is-another"
    assert code(accept(house, by=OFFICER)) == "not-allowed"
    propose(house)
    assert code(accept(house, UUID(int=77))) == "person-not-registered"
    house.done("PUT", f"/persons/{CLERK}", {"kind": "human", "name": "Thu"}, by=KEEPER)
    assert code(accept(house, CLERK)) == "own-account"
    accept(house).raise_for_status()
    assert code(accept(house, OFFICER)) == "account-linked-already"
    assert code(house.call("POST", f"{ACCOUNT}/refusal", by=CLERK)) == "account-linked-already"
    second = Identity("tests", "another of hers")
    again = {"issuer": second.issuer, "subject": second.subject}
    path = f"/accounts/{second.account_id}/acceptance"
    body = {"person_id": str(LAN), "identity": again}
    assert code(house.call("POST", path, body, by=CLERK)) == "has-another-account"
    house.done("POST", f"{ACCOUNT}/unlinking", by=CLERK)
    assert code(house.call("POST", path, body, by=CLERK)) == "took-the-sign-in"


def test_nobody_grants_to_themselves_through_a_second_account(house):
    """A keeper makes up a person, and is refused whatever way round they go about it."""
    role = {"role": "approver", "unit_id": str(CITY), "valid_from": "2024-09-01"}
    grant = f"/persons/{LAN}/roles/{UUID(int=1)}"
    propose(house, "một người khác")
    accept(house, by=CLERK).raise_for_status()
    assert code(house.call("PUT", grant, role, by=CLERK)) == "gave-the-sign-in"
    house.done("POST", f"{ACCOUNT}/unlinking", by=KEEPER)
    house.done("PUT", grant, role, by=CLERK)
    identity = {"issuer": MINE.issuer, "subject": MINE.subject}
    assert code(accept(house, by=CLERK, identity=identity)) == "gave-the-roles"


def test_an_account_is_linked_and_taken_by_who_keeps_the_roles_of_the_person(house):
    """A commune's keeper signs in as nobody who holds a role elsewhere, nor shuts them out."""
    local = house.grant(UUID(int=903), "organisation-keeper", COMMUNE)
    propose(house)
    role = {"role": "approver", "unit_id": str(CITY), "valid_from": "2024-09-01"}
    grant = f"/persons/{LAN}/roles/{UUID(int=1)}"
    house.done("PUT", grant, role, by=KEEPER)
    assert code(accept(house, by=local)) == "outside-your-unit"
    accept(house, by=CLERK).raise_for_status()
    assert code(house.call("POST", f"{ACCOUNT}/unlinking", by=local)) == "outside-your-unit"
    house.done("POST", f"{grant}/revocation", by=KEEPER)
    house.done("POST", f"{ACCOUNT}/unlinking", by=local)
    in_the_commune = role | {"unit_id": str(COMMUNE)}
    house.done("PUT", f"/persons/{LAN}/roles/{UUID(int=2)}", in_the_commune, by=KEEPER)
    other = house.grant(UUID(int=904), "organisation-keeper", COMMUNE)
    identity = {"issuer": MINE.issuer, "subject": MINE.subject}
    accept(house, by=other, identity=identity).raise_for_status()


def test_a_keeper_who_knows_nobody_behind_it_refuses_and_it_may_be_proposed_again(house):
    propose(house)
    house.done("POST", f"{ACCOUNT}/refusal", by=CLERK)
    (shown,) = house.get("/accounts?status=refused", by=CLERK).json()["items"]
    assert shown["said"] == "Lan, cán bộ xã"
    propose(house, "Bùi Thị Lan, xã Ba Vì").raise_for_status()
    assert len(house.get("/accounts", by=CLERK).json()["items"]) == 1
