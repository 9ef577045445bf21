"""One commune: its figures, what it was and became, what was handed out there."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from edge.who_may_where import UnitRow, units
from eventing.all_rows import all_rows
from services.portal.answers import (
    SEE_FIGURES,
    NothingHere,
    NothingPublished,
    holds,
    opens_events,
    programme_of,
    published,
    report_now,
    today,
)
from services.portal.pages import not_found, page
from services.portal.read_models.deliveries import deliveries
from services.portal.report import UnitFigures

SIGNED = """
SELECT delivery_id, sum(children)::bigint AS child_times
FROM support WHERE programme_id = $1 AND unit_id = $2 AND delivery_id IS NOT NULL
GROUP BY delivery_id
"""

routes = Routes(tag="communes", waits=False)


class Neighbour(BaseModel):
    unit_id: UUID
    name: str


class DeliveryThere(BaseModel):
    """`child_times`: how often it was signed for, as far as that is published."""

    delivery_id: UUID
    planned_for: date
    child_times: int


class Commune(BaseModel):
    """`before` are the units that it took over from, `after` those that took over from it.

    `deliveries` are those of which anything is published. `published_on` None: every figure, as
    it is now, for those who may see it.
    """

    programme_id: UUID
    figures: UnitFigures
    before: list[Neighbour]
    after: list[Neighbour]
    deliveries: list[DeliveryThere]
    illustrative: bool
    published_on: datetime | None
    as_of: dict[str, int]


@routes.query(
    "/api/communes/{unit_id}", may=anyone("see-commune"), refuses=[NothingHere, NothingPublished]
)
async def data(
    request: Request, unit_id: UUID, door: ReadDoor, programme_id: UUID | None = None
) -> Commune:
    """As it was last published; auditors, planners, leaders and coordinators get every figure."""
    found = await _commune(request, door, unit_id, programme_id)
    if found is None:
        raise NothingHere
    return found


@routes.query(
    "/xa/{unit_id}",
    may=anyone("see-commune-page"),
    refuses=[NothingPublished],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def commune(
    request: Request, unit_id: UUID, door: ReadDoor, programme_id: UUID | None = None
) -> HTMLResponse:
    found = await _commune(request, door, unit_id, programme_id)
    if found is None:
        return not_found(request, door)
    opens = await opens_events(door)
    return page(request, door, "commune.html", commune=found, opens=opens, as_of=found.as_of)


async def _commune(
    request: Request, door: ReadDoor, unit_id: UUID, programme_id: UUID | None
) -> Commune | None:
    """None: no such unit is told of. Raises NothingPublished."""
    programme, _ = await programme_of(door, programme_id)
    if programme is None:
        return None
    if await holds(door, SEE_FIGURES):
        of_all = await report_now(door, programme)
        found = await door.rows.query(SIGNED, programme.programme_id, unit_id)
        signed = {row["delivery_id"]: row["child_times"] for row in found}
    else:
        told = await published(request, programme.programme_id)
        if told is None:
            raise NothingPublished
        of_all = told.report
        signed = {one.delivery_id: one.value for one in told.told if one.delivery_id is not None}
    figures = next((unit for unit in of_all.communes if unit.unit_id == unit_id), None)
    if figures is None:
        return None
    known = {unit.unit_id: unit for unit in await all_rows(door.rows, units)}
    handed_out = await all_rows(door.rows, deliveries, delivery_id=sorted(signed))
    return Commune(
        programme_id=programme.programme_id,
        figures=figures,
        before=[_neighbour(other) for other in known.values() if unit_id in other.successor_ids],
        after=_after(known[unit_id], known, today(door)) if unit_id in known else [],
        deliveries=[
            DeliveryThere(
                delivery_id=row.delivery_id,
                planned_for=row.planned_for,
                child_times=signed[row.delivery_id],
            )
            for row in sorted(handed_out, key=lambda row: (row.planned_for, row.delivery_id))
            if row.unit_id == unit_id
        ],
        illustrative=of_all.illustrative,
        published_on=of_all.published_on,
        as_of=of_all.as_of,
    )


def _after(unit: UnitRow, known: Mapping[UUID, UnitRow], day: date) -> list[Neighbour]:
    if unit.ended_on is None or day < unit.ended_on:
        return []
    return [_neighbour(known[at]) for at in unit.successor_ids if at in known]


def _neighbour(unit: UnitRow) -> Neighbour:
    return Neighbour(unit_id=unit.unit_id, name=unit.name)
