"""Routes: none without its permission entry and a door that checks it, nor unsaid refusals."""

import inspect
import re
from collections.abc import Callable, Sequence
from functools import wraps
from types import EllipsisType
from typing import Any, TypeVar, get_type_hints

from fastapi import FastAPI, Response
from fastapi.params import Depends
from fastapi.responses import HTMLResponse

from edge.command_route import CommandRoute, QueryRoute, QuestionRoute
from edge.door import open_for_command, open_for_pages, open_for_query
from edge.openapi import Kind, asked_of, door_refuses, operation, responses
from edge.permission import May
from edge.refusals import FormOfAnother
from eventing.decider import Rejection
from eventing.execute import AnsweredBefore

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_DOORS: dict[Any, Kind] = {
    open_for_command: "command",
    open_for_query: "query",
    open_for_pages: "list",
}
_OPENED_BY = {kind: open_door for open_door, kind in _DOORS.items()}


class Routes:
    """One file's routes. `waits`: its queries wait for what `min_position` asks for."""

    def __init__(self, tag: str = "", *, waits: bool = True) -> None:
        self._waits = waits
        self.permissions: dict[Callable[..., Any], May] = {}
        self.refuses: dict[Callable[..., Any], frozenset[type[Rejection]]] = {}
        self._tags = [tag] if tag else None
        self._routes: list[QueryRoute] = []

    def command(
        self,
        method: str,
        path: str,
        *,
        may: May,
        refuses: Sequence[type[Rejection]] = (),
        judges: str | EllipsisType | None = ...,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a command; its endpoint takes a `Door`. Each of `refuses` needs words.

        `judges` is the query whose reading the command decides on, as "/needs/{need_id}": then
        `If-Match` with its ETag is asked for (by a PUT once the thing is there). None: it adds a
        fact whatever has come since, as from a queue, or judges what never changes. A POST says
        which; so does a PUT that may be told something else of what is there.
        """
        if isinstance(judges, EllipsisType):
            if method == "POST":
                raise TypeError(f"{method} {path} must say what it `judges`")
            judges = None
        return self._declare(method, path, may, refuses, judges=judges)

    def query(
        self,
        path: str,
        *,
        may: May,
        refuses: Sequence[type[Rejection]] = (),
        waits: bool | None = None,
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a query (GET); its endpoint takes a `ReadDoor`, or a `ListDoor` for pages.

        It waits for what `min_position` asks for (`door.fresh`), unless `waits` or this file's
        routes say otherwise: then it may not be asked. `options` go to FastAPI, as `response_class`
        for a page.
        """
        return self._declare("GET", path, may, refuses, waits=waits, **options)

    def question(
        self, path: str, *, may: May, refuses: Sequence[type[Rejection]] = (), **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a query that is asked with a body (POST): a name or a secret is in no address.

        Addresses are kept by browsers, proxies and logs. Nothing changes by it, so it needs no key.
        """
        return self._declare("POST", path, may, [*refuses, FormOfAnother], question=True, **options)

    def form(
        self, path: str, *, may: May, refuses: Sequence[type[Rejection]] = (), **options: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Declare a page's form (POST), which a browser sends; its endpoint takes a `ReadDoor`.

        It writes nothing into a log by itself: what it asks a service for has a key of its own.
        """
        page: dict[str, Any] = {"response_class": HTMLResponse, "include_in_schema": False}
        options = page | options
        return self._declare("POST", path, may, [*refuses, FormOfAnother], question=True, **options)

    def _declare(
        self,
        method: str,
        path: str,
        may: May,
        refuses: Sequence[type[Rejection]],
        *,
        question: bool = False,
        judges: str | None = None,
        waits: bool | None = None,
        **options: Any,
    ) -> Callable[[Endpoint], Endpoint]:
        waits = waits or (waits is None and self._waits)

        def declare(endpoint: Endpoint) -> Endpoint:
            name, kind = _door_of(endpoint)
            # Of what the address itself names nothing may be there yet.
            begins = method == "PUT" and judges == path
            _see_that_it_fits(method, path, kind, may, question=question)

            @wraps(endpoint)
            async def through_the_door(**given: Any) -> Any:
                door = given[name]
                try:
                    answer = await endpoint(**given)
                except AnsweredBefore as before:
                    return door.accepted(before.position)
                except Rejection:
                    # What the route looked up has changed since: what was accepted stays answered.
                    if kind == "command" and (answer := await door.answered()) is not None:
                        return answer
                    raise
                # A query that forgot to ask where would show everybody's rows: not a byte leaves.
                door.check_unit_said()
                if kind != "command":
                    await door.record_what_is_opened()
                if kind != "command" and may.roles is not None:
                    # What is not for everybody stays in no cache of a browser or a proxy.
                    answered = answer if isinstance(answer, Response) else door.answer
                    answered.headers["Cache-Control"] = "no-store"
                return answer

            self.permissions[through_the_door] = may
            asks = bool(judges) and not begins
            by_the_door = door_refuses(kind, may, path, judges=asks, waits=waits)
            refused = frozenset([*by_the_door, *refuses])
            self.refuses[through_the_door] = refused
            described: dict[str, Any] = {
                "tags": self._tags,
                "methods": [method],
                "name": may.name,
                "operation_id": _operation_id(method, path),
                "asked": asked_of(kind, waits=waits),
                "responses": responses(kind, refused, opens=may.opens, waits=waits),
                "openapi_extra": operation(kind, may, judges, begins=begins, waits=waits),
                **options,
            }
            taking = {"door": name, "open_door": _OPENED_BY[kind]}
            route: QueryRoute
            if kind == "command":
                described |= {"judges": judges, "begins": begins}
                route = CommandRoute(path, through_the_door, **taking, **described)
            elif question and options.get("include_in_schema", True):
                route = QuestionRoute(path, through_the_door, **taking, **described)
            else:
                public = may.roles is None
                route = QueryRoute(path, through_the_door, public=public, **described)
            self._routes.append(route)
            return endpoint

        return declare

    @property
    def declared(self) -> Sequence[QueryRoute]:
        return self._routes

    def include_in(self, app: FastAPI) -> None:
        app.router.routes.extend(self._routes)


def _see_that_it_fits(method: str, path: str, kind: Kind, may: May, *, question: bool) -> None:
    """Raises TypeError."""
    if kind == "command" and may.opens is not None:
        raise TypeError(f"{method} {path}: a command is recorded by what it decides")
    if (kind == "command") == (method == "GET" or question):
        raise TypeError(f"{method} {path} has the door of a {kind}")


def _door_of(endpoint: Callable[..., Any]) -> tuple[str, Kind]:
    """Name and kind of the door that an endpoint takes: there the permission entry is checked."""
    where = f"{endpoint.__module__}.{endpoint.__qualname__}"
    if not inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{where} must be `async def`: a thread of its own would escape the limits")
    doors = [
        (name, _DOORS[mark.dependency])
        for name, hint in get_type_hints(endpoint, include_extras=True).items()
        for mark in getattr(hint, "__metadata__", ())
        if isinstance(mark, Depends) and mark.dependency in _DOORS
    ]
    if len(doors) != 1:
        raise TypeError(f"{where} must take one door, or nobody checks who may: it takes {doors}")
    return doors[0]


def _operation_id(method: str, path: str) -> str:
    """As `get-needs-need-id` for `GET /needs/{need_id}`: whatever file it is in."""
    return "-".join([method.lower(), *re.findall(r"[a-z]+", path)])
