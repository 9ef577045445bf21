"""Programmes: which one, for which units, from when to when."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from edge.bodies import Dated, Day, Text
from edge.door import Accepted, Door
from edge.permission import may
from edge.routes import Routes
from programmes import packs
from services.registry.domain.programme import (
    EndsBeforeItStarts,
    ProgrammeStartedOtherwise,
    ProgrammeWithoutRules,
    StartProgramme,
    programme,
    stream,
)
from services.registry.domain.unit import UnitNotEstablished
from services.registry.routes.seeing import kept

UNITS_MAX = 1000

routes = Routes(tag="programmes")


class ProgrammeToStart(Dated):
    """`code` is that of an installed pack of rules."""

    code: Text
    name: Text
    starts_on: Day
    ends_on: Day
    unit_ids: Annotated[list[UUID], Field(min_length=1, max_length=UNITS_MAX)]


@routes.command(
    "PUT",
    "/programmes/{programme_id}",
    may=may("start-programme", "organisation-keeper"),
    refuses=[
        ProgrammeStartedOtherwise,
        ProgrammeWithoutRules,
        EndsBeforeItStarts,
        UnitNotEstablished,
    ],
)
async def start(programme_id: UUID, body: ProgrammeToStart, door: Door) -> Accepted:
    """For units of the keeper's own."""
    for unit_id in sorted(set(body.unit_ids)):
        await kept(door, unit_id)
    command = StartProgramme(
        programme_id=programme_id,
        code=body.code,
        name=body.name,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        unit_ids=tuple(body.unit_ids),
        has_rules=packs.installed().of_programme(body.code) is not None,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(programme, stream(programme_id), command)
