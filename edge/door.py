"""The HTTP door: who asks, may they, with which key, when. Routes see nothing else of HTTP."""

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, TypeVar, get_type_hints
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from contracts.languages import Language
from contracts.sealed import Sealed
from edge.accounts import Principal, WhoAsks
from edge.languages import language_of
from edge.listing import COUNT_MAX, LIMIT_DEFAULT, LIMIT_MAX, Cursors, Page
from edge.metrics import Metrics
from edge.openings import NOBODYS, OpensUnsaid, opening, record_opening
from edge.operations import Operations
from edge.permission import May
from edge.refusals import (
    AccountNotLinked,
    IfMatchNotValid,
    KeyMissing,
    KeyNotValid,
    LimitNotValid,
    MinPositionNotValid,
    NotAllowed,
    NotSignedIn,
    OutsideYourUnit,
    ReadingNotSaid,
    UnitNotSaid,
)
from edge.roles_heard import RolesHeard
from edge.tokens import Identity
from edge.trace import Trace
from edge.who_may_where import Directory
from eventing.clock import Clock
from eventing.decider import Decider
from eventing.event_store import Answered, Key
from eventing.execute import AnsweredBefore, CommandContext, Executor, Happened
from eventing.kept_file import KeptFile
from eventing.questions import Question, question
from eventing.read_model import ReadModel
from eventing.record import Why
from eventing.rows import Rows
from eventing.sealing import KeyDestroyed, Sealer
from notary.newest import NewestCheckpoints
from notary.published_log import PublishedLog

Row = TypeVar("Row")
Item = TypeVar("Item")

SERVICES_ASKED_MAX = 8
LIMIT_DIGITS_MAX = 4
POSITION_DIGITS_MAX = 18


class Accepted(BaseModel):
    """Ask any query for `min_position` with these to read what this command wrote."""

    positions: dict[str, int]


@dataclass(slots=True, kw_only=True)
class House:
    """What a service's composition root puts behind its door.

    `files` are those that the door reads again while it is open. `read_from_elsewhere`: pages of
    other sites may read what is public.

    `strict` is for tests: what production logs and softens (an unexpected error, a rejection that
    the route did not declare) is raised.
    """

    service: str
    executor: Executor
    rows: Rows
    clock: Clock
    who_asks: WhoAsks
    sealer: Sealer
    mac_key: bytes
    code_key: bytes
    directory: Directory
    read_models: Sequence[ReadModel[Any, Any]] = ()
    metrics: Metrics = field(default_factory=Metrics)
    operations: Operations | None = None
    log: PublishedLog | None = None
    checkpoints: NewestCheckpoints = field(default_factory=NewestCheckpoints)
    files: Sequence[KeptFile[Any]] = ()
    roles_heard: RolesHeard | None = None
    read_from_elsewhere: bool = False
    strict: bool = False
    permissions: dict[Callable[..., Any], May] = field(default_factory=dict)
    cursors: Cursors = field(init=False)

    def __post_init__(self) -> None:
        self.cursors = Cursors(self.mac_key)


@dataclass(slots=True, kw_only=True)
class _Door:
    """What commands and queries have in common."""

    house: House
    may: May
    principal: Principal | None
    held_in: list[UUID]
    now: datetime
    language: Language
    unit_said: bool = False

    @property
    def person(self) -> UUID:
        """Who is signed in. Raises NotSignedIn, AccountNotLinked."""
        if self.principal is None:
            raise NotSignedIn
        if self.principal.person is None:
            raise AccountNotLinked
        return self.principal.person

    @property
    def identity(self) -> Identity:
        """As their provider knows who is signed in. Raises NotSignedIn."""
        if self.principal is None:
            raise NotSignedIn
        return self.principal.identity

    @property
    def rows(self) -> Rows:
        return self.house.rows

    async def is_within(self, unit_id: UUID) -> bool:
        """Does the person hold a role of the entry in this unit, or in one that contains it?"""
        within = await self.house.directory.covers(
            self.held_in, unit_id, self.now, time.monotonic()
        )
        self.unit_said = self.unit_said or within
        return within

    async def within(self, unit_id: UUID) -> None:
        """Raises OutsideYourUnit."""
        if not await self.is_within(unit_id):
            raise OutsideYourUnit

    async def holds(self, *roles: str) -> bool:
        """Does the person hold one of these roles anywhere, whatever the entry asks for?"""
        who, now = self.person, self.now
        return bool(await self.house.directory.held(who, frozenset(roles), now, time.monotonic()))

    async def works_within(self, person: UUID, unit_id: UUID, *roles: str) -> bool:
        """Does another person hold one of these roles in the unit, or in one that contains it?"""
        tick, directory = time.monotonic(), self.house.directory
        held_in = await directory.held(person, frozenset(roles), self.now, tick)
        return await directory.covers(held_in, unit_id, self.now, tick)

    async def area(self) -> frozenset[UUID]:
        """All units in which the person holds a role of the entry: what a list is limited to."""
        self.unit_said = True
        return await self.house.directory.area(self.held_in, self.now, time.monotonic())

    async def is_below(self, unit_id: UUID, *roles: str) -> bool:
        """Does the person hold one of these roles in something that this unit contains?"""
        tick, directory = time.monotonic(), self.house.directory
        held_in = await directory.held(self.person, frozenset(roles), self.now, tick)
        for held in held_in:
            if await directory.covers([unit_id], held, self.now, tick):
                self.unit_said = True
                return True
        return False

    async def area_of(self, *roles: str) -> frozenset[UUID]:
        """All units in which the person holds one of these, whatever the entry asks for."""
        tick, directory = time.monotonic(), self.house.directory
        held_in = await directory.held(self.person, frozenset(roles), self.now, tick)
        return await directory.area(held_in, self.now, tick)

    def check_unit_said(self) -> None:
        """Raises UnitNotSaid when a role was asked for somewhere and nothing said where."""
        if not (self.may.anywhere or self.unit_said):
            raise UnitNotSaid(self.may.name)

    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        return await self.house.sealer.seal(person, purpose, field, text)

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        """None: the person was erased. Raises RolesNotHeard."""
        await self.see_that_roles_count()
        return await self.house.sealer.open(person, purpose, field, sealed)

    async def see_that_roles_count(self) -> None:
        """Raises RolesNotHeard: what we know of the roles is too old for what goes by them."""
        if self.may.roles and self.house.roles_heard is not None:
            await self.house.roles_heard.see()

    async def state(self, decider: Decider[Any, Any, Any], stream: str) -> Any:
        """The state of a stream as it is now."""
        return await self.house.executor.state(decider, stream)


@dataclass(slots=True, kw_only=True)
class CommandDoor(_Door):
    """Whatever a command looks at first is also asked whether it was answered before.

    A repeat then computes nothing anew. Looking raises AnsweredBefore, which the route lets pass.
    """

    context: CommandContext
    has_looked: bool = False

    @property
    def rows(self) -> Rows:
        return _RowsOfCommand(self)

    async def state(self, decider: Decider[Any, Any, Any], stream: str) -> Any:
        key = None if self.has_looked else self.context.key
        self.has_looked = True
        return await self.house.executor.state(decider, stream, key)

    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        """A repeat seals to the same bytes: only where the key is gone is it asked for.

        Raises KeyDestroyed, and what `look_first` raises.
        """
        try:
            return await _Door.seal(self, person, purpose, field, text)
        except KeyDestroyed:
            await self.look_first()
            raise

    async def look_first(self) -> None:
        """Raises AnsweredBefore, KeyUsedDifferently."""
        if self.has_looked:
            return
        self.has_looked = True
        if (before := await self._position_before()) is not None:
            raise AnsweredBefore(before)

    def rests_on(self, reading: str | None) -> None:
        """Ask for the version that the caller saw; of None, that they saw nothing there yet.

        Raises ReadingNotSaid.
        """
        if self.context.seen_version is None:
            if reading is not None:
                raise ReadingNotSaid(reading)
            self.context = replace(self.context, seen_version=0)

    def happened(self, said: datetime | None) -> datetime:
        """When it happened, as the person says, or now."""
        return said or self.now

    async def execute(
        self,
        decider: Decider[Any, Any, Any],
        stream: str,
        command: Any,
        *,
        judged: str | None = None,
    ) -> Accepted:
        """Raises what the decider refuses, and UnitNotSaid before anything is decided.

        `judged`: the stream whose version the caller saw, when it is another that is written too.
        """
        self.check_unit_said()
        await self.see_that_roles_count()
        self.has_looked = True
        context = replace(self.context, seen_stream=judged)
        return self.accepted(await self.house.executor.execute(decider, stream, command, context))

    def accepted(self, position: int) -> Accepted:
        return Accepted(positions={self.house.service: position})

    async def answered(self) -> Accepted | None:
        """The answer that this command got before, if it did. Raises KeyUsedDifferently."""
        before = await self._position_before()
        return None if before is None else self.accepted(before)

    async def _position_before(self) -> int | None:
        past = await self.house.executor.store.read("", self.context.key)
        return past.position if isinstance(past, Answered) else None


@dataclass(frozen=True, slots=True)
class _RowsOfCommand:
    """`Rows` as a command looks at them."""

    door: CommandDoor

    async def get(self, model: ReadModel[Any, Row], key: Any) -> Row | None:
        await self.door.look_first()
        return await self.door.house.rows.get(model, key)

    async def where(
        self, model: ReadModel[Any, Row], *, limit: int, after: Any = None, **which: Any
    ) -> Sequence[Row]:
        await self.door.look_first()
        return await self.door.house.rows.where(model, limit=limit, after=after, **which)

    async def count(self, model: ReadModel[Any, Any], *, bound: int, **which: Any) -> int:
        await self.door.look_first()
        return await self.door.house.rows.count(model, bound=bound, **which)

    async def query(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        await self.door.look_first()
        return await self.door.house.rows.query(sql, *arguments)

    async def query_together(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        await self.door.look_first()
        return await self.door.house.rows.query_together(asked)

    async def positions(self, model: ReadModel[Any, Any]) -> Mapping[str, int]:
        return await self.door.house.rows.positions(model)

    async def reached(
        self, model: ReadModel[Any, Any], at_least: Mapping[str, int], wait_s: float = 5.0
    ) -> None:
        await self.door.house.rows.reached(model, at_least, wait_s)


@dataclass(slots=True, kw_only=True)
class QueryDoor(_Door):
    """What it opens is recorded before the answer leaves, under the permission's purpose."""

    min_position: Mapping[str, int]
    answer: Response
    why: Why | None
    opened: set[UUID] = field(default_factory=set)
    whose_unsaid: bool = False

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        """None: the person was erased. Raises RolesNotHeard, OpensUnsaid."""
        self._may_open()
        self.opened.add(person)
        return await _Door.open(self, person, purpose, field, sealed)

    def shows(self, *subject_ids: UUID) -> None:
        """Say whose names or facts of a private model the answer shows; none: nobody's."""
        self.whose_unsaid = False
        self.opened.update(subject_ids)

    def _may_open(self) -> None:
        if self.may.opens is None:
            raise OpensUnsaid(f"{self.may.name} opens, and does not say for what (`opens=`)")

    async def record_what_is_opened(self) -> None:
        """Raises OpensUnsaid, Busy, OutcomeUnknown: then nothing may leave."""
        purpose = self.may.opens
        if purpose is None or purpose == NOBODYS:
            return
        if self.whose_unsaid:
            raise OpensUnsaid(f"{self.may.name} does not say whose it shows (`door.shows`)")
        if not self.opened:
            return
        assert self.why is not None, "who opens is signed in"
        command = record_opening(purpose, self.opened, self.person, self.now)
        context = CommandContext(Key(self.why.actor, command.opening_id, b"opening"), self.why)
        await self.house.executor.execute(opening, command.stream, command, context)

    async def fresh(self, model: ReadModel[Any, Any]) -> None:
        """Wait until the model has what the caller wrote.

        Raises NotYetVisible, RolesNotHeard, OpensUnsaid.
        """
        if model.private:
            self._may_open()
            self.whose_unsaid = True
            await self.see_that_roles_count()
        if self.min_position:
            await self.rows.reached(model, self.min_position)

    async def as_new(self, model: ReadModel[Any, Any], as_: ReadModel[Any, Any]) -> None:
        """Let what is read of `model` from here on be no older than what was read of the other.

        So an answer of two models may carry the version of the first. Raises NotYetVisible.
        """
        service = self.house.service
        reached = await self.rows.positions(as_)
        await self.rows.reached(model, {service: reached.get(service, 0)})

    def version(self, version: int) -> None:
        """Say which stream version the answer shows: its ETag begins so, for `If-Match`.

        Take it from the row that is shown, never from a later look at the stream: an editor must
        not be told a version whose content they have not seen.
        """
        self.answer.headers["ETag"] = f'"{version}"'

    async def told(self, stream: str) -> list[Happened]:
        """All that happened to one thing, oldest first; who caused it, when it was recorded.

        Raises Busy, StreamTooLong.
        """
        return await self.house.executor.told(stream)


@dataclass(slots=True, kw_only=True)
class PagedDoor(QueryDoor):
    limit: int
    cursor: str | None
    counts: bool = False

    async def page(
        self,
        model: ReadModel[Any, Row],
        show: Callable[[Row], Item],
        **which: Any,
    ) -> Page[Item]:
        """One page of the rows that are asked for as `Rows.where` is: columns, bounds, order.

        Raises NotYetVisible, CursorNotValid: a cursor goes on in its own order alone.
        """
        await self.fresh(model)
        asked = question(model, **which)
        of = " ".join([model.name, *which.get("order", ())])
        after = self.after(of, _place_shape(asked))
        # Positions before rows: then the rows hold at least what the positions say.
        positions = await self.rows.positions(model)
        rows = await self.rows.where(model, after=after, limit=self.limit + 1, **which)
        if model.private:
            self.shows(*(getattr(row, model.key[0]) for row in rows[: self.limit]))
        last = asked.place_of(rows[self.limit - 1]) if len(rows) > self.limit else None
        found = self.page_of(of, [show(row) for row in rows[: self.limit]], last, dict(positions))
        if self.counts:
            found.count = await self.rows.count(model, bound=COUNT_MAX, **which)
        return found

    def after(self, of: str, shape: Any) -> Any:
        """The key after which the page begins, None for the first. Raises CursorNotValid."""
        return None if self.cursor is None else self.house.cursors.open(of, self.cursor, shape)

    def page_of(
        self, of: str, items: Sequence[Item], last: Any, positions: dict[str, int]
    ) -> Page[Item]:
        """A page that was read otherwise; `last` is its last key if there is more after it."""
        following = None if last is None else self.house.cursors.seal(of, last)
        return Page(items=list(items), next=following, positions=positions)


def _place_shape(asked: Question[Any]) -> Any:
    hints = get_type_hints(asked.model.row)
    shapes = tuple(hints[by.column] for by in asked.order)
    return shapes[0] if len(shapes) == 1 else GenericAlias(tuple, shapes)


async def _open(request: Request) -> dict[str, Any]:
    house: House = request.app.state.house
    entry = house.permissions[request.scope["endpoint"]]
    principal = await house.who_asks(request)
    now = house.clock()
    held_in: list[UUID] = []
    if entry.roles is not None:
        if principal is None:
            raise NotSignedIn
        if principal.person is None and not entry.newcomers:
            raise AccountNotLinked
        if entry.roles:
            assert principal.person is not None, "no newcomer holds a role"
            held_in = await house.directory.held(
                principal.person, entry.roles, now, time.monotonic()
            )
            if not held_in:
                raise NotAllowed(entry.name)
    request.scope["route"].check_asked(request)
    return {
        "house": house,
        "may": entry,
        "principal": principal,
        "held_in": held_in,
        "now": now,
        "language": language_of(request.headers.get("accept-language")),
    }


# Headers are read by hand, not declared as parameters: a malformed one gets its own code, and the
# hot path is spared five validations. `edge/routes.py` puts them into OpenAPI.


async def open_for_command(request: Request) -> Callable[[bytes], CommandDoor]:
    """Who asks, may they, and under which key: the door itself opens to what is asked.

    It takes that in the one form that it has however it was written, so that a repeat is known.
    """
    opened = await _open(request)
    principal: Principal | None = opened["principal"]
    if principal is None:
        raise NotSignedIn
    key = _idempotency_key(request.headers.get("idempotency-key"))
    seen_version = _seen_version(request.headers.get("if-match"))
    why = _why(principal, request)

    def open_to(said: bytes) -> CommandDoor:
        # What its sender had seen is no part of it: who looks again and sends it again repeats it.
        whole = b"\n".join([request.method.encode(), said])
        mac = hmac.digest(opened["house"].mac_key, whole, hashlib.sha256)
        context = CommandContext(Key(principal.actor, key, mac), why, seen_version)
        return CommandDoor(**opened, context=context)

    return open_to


async def open_for_query(request: Request, answer: Response) -> QueryDoor:
    return QueryDoor(**await _open_to_read(request), answer=answer)


async def open_for_pages(request: Request, answer: Response) -> PagedDoor:
    return PagedDoor(
        **await _open_to_read(request),
        answer=answer,
        limit=_limit(request.query_params.get("limit")),
        cursor=request.query_params.get("cursor"),
        counts=_is_said(request, "count"),
    )


async def _open_to_read(request: Request) -> dict[str, Any]:
    opened = await _open(request)
    principal: Principal | None = opened["principal"]
    why = None if principal is None else _why(principal, request)
    return opened | {"min_position": _min_position(request), "why": why}


def _why(principal: Principal, request: Request) -> Why:
    trace: Trace = request.scope["trace"]
    return Why(actor=principal.actor, correlation=trace.correlation, traceparent=trace.traceparent)


def _idempotency_key(header: str | None) -> UUID:
    if header is None:
        raise KeyMissing
    try:
        return UUID(header.strip('"'))
    except ValueError:
        raise KeyNotValid from None


def _seen_version(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    quoted = if_match.strip().removeprefix("W/")
    # What follows the version tells one answer from another; a command rests on the stream alone.
    version, _, _ = quoted[1:-1].partition(".")
    if quoted != f'"{quoted[1:-1]}"' or not _is_number(version, POSITION_DIGITS_MAX):
        raise IfMatchNotValid
    return int(version)


def _min_position(request: Request) -> Mapping[str, int]:
    asked = request.query_params.getlist("min_position")
    if len(asked) > SERVICES_ASKED_MAX:
        raise MinPositionNotValid
    wanted: dict[str, int] = {}
    for item in asked:
        service, _, position = item.partition(":")
        if not service.isascii() or not _is_number(position, POSITION_DIGITS_MAX):
            raise MinPositionNotValid
        wanted[service] = int(position)
    return wanted


def _is_said(request: Request, name: str) -> bool:
    """Raises RequestValidationError for what is neither true nor false."""
    said = request.query_params.get(name, "false")
    if said not in {"true", "false"}:
        raise RequestValidationError([{"type": "bool_form", "loc": ("query", name)}])
    return said == "true"


def _limit(asked: str | None) -> int:
    if asked is None:
        return LIMIT_DEFAULT
    if not _is_number(asked, LIMIT_DIGITS_MAX) or not 1 <= int(asked) <= LIMIT_MAX:
        raise LimitNotValid(LIMIT_MAX)
    return int(asked)


def _is_number(text: str, digits_max: int) -> bool:
    """As JSON writes one: no sign, no zero before another digit."""
    return text.isascii() and text.isdigit() and len(text) <= digits_max and text == str(int(text))


# FastAPI opens those of queries. A command's it never does: there `Depends` only says which door it
# is, and `edge/command_route.py` opens it before it reads the body.
Door = Annotated[CommandDoor, Depends(open_for_command)]
ReadDoor = Annotated[QueryDoor, Depends(open_for_query)]
ListDoor = Annotated[PagedDoor, Depends(open_for_pages)]
