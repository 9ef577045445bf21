"""What allocation keeps for a verified need and what arrives: counted by line, never refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import NeedMet, NeedPartlyMet, NeedRecorded, NeedReleased, NeedReserved


@dataclass(frozen=True, slots=True, kw_only=True)
class CountReserved:
    line_id: UUID
    quantity: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountReleased:
    line_id: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CountArrived:
    line_id: UUID
    quantity: int
    happened_at: datetime


Count = CountReserved | CountReleased | CountArrived
Counted = NeedReserved | NeedReleased | NeedPartlyMet | NeedMet


@dataclass(frozen=True, slots=True)
class Support:
    """Quantities by line; what arrived counts even beyond what was asked for."""

    reserved: Mapping[UUID, int] = field(default_factory=dict)
    met: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def quantity_reserved(self) -> int:
        return sum(self.reserved.values())

    @property
    def quantity_met(self) -> int:
        return sum(self.met.values())


def count(need: NeedRecorded, command: Count, support: Support) -> list[Counted]:
    match command:
        case CountReserved():
            return _reserved(need, command, support)
        case CountReleased():
            return _released(need, command, support)
        case CountArrived():
            return _arrived(need, command, support)
        case _:
            assert_never(command)


def _reserved(need: NeedRecorded, command: CountReserved, support: Support) -> list[Counted]:
    before = support.reserved.get(command.line_id, 0)
    if before == command.quantity or command.line_id in support.met:
        return []
    return [
        NeedReserved(
            need_id=need.need_id,
            programme_id=need.programme_id,
            line_id=command.line_id,
            quantity=command.quantity,
            quantity_reserved=support.quantity_reserved - before + command.quantity,
            quantity_met=support.quantity_met,
            happened_at=command.happened_at,
        )
    ]


def _released(need: NeedRecorded, command: CountReleased, support: Support) -> list[Counted]:
    quantity = support.reserved.get(command.line_id)
    if quantity is None:
        return []
    return [
        NeedReleased(
            need_id=need.need_id,
            programme_id=need.programme_id,
            line_id=command.line_id,
            quantity=quantity,
            quantity_reserved=support.quantity_reserved - quantity,
            quantity_met=support.quantity_met,
            happened_at=command.happened_at,
        )
    ]


def _arrived(need: NeedRecorded, command: CountArrived, support: Support) -> list[Counted]:
    """Of what was kept for other lines nothing is taken away."""
    if command.line_id in support.met:
        return []
    quantity_met = support.quantity_met + command.quantity
    arrived = NeedMet if quantity_met >= need.quantity else NeedPartlyMet
    return [
        arrived(
            need_id=need.need_id,
            programme_id=need.programme_id,
            line_id=command.line_id,
            quantity=command.quantity,
            quantity_reserved=support.quantity_reserved - support.reserved.get(command.line_id, 0),
            quantity_met=quantity_met,
            happened_at=command.happened_at,
        )
    ]


def evolve(support: Support, event: Counted) -> Support:
    match event:
        case NeedReserved():
            return replace(support, reserved={**support.reserved, event.line_id: event.quantity})
        case NeedReleased():
            return replace(support, reserved=_without(support.reserved, event.line_id))
        case NeedPartlyMet() | NeedMet():
            return Support(
                _without(support.reserved, event.line_id),
                {**support.met, event.line_id: event.quantity},
            )
        case _:
            assert_never(event)


def _without(lines: Mapping[UUID, int], line_id: UUID) -> Mapping[UUID, int]:
    return {line: quantity for line, quantity in lines.items() if line != line_id}
