"""A service behind its real door, on a memory store: what tests of routes stand on."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from types import EllipsisType
from typing import Any
from uuid import UUID, uuid4, uuid5

from fastapi import FastAPI, Request
from starlette.routing import Match

from contracts.every_service import PersonalDataOpened
from contracts.registry import ProgrammeStarted, RoleGranted, UnitEstablished
from edge.accounts import Principal
from edge.command_route import CommandRoute
from edge.door import House
from edge.refusals import NotSignedIn
from edge.tokens import Identity
from edge.who_may_where import Directory
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_rows import MemoryRows
from eventing.memory_store import MemoryStore
from eventing.reactions import Reaction, because_of, keyed
from eventing.record import Recorded, Why, decode
from eventing.sealing import MemorySealer
from tests.support.in_process import InProcess

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
KEEPER = UUID(int=900)
_DESCRIBED: dict[tuple[str, int], dict[str, Any]] = {}
"""OpenAPI by service and number of routes."""


def happened(*events: Any, service: str = "registry", stream: str = "elsewhere") -> list[Recorded]:
    """Events of another service as its topic would bring them."""
    why = Why(actor=KEEPER)
    return [
        Recorded(service, at, stream, at, uuid4(), event, event.happened_at, why)
        for at, event in enumerate(events, 1)
    ]


async def who_says(request: Request) -> Principal | None:
    """In tests the token is the person's id; `nobody …` is an account of nobody yet."""
    if (authorization := request.headers.get("authorization")) is None:
        return None
    if authorization.startswith("Bearer nobody"):
        return Principal(None, "tests", Identity("tests", authorization.removeprefix("Bearer ")))
    try:
        person = UUID(said := authorization.removeprefix("Bearer "))
        return Principal(person, "tests", Identity("tests", said))
    except ValueError:
        raise NotSignedIn from None


CODE_KEY = b"a key for codes on paper"


class HouseForTests:
    """`now` may be set; `grant` gives a person a role; `call` sends a command as a person.

    A command that judges a reading is sent with the ETag of what the person sees at that moment,
    unless `if_match` says another, or None for none.

    The house is strict: an unexpected error is raised here, and so is a rejection that the route
    did not declare. What another service published is given by `self.rows.feed(happened(...))`.
    """

    def __init__(self, service: str, make_app: Callable[[House], FastAPI]) -> None:
        self.now = MONDAY
        self.store = MemoryStore(service)
        self.sealer = MemorySealer()
        self.rows = MemoryRows(self.store, sealer=self.sealer)
        self.executor = Executor(self.store, lambda: self.now)
        self.house = House(
            service=service,
            executor=self.executor,
            rows=self.rows,
            clock=lambda: self.now,
            who_asks=who_says,
            sealer=self.sealer,
            mac_key=b"a key for tests",
            code_key=CODE_KEY,
            directory=Directory(self.rows),
            strict=True,
        )
        self._make_app = make_app
        self._given: set[Key] = set()
        self.client = InProcess(self._app())

    def _app(self) -> FastAPI:
        """Houses of a service have the same routes: they are described once."""
        app = self._make_app(self.house)
        describe = app.openapi

        def described() -> dict[str, Any]:
            which = (app.title, len(app.state.refuses))
            app.openapi_schema = _DESCRIBED.get(which)
            return _DESCRIBED.setdefault(which, describe())

        app.openapi = described  # type: ignore[method-assign]
        return app

    def be_lenient(self) -> None:
        """Soften and log what is unexpected, as in production."""
        self.house.strict = False
        self.client = InProcess(self._app())

    def unit(self, unit_id: UUID, *, parent: UUID | None = None, name: str = "Ba Vì") -> UUID:
        self.rows.feed(
            happened(
                UnitEstablished(
                    unit_id=unit_id,
                    code="09703",
                    name=name,
                    kind="commune",
                    parent_id=parent,
                    district_name="Ba Vì",
                    priority=False,
                    valid_from=date(2019, 1, 1),
                    happened_at=MONDAY,
                )
            )
        )
        return unit_id

    def programme(self, programme_id: UUID, code: str = "3874/KH-LĐTB&XH") -> UUID:
        """A programme that was started; `code` is that of its pack."""
        self.rows.feed(
            happened(
                ProgrammeStarted(
                    programme_id=programme_id,
                    code=code,
                    name="Kế hoạch",
                    starts_on=date(2019, 9, 1),
                    ends_on=date(2025, 12, 31),
                    unit_ids=(),
                    happened_at=MONDAY,
                )
            )
        )
        return programme_id

    def grant(self, person: UUID, role: str, unit: UUID) -> UUID:
        self.rows.feed(
            happened(
                RoleGranted(
                    grant_id=uuid5(person, role + str(unit)),
                    person_id=person,
                    role=role,
                    unit_id=unit,
                    valid_from=date(2019, 1, 1),
                    valid_until=None,
                    rules=None,
                    granted_by=KEEPER,
                    happened_at=MONDAY,
                )
            )
        )
        return person

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: UUID | None,
        key: UUID | None = None,
        if_match: str | EllipsisType | None = ...,
        **headers: str,
    ) -> Any:
        sent = {"Idempotency-Key": str(key or uuid4())} if method != "GET" else {}
        if by is not None:
            sent["Authorization"] = f"Bearer {by}"
        seen = self._seen(method, path, by) if isinstance(if_match, EllipsisType) else if_match
        if seen is not None:
            sent["If-Match"] = seen
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, json=body, headers=sent)

    def _seen(self, method: str, path: str, by: UUID | None) -> str | None:
        """The ETag of the reading that the command judges; of what the person cannot see, any."""
        if method == "GET":
            return None
        scope = {"type": "http", "method": method, "path": path, "root_path": ""}
        for route in self.client.app.routes:
            match, found = route.matches(scope)
            if match is Match.FULL and isinstance(route, CommandRoute) and route.judges:
                answer = self.get(route.judges.format(**found["path_params"]), by=by)
                nothing = None if route._begins else '"0"'
                return str(answer.headers["ETag"]) if "ETag" in answer.headers else nothing
        return None

    def get(self, path: str, *, by: UUID | None, **headers: str) -> Any:
        return self.call("GET", path, None, by=by, key=None, **headers)

    def events(self, since: int = 0) -> Sequence[Any]:
        """The events in the log, oldest first, but for what queries recorded by themselves."""
        events = [decode(stored).event for stored in self.store._log]
        return [one for one in events if not isinstance(one, PersonalDataOpened)][since:]

    def openings(self) -> Sequence[PersonalDataOpened]:
        """Who was shown what, oldest first."""
        events = [decode(stored).event for stored in self.store._log]
        return [one for one in events if isinstance(one, PersonalDataOpened)]

    def react(self, reactions: Sequence[Reaction]) -> list[str]:
        """Carry out what these give for the log as it is; returns the streams, of each key once."""
        service, given = self.store.service, []
        for recorded in [decode(stored) for stored in self.store._log]:
            for reaction, give, key in keyed(service, reactions, recorded):
                if key in self._given:
                    continue
                self._given.add(key)
                context = CommandContext(key, because_of(service, recorded))
                carry_out = self.executor.execute(give.decider, give.stream, give.command, context)
                asyncio.run(carry_out)
                given.append(f"{reaction.name} {give.stream}")
        return given

    def why(self, at: int) -> Why:
        """Who caused the event at an index of the log, and why."""
        return decode(self.store._log[at]).why

    def once_looked_at(self, decider: Any, then: Callable[[], object]) -> None:
        """Whatever `then` does happens after a route looked at such a stream, before it decides."""
        look, waiting = self.executor.state, [then]

        async def state(of: Any, stream: str, key: Key | None = None) -> Any:
            found = await look(of, stream, key)
            if of is decider and waiting:
                waiting.pop()()
            return found

        self.executor.state = state  # type: ignore[method-assign, assignment]
