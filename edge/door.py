"""The HTTP door: who asks, may they, with which key, when. Routes see nothing else of HTTP."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel

from contracts.sealed import Sealed
from edge.permission import May
from edge.refusals import NotAllowed, NotSignedIn, OutsideYourUnit
from edge.tokens import Principal, WhoAsks
from edge.who_may_where import Directory
from eventing.clock import Clock
from eventing.decider import Decider
from eventing.event_store import Key
from eventing.execute import Asked, Executor
from eventing.read_model import ReadModel
from eventing.record import Why
from eventing.rows import Rows
from eventing.sealing import Sealer


class Accepted(BaseModel):
    """Ask any query for `min_position` with these to read what this command wrote."""

    positions: dict[str, int]


@dataclass(slots=True, kw_only=True)
class House:
    """What a service's composition root puts behind its door."""

    service: str
    executor: Executor
    rows: Rows
    clock: Clock
    who_asks: WhoAsks
    sealer: Sealer
    mac_key: bytes
    directory: Directory
    permissions: dict[Callable[..., Any], May] = field(default_factory=dict)


@dataclass(slots=True)
class _Door:
    """What commands and queries have in common."""

    house: House
    may: May
    principal: Principal | None
    held_in: list[UUID]
    now: datetime
    language: str

    @property
    def person(self) -> UUID:
        """Who is signed in. Raises NotSignedIn."""
        if self.principal is None:
            raise NotSignedIn
        return self.principal.person

    @property
    def rows(self) -> Rows:
        return self.house.rows

    async def is_within(self, unit_id: UUID) -> bool:
        """Does the person hold a role of the entry in this unit, or in one that contains it?"""
        return await self.house.directory.covers(self.held_in, unit_id, time.monotonic())

    async def within(self, unit_id: UUID) -> None:
        """Raises OutsideYourUnit."""
        if not await self.is_within(unit_id):
            raise OutsideYourUnit

    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        return await self.house.sealer.seal(person, purpose, field, text)

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        """None: the person was erased."""
        return await self.house.sealer.open(person, purpose, field, sealed)

    async def state(self, decider: Decider[Any, Any, Any], stream: str) -> Any:
        """The state of a stream as it is now."""
        return await self.house.executor.state(decider, stream)


@dataclass(slots=True)
class CommandDoor(_Door):
    asked: Asked
    unit_checked: bool = False

    async def within(self, unit_id: UUID) -> None:
        await _Door.within(self, unit_id)
        self.unit_checked = True

    async def execute(self, decider: Decider[Any, Any, Any], stream: str, command: Any) -> Accepted:
        assert self.may.anywhere or self.unit_checked, "the route did not say in which unit"
        position = await self.house.executor.execute(decider, stream, command, self.asked)
        return Accepted(positions={self.house.service: position})


@dataclass(slots=True)
class QueryDoor(_Door):
    min_position: Mapping[str, int]

    async def fresh(self, model: ReadModel[Any, Any]) -> None:
        """Wait until the model has what the caller wrote. Raises NotYetVisible."""
        if self.min_position:
            await self.rows.reached(model, self.min_position)


async def _open(request: Request, accept_language: str | None) -> dict[str, Any]:
    house: House = request.app.state.house
    entry = house.permissions[request.scope["endpoint"]]
    principal = await house.who_asks(request.headers.get("authorization"))
    now = house.clock()
    held_in: list[UUID] = []
    if entry.roles is not None:
        if principal is None:
            raise NotSignedIn
        if entry.roles:
            held_in = await house.directory.held(
                principal.person, entry.roles, now, time.monotonic()
            )
            if not held_in:
                raise NotAllowed(entry.name)
    return {
        "house": house,
        "may": entry,
        "principal": principal,
        "held_in": held_in,
        "now": now,
        "language": language_of(accept_language),
    }


def language_of(accept_language: str | None) -> str:
    """Vietnamese, unless English is asked for first (RFC 9110, section 12.5.4)."""
    for item in (accept_language or "").split(","):
        wanted = item.split(";")[0].strip().lower()
        if wanted.startswith("vi"):
            return "vi"
        if wanted.startswith("en"):
            return "en"
    return "vi"


async def open_for_command(
    request: Request,
    idempotency_key: Annotated[UUID, Header()],
    accept_language: Annotated[str | None, Header()] = None,
    if_match: Annotated[str | None, Header()] = None,
    correlation_id: Annotated[UUID | None, Header()] = None,
    traceparent: Annotated[str | None, Header()] = None,
) -> CommandDoor:
    opened = await _open(request, accept_language)
    principal = opened["principal"]
    if principal is None:
        raise NotSignedIn
    path = request.url.path.encode()
    asked = b"\n".join(
        [request.method.encode(), path, await request.body(), (if_match or "").encode()]
    )
    mac = hmac.digest(opened["house"].mac_key, asked, hashlib.sha256)
    key = Key(principal.person, idempotency_key, mac)
    why = Why(actor=principal.person, correlation=correlation_id, traceparent=traceparent)
    seen = None if if_match is None else int(if_match.strip('W/"'))
    return CommandDoor(**opened, asked=Asked(key, why, seen))


async def open_for_query(
    request: Request,
    accept_language: Annotated[str | None, Header()] = None,
    min_position: Annotated[list[str] | None, Query(max_length=8)] = None,
) -> QueryDoor:
    opened = await _open(request, accept_language)
    wanted = dict(item.split(":", 1) for item in min_position or [])
    return QueryDoor(**opened, min_position={name: int(at) for name, at in wanted.items()})


Door = Annotated[CommandDoor, Depends(open_for_command)]
ReadDoor = Annotated[QueryDoor, Depends(open_for_query)]
