"""The report as data, and the first page, which shows it."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.checkpoints import newest
from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.portal.answers import (
    SEE_FIGURES,
    NothingHere,
    holds,
    programme_of,
    today,
)
from services.portal.map_tiles import drawn, in_columns
from services.portal.pages import not_found, page
from services.portal.published_report import published
from services.portal.read_models.funds import funds
from services.portal.read_models.needs import needs
from services.portal.report import Report, report

NARROW_COLUMNS = 2

routes = Routes(tag="report")


@routes.query("/api/report", may=anyone("see-report"), refuses=[NothingHere])
async def data(door: ReadDoor, programme_id: UUID | None = None) -> Report:
    """Auditors, planners, leaders and coordinators get every cell; others the published ones."""
    await door.fresh(needs)
    programme, _ = await programme_of(door, programme_id)
    if programme is None:
        raise NothingHere
    whole = await report(door.rows, programme, today(door), newest(door.house))
    return whole if await holds(door, SEE_FIGURES) else published(whole)


@routes.query("/", may=anyone("see-home"), response_class=HTMLResponse, include_in_schema=False)
async def home(request: Request, door: ReadDoor, programme_id: UUID | None = None) -> HTMLResponse:
    programme, known = await programme_of(door, programme_id)
    if programme is None:
        return (
            page(request, door, "empty.html", as_of={}) if not known else not_found(request, door)
        )
    told = published(await report(door.rows, programme, today(door), newest(door.house)))
    tiles = [unit for unit in told.communes if unit.in_programme]
    return page(
        request,
        door,
        "home.html",
        report=told,
        maps={"broad": drawn(tiles), "narrow": in_columns(tiles, NARROW_COLUMNS)},
        programme=programme,
        programmes=known,
        funds=await all_rows(door.rows, funds, programme_id=programme.programme_id),
        as_of=told.as_of,
    )
