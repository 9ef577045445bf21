"""The report as data, and the first page, which shows it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from contracts.vietnamese_day import begins
from edge.bodies import NUMBER_IN_ADDRESS, Day
from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from eventing.all_rows import all_rows
from programmes.rules import DAY
from services.portal.answers import (
    SEE_FIGURES,
    NothingHere,
    NothingPublished,
    holds,
    opens_events,
    programme_of,
    publications,
    published,
    report_now,
)
from services.portal.map_tiles import drawn, in_columns
from services.portal.pages import not_found, page
from services.portal.publication import Publication
from services.portal.read_models.funds import funds
from services.portal.read_models.needs import needs
from services.portal.report import Report

NARROW_COLUMNS = 2

Number = Annotated[int, NUMBER_IN_ADDRESS]

routes = Routes(tag="report", waits=False)


@routes.query("/api/report", may=anyone("see-report"), refuses=[NothingHere, NothingPublished])
async def data(
    request: Request, door: ReadDoor, programme_id: UUID | None = None, on: Day | None = None
) -> Report:
    """The newest publication's; auditors, planners, leaders and coordinators get every figure.

    `on`: as it was published on that day, whoever asks.
    """
    programme, _ = await programme_of(door, programme_id)
    if programme is None:
        raise NothingHere
    if on is not None:
        return (await _published_on(request, programme.programme_id, on)).report
    if await holds(door, SEE_FIGURES):
        await door.fresh(needs)
        return await report_now(door, programme)
    return (await _published(request, programme.programme_id)).report


@routes.query(
    "/api/publications/{number}",
    may=anyone("see-publication"),
    refuses=[NothingHere, NothingPublished],
)
async def publication(
    request: Request, number: Number, door: ReadDoor, programme_id: UUID | None = None
) -> Publication:
    """One publication, byte for byte as it was given out: the next one names its SHA-256."""
    programme, _ = await programme_of(door, programme_id)
    if programme is None:
        raise NothingHere
    written = await publications(request).written(programme.programme_id, number)
    if written is None:
        raise NothingPublished
    return Response(written, media_type="application/json")  # type: ignore[return-value]


@routes.query(
    "/api/publications",
    may=anyone("see-newest-publication"),
    refuses=[NothingHere, NothingPublished],
)
async def newest_publication(
    request: Request, door: ReadDoor, programme_id: UUID | None = None, on: Day | None = None
) -> Publication:
    """The newest one, or that which was it at the end of a day, with each figure that it tells."""
    programme, _ = await programme_of(door, programme_id)
    if programme is None:
        raise NothingHere
    if on is not None:
        return await _published_on(request, programme.programme_id, on)
    return await _published(request, programme.programme_id)


@routes.query("/", may=anyone("see-home"), response_class=HTMLResponse, include_in_schema=False)
async def home(request: Request, door: ReadDoor, programme_id: UUID | None = None) -> HTMLResponse:
    programme, known = await programme_of(door, programme_id)
    if programme is None:
        if known:
            return not_found(request, door)
        return page(request, door, "empty.html", programme=None, as_of={})
    told = await published(request, programme.programme_id)
    if await holds(door, SEE_FIGURES):
        shown = await report_now(door, programme)
    elif told is not None:
        shown = told.report
    else:
        return page(request, door, "empty.html", programme=programme, as_of={})
    tiles = [unit for unit in shown.communes if unit.in_programme]
    return page(
        request,
        door,
        "home.html",
        report=shown,
        publication=told,
        opens=await opens_events(door),
        maps={"broad": drawn(tiles), "narrow": in_columns(tiles, NARROW_COLUMNS)},
        programme=programme,
        programmes=known,
        funds=await all_rows(door.rows, funds, programme_id=programme.programme_id),
        as_of=shown.as_of,
    )


async def _published_on(request: Request, programme_id: UUID, on: date) -> Publication:
    """Raises NothingPublished."""
    written = await publications(request).newest_by(programme_id, begins(on + DAY))
    if written is None:
        raise NothingPublished
    return Publication.model_validate_json(written)


async def _published(request: Request, programme_id: UUID) -> Publication:
    """Raises NothingPublished."""
    told = await published(request, programme_id)
    if told is None:
        raise NothingPublished
    return told
