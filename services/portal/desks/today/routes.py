"""Việc hôm nay: the first page of everybody who is signed in, for all roles that they hold."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import Request, Response

from contracts.languages import Words
from edge.door import ReadDoor
from edge.permission import signed_in
from edge.routes import Routes
from edge.vietnamese_order import alphabetical
from edge.who_may_where import UnitRow, roles_held, units
from eventing.all_rows import all_rows
from services.portal.answers import NothingHere, today
from services.portal.desks.desk import Desk, Task, Tasks, desk_page, own_desks
from services.portal.desks.inbox.routes import unread
from services.portal.desks.visit import NotAnswered, Visit, visit
from services.portal.neighbours import Silent

HOME = "/viec-hom-nay"
UNIT = "don-vi"
"""In the address: of which of their units somebody looks at the tasks."""

routes = Routes(tag="today")


@dataclass(frozen=True, slots=True)
class Held:
    """A role that the person holds today."""

    role: str
    unit: UnitRow | None
    until: date | None


@routes.query(
    HOME, may=signed_in("see-tasks-of-today"), include_in_schema=False, refuses=[NothingHere]
)
async def show(request: Request, door: ReadDoor) -> Response:
    at = visit(request, door)
    held = await held_today(at)
    roles = sorted({each.role for each in held})
    asked: list[Tasks] = [
        tasks
        for desk in await own_desks(at)
        for role in roles
        for tasks in desk.tasks.get(role, ())
    ]
    letters, answers = await asyncio.gather(
        unread(at), asyncio.gather(*(_tasks(at, each) for each in dict.fromkeys(asked)))
    )
    tasks = in_order(task for found in answers if found is not None for task in found)
    chosen = _chosen(at, held)
    if chosen is not None:
        area = await at.door.house.directory.area([chosen], at.door.now, time.monotonic())
        tasks = [task for task in tasks if task.unit_id is None or task.unit_id in area]
    return await desk_page(
        at,
        "today/today.html",
        tasks=tasks,
        silent=None in answers,
        held=held,
        letters=letters,
        places=await _places(at, [task.unit_id for task in tasks if task.unit_id]),
        own_units=_own_units(held),
        chosen=chosen,
    )


def _own_units(held: Sequence[Held]) -> list[UnitRow]:
    """Each once, by name."""
    found = {each.unit.unit_id: each.unit for each in held if each.unit is not None}
    return sorted(found.values(), key=lambda unit: alphabetical(unit.name))


def _chosen(at: Visit, held: Sequence[Held]) -> UUID | None:
    """The unit of the address, if the person holds a role there; else all of them."""
    said = at.request.query_params.get(UNIT, "")
    return next((unit.unit_id for unit in _own_units(held) if str(unit.unit_id) == said), None)


async def _places(at: Visit, unit_ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = await all_rows(at.door.rows, units, unit_id=sorted(set(unit_ids)))
    return {row.unit_id: row.name for row in rows}


async def held_today(at: Visit) -> list[Held]:
    on = today(at.door)
    found = [
        role
        for role in await all_rows(at.door.rows, roles_held, person_id=at.person)
        if not role.revoked
        and role.valid_from <= on
        and (role.valid_until is None or on < role.valid_until)
    ]
    places = await all_rows(at.door.rows, units, unit_id=sorted({each.unit_id for each in found}))
    called = {row.unit_id: row for row in places}
    return [Held(each.role, called.get(each.unit_id), each.valid_until) for each in found]


async def _tasks(at: Visit, tasks: Tasks) -> Sequence[Task] | None:
    """None: who knows them does not answer, and that is told."""
    try:
        return await tasks(at)
    except (Silent, NotAnswered):
        return None


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """The longest overdue first; what has no day last."""
    return sorted(tasks, key=lambda task: (task.due_on or date.max, task.what))


def late_by(task: Task, on: date) -> int:
    """Days; 0: not yet."""
    return max((on - task.due_on).days, 0) if task.due_on else 0


DESK = Desk(path=HOME, title=Words("Việc hôm nay", "Today"), routes=routes)
