"""The auditor's desk, behind the auditor's own token."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from contracts.languages import Words
from edge.door import ListDoor, QueryDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.refusals import CursorNotValid
from edge.routes import Routes
from eventing.decider import Rejection
from services.portal.answers import AUDITORS
from services.portal.desks import desk as frame
from services.portal.desks.auditor.shown import (
    KINDS,
    NEWEST_SHOWN,
    Desk,
    Excepted,
    desk,
    listed,
    positions_as,
    positions_in,
    visit,
)
from services.portal.desks.visit import visit as visit_of
from services.portal.event_log import Place
from services.portal.neighbours import REFUSED, DigestThere, Neighbours, Silent
from services.portal.pages import not_found
from services.portal.read_models.events_seen import SERVICES
from services.portal.read_models.exceptions import Kind, exceptions
from services.portal.sign_in.browser import authorization

COOKIE = "vongtay_desk"
COOKIE_LIFE_S = 400 * 24 * 60 * 60
PATH = "/ban-kiem-tra"

Since = Annotated[str, Query(max_length=300, description="registry:812,donations:455")]


class SinceNotValid(Rejection):
    code = "since-not-valid"
    vi = "Vị trí phải có dạng registry:812,donations:455."
    en = "Positions are written as registry:812,donations:455."


routes = Routes(tag="desk", waits=False)


@routes.query("/api/desk", may=may("see-desk", *AUDITORS, anywhere=True), refuses=[SinceNotValid])
async def data(request: Request, door: ReadDoor, since: Since = "") -> Desk:
    """Checkpoints, the witness's verdict, and exceptions after the positions given."""
    await door.fresh(exceptions)
    return await _desk(request, door, _positions(since))


@routes.query(
    "/api/desk/{kind}",
    may=may("list-exceptions", *AUDITORS, anywhere=True),
    refuses=[SinceNotValid],
)
async def listed_data(kind: Kind, door: ListDoor, since: Since = "") -> Page[Excepted]:
    """All exceptions of a kind after the positions given, the newest first."""
    return await _listed(door, kind, since)


@routes.query(
    PATH,
    may=may("see-desk-page", *AUDITORS, anywhere=True),
    refuses=[SinceNotValid, CursorNotValid],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def show(request: Request, door: ReadDoor, since: Since = "", moc: str = "") -> HTMLResponse:
    """Since when: `since` for once; else what `moc` marks, which the browser then keeps."""
    marked = _marked(door, moc) if moc else None
    kept = marked if marked is not None else _kept(request, door)
    found = await _desk(request, door, _positions(since) if since else kept or {})
    shown = await frame.desk_page(
        visit_of(request, door),
        "auditor/desk.html",
        desk=found,
        newest_shown=NEWEST_SHOWN,
        refused=REFUSED,
        since=positions_as(found.since),
        first_visit=not (since or kept),
        mark=_mark(door, found.as_of),
        as_of=found.as_of,
    )
    if marked is not None:
        shown.set_cookie(
            COOKIE,
            moc,
            max_age=COOKIE_LIFE_S,
            path=PATH,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="strict",
        )
    return shown


@routes.query(
    PATH + "/ngoai-le/{kind}",
    may=may("list-exceptions-page", *AUDITORS, anywhere=True),
    refuses=[SinceNotValid],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def listed_page(
    request: Request, kind: str, door: ListDoor, since: Since = ""
) -> HTMLResponse:
    known = next((each for each in KINDS if each == kind), None)
    if known is None:
        return not_found(request, door)
    found = await _listed(door, known, since)
    return await frame.desk_page(
        visit_of(request, door),
        "auditor/exceptions.html",
        kind=known,
        events=found,
        since=since,
        after=_positions(since),
        as_of=found.positions,
    )


@routes.query(
    PATH + "/doi-chieu",
    may=may("see-digests", *AUDITORS, anywhere=True),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def digests_page(request: Request, door: ReadDoor, service: str = "portal") -> HTMLResponse:
    """One service at a time: a digest reads whole tables."""
    neighbours: Neighbours = request.app.state.neighbours
    if service not in SERVICES:
        return not_found(request, door)
    digests: list[DigestThere] | None = None
    why = "VONGTAY_PUBLIC_URLS"
    if service in neighbours.services:
        try:
            digests = await neighbours.digests(service, authorization(request))
        except Silent as error:
            why = str(error)
    return await frame.desk_page(
        visit_of(request, door),
        "auditor/digests.html",
        service=service,
        services=SERVICES,
        digests=digests,
        why=why,
        as_of={},
    )


async def _desk(request: Request, door: ReadDoor, since: dict[str, int]) -> Desk:
    neighbours: Neighbours = request.app.state.neighbours
    return await desk(door.house, neighbours, since, authorization(request))


async def _listed(door: ListDoor, kind: Kind, since: str) -> Page[Excepted]:
    await door.fresh(exceptions)
    now = await visit(door.rows, _positions(since))
    name = f"exceptions {kind}"
    after = door.after(name, Place)
    found = await listed(door.rows, now, kind, after=after, limit=door.limit + 1)
    items = found[: door.limit]
    last = None
    if len(found) > door.limit:
        last = (items[-1].recorded_at, items[-1].service, items[-1].position)
    return door.page_of(name, items, last, dict(now.as_of))


def _positions(since: str) -> dict[str, int]:
    """Raises SinceNotValid."""
    try:
        return positions_in(since)
    except ValueError:
        raise SinceNotValid from None


def _list_of(door: QueryDoor) -> str:
    """A mark is one person's: that of another on the same browser is no mark."""
    return f"desk of {door.person}"


def _mark(door: QueryDoor, as_of: dict[str, int]) -> str:
    return door.house.cursors.seal(_list_of(door), as_of)


def _marked(door: QueryDoor, mark: str) -> dict[str, int]:
    """Sealed, so that nobody else's link can make an auditor pass over anything.

    Raises CursorNotValid.
    """
    return door.house.cursors.open(_list_of(door), mark, dict[str, int])


def _kept(request: Request, door: QueryDoor) -> dict[str, int] | None:
    """What this browser was told last; None: nothing, or nothing of this person's."""
    try:
        return _marked(door, request.cookies.get(COOKIE, ""))
    except CursorNotValid:
        return None


DESK = frame.Desk(
    path=PATH,
    title=Words("Bàn kiểm tra", "Audit"),
    routes=routes,
    may=may("work-in-audit", *AUDITORS, anywhere=True),
)
