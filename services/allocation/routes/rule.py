"""The rule that matching goes by: the programme's rules of a day, and the units as they are."""

from datetime import date
from uuid import UUID

from edge.programmes import programme_rules
from edge.who_may_where import UnitRow, areas, units
from eventing.all_rows import all_rows
from eventing.rows import Rows
from services.allocation.domain.matching import Rule


async def rule_of(rows: Rows, programme_id: UUID, on: date) -> Rule:
    """Raises ProgrammeNotKnown, NoRulesInForce."""
    rules = await programme_rules(rows, programme_id, on)
    return Rule(rules=rules, areas=areas(await known_units(rows), on))


async def hands_out_for(unit_id: UUID, rows: Rows, on: date) -> frozenset[UUID]:
    """The units whose lines this unit may hand out on a day.

    Itself, those below it, and those that it succeeded, alone or with others: whoever of several
    successors the household was placed in, one of them hands its gift out.
    """
    known = await known_units(rows)
    area = areas(known, on)
    succeeded = [row.unit_id for row in known.values() if unit_id in row.successor_ids]
    return frozenset({unit_id}).union(*(area.get(unit, ()) for unit in (unit_id, *succeeded)))


async def known_units(rows: Rows) -> dict[UUID, UnitRow]:
    return {row.unit_id: row for row in await all_rows(rows, units)}
