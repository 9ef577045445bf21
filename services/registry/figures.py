"""How many children of each standing are on the register of a unit: counts and pseudonyms alone.

Of a past day it counts who was registered by then, where their household was then; as known now, or
as the register knew it on another day. Each unit in force counts the territory that it alone took
over, so units never overlap; a split unit still counts the households that nobody has placed yet.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.vietnamese_day import vietnamese_day
from eventing.all_rows import each_row
from eventing.rows import Rows
from programmes.rules import Rules
from services.registry.domain.standing import History, standing
from services.registry.read_models.children_by_name import NamedChild, children_by_name
from services.registry.read_models.household_standings import (
    HouseholdStanding,
    household_standings,
)
from services.registry.read_models.unit_histories import UnitHistory, unit_histories

SUPPRESSED_BELOW = 5
SUCCESSIONS_MAX = 20

Units = Mapping[UUID, UnitHistory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`children_declared` is the unit's own total; None where a cell is suppressed or unknown.

    `age_unsure` are those of whom it depends on the day of birth whether they are children still.
    """

    unit_id: UUID
    children_declared: int | None
    registered: int | None
    special: int | None
    at_risk: int | None
    poor: int | None
    near_poor: int | None
    escaped_recently: int | None
    age_unsure: int | None

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
            age_unsure=_kept(self.age_unsure),
        )


def _kept(count: int | None) -> int | None:
    return None if count is not None and 0 < count < SUPPRESSED_BELOW else count


async def figures_of(
    rows: Rows, rules: Rules, on: date, known_on: date = date.max
) -> Sequence[Figure]:
    """One for each unit that has children on the register, or said how many it has, on the day.

    By what the register had been told by the end of the day `known_on`.
    """
    known = await _known_units(rows, on, known_on)
    counts: defaultdict[UUID, Counter[str]] = defaultdict(Counter)
    async for unit_id, facts in _facts_of_children(rows, rules, known, on, known_on):
        counts[in_force(known, unit_id, on)].update(facts)
    declared = _declared(known, on, known_on)
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
            age_unsure=counts[unit_id]["age-unsure"],
        )
        for unit_id in sorted(counts.keys() | declared.keys())
    ]


async def _known_units(rows: Rows, on: date, known_on: date) -> Units:
    """Those that had begun, and were known."""
    return {
        unit.unit_id: unit.as_known(known_on)
        async for unit in each_row(rows, unit_histories)
        if unit.valid_from <= on and unit.recorded_on <= known_on
    }


async def _facts_of_children(
    rows: Rows, rules: Rules, known: Units, on: date, known_on: date
) -> AsyncIterator[tuple[UUID, frozenset[str]]]:
    homes = {home.household_id: home async for home in each_row(rows, household_standings)}
    async for child in each_row(rows, children_by_name):
        reading = child.read_on(known_on)
        home_id = child.home_on(on, known_on)
        home = homes.get(home_id) if home_id else None
        unit_id = lived_in(home, known, on, known_on) if home else None
        born = reading.born if reading else None
        # Erased ones have no birth date any more; they leave the count with their name.
        if home is None or unit_id is None or born is None:
            continue
        if child.merged_into(known_on) or child.left_on(on, known_on) or home.left_on(on, known_on):
            continue
        is_child = rules.is_child_by(born, on)
        if max(born.earliest, child.registered_on) > on or is_child == "no":
            continue
        history = History(child.circumstances(known_on), home.periods(known_on))
        held = standing(rules, born.earliest, history, on)
        unsure = {"age-unsure"} if is_child == "depends" else set()
        yield unit_id, frozenset({"registered", *unsure, *held.facts()})


def lived_in(
    home: HouseholdStanding, known: Units, on: date, known_on: date = date.max
) -> UUID | None:
    """The unit on whose register the household was; `known` are the units that had begun by then.

    A household that is placed before its new unit begins stays where it was until then.
    """
    held = [
        each
        for each in home.residences
        if each.since <= on and each.recorded_on <= known_on and each.unit_id in known
    ]
    # Of two of one day that which was recorded last.
    return max(reversed(held), key=lambda each: each.since).unit_id if held else None


def _declared(known: Units, on: date, known_on: date) -> Mapping[UUID, int]:
    """What each unit in force said, or where it has said nothing yet, what it took over."""
    said = {
        unit.unit_id: children
        for unit in known.values()
        if (children := unit.children(on, known_on)) is not None
    }
    declared: Counter[UUID] = Counter()
    for unit_id, children in said.items():
        passed_to = succession(known, unit_id, on)
        if not any(heir in said for heir in passed_to[1:]):
            declared[passed_to[-1]] += children
    return declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A fact that the register was told late: what of whom, from which day on, and told when."""

    unit_id: UUID
    fact: str
    of_id: UUID
    since: date
    recorded_on: date


async def learnt_since(rows: Rows, on: date, known_on: date) -> Sequence[Learnt]:
    """What lies between the figures of a day as known then and as known now, oldest telling first.

    Nothing says which way a figure moved: each leads to its events.
    """
    known = await _known_units(rows, on, date.max)
    homes = {home.household_id: home async for home in each_row(rows, household_standings)}
    found = [each for unit in known.values() for each in _learnt_of_unit(unit)]
    for home in homes.values():
        unit_id = lived_in(home, known, on)
        if unit_id is not None:
            found += _learnt_of_home(home, in_force(known, unit_id, on))
    async for child in each_row(rows, children_by_name):
        home_id = child.home_on(on)
        of_home = homes.get(home_id) if home_id else None
        unit_id = lived_in(of_home, known, on) if of_home else None
        if unit_id is not None:
            found += _learnt_of_child(child, in_force(known, unit_id, on))
    late = [each for each in found if each.since <= on and each.recorded_on > known_on]
    return sorted(late, key=lambda each: (each.recorded_on, each.since, each.fact, each.of_id))


def _learnt_of_unit(unit: UnitHistory) -> Iterator[Learnt]:
    def learnt(fact: str, since: date, recorded_on: date) -> Learnt:
        return Learnt(
            unit_id=unit.unit_id,
            fact=fact,
            of_id=unit.unit_id,
            since=since,
            recorded_on=recorded_on,
        )

    yield learnt("unit-established", unit.valid_from, unit.recorded_on)
    if unit.ended_on is not None and unit.succeeded_on is not None:
        yield learnt("unit-succeeded", unit.ended_on, unit.succeeded_on)
    for told in unit.declared:
        yield learnt("unit-figure-declared", told.as_of, told.recorded_on)


def _tellings(
    facts: tuple[str, str, str],
    told: Iterable[tuple[int, int | None, date | None, date]],
) -> Iterator[tuple[str, date, date]]:
    """Of version, what that corrects, the day from which on it is so, and when it was told.

    A correction counts from the earlier of its own day and that of what it corrects.
    """
    first, right, nothing = facts
    since_of: dict[int, date] = {}
    for version, corrects, since, recorded_on in told:
        before = None if corrects is None else since_of.get(corrects)
        days = [day for day in (before, since) if day is not None]
        if days:
            since_of[version] = since or days[0]
            fact = first if corrects is None else right if since else nothing
            yield fact, min(days), recorded_on


def _learnt_of_home(home: HouseholdStanding, unit_id: UUID) -> Iterator[Learnt]:
    told = [(each.by, each.since, each.recorded_on) for each in home.residences[1:]]
    told += [
        ("household-left" if each.left else "household-returned", each.since, each.recorded_on)
        for each in home.absences
    ]
    told += _tellings(
        ("household-status-recorded", "household-status-corrected", "household-status-retracted"),
        (
            (
                each.version,
                each.corrects,
                each.period.valid_from if each.period else None,
                each.recorded_on,
            )
            for each in home.decided
        ),
    )
    for fact, since, recorded_on in told:
        yield Learnt(
            unit_id=unit_id,
            fact=fact,
            of_id=home.household_id,
            since=since,
            recorded_on=recorded_on,
        )


def _lived(child: NamedChild) -> Iterator[tuple[str, date, date]]:
    """A retraction counts from the day of what it takes back."""
    days = {each.version: vietnamese_day(each.happened_at) for each in child.lived}
    for each in child.lived:
        if each.corrects is not None:
            yield "child-fact-retracted", days[each.corrects], each.recorded_on
        else:
            fact = {None: "child-moved", True: "child-left", False: "child-returned"}[each.left]
            yield fact, days[each.version], each.recorded_on


def _learnt_of_child(child: NamedChild, unit_id: UUID) -> Iterator[Learnt]:
    told = [("child-registered", child.registered_on, child.recorded_on)]
    told += [
        ("child-corrected", child.registered_on, each.recorded_on) for each in child.readings[1:]
    ]
    told += _lived(child)
    told += [
        ("child-merged" if each.into else "child-unmerged", child.registered_on, each.recorded_on)
        for each in child.merges
    ]
    told += _tellings(
        ("circumstance-assessed", "circumstance-corrected", "child-fact-retracted"),
        (
            (
                each.version,
                each.corrects,
                each.circumstance.on if each.circumstance else None,
                each.recorded_on,
            )
            for each in child.told
        ),
    )
    for fact, since, recorded_on in told:
        yield Learnt(
            unit_id=unit_id,
            fact=fact,
            of_id=child.child_id,
            since=since,
            recorded_on=recorded_on,
        )


def in_force(known: Units, unit_id: UUID, on: date) -> UUID:
    """The unit, or the one that alone took its territory over by that day."""
    return succession(known, unit_id, on)[-1]


def succession(known: Units, unit_id: UUID, on: date) -> Sequence[UUID]:
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
