"""What other programs are told of each service in OpenAPI, walked through from end to end."""

import re
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import HouseForTests
from tests.support.services import SERVICES

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture(scope="module", params=sorted(SERVICES))
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = HouseForTests(
        request.param, SERVICES[request.param]
    ).client.app.openapi()
    return found


def whole_numbers(of: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    if isinstance(of, list):
        return [
            each for at, inner in enumerate(of) for each in whole_numbers(inner, f"{path}/{at}")
        ]
    if not isinstance(of, dict):
        return []
    found = [each for name, inner in of.items() for each in whole_numbers(inner, f"{path}/{name}")]
    return [*found, (path, of)] if of.get("type") == "integer" else found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def test_every_whole_number_has_64_bits(document: dict[str, Any]) -> None:
    found = whole_numbers(document)
    assert found
    assert [path for path, schema in found if schema.get("format") != "int64"] == []


def test_an_operation_is_called_by_its_address_once(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not re.fullmatch(r"[a-z]+([-.][a-z]+)*", one)] == []


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_what_is_not_for_everybody_stays_in_no_cache(service: str) -> None:
    """Asked by somebody who may: the answer is that nothing is there, or what they may see."""
    house = HouseForTests(service, SERVICES[service])
    me = UUID(int=77)
    for role in ("auditor", "coordinator", "commune-officer", "organisation-keeper"):
        house.grant(me, role, house.unit(UUID(int=78)))
    asked = 0
    for path in house.client.app.openapi()["paths"]:
        if "{" in path or "/api/" in path:
            continue
        answer = house.client.get(path, headers={"Authorization": f"Bearer {me}"})
        if answer.status_code != 200:
            continue
        may = next(
            entry
            for endpoint, entry in house.house.permissions.items()
            if any(
                getattr(route, "path", "") == path
                and "GET" in getattr(route, "methods", ())
                and getattr(route, "endpoint", None) is endpoint
                for route in house.client.app.routes
            )
        )
        if may.roles is not None:
            asked += 1
            assert answer.headers["cache-control"] == "no-store", path
    assert asked or service in {"portal", "notifications"}
