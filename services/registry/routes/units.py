"""Units: established, counted, succeeded by others."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.field_types import DocumentNumber, UnitCode
from contracts.registry import UnitKind
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Day, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import anyone, may
from edge.routes import Routes
from edge.who_may_where import UnitRow
from edge.who_may_where import units as unit_rows
from services.registry.domain.unit import (
    DeclareFigure,
    EndsBeforeItWasValid,
    EndsInTheFuture,
    EstablishUnit,
    FigureOfTheFuture,
    SucceedUnit,
    SuccessionInACircle,
    UnitCannotSucceedItself,
    UnitEstablishedOtherwise,
    UnitNotEstablished,
    UnitNotInForce,
    UnitSucceededOtherwise,
    VillageIsNotTold,
    stream,
    unit,
)
from services.registry.routes.seeing import check_no_circle, kept

SUCCESSORS_MAX = 20
CHILDREN_MAX = 10_000_000

routes = Routes(tag="units")


class UnitToEstablish(Dated):
    code: UnitCode
    name: Text
    kind: UnitKind
    parent_id: UUID | None = None
    district_name: Text | None = None
    priority: bool = False
    valid_from: Day


class Succession(Dated):
    """`ended_on` is the first day on which the unit is no more."""

    successor_ids: Annotated[list[UUID], Field(min_length=1, max_length=SUCCESSORS_MAX)]
    ended_on: Day
    decision: DocumentNumber


class FigureToDeclare(Dated):
    """`children`: all under the age limit who live there."""

    as_of: Day
    children: Annotated[int, Field(ge=0, le=CHILDREN_MAX)]
    source: Text


class UnitShown(BaseModel):
    """`children` is what the unit itself declared last. `ended_on`: the first day it is no more."""

    unit_id: UUID
    code: str
    name: str
    kind: UnitKind
    parent_id: UUID | None
    district_name: str | None
    priority: bool
    valid_from: date
    ended_on: date | None
    successor_ids: list[UUID]
    children: int | None
    version: int

    @classmethod
    def of(cls, row: UnitRow) -> Self:
        return cls.model_validate(row, from_attributes=True)


@routes.command(
    "PUT",
    "/units/{unit_id}",
    may=may("establish-unit", "organisation-keeper"),
    refuses=[UnitEstablishedOtherwise, UnitNotEstablished],
)
async def establish(unit_id: UUID, body: UnitToEstablish, door: Door) -> Accepted:
    """Below a unit of the keeper's; one without a parent only where they hold their very role."""
    await kept(door, body.parent_id or unit_id)
    command = EstablishUnit(
        unit_id=unit_id,
        code=body.code,
        name=body.name,
        kind=body.kind,
        parent_id=body.parent_id,
        district_name=body.district_name,
        priority=body.priority,
        valid_from=body.valid_from,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(unit, stream(unit_id), command)


@routes.command(
    "POST",
    "/units/{unit_id}/succession",
    judges="/units/{unit_id}",
    may=may("succeed-unit", "organisation-keeper"),
    refuses=[
        UnitNotEstablished,
        UnitSucceededOtherwise,
        UnitCannotSucceedItself,
        SuccessionInACircle,
        EndsBeforeItWasValid,
        EndsInTheFuture,
        UnitNotInForce,
    ],
)
async def succeed(unit_id: UUID, body: Succession, door: Door) -> Accepted:
    for each in (unit_id, *body.successor_ids):
        # What one takes over opens its names: who decides is a keeper of both.
        await kept(door, each)
    # The unit that names itself is told so by its own rule.
    await check_no_circle(door, unit_id, set(body.successor_ids) - {unit_id})
    command = SucceedUnit(
        unit_id=unit_id,
        successor_ids=tuple(body.successor_ids),
        ended_on=body.ended_on,
        decision=body.decision,
        today=vietnamese_day(door.now),
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(unit, stream(unit_id), command)


@routes.command(
    "POST",
    "/units/{unit_id}/figures",
    judges="/units/{unit_id}",
    may=may("declare-figure", "commune-officer", "organisation-keeper"),
    refuses=[UnitNotEstablished, FigureOfTheFuture, VillageIsNotTold],
)
async def declare_figure(unit_id: UUID, body: FigureToDeclare, door: Door) -> Accepted:
    await door.within(unit_id)
    command = DeclareFigure(
        unit_id=unit_id,
        as_of=body.as_of,
        children=body.children,
        source=body.source,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(unit, stream(unit_id), command)


@routes.query("/units", may=anyone("see-units"))
async def listed(door: ListDoor) -> Page[UnitShown]:
    return await door.page(unit_rows, UnitShown.of)


@routes.query("/units/{unit_id}", may=anyone("see-unit"), refuses=[UnitNotEstablished])
async def see(unit_id: UUID, door: ReadDoor) -> UnitShown:
    await door.fresh(unit_rows)
    row = await door.rows.get(unit_rows, unit_id)
    if row is None:
        raise UnitNotEstablished
    door.version(row.version)
    return UnitShown.of(row)
