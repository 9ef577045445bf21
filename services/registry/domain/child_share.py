"""A child's share: what needs ask of one kind for one child in one season, over all programmes.

Stream `share-{child_id}-{category}-{season}`. Taken in the append in which a need is opened, so of
two that are opened at once the second sees the first. What covers a need never exceeds what it asks
for, so no way of helping gives more than was taken here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.field_types import CategoryCode
from contracts.registry import ChildShareFreed, ChildShareTaken
from eventing.decider import CommandFor, Decider, Rejection
from programmes.days import season_of

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeShare:
    """Given when a need is opened; `at_most` is what the rules of its programme say."""

    child_id: UUID
    category: CategoryCode
    season: int
    need_id: UUID
    programme_id: UUID
    quantity: int
    at_most: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeShare:
    """Given when `quantity` of what a need asks for will never come: it was withdrawn."""

    need_id: UUID
    quantity: int
    happened_at: datetime


Command = TakeShare | FreeShare
Event = ChildShareTaken | ChildShareFreed

# --- State ---


@dataclass(frozen=True, slots=True)
class Share:
    """`taken`: how much each need has taken, by the event that took it first."""

    taken: Mapping[UUID, int] = field(default_factory=dict)
    first: Mapping[UUID, ChildShareTaken] = field(default_factory=dict)

    @property
    def quantity_taken(self) -> int:
        return sum(self.taken.values())


# --- Rejections ---


class ChildHasItsShare(Rejection):
    """`season` is the year in which it began, on 1 July."""

    code = "child-has-its-share"
    kind = "conflict"
    vi = (
        "Mùa bắt đầu tháng 7/{season}, trẻ em này đã được tính {taken} loại này trong các chương"
        " trình; quy định cho nhiều nhất {at_most}."
    )
    en = (
        "In the season that began in July {season}, {taken} of this kind are meant for this child"
        " already, over all programmes; the rules give {at_most} at most."
    )

    def __init__(self, season: int, taken: int, at_most: int) -> None:
        self.season = season
        self.taken = taken
        self.at_most = at_most


# --- Decide ---


def decide(command: Command, state: Share) -> list[Event]:
    match command:
        case TakeShare():
            return take(command, state)
        case FreeShare():
            return free(command, state)
        case _:
            assert_never(command)


def take(command: TakeShare, state: Share) -> list[Event]:
    if command.need_id in state.first:
        return []
    quantity_taken = state.quantity_taken + command.quantity
    if quantity_taken > command.at_most:
        raise ChildHasItsShare(command.season, state.quantity_taken, command.at_most)
    return [
        ChildShareTaken(
            child_id=command.child_id,
            category=command.category,
            season=command.season,
            need_id=command.need_id,
            programme_id=command.programme_id,
            quantity=command.quantity,
            quantity_taken=quantity_taken,
            happened_at=command.happened_at,
        )
    ]


def free(command: FreeShare, state: Share) -> list[Event]:
    """Of a need that was opened when no rule bounded its kind nothing was taken."""
    quantity = min(command.quantity, state.taken.get(command.need_id, 0))
    if quantity <= 0:
        return []
    taken = state.first[command.need_id]
    return [
        ChildShareFreed(
            child_id=taken.child_id,
            category=taken.category,
            season=taken.season,
            need_id=taken.need_id,
            programme_id=taken.programme_id,
            quantity=quantity,
            quantity_taken=state.quantity_taken - quantity,
            happened_at=command.happened_at,
        )
    ]


# --- Evolve ---


def evolve(state: Share, event: Event) -> Share:
    before = state.taken.get(event.need_id, 0)
    match event:
        case ChildShareTaken():
            taken = {**state.taken, event.need_id: before + event.quantity}
            return Share(taken, {**state.first, event.need_id: event})
        case ChildShareFreed():
            left = {**state.taken, event.need_id: before - event.quantity}
            return replace(state, taken=left)
        case _:
            assert_never(event)


child_share: Decider[Command, Share, Event] = Decider(Share(), decide, evolve)


def stream(child_id: UUID, category: CategoryCode, season: int) -> str:
    return f"share-{child_id}-{category}-{season}"


def of_share(
    child_id: UUID, category: CategoryCode, needed_by: date, command: Command
) -> CommandFor:
    return CommandFor(child_share, stream(child_id, category, season_of(needed_by)), command)
