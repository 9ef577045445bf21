"""What routes prepare before they ask for a decision: streams as they are now, facts opened."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from contracts.registry import UnitEstablished
from edge.door import CommandDoor, QueryDoor
from edge.programmes import rules_of
from services.registry.domain import child as children
from services.registry.domain import household as households
from services.registry.domain import programme as programmes
from services.registry.domain import unit as units
from services.registry.domain.need_facts import Facts
from services.registry.opening import open_standing

SUCCESSIONS_MAX = 20
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


async def established(door: AnyDoor, unit_id: UUID) -> units.Established:
    """Raises UnitNotEstablished."""
    state = await door.state(units.unit, units.stream(unit_id))
    if not isinstance(state, units.Established):
        raise units.UnitNotEstablished
    return state


async def unit_of(door: AnyDoor, home: households.Registered, on: date) -> UnitEstablished:
    """The household's unit on a day: its own, or the one that alone succeeded it.

    Raises HouseholdToBePlaced where several did, and UnitNotEstablished.
    """
    unit_id = home.unit_id
    for _ in range(SUCCESSIONS_MAX):
        state = await established(door, unit_id)
        if state.succeeded is None or not state.has_ended(on):
            return state.fact
        if len(state.succeeded.successor_ids) > 1:
            raise households.HouseholdToBePlaced
        (unit_id,) = state.succeeded.successor_ids
    # More than there ever were, or a circle: where the household belongs is for people to say.
    raise households.HouseholdToBePlaced


async def check_no_circle(door: AnyDoor, unit_id: UUID, successor_ids: Iterable[UUID]) -> None:
    """Does a chain of successions lead back to the unit? Raises SuccessionInACircle."""
    seen: set[UUID] = set()
    waiting = set(successor_ids)
    while waiting:
        if unit_id in waiting or len(seen) > SUCCESSORS_LOOKED_AT_MAX:
            raise units.SuccessionInACircle
        seen |= waiting
        states = [await door.state(units.unit, units.stream(each)) for each in sorted(waiting)]
        waiting = {
            successor
            for state in states
            if isinstance(state, units.Established) and state.succeeded is not None
            for successor in state.succeeded.successor_ids
        } - seen


async def facts_of(
    door: AnyDoor, programme_id: UUID, child_id: UUID, unit_id: UUID | None, on: date
) -> Facts:
    """What a need's rules rest on, for the unit named or else the household's on that day.

    Raises ProgrammeNotStarted, NoRulesInForce, ChildNotRegistered, HouseholdNotRegistered,
    HouseholdToBePlaced, UnitNotEstablished, Erased.
    """
    programme = await door.state(programmes.programme, programmes.stream(programme_id))
    if not isinstance(programme, programmes.Started):
        raise programmes.ProgrammeNotStarted
    rules = rules_of(programme.fact.code, on)
    child = await child_of(door, child_id)
    home = await home_of(door, child.fact.household_id)
    unit = (
        await unit_of(door, home, on)
        if unit_id is None
        else (await established(door, unit_id)).fact
    )
    return Facts(
        programme=programme.fact,
        unit=unit,
        child=child,
        home=home,
        standing=await open_standing(door, child, home, rules, on),
        rules=rules,
    )
