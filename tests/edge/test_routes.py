"""A route that nobody guards cannot be declared."""

from functools import partial
from typing import Any, cast
from uuid import UUID

import pytest

from edge.door import Door, ListDoor, ReadDoor
from edge.permission import anyone, may, signed_in
from edge.routes import Routes
from edge.web import web
from eventing.decider import Rejection
from notary.published_log import PublishedLog
from tests.support.house import HouseForTests


class Forbidden(Rejection):
    code = "forbidden"
    kind = "forbidden"
    vi = "Không được."
    en = "No."


class AlsoForbidden(Rejection):
    code = "forbidden"
    vi = "Thôi."
    en = "Don't."


class Wordless(Rejection):
    code = "wordless"


class Gap(Rejection):
    code = "gap"
    vi = "{name}"
    en = "{owner}"

    def __init__(self, name: str) -> None:
        self.name = name


def refusing(rejection: type[Rejection]) -> Routes:
    routes = Routes()

    @routes.command("PUT", f"/{rejection.__name__}", may=signed_in("act"), refuses=[rejection])
    async def act(door: Door) -> None: ...

    return routes


def test_a_route_needs_its_permission_entry():
    with pytest.raises(TypeError, match="may"):
        Routes().command("PUT", "/things")
    with pytest.raises(TypeError, match="may"):
        Routes().query("/things")


def test_an_entry_needs_a_role_or_says_plainly_that_it_needs_none():
    with pytest.raises(ValueError, match="signed_in"):
        may("things.do")


def test_a_route_without_a_door_would_be_checked_by_nobody():
    async def open_house() -> str:
        return "everybody's secrets"

    with pytest.raises(TypeError, match="must take one door"):
        Routes().query("/secrets", may=may("secrets", "keeper"))(open_house)


def test_a_command_does_not_pass_by_the_door_of_queries():
    async def act(door: ReadDoor) -> None: ...

    async def look(door: Door) -> None: ...

    with pytest.raises(TypeError, match="door of a query"):
        Routes().command("PUT", "/things", may=signed_in("act"))(act)
    with pytest.raises(TypeError, match="door of a command"):
        Routes().query("/things", may=signed_in("look"))(look)


def test_a_route_takes_one_door():
    async def two(door: ReadDoor, other: ListDoor) -> None: ...

    with pytest.raises(TypeError, match="must take one door"):
        Routes().query("/things", may=anyone("look"))(two)


def test_a_route_is_no_thread():
    def blocking(door: ReadDoor) -> None: ...

    with pytest.raises(TypeError, match="async def"):
        Routes().query("/things", may=anyone("look"))(blocking)


def test_a_command_has_one_body():
    async def act(door: Door, first: dict[str, int], second: dict[str, int]) -> None: ...

    with pytest.raises(TypeError, match="one body"):
        Routes().command("PUT", "/things", may=signed_in("act"))(act)


def test_a_rejection_that_a_route_names_needs_its_words():
    with pytest.raises(TypeError, match="Wordless has no words"):
        refusing(Wordless)


def test_the_words_of_a_rejection_speak_only_of_what_it_has():
    with pytest.raises(TypeError, match="owner"):
        refusing(Gap)


def test_one_code_is_of_one_rejection():
    routes = [refusing(Forbidden), refusing(AlsoForbidden)]
    with pytest.raises(TypeError, match="two rejections"):
        HouseForTests("donations", partial(web, routes=routes, title="Two"))


@pytest.mark.parametrize(
    "path",
    ["/log/checkpoint", "/log/checkpoints", "/log/keys", "/log/records", "/parked", "/refused"],
)
def test_a_query_that_waits_for_nothing_is_not_asked_to_wait(path):
    """Those that a service has in operation alone: of the others, `test_strict_door.py`."""
    house = HouseForTests("donations", partial(web, routes=[], title="One"))
    house.house.log = PublishedLog("donations", cast("Any", None), None)
    house.house.operations = cast("Any", object())
    house.be_lenient()
    auditor = house.grant(UUID(int=8), "auditor", house.unit(UUID(int=1)))
    answer = house.get(f"{path}?min_position=donations:1", by=auditor)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["problems"]] == ["query.min_position"]
    described = house.client.app.openapi()["paths"][path]["get"]["parameters"]
    assert "min_position" not in [each["name"] for each in described]
