"""What the register chooses from: poverty standards, groups and reasons, school years."""

from collections.abc import Sequence
from uuid import UUID

from edge.vietnamese_order import alphabetical
from edge.who_may_where import units
from eventing.all_rows import each_row
from programmes import packs
from programmes.rules import Rules
from services.portal.answers import today
from services.portal.desks.form import Option
from services.portal.desks.visit import Visit

SCHOOL_YEAR_BEGINS = 6
"""The month from which on the next school year is offered first."""


def _rules(at: Visit) -> Rules | None:
    return packs.installed().of_the_register.on(today(at.door))


async def standards(at: Visit) -> Sequence[Option]:
    """The newest first: of those that one may still begin under, there is mostly one."""
    rules, on = _rules(at), today(at.door)
    known = [] if rules is None else [each for each in rules.standards if each.valid_from <= on]
    return [Option(each.code, each.code) for each in reversed(known)]


async def circumstances(at: Visit) -> Sequence[Option]:
    rules = _rules(at)
    if rules is None:
        return []
    named = [*rules.groups, *rules.at_risk]
    return [Option(each.code, at.write.t(each.vi, each.en)) for each in named]


async def territories(at: Visit) -> Sequence[Option]:
    """The communes that this one took over, and its villages."""
    unit_id = UUID(at.request.path_params["unit_id"])
    known = {row.unit_id: row async for row in each_row(at.door.rows, units)}
    unit = known.get(unit_id)
    former = [] if unit is None else [known[each] for each in unit.former_ids if each in known]
    villages = [row for row in known.values() if row.parent_id == unit_id and row.kind == "village"]
    return [Option(str(row.unit_id), row.name) for row in (*former, *villages)]


async def households_of_the_commune(at: Visit) -> Sequence[Option]:
    """Those of the commune in which the child lives."""
    child = await at.ask("registry", f"/children/{at.request.path_params['child_id']}")
    found = await at.ask("registry", "/households", {"unit_id": child["unit_id"]})
    return [
        Option(each["household_id"], ", ".join(filter(None, (each["head"], each["village"]))))
        for each in found["items"]
    ]


async def communes(at: Visit) -> Sequence[Option]:
    """Those that are in force, by name."""
    on = today(at.door)
    known = [
        row
        async for row in each_row(at.door.rows, units, kind="commune")
        if row.valid_from <= on and (row.ended_on is None or row.ended_on > on)
    ]
    known.sort(key=lambda row: alphabetical(row.name))
    return [Option(str(row.unit_id), row.name) for row in known]


async def school_years(at: Visit) -> Sequence[Option]:
    on = today(at.door)
    first = on.year if on.month >= SCHOOL_YEAR_BEGINS else on.year - 1
    years = (f"{year}-{year + 1}" for year in (first, first - 1))
    return [Option(year, year) for year in years]
