"""Where a person works: the communes of the roles that they hold today."""

from collections.abc import Sequence

from edge.who_may_where import UnitRow, areas, roles_held, units
from eventing.all_rows import all_rows, each_row
from services.portal.answers import today
from services.portal.desks.form import Option, Options
from services.portal.desks.visit import Visit


def communes_of(*roles: str) -> Options:
    """To choose from: the communes in force where somebody holds one of the roles, or above."""

    async def options(at: Visit) -> Sequence[Option]:
        on = today(at.door)
        known = {row.unit_id: row async for row in each_row(at.door.rows, units)}
        area = areas(known, on)
        held = [
            role.unit_id
            for role in await all_rows(at.door.rows, roles_held, person_id=at.person)
            if role.role in roles
            and not role.revoked
            and role.valid_from <= on
            and (role.valid_until is None or on < role.valid_until)
        ]
        within = {unit_id for each in held for unit_id in area.get(each, ())}
        own = [known[unit_id] for unit_id in within if _is_open_commune(known[unit_id])]
        return [Option(str(row.unit_id), row.name) for row in sorted(own, key=lambda row: row.name)]

    return options


def _is_open_commune(unit: UnitRow) -> bool:
    return unit.kind == "commune" and unit.ended_on is None
