"""A list that is taken away as a file: its reason is recorded, by whoever may ask for the list."""

from uuid import UUID

import pytest

from contracts.every_service import ListExported
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

VERIFIER, NOBODY, CITY, EXPORT = (UUID(int=at) for at in range(1, 5))
NEEDS = {"query": "/needs", "reason": "cross-check"}


@pytest.fixture
def house():
    house = HouseForTests("registry", SERVICES["registry"])
    house.grant(VERIFIER, "verifier", house.unit(CITY))
    return house


def test_a_list_is_exported_with_its_reason(house):
    for _ in range(2):
        assert house.call("PUT", f"/exports/{EXPORT}", NEEDS, by=VERIFIER).status_code == 200
    assert house.events() == [
        ListExported(
            export_id=EXPORT,
            query="/needs",
            reason="cross-check",
            exported_by=VERIFIER,
            happened_at=house.now,
        )
    ]


@pytest.mark.parametrize(
    ("body", "by", "status", "code"),
    [
        ({"query": "/persons"}, VERIFIER, 403, "not-allowed"),
        ({}, NOBODY, 403, "not-allowed"),
        ({"query": "/nothing"}, VERIFIER, 404, "list-not-there"),
        ({"reason": "because"}, VERIFIER, 422, "request-not-valid"),
    ],
)
def test_what_is_not_exported(house, body, by, status, code):
    answer = house.call("PUT", f"/exports/{EXPORT}", NEEDS | body, by=by)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert house.events() == []


def test_an_id_is_of_one_export(house):
    house.call("PUT", f"/exports/{EXPORT}", NEEDS, by=VERIFIER)
    answer = house.call("PUT", f"/exports/{EXPORT}", NEEDS | {"reason": "meeting"}, by=VERIFIER)
    assert (answer.status_code, answer.json()["code"]) == (409, "exported-otherwise")
