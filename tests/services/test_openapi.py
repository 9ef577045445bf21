"""What other programs are told of each service in OpenAPI, walked through from end to end."""

import json
import re
from typing import Any
from uuid import UUID

import jsonschema
import pytest

from edge.command_route import BodiedRoute, CommandRoute, QueryRoute
from tests.support.house import HouseForTests
from tests.support.services import SERVICES

METHODS = ("get", "head", "put", "post", "patch", "delete")


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


def json_of(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = said.get("content", {}).get("application/json", {})
    return found


def test_a_document_says_where_it_is_answered(document: dict[str, Any]) -> None:
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_each_body_and_each_answer_has_an_example_that_fits(document: dict[str, Any]) -> None:
    checked = 0
    for address, operation in operations(document):
        answers = [said for status, said in operation["responses"].items() if status == "200"]
        for said in (operation.get("requestBody", {}), *answers):
            if not json_of(said).get("schema"):
                continue
            schema = {**json_of(said)["schema"], "components": document["components"]}
            checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
            jsonschema.Draft202012Validator(schema, format_checker=checker).validate(
                json_of(said)["example"]
            )
            checked += 1
            assert json_of(said)["example"] not in (None, {}), address
    assert checked


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_body_takes_its_own_example(service: str) -> None:
    """Also what its schema cannot say, as which members go together."""
    app = HouseForTests(service, SERVICES[service]).client.app
    paths = app.openapi()["paths"]
    bodied = [
        route for route in app.routes if isinstance(route, BodiedRoute) and route._takes is not None
    ]
    for route in bodied:
        method = next(iter(route.methods or ()))
        body = json_of(paths[route.path][method.lower()]["requestBody"])
        route._body._reader.validate_json(json.dumps(body["example"]))
    assert bodied or service == "portal"


def test_head_is_declared_wherever_get_is(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        assert ("head" in item) == ("get" in item), path
        if "head" in item:
            assert item["head"]["responses"].keys() == item["get"]["responses"].keys()
            assert not [each for each in item["head"]["responses"].values() if "content" in each]


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_what_carries_an_etag_declares_it_and_that_it_may_be_known(service: str) -> None:
    """Public readings, those that a command rests on, and whatever shows its version."""
    app = HouseForTests(service, SERVICES[service]).client.app
    paths = app.openapi()["paths"]
    judged = {route.judges for route in app.routes if isinstance(route, CommandRoute)} - {None}
    public = {
        route.path
        for route in app.routes
        if isinstance(route, QueryRoute) and route.is_public_reading and route.include_in_schema
    }
    assert public
    for path in judged | public:
        get = paths[path]["get"]
        assert "ETag" in get["responses"]["200"]["headers"], path
        assert "304" in get["responses"], path
        assert "If-None-Match" in [each["name"] for each in get["parameters"]], path


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
