"""A figure's events: those that it counts, each with how much of it is its own."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse

from contracts.field_types import CategoryCode, MeasureCode
from edge.bodies import Day
from edge.door import ListDoor
from edge.permission import anyone
from edge.routes import Routes
from edge.who_may_where import UnitRow, units
from services.portal.answers import AUDITORS, NothingHere, Withheld, holds
from services.portal.figure_events import (
    FIGURES,
    OF_CHILDREN,
    FigureEvents,
    FigureName,
    Place,
    events_of,
    is_told_of,
)
from services.portal.pages import not_found, page
from services.portal.positions_shown import positions_shown
from services.portal.read_models.events_seen import events_seen

LIST = "figure-events"

Code = Annotated[str | None, Query(max_length=64)]

routes = Routes(tag="figures", waits=False)


def place(  # noqa: PLR0913, PLR0917 - each narrows what is counted
    programme_id: UUID | None = None,
    unit_id: UUID | None = None,
    category: CategoryCode | None = None,
    measure: MeasureCode | None = None,
    contribution_id: UUID | None = None,
    contribution_line_id: UUID | None = None,
    delivery_id: UUID | None = None,
    day: Day | None = None,
    signed_as: Code = None,
    fund_id: UUID | None = None,
    account: Code = None,
    result_id: UUID | None = None,
) -> Place:
    return Place(
        programme_id=programme_id,
        unit_id=unit_id,
        category=category,
        measure=measure,
        contribution_id=contribution_id,
        contribution_line_id=contribution_line_id,
        delivery_id=delivery_id,
        day=day,
        signed_as=signed_as,
        fund_id=fund_id,
        account=account,
        result_id=result_id,
    )


PlaceAsked = Annotated[Place, Depends(place)]


@routes.query(
    "/api/figures/{figure}", may=anyone("see-figure-events"), refuses=[NothingHere, Withheld]
)
async def data(figure: FigureName, at: PlaceAsked, door: ListDoor) -> FigureEvents:
    """In the order of the logs. Those about children and deliveries are for auditors alone."""
    return await _events(figure, at, door)


@routes.query(
    "/so-lieu/{figure}",
    may=anyone("see-figure-events-page"),
    refuses=[NothingHere, Withheld],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def events(request: Request, figure: str, at: PlaceAsked, door: ListDoor) -> HTMLResponse:
    named = next((one for one in FIGURES if one == figure), None)
    if named is None:
        return not_found(request, door)
    found = await _events(named, at, door)
    unit: UnitRow | None = None
    if at.unit_id is not None:
        unit = await door.rows.get(units, at.unit_id)
    return page(
        request,
        door,
        "figure.html",
        found=found,
        asked=at.model_dump(exclude_none=True),
        unit=unit,
        as_of=found.as_of,
    )


async def _events(figure: FigureName, at: Place, door: ListDoor) -> FigureEvents:
    """Raises NothingHere, Withheld."""
    if not is_told_of(figure, at):
        raise NothingHere
    auditor = await holds(door, AUDITORS)
    if figure in OF_CHILDREN and not auditor:
        raise Withheld
    await door.fresh(events_seen)
    as_of = await positions_shown(door.rows, events_seen)
    after = door.after(LIST, tuple[str, int])
    found = await events_of(door.rows, figure, at, after=after, limit=door.limit, auditor=auditor)
    following = door.page_of(LIST, found.items, found.last, as_of)
    return FigureEvents(
        figure=figure,
        value=found.value,
        events=found.events,
        items=found.items,
        next=following.next,
        as_of=as_of,
    )
