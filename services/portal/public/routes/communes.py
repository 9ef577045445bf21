"""One commune: its figures, what it was and became, what was handed out there."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from edge.who_may_where import UnitRow, units
from eventing.all_rows import all_rows
from services.portal.answers import NothingHere, programme_of, today
from services.portal.pages import not_found, page
from services.portal.published_report import published
from services.portal.read_models.deliveries import deliveries
from services.portal.report import UnitFigures, report

routes = Routes(tag="communes")


class Neighbour(BaseModel):
    unit_id: UUID
    name: str


class DeliveryThere(BaseModel):
    delivery_id: UUID
    planned_for: date
    completed: bool


class Commune(BaseModel):
    """`before` are the units that it took over from, `after` those that took over from it."""

    figures: UnitFigures
    before: list[Neighbour]
    after: list[Neighbour]
    deliveries: list[DeliveryThere]
    illustrative: bool
    as_of: dict[str, int]


@routes.query("/api/communes/{unit_id}", may=anyone("see-commune"), refuses=[NothingHere])
async def data(unit_id: UUID, door: ReadDoor, programme_id: UUID | None = None) -> Commune:
    found = await _commune(door, unit_id, programme_id)
    if found is None:
        raise NothingHere
    return found


@routes.query(
    "/xa/{unit_id}",
    may=anyone("see-commune-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def commune(
    request: Request, unit_id: UUID, door: ReadDoor, programme_id: UUID | None = None
) -> HTMLResponse:
    found = await _commune(door, unit_id, programme_id)
    if found is None:
        return not_found(request, door)
    return page(request, door, "commune.html", commune=found, as_of=found.as_of)


async def _commune(door: ReadDoor, unit_id: UUID, programme_id: UUID | None) -> Commune | None:
    programme, _ = await programme_of(door, programme_id)
    known = {unit.unit_id: unit for unit in await all_rows(door.rows, units)}
    if programme is None or unit_id not in known:
        return None
    # The whole report, since what is kept back here depends on what is shown elsewhere.
    whole = published(await report(door.rows, programme, today(door), [], also=unit_id))
    handed_out = await all_rows(door.rows, deliveries, unit_id=unit_id)
    return Commune(
        figures=next(unit for unit in whole.communes if unit.unit_id == unit_id),
        before=[_neighbour(other) for other in known.values() if unit_id in other.successor_ids],
        after=_after(known[unit_id], known, today(door)),
        deliveries=[
            DeliveryThere(
                delivery_id=row.delivery_id,
                planned_for=row.planned_for,
                completed=row.completed,
            )
            for row in sorted(handed_out, key=lambda row: (row.planned_for, row.delivery_id))
        ],
        illustrative=whole.illustrative,
        as_of=whole.as_of,
    )


def _after(unit: UnitRow, known: Mapping[UUID, UnitRow], day: date) -> list[Neighbour]:
    if unit.ended_on is None or day < unit.ended_on:
        return []
    return [_neighbour(known[at]) for at in unit.successor_ids if at in known]


def _neighbour(unit: UnitRow) -> Neighbour:
    return Neighbour(unit_id=unit.unit_id, name=unit.name)
