"""What of which gift is meant for, kept for, handed out for a need? One row for each line.

What of it reached a child, and when, says `support`.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationProposed,
    DeliveryLineAbsent,
    DeliveryLineSigned,
    DeliveryPlanned,
    LotReleased,
    LotReserved,
)
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel
from eventing.record import Recorded


class LineRow(Struct, frozen=True):
    """`status`: proposed, refused, reserved (approved), released, planned, absent, signed.

    Of a signed line `need_id` and `child_id` are theirs who were given it, listed or not.
    """

    line_id: UUID
    programme_id: UUID
    allocation_id: UUID | None
    contribution_id: UUID
    lot_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    status: str
    reserved_at: datetime | None
    reserved_position: int | None
    delivery_id: UUID | None
    kept_until: date | None
    signed_as: str | None


def _keys(event: Any) -> Iterator[UUID]:
    match event:
        case AllocationProposed() | DeliveryPlanned():
            for line in event.lines:
                yield line.line_id
        case _:
            yield event.line_id


def _apply(row: LineRow | None, key: UUID, recorded: Recorded) -> LineRow | None:
    event = recorded.event
    match event:
        case AllocationProposed():
            line = _line(event.lines, key)
            return replace(_new(line, event.programme_id), allocation_id=event.allocation_id)
        case DeliveryPlanned():
            line = _line(event.lines, key)
            row = row or _new(line, event.programme_id)
            return replace(row, status="planned", delivery_id=event.delivery_id)
        case _:
            return None if row is None else _advanced(row, recorded)


def _advanced(row: LineRow, recorded: Recorded) -> LineRow:
    event = recorded.event
    match event:
        case AllocationLineRefused():
            return replace(row, status="refused")
        case LotReserved():
            return replace(
                row,
                status="reserved",
                reserved_at=event.happened_at,
                reserved_position=recorded.position,
            )
        case LotReleased():
            return replace(row, status="released", reserved_at=None, reserved_position=None)
        case DeliveryLineAbsent():
            return replace(row, status="absent", kept_until=event.kept_until)
        case DeliveryLineSigned():
            return replace(
                row,
                status="signed",
                signed_as=event.signed_as,
                quantity=event.quantity,
                need_id=event.need_id,
                child_id=event.child_id,
                unit_id=event.unit_id,
            )
        case _:
            return row


def _line(lines: tuple[AllocationLine, ...], line_id: UUID) -> AllocationLine:
    return next(line for line in lines if line.line_id == line_id)


def _new(line: AllocationLine, programme_id: UUID) -> LineRow:
    return LineRow(
        line_id=line.line_id,
        programme_id=programme_id,
        allocation_id=None,
        contribution_id=line.contribution_id,
        lot_id=line.lot_id,
        need_id=line.need_id,
        child_id=line.child_id,
        unit_id=line.unit_id,
        category=line.category,
        measure=line.measure,
        quantity=line.quantity,
        status="proposed",
        reserved_at=None,
        reserved_position=None,
        delivery_id=None,
        kept_until=None,
        signed_as=None,
    )


lines: ReadModel[UUID, LineRow] = ReadModel(
    name="lines",
    row=LineRow,
    key=("line_id",),
    events=(
        AllocationProposed,
        AllocationLineRefused,
        LotReserved,
        LotReleased,
        DeliveryPlanned,
        DeliveryLineAbsent,
        DeliveryLineSigned,
    ),
    keys=_keys,
    apply=_apply,
    indexes=(("contribution_id",), ("delivery_id",), ("unit_id",)),
    version=2,
)
