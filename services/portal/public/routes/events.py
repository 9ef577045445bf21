"""The event log of all services: filtered, page by page; and one event with its causes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from pydantic import TypeAdapter

from contracts.event import declarations
from edge.bodies import NUMBER_IN_ADDRESS, Day
from edge.door import ListDoor, ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import AUDITORS, NothingHere, Withheld, holds
from services.portal.event_log import EventsPage, Filter, SeenEvent, find, seen
from services.portal.pages import not_found, page
from services.portal.positions_shown import positions_shown
from services.portal.read_models.events_seen import SERVICES, events_seen

POSITION_MAX = 2**63 - 1
LIST = "events"
TYPES = sorted(declarations[event].name for event in events_seen.events)

Name = Annotated[str | None, Query(max_length=200)]
_day = TypeAdapter[date](Day)
Position = Annotated[int, NUMBER_IN_ADDRESS]

routes = Routes(tag="events", waits=False)


@routes.query("/api/events", may=anyone("list-events"))
async def listed(  # noqa: PLR0913, PLR0917 - each is a filter that a person may set
    door: ListDoor,
    service: Name = None,
    type: Name = None,  # noqa: A002 - the name of the attribute in CloudEvents
    stream: Name = None,
    unit_id: UUID | None = None,
    causation: UUID | None = None,
    correlation: UUID | None = None,
    since: Day | None = None,
    until: Day | None = None,
) -> EventsPage:
    """The newest first. Auditors see those about persons and children too."""
    asked = Filter(
        service=service,
        type=type,
        stream=stream,
        unit_id=unit_id,
        causation=causation,
        correlation=correlation,
        since=since,
        until=until,
    )
    return await _find(door, asked)


@routes.query(
    "/api/events/{service}/{position}", may=anyone("see-event"), refuses=[NothingHere, Withheld]
)
async def data(service: str, position: Position, door: ReadDoor) -> SeenEvent:
    found = await _seen(door, service, position)
    if found is None:
        raise NothingHere
    return found


@routes.query(
    "/su-kien",
    may=anyone("list-events-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def listed_page(request: Request, door: ListDoor) -> HTMLResponse:
    """A person may type anything into the form, so what makes no sense is left out, and told."""
    asked, wrong = _asked(request.query_params)
    found = await _find(door, asked)
    return page(
        request,
        door,
        "events.html",
        events=found,
        asked=asked,
        wrong=wrong,
        services=SERVICES,
        types=TYPES,
        as_of=found.positions,
    )


@routes.query(
    "/su-kien/{service}/{position}",
    may=anyone("see-event-page"),
    refuses=[Withheld],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def event(request: Request, service: str, position: Position, door: ReadDoor) -> HTMLResponse:
    found = await _seen(door, service, position)
    if found is None:
        return not_found(request, door)
    return page(request, door, "event.html", event=found, as_of=found.as_of)


async def _find(door: ListDoor, asked: Filter) -> EventsPage:
    await door.fresh(events_seen)
    positions = await positions_shown(door.rows, events_seen)
    after = door.after(LIST, tuple[datetime, str, int])
    auditor = await holds(door, AUDITORS)
    found = await find(door.rows, asked, after=after, limit=door.limit, auditor=auditor)
    following = door.page_of(LIST, found.items, found.last, positions)
    return EventsPage(
        items=found.items,
        next=following.next,
        withheld=not auditor,
        positions=positions,
    )


async def _seen(door: ReadDoor, service: str, position: int) -> SeenEvent | None:
    await door.fresh(events_seen)
    if service not in SERVICES or not 0 < position <= POSITION_MAX:
        return None
    return await seen(door.rows, service, position, auditor=await holds(door, AUDITORS))


def _asked(query: Mapping[str, str]) -> tuple[Filter, list[str]]:
    """What the form says, and the names of fields that make no sense."""
    wrong: list[str] = []

    def read(name: str, parse: Any) -> Any:
        text = query.get(name, "").strip()
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            wrong.append(name)
            return None

    asked = Filter(
        service=read("service", str),
        type=read("type", str),
        stream=read("stream", str),
        unit_id=read("unit_id", UUID),
        causation=read("causation", UUID),
        correlation=read("correlation", UUID),
        since=read("since", _day.validate_python),
        until=read("until", _day.validate_python),
    )
    return asked, wrong
