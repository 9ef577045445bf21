"""Which commands rest on a reading: each says which, asks for its ETag, and may be read."""

import pytest
from starlette.routing import Match

from edge.command_route import CommandRoute, QueryRoute
from services.allocation.app import make_app as allocation
from services.donations.app import make_app as donations
from services.notifications.app import make_app as notifications
from services.registry.app import make_app as registry
from tests.support.house import HouseForTests

HOUSES = {
    name: HouseForTests(name, make_app)
    for name, make_app in (
        ("allocation", allocation),
        ("donations", donations),
        ("notifications", notifications),
        ("registry", registry),
    )
}
ADD_FACTS = {
    "absences",  # of a gift day, from a queue; a line never changes once it is planned
    "signatures",
    "substitutions",
    "measures",  # dated facts, of which the newest by its own date counts
    "enrolments",
    "counts",
    "reception",  # what came is counted by whoever took it
    "inspection",
    "cancellation",  # what they speak of never changes, and each ends once
    "ratification",
    "substitutions/{line_id}/refusal",
    "accounts/{account_id}/refusal",
    "placement",
    "revocation",
    "end",
    "returns",
    "public-name/withdrawal",
    "decision",
    "accounts/{account_id}/acceptance",
    "unlinking",
    "openings",
    "retry",
    "skip",
}
"""How the addresses end of commands that add a fact whatever has come since."""


def commands():
    for service, house in HOUSES.items():
        for route in house.client.app.routes:
            if isinstance(route, CommandRoute):
                (method,) = route.methods
                yield pytest.param(service, route, id=f"{service} {method} {route.path}")


COMMANDS = list(commands())
SAY_AGAIN = {
    "/checkpoint-subscription",  # on, and on again
    "/inbox/own/reading",  # further, and further again
    "/accounts/mine",  # who somebody says they are, to the keeper who reads it
}
"""PUTs of a thing of one's own, of which nobody else says anything."""
JUDGING = [one for one in COMMANDS if one.values[1].judges is not None]


def reading_of(service, route):
    scope = {"type": "http", "method": "GET", "path": route.judges, "root_path": ""}
    found = [
        query
        for query in HOUSES[service].client.app.routes
        if isinstance(query, QueryRoute) and query.matches(scope)[0] is Match.FULL
    ]
    return found[0]


@pytest.mark.parametrize(("service", "route"), COMMANDS)
def test_a_command_says_what_it_rests_on_or_is_known_to_add_a_fact(service, route):
    adds = any(route.path.endswith(f"/{how}") for how in ADD_FACTS)
    assert (route.judges is None) <= (adds or makes(service, route) or route.path in SAY_AGAIN)


def makes(service, route):
    """Whether a PUT makes a thing, and is refused where that is there otherwise."""
    refused = HOUSES[service].client.app.state.refuses[route.endpoint]
    otherwise = any(one.__name__.endswith("Otherwise") for one in refused)
    return "PUT" in route.methods and route.path.endswith("}") and otherwise


@pytest.mark.parametrize(("service", "route"), JUDGING)
def test_only_who_begins_a_thing_may_have_seen_nothing(service, route):
    assert route._begins == ("PUT" in route.methods and route.judges == route.path)


@pytest.mark.parametrize(("service", "route"), JUDGING)
def test_whoever_may_judge_may_read_what_they_judge(service, route):
    permissions = HOUSES[service].house.permissions
    reading = permissions[reading_of(service, route).endpoint]
    assert reading.roles is None or permissions[route.endpoint].roles <= reading.roles


@pytest.mark.parametrize(("service", "route"), JUDGING)
def test_its_openapi_asks_for_the_etag_of_the_reading(service, route):
    operation = HOUSES[service].client.app.openapi()["paths"][route.path][
        next(iter(route.methods)).lower()
    ]
    (if_match,) = [each for each in operation["parameters"] if each["name"] == "If-Match"]
    assert if_match["required"] is not route._begins
    assert f"`GET {route.judges}`" in if_match["description"]
    assert "412" in operation["responses"]
    assert route._begins or "428" in operation["responses"]


@pytest.mark.parametrize(("service", "route"), JUDGING)
def test_the_reading_says_its_version_too_so_that_a_list_may_be_judged(service, route):
    schema = HOUSES[service].client.app.openapi()
    answer = schema["paths"][route.judges]["get"]["responses"]["200"]
    name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert "version" in schema["components"]["schemas"][name]["properties"]
