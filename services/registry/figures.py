"""How many children of each standing are on the register of a unit: counts alone leave this file.

Of a past day it counts who was registered by then, where their household was then. Each unit in
force counts the territory that it alone took over, so units never overlap; a split unit still
counts the households that nobody has placed yet.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from edge.who_may_where import UnitRow, units
from eventing.all_rows import each_row
from eventing.rows import Rows
from programmes.rules import Rules
from services.registry.domain.standing import History, standing
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.household_standings import (
    HouseholdStanding,
    household_standings,
)

SUPPRESSED_BELOW = 5
SUCCESSIONS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`children_declared` is the unit's own total; None where a cell is suppressed or unknown."""

    unit_id: UUID
    children_declared: int | None
    registered: int | None
    special: int | None
    at_risk: int | None
    poor: int | None
    near_poor: int | None
    escaped_recently: int | None

    def suppressed(self) -> "Figure":
        """Without the cells that could point at somebody."""
        return replace(
            self,
            registered=_kept(self.registered),
            special=_kept(self.special),
            at_risk=_kept(self.at_risk),
            poor=_kept(self.poor),
            near_poor=_kept(self.near_poor),
            escaped_recently=_kept(self.escaped_recently),
        )


def _kept(count: int | None) -> int | None:
    return None if count is not None and 0 < count < SUPPRESSED_BELOW else count


async def figures_of(rows: Rows, rules: Rules, on: date) -> Sequence[Figure]:
    """One for each unit that has children on the register, or said how many it has, on the day."""
    known = {unit.unit_id: unit async for unit in each_row(rows, units) if unit.valid_from <= on}
    counts: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    async for unit_id, facts in _facts_of_children(rows, rules, known, on):
        counts[in_force(known, unit_id, on)].update(facts)
    declared = _declared(known, on)
    return [
        Figure(
            unit_id=unit_id,
            children_declared=declared.get(unit_id),
            registered=counts[unit_id]["registered"],
            special=counts[unit_id]["special"],
            at_risk=counts[unit_id]["at-risk"],
            poor=counts[unit_id]["poor"],
            near_poor=counts[unit_id]["near-poor"],
            escaped_recently=counts[unit_id]["escaped-recently"],
        )
        for unit_id in sorted(counts.keys() | declared.keys())
    ]


async def _facts_of_children(
    rows: Rows, rules: Rules, known: Mapping[UUID, UnitRow], on: date
) -> AsyncIterator[tuple[UUID, frozenset[str]]]:
    homes = {home.household_id: home async for home in each_row(rows, household_standings)}
    async for child in each_row(rows, children_by_name):
        home = homes.get(child.household_id)
        unit_id = lived_in(home, known, on) if home else None
        # Erased ones have no birth date any more; they leave the count with their name.
        if home is None or unit_id is None or child.birth_date is None:
            continue
        born_and_known = max(child.birth_date, child.registered_on) <= on
        if not born_and_known or not rules.is_child(child.birth_date, on):
            continue
        history = History(child.circumstances, home.periods)
        held = standing(rules, child.birth_date, history, on)
        yield unit_id, frozenset({"registered", *held.facts()})


def lived_in(home: HouseholdStanding, known: Mapping[UUID, UnitRow], on: date) -> UUID | None:
    """The unit on whose register the household was; `known` are the units that had begun by then.

    A household that is placed before its new unit begins stays where it was until then.
    """
    held = [each.unit_id for each in home.residences if each.since <= on and each.unit_id in known]
    return held[-1] if held else None


def _declared(known: Mapping[UUID, UnitRow], on: date) -> Mapping[UUID, int]:
    """What each unit in force said, or where it has said nothing yet, what it took over."""
    said = {
        unit.unit_id: unit.children
        for unit in known.values()
        if unit.children is not None and unit.children_as_of and unit.children_as_of <= on
    }
    declared: Counter[UUID] = Counter()
    for unit_id, children in said.items():
        passed_to = succession(known, unit_id, on)
        if not any(heir in said for heir in passed_to[1:]):
            declared[passed_to[-1]] += children
    return declared


def in_force(known: Mapping[UUID, UnitRow], unit_id: UUID, on: date) -> UUID:
    """The unit, or the one that alone took its territory over by that day."""
    return succession(known, unit_id, on)[-1]


def succession(known: Mapping[UUID, UnitRow], unit_id: UUID, on: date) -> Sequence[UUID]:
    """The unit, and each that alone took its territory over by that day."""
    passed_to = [unit_id]
    while len(passed_to) <= SUCCESSIONS_MAX:
        row = known.get(passed_to[-1])
        if row is None or row.ended_on is None or row.ended_on > on:
            break
        if len(row.successor_ids) != 1:
            break
        passed_to.append(row.successor_ids[0])
    return passed_to
