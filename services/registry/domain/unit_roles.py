"""Which roles are held in a unit, so that its one successor takes all of them over.

Stream `unit-roles-{unit_id}`, written with each grant and with the succession: no role is given in
the unit beside it, and none is left behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import GrantOfPerson, RoleHeldInUnit, UnitRolesPassed
from eventing.decider import Decider

GRANTS_AT_ONCE_MAX = 1_000
"""In one event, so that its record stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRole:
    """A role is given in the unit, or comes to it. After its end it goes on to the successor."""

    unit_id: UUID
    grant: GrantOfPerson
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRoles:
    """One unit alone succeeds this one from the day `passed_on`."""

    unit_id: UUID
    successor_id: UUID
    passed_on: date
    happened_at: datetime


Command = HoldRole | PassRoles
Event = RoleHeldInUnit | UnitRolesPassed


@dataclass(frozen=True, slots=True)
class UnitRoles:
    held: tuple[GrantOfPerson, ...] = ()
    successor_id: UUID | None = None
    passed_on: date | None = None


State = UnitRoles


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case HoldRole():
            return hold(command, state)
        case PassRoles():
            return pass_on(command, state)
        case _:
            assert_never(command)


def hold(command: HoldRole, state: State) -> list[Event]:
    if command.grant in state.held:
        return []
    held = RoleHeldInUnit(
        unit_id=command.unit_id,
        grant_id=command.grant.grant_id,
        person_id=command.grant.person_id,
        happened_at=command.happened_at,
    )
    if state.successor_id is None or state.passed_on is None:
        return [held]
    late = PassRoles(
        unit_id=command.unit_id,
        successor_id=state.successor_id,
        passed_on=state.passed_on,
        happened_at=command.happened_at,
    )
    return [held, *_passed(late, [command.grant])]


def pass_on(command: PassRoles, state: State) -> list[Event]:
    if state.successor_id is not None:
        return []
    return _passed(command, state.held)


def _passed(command: PassRoles, grants: Sequence[GrantOfPerson]) -> list[Event]:
    """In the order of their ids: in which they were given side by side says nothing."""
    in_order = sorted(grants, key=lambda grant: (grant.grant_id, grant.person_id))
    parts = range(0, max(len(grants), 1), GRANTS_AT_ONCE_MAX)
    return [
        UnitRolesPassed(
            unit_id=command.unit_id,
            successor_id=command.successor_id,
            passed_on=command.passed_on,
            grants=tuple(in_order[at : at + GRANTS_AT_ONCE_MAX]),
            happened_at=command.happened_at,
        )
        for at in parts
    ]


def evolve(state: State, event: Event) -> State:
    match event:
        case RoleHeldInUnit():
            grant = GrantOfPerson(grant_id=event.grant_id, person_id=event.person_id)
            return replace(state, held=(*state.held, grant))
        case UnitRolesPassed():
            return replace(state, successor_id=event.successor_id, passed_on=event.passed_on)
        case _:
            assert_never(event)


unit_roles: Decider[Command, State, Event] = Decider(UnitRoles(), decide, evolve)


def stream(unit_id: UUID) -> str:
    return f"unit-roles-{unit_id}"
