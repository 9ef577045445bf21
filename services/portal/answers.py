"""What all routes of the portal share: who sees more than the public, and what is not there."""

import time
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from contracts.vietnamese_day import vietnamese_day
from edge.door import QueryDoor
from edge.programmes import ProgrammeRow, programmes
from eventing.all_rows import all_rows
from eventing.decider import Rejection

AUDITORS = frozenset({"auditor", "inspector"})
SEE_FIGURES = AUDITORS | {"planner", "leader", "coordinator"}


class NothingHere(Rejection):
    """Also said of what the asker may not see."""

    code = "nothing-here"
    kind = "absent"
    vi = "Không có gì ở đây."
    en = "There is nothing here."


async def holds(door: QueryDoor, roles: frozenset[str]) -> bool:
    """Does who asks hold one of the roles in any unit? The public holds none."""
    if door.principal is None:
        return False
    held = door.house.directory.held(door.person, roles, door.now, time.monotonic())
    return bool(await held)


def today(door: QueryDoor) -> date:
    return vietnamese_day(door.now)


async def programme_of(
    door: QueryDoor, programme_id: UUID | None
) -> tuple[ProgrammeRow | None, Sequence[ProgrammeRow]]:
    """The one asked for, else the one that started last; and all of them."""
    known = sorted(await all_rows(door.rows, programmes), key=lambda row: row.starts_on)
    if programme_id is None:
        return (known[-1] if known else None), known
    return next((row for row in known if row.programme_id == programme_id), None), known
