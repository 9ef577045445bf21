"""What routes prepare before they ask for a decision: streams as they are now, facts opened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from contracts.registry import NeedRecorded, UnitEstablished
from edge.door import CommandDoor, QueryDoor
from edge.programmes import rules_of
from edge.refusals import OutsideYourUnit
from edge.who_may_where import units as unit_rows
from eventing.all_rows import all_rows
from programmes.rules import Rules
from services.registry.domain import child as children
from services.registry.domain import group as groups
from services.registry.domain import household as households
from services.registry.domain import programme as programmes
from services.registry.domain import unit as units
from services.registry.domain.need_facts import Facts
from services.registry.domain.need_subject import OneChild, OneGroup, OneUnit, Subject
from services.registry.opening import GROUP, HOUSEHOLD, open_standing, open_territory

SUCCESSIONS_MAX = 20
PARENTS_MAX = 10
SUCCESSORS_LOOKED_AT_MAX = 1_000

AnyDoor = CommandDoor | QueryDoor


async def home_of(door: AnyDoor, household_id: UUID) -> households.Registered:
    """Raises HouseholdNotRegistered."""
    state = await door.state(households.household, households.stream(household_id))
    if not isinstance(state, households.Registered):
        raise households.HouseholdNotRegistered
    return state


async def child_of(door: AnyDoor, child_id: UUID) -> children.Registered:
    """Raises ChildNotRegistered."""
    state = await door.state(children.child, children.stream(child_id))
    if not isinstance(state, children.Registered):
        raise children.ChildNotRegistered
    return state


async def group_of(door: AnyDoor, group_id: UUID) -> groups.Registered:
    """Raises GroupNotRegistered."""
    state = await door.state(groups.group, groups.stream(group_id))
    if not isinstance(state, groups.Registered):
        raise groups.GroupNotRegistered
    return state


async def established(door: AnyDoor, unit_id: UUID) -> units.Established:
    """Raises UnitNotEstablished."""
    state = await door.state(units.unit, units.stream(unit_id))
    if not isinstance(state, units.Established):
        raise units.UnitNotEstablished
    return state


async def kept(door: CommandDoor, unit_id: UUID) -> None:
    """The person holds a role of the entry there or above, by the tree as the log has it now.

    So it counts at once in a unit that no read model has yet. Raises UnitNotEstablished,
    OutsideYourUnit.
    """
    for _ in range(PARENTS_MAX):
        if await door.is_within(unit_id):
            return
        parent_id = (await established(door, unit_id)).fact.parent_id
        if parent_id is None:
            break
        unit_id = parent_id
    raise OutsideYourUnit


PROPOSERS = ("collaborator", "teacher")
"""Who says what a commune's children need, and how tall they are; another person verifies."""


async def see_that_they_may_propose(door: CommandDoor, unit_id: UUID) -> None:
    """Where the entry's roles are held or below; for proposers, in their village's commune too.

    A child belongs to a commune, and a village's collaborator or a school's teacher lives in one.
    Raises OutsideYourUnit.
    """
    if await door.is_within(unit_id):
        return
    state = await established(door, unit_id)
    if state.fact.kind != "commune" or not await door.is_below(unit_id, *PROPOSERS):
        raise OutsideYourUnit


async def unit_of(door: AnyDoor, home: households.Registered, on: date) -> UnitEstablished:
    """The household's unit on a day: its own, or the one that alone succeeded it.

    Raises HouseholdToBePlaced where several did, and UnitNotEstablished.
    """
    unit = await in_force(door, home.unit_id, on)
    if unit is None:
        raise households.HouseholdToBePlaced
    return unit


async def in_force(door: AnyDoor, unit_id: UUID, on: date) -> UnitEstablished | None:
    """The unit on a day, or the one that alone succeeded it; None where several did.

    Raises UnitNotEstablished.
    """
    for _ in range(SUCCESSIONS_MAX):
        state = await established(door, unit_id)
        if state.succeeded is None or not state.has_ended(on):
            return state.fact
        if len(state.succeeded.successor_ids) > 1:
            return None
        (unit_id,) = state.succeeded.successor_ids
    # More than there ever were, or a circle: what belongs where is for people to say.
    return None


async def check_no_circle(door: AnyDoor, unit_id: UUID, successor_ids: Iterable[UUID]) -> None:
    """Does a chain of successions lead back to the unit? Raises SuccessionInACircle."""
    found = await heirs(door, successor_ids)
    if unit_id in found or len(found) > SUCCESSORS_LOOKED_AT_MAX:
        raise units.SuccessionInACircle


async def heirs(door: AnyDoor, unit_ids: Iterable[UUID]) -> set[UUID]:
    """These units, and all that took their land over; beyond the bound not all of them."""
    seen: set[UUID] = set()
    waiting = set(unit_ids)
    while waiting and len(seen) <= SUCCESSORS_LOOKED_AT_MAX:
        seen |= waiting
        states = [await door.state(units.unit, units.stream(each)) for each in sorted(waiting)]
        waiting = {
            successor
            for state in states
            if isinstance(state, units.Established) and state.succeeded is not None
            for successor in state.succeeded.successor_ids
        } - seen
    return seen


async def former_of(door: AnyDoor, unit_id: UUID) -> frozenset[UUID]:
    """The units whose land it took over, itself or through others."""
    seen: set[UUID] = set()
    waiting = {unit_id}
    while waiting and len(seen) <= SUCCESSORS_LOOKED_AT_MAX:
        seen |= waiting
        rows = await all_rows(door.rows, unit_rows, unit_id=sorted(waiting))
        waiting = {former for row in rows for former in row.former_ids} - seen
    return frozenset(seen - {unit_id})


async def territory_of(door: CommandDoor, unit_id: UUID, said: UUID | None) -> UUID:
    """On whose land somebody of a commune is, as said; of one that took nobody over, on its own.

    Raises TerritoryToBeSaid, NotOfItsTerritory, UnitNotEstablished.
    """
    if said is None:
        row = await door.rows.get(unit_rows, unit_id)
        if row is not None and row.former_ids:
            raise units.TerritoryToBeSaid(row.former_ids)
        return unit_id
    if unit_id not in await heirs(door, await land_of(door, said)):
        raise units.NotOfItsTerritory
    return said


async def land_of(door: AnyDoor, territory_id: UUID | None) -> frozenset[UUID]:
    """A village with its commune, or a commune alone; nothing of whom was erased.

    Raises UnitNotEstablished.
    """
    if territory_id is None:
        return frozenset()
    unit = (await established(door, territory_id)).fact
    if unit.parent_id is not None and unit.kind in ("village", "school"):
        return frozenset({territory_id, unit.parent_id})
    return frozenset({territory_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom a need is for; without a child or group the unit. `unit_id` None: theirs on the day."""

    child_id: UUID | None
    group_id: UUID | None
    unit_id: UUID | None

    @classmethod
    def of(cls, need: NeedRecorded) -> Self:
        """In the unit in which it was recorded."""
        return cls(child_id=need.child_id, group_id=need.group_id, unit_id=need.unit_id)


async def facts_of(door: AnyDoor, programme_id: UUID, whom: Whom, on: date) -> Facts:
    """What a need's rules rest on.

    Raises ProgrammeNotStarted, NoRulesInForce, ChildNotRegistered, HouseholdNotRegistered,
    HouseholdToBePlaced, GroupNotRegistered, UnitNotEstablished, UnitNotInForce, Erased.
    """
    programme = await door.state(programmes.programme, programmes.stream(programme_id))
    if not isinstance(programme, programmes.Started):
        raise programmes.ProgrammeNotStarted
    rules = rules_of(programme.fact.code, on)
    subject, unit = await _seen(door, whom, rules, on)
    return Facts(programme=programme.fact, unit=unit, subject=subject, rules=rules)


async def _seen(
    door: AnyDoor, whom: Whom, rules: Rules, on: date
) -> tuple[Subject, UnitEstablished]:
    named = None if whom.unit_id is None else (await established(door, whom.unit_id)).fact
    if whom.child_id is not None:
        child = await child_of(door, whom.child_id)
        home = await home_of(door, child.household_id)
        unit = named or await unit_of(door, home, on)
        standing = await open_standing(door, child, home, rules, on)
        lives_on = await open_territory(door, home.fact.household_id, HOUSEHOLD, home.territory)
        land = await land_of(door, lives_on)
        return OneChild(child=child, home=home, standing=standing, land=land), unit
    if whom.group_id is not None:
        group = await group_of(door, whom.group_id)
        found = named or await in_force(door, group.fact.unit_id, on)
        if found is None:
            raise units.UnitNotInForce
        is_on = await open_territory(door, whom.group_id, GROUP, group.fact.territory)
        return OneGroup(group=group, land=await land_of(door, is_on)), found
    assert named is not None, "whoever needs something is named"
    return OneUnit(unit=named, former=await former_of(door, named.unit_id)), named
