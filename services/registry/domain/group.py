"""A group of children who are helped together, as a class: counted and described, never named.

Stream `group-{group_id}`; registering also asserts the unit's stream.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import GroupCounted, GroupRegistered
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream

CHILDREN_MIN = 5
"""Fewer could be recognised: they are registered one by one, and their needs are their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterGroup:
    group_id: UUID
    unit_id: UUID
    territory: Sealed
    children: int
    description: Sealed
    registered_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountGroup:
    children: int
    counted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmGroup:
    """Refuses when the group is no longer as it was seen."""

    seen: "State"


Command = RegisterGroup | CountGroup | ConfirmGroup
Event = GroupRegistered | GroupCounted


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`children`: as it was counted last."""

    fact: GroupRegistered
    children: int


State = NotRegistered | Registered


class GroupNotRegistered(Rejection):
    code = "group-not-registered"
    kind = "absent"
    vi = "Chưa có nhóm trẻ em này trong sổ."
    en = "This group of children is not registered."


class GroupRegisteredOtherwise(Rejection):
    code = "group-registered-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho nhóm trẻ em với thông tin khác."
    en = "A group was registered under this id with other details."


class GroupTooSmall(Rejection):
    code = "group-too-small"
    vi = "Một nhóm có ít nhất {least} trẻ em; ít hơn thì ghi từng em vào sổ."
    en = "A group has at least {least} children; fewer are registered one by one."

    def __init__(self) -> None:
        self.least = CHILDREN_MIN


class GroupChangedMeanwhile(Rejection):
    code = "group-changed-meanwhile"
    kind = "conflict"
    vi = "Thông tin nhóm trẻ em vừa thay đổi; hãy thử lại."
    en = "The group has just changed; please try again."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RegisterGroup():
            return register(command, state)
        case CountGroup():
            return count(command, state)
        case ConfirmGroup():
            return confirm(command, state)
        case _:
            assert_never(command)


def register(command: RegisterGroup, state: State) -> list[Event]:
    registered = GroupRegistered(
        group_id=command.group_id,
        unit_id=command.unit_id,
        territory=command.territory,
        children=command.children,
        description=command.description,
        registered_by=command.registered_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Registered):
        if replace(registered, happened_at=state.fact.happened_at) == state.fact:
            return []
        raise GroupRegisteredOtherwise
    if command.children < CHILDREN_MIN:
        raise GroupTooSmall
    return [registered]


def count(command: CountGroup, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise GroupNotRegistered
    if command.children < CHILDREN_MIN:
        raise GroupTooSmall
    if command.children == state.children:
        return []
    return [
        GroupCounted(
            group_id=state.fact.group_id,
            unit_id=state.fact.unit_id,
            children=command.children,
            counted_by=command.counted_by,
            happened_at=command.happened_at,
        )
    ]


def confirm(command: ConfirmGroup, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise GroupNotRegistered
    if command.seen != state:
        raise GroupChangedMeanwhile
    return []


def also(_command: Command, _state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    for event in events:
        if isinstance(event, GroupRegistered):
            in_force = ConfirmUnit(on=vietnamese_day(event.happened_at), commune=True)
            yield CommandFor(unit, unit_stream(event.unit_id), in_force)


def evolve(state: State, event: Event) -> State:
    match event:
        case GroupRegistered():
            return Registered(event, event.children)
        case GroupCounted():
            assert isinstance(state, Registered), "only a registered group is counted anew"
            return replace(state, children=event.children)
        case _:
            assert_never(event)


group: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(group_id: UUID) -> str:
    return f"group-{group_id}"
