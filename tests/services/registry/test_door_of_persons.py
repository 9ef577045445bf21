from datetime import date
from uuid import UUID

import pytest

from contracts.registry import PersonRegistered, RoleGranted, RolePassed, RoleRevoked
from contracts.roles import OF_PROGRAMS, ROLES
from services.registry.reactions import REACTIONS
from tests.services.registry.commune_house import registry, succession_body
from tests.services.registry.samples import (
    CITY,
    COMMUNE,
    GRANT,
    KEEPER,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_GRANT,
    OTHER_SUCCESSOR,
    RULES,
    SUCCESSOR,
)
from tests.support.in_clear import in_clear

LAN = UUID(int=51)
PERSON = f"/persons/{LAN}"
ROLE = f"/persons/{LAN}/roles/{GRANT}"


def role_body(role="accountant", unit_id=COMMUNE, **changed):
    return {"role": role, "unit_id": str(unit_id), "valid_from": "2024-09-01"} | changed


@pytest.fixture
def house():
    one = registry()
    one.done("PUT", PERSON, {"kind": "human", "name": "Bùi Thị Lan"}, by=KEEPER)
    return one


def test_a_person_is_registered_with_the_name_sealed(house):
    assert isinstance(house.events()[-1], PersonRegistered)
    assert "Lan" not in in_clear(house.store._log[-1].record)


def test_a_persons_id_means_one_person(house):
    assert house.refused("PUT", PERSON, {"kind": "human", "name": "Ai khác"}, by=KEEPER) == (
        409,
        "person-registered-otherwise",
    )


def test_a_role_is_granted_used_and_revoked(house):
    figure = {"as_of": "2024-06-30", "children": 1, "source": "UBND xã"}
    path = f"/units/{COMMUNE}/figures"
    assert house.refused("POST", path, figure, by=LAN) == (403, "not-allowed")
    house.done("PUT", ROLE, role_body("commune-officer"), by=KEEPER)
    assert isinstance(house.events()[-2], RoleGranted)
    house.done("POST", path, figure, by=LAN)
    house.done("POST", f"{ROLE}/revocation", by=KEEPER)
    assert isinstance(house.events()[-1], RoleRevoked)


def test_only_a_keeper_grants(house):
    assert house.refused("PUT", ROLE, role_body(), by=OFFICER) == (403, "not-allowed")


def test_a_keeper_of_a_commune_gives_and_takes_roles_there_alone(house):
    of_a_commune = house.grant(UUID(int=6_001), "organisation-keeper", COMMUNE)
    for unit in (CITY, OTHER_COMMUNE):
        for role in ("organisation-keeper", "approver"):
            asked = house.refused("PUT", ROLE, role_body(role, unit), by=of_a_commune)
            assert asked == (403, "outside-your-unit")
    house.done("PUT", ROLE, role_body(unit_id=CITY), by=KEEPER)
    asked = house.refused("POST", f"{ROLE}/revocation", by=of_a_commune)
    assert asked == (403, "outside-your-unit")
    other = f"/persons/{LAN}/roles/{OTHER_GRANT}"
    house.done("PUT", other, role_body("verifier"), by=of_a_commune)
    house.done("POST", f"{other}/revocation", by=of_a_commune)
    unknown = role_body(unit_id=UUID(int=6_002))
    assert house.refused("PUT", ROLE, unknown, by=of_a_commune) == (404, "unit-not-established")


def test_a_grants_id_said_of_another_person_silences_nobody(house):
    """Neither taken by another way, nor lost where somebody else is given one under it."""
    other, figure = UUID(int=52), {"as_of": "2024-06-30", "children": 1, "source": "UBND xã"}
    house.done("PUT", f"/persons/{other}", {"name": "Đinh Văn Sơn"}, by=KEEPER)
    house.done("PUT", ROLE, role_body("commune-officer"), by=KEEPER)
    by_another_way = f"/persons/{other}/roles/{GRANT}"
    taken = house.refused("POST", f"{by_another_way}/revocation", by=KEEPER)
    assert taken == (404, "role-not-granted")
    house.done("PUT", by_another_way, role_body("verifier"), by=KEEPER)
    house.done("POST", f"/units/{COMMUNE}/figures", figure, by=LAN)
    house.done("POST", f"{by_another_way}/revocation", by=KEEPER)
    house.done("POST", f"/units/{COMMUNE}/figures", figure | {"children": 2}, by=LAN)
    held = house.seen(f"/roles?person_id={LAN}", by=KEEPER)["items"]
    assert [(one["role"], one["revoked"]) for one in held] == [("commune-officer", False)]


def test_a_vanished_units_roles_pass_to_its_one_successor(house):
    """Those that are left: not one that ended before, or was taken away."""
    grants = [UUID(int=0xE0 + number) for number in range(3)]
    days = ({}, {"valid_until": "2025-07-01"}, {"valid_until": "2026-01-01"})
    for grant, more in zip(grants, days, strict=True):
        path = f"/persons/{LAN}/roles/{grant}"
        house.done("PUT", path, role_body("verifier", **more), by=KEEPER)
    house.done("POST", f"/persons/{LAN}/roles/{grants[0]}/revocation", by=KEEPER)
    path = f"/units/{SUCCESSOR}/figures"
    figure = {"as_of": "2025-07-01", "children": 1, "source": "UBND xã"}
    house.done("PUT", ROLE, role_body("commune-officer"), by=KEEPER)
    house.succeeded_by(SUCCESSOR)
    assert len(house.react(REACTIONS)) == 4
    passed = [event for event in house.events() if isinstance(event, RolePassed)]
    assert {one.grant_id: (one.unit_id, one.valid_until) for one in passed} == {
        grants[2]: (SUCCESSOR, date(2026, 1, 1)),
        GRANT: (SUCCESSOR, None),
    }
    assert len(passed) == 2
    house.done("POST", path, figure, by=LAN)
    held = house.seen(f"/roles?unit_id={SUCCESSOR}&person_id={LAN}", by=KEEPER)["items"]
    assert {one["grant_id"] for one in held} == {str(grants[2]), str(GRANT)}
    assert house.react(REACTIONS) == []
    of_the_old = house.grant(UUID(int=6_001), "organisation-keeper", COMMUNE)
    taken = house.refused("POST", f"{ROLE}/revocation", by=of_the_old)
    assert taken == (403, "outside-your-unit")
    house.done("POST", f"{ROLE}/revocation", by=KEEPER)


def test_of_a_split_unit_roles_stay_where_they_were_given(house):
    house.done("PUT", ROLE, role_body("commune-officer"), by=KEEPER)
    house.succeeded_by(SUCCESSOR, OTHER_SUCCESSOR)
    assert house.react(REACTIONS) == []
    path = f"/units/{SUCCESSOR}/figures"
    figure = {"as_of": "2025-07-01", "children": 1, "source": "UBND xã"}
    assert house.refused("POST", path, figure, by=LAN) == (403, "outside-your-unit")


def test_a_keeper_of_a_commune_takes_over_no_other(house):
    of_a_commune = house.grant(UUID(int=6_001), "organisation-keeper", COMMUNE)
    for vanished, successor in ((OTHER_COMMUNE, COMMUNE), (COMMUNE, OTHER_COMMUNE)):
        body = succession_body(successor, ended_on="2030-01-01")
        path = f"/units/{vanished}/succession"
        assert house.refused("POST", path, body, by=of_a_commune) == (403, "outside-your-unit")


def test_nobody_grants_or_revokes_their_own(house):
    keeper = f"/persons/{KEEPER}"
    house.done("PUT", keeper, {"kind": "human", "name": "Nguyễn Thị Hạnh"}, by=KEEPER)
    own = f"{keeper}/roles/{GRANT}"
    assert house.refused("PUT", own, role_body(), by=KEEPER) == (403, "own-roles")
    house.grant(LAN, "organisation-keeper", CITY)
    house.done("PUT", own, role_body(), by=LAN)
    assert house.refused("POST", f"{own}/revocation", by=KEEPER) == (403, "own-roles")


def test_accountant_and_cashier_exclude_each_other(house):
    house.done("PUT", ROLE, role_body(), by=KEEPER)
    other = f"/persons/{LAN}/roles/{OTHER_GRANT}"
    for unit in (COMMUNE, CITY, OTHER_COMMUNE):
        answer = house.call("PUT", other, role_body("cashier", unit), by=KEEPER)
        assert (answer.status_code, answer.json()["code"]) == (409, "roles-exclude-each-other")
        assert answer.json()["fields"] == {"role_held": "accountant"}


def test_grants_that_cannot_be(house):
    backwards = role_body(valid_until="2024-09-01")
    assert house.refused("PUT", ROLE, backwards, by=KEEPER) == (422, "grant-ends-before-it-begins")
    nowhere = role_body(unit_id=UUID(int=404))
    assert house.refused("PUT", ROLE, nowhere, by=KEEPER) == (404, "unit-not-established")
    unknown = f"/persons/{UUID(int=404)}/roles/{GRANT}"
    assert house.refused("PUT", unknown, role_body(), by=KEEPER) == (404, "person-not-registered")
    assert house.refused("POST", f"{unknown}/revocation", by=KEEPER) == (
        404,
        "person-not-registered",
    )
    assert house.refused("POST", f"{ROLE}/revocation", by=KEEPER) == (404, "role-not-granted")
    assert house.refused("PUT", ROLE, role_body("king"), by=KEEPER) == (422, "role-not-known")


def test_a_role_of_programs_is_never_a_humans(house):
    reader = role_body("contact-reader")
    assert house.refused("PUT", ROLE, reader, by=KEEPER) == (422, "role-of-programs")
    program = UUID(int=405)
    house.done("PUT", f"/persons/{program}", {"kind": "program", "name": "Gửi thư"}, by=KEEPER)
    house.done("PUT", f"/persons/{program}/roles/{GRANT}", reader, by=KEEPER)


@pytest.mark.parametrize("role", sorted(ROLES - OF_PROGRAMS))
def test_every_role_can_be_granted_to_a_human(house, role):
    house.done("PUT", ROLE, role_body(role), by=KEEPER)
    granted, held = house.events()[-2:]
    assert (granted.role, granted.rules) == (role, RULES.named)
    assert (held.unit_id, held.grant_id, held.person_id) == (COMMUNE, GRANT, LAN)


def test_a_grants_id_means_one_grant(house):
    house.done("PUT", ROLE, role_body(), by=KEEPER)
    assert house.refused("PUT", ROLE, role_body("coordinator"), by=KEEPER) == (
        409,
        "role-granted-otherwise",
    )
