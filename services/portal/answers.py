"""What all routes of the portal share: who sees more than the public, and what is not there."""

import time
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from fastapi import Request

from contracts.vietnamese_day import vietnamese_day
from edge.checkpoints import newest
from edge.door import QueryDoor
from edge.programmes import ProgrammeRow, programmes
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from services.portal.publication import Publication
from services.portal.publications import Publications
from services.portal.report import Report, every_cell, report

AUDITORS = frozenset({"auditor", "inspector"})
SEE_FIGURES = AUDITORS | {"planner", "leader", "coordinator"}


class NothingHere(Rejection):
    code = "nothing-here"
    kind = "absent"
    vi = "Không có gì ở đây."
    en = "There is nothing here."


class Withheld(Rejection):
    """It is there, and is told only to those who answer for the children."""

    code = "withheld"
    kind = "forbidden"
    vi = "Nội dung này được giữ lại, không công bố: từ đó có thể nhận ra một trẻ em."
    en = "This is withheld from the public: a child could be recognised from it."


class NothingPublished(Rejection):
    code = "nothing-published"
    kind = "absent"
    vi = "Chương trình này chưa có lần công bố nào."
    en = "Nothing has been published of this programme yet."


def publications(request: Request) -> Publications:
    found: Publications = request.app.state.publications
    return found


async def published(request: Request, programme_id: UUID) -> Publication | None:
    """What the public is told of a programme now."""
    newest = await publications(request).newest(programme_id)
    return None if newest is None else newest.publication


async def holds(door: QueryDoor, roles: frozenset[str]) -> bool:
    """Does who asks hold one of the roles in any unit? The public holds none."""
    if door.principal is None:
        return False
    held = door.house.directory.held(door.person, roles, door.now, time.monotonic())
    return bool(await held)


async def opens_events(door: QueryDoor) -> bool:
    """May who asks follow a figure about children to its events?"""
    return await holds(door, AUDITORS)


def today(door: QueryDoor) -> date:
    return vietnamese_day(door.now)


async def report_now(door: QueryDoor, programme: ProgrammeRow) -> Report:
    """Every figure, as it is now."""
    cells = await every_cell(door.rows, programme.programme_id)
    return await report(door.rows, programme, today(door), newest(door.house), cells=cells)


async def programme_of(
    door: QueryDoor, programme_id: UUID | None
) -> tuple[ProgrammeRow | None, Sequence[ProgrammeRow]]:
    """The one asked for, else the one that started last; and all of them."""
    known = sorted(await all_rows(door.rows, programmes), key=lambda row: row.starts_on)
    if programme_id is None:
        return (known[-1] if known else None), known
    return next((row for row in known if row.programme_id == programme_id), None), known
