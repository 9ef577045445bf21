"""What of which gift is meant for, kept for, handed out for a need? One row for each line.

What of it arrived, and when, says `support`.
"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationProposed,
    DeliveryLineAbsent,
    DeliveryLineClosed,
    DeliveryLineSigned,
    DeliveryPlanned,
    LotReleased,
    LotReserved,
)
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel, keyed, on
from eventing.record import Recorded


class LineRow(Struct, frozen=True):
    """`status`: proposed, refused, reserved (approved), released, planned, absent, signed.

    Closed: it reaches nobody and the goods are not back yet; then it is released.

    Of a signed line `need_id`, `child_id` and `children` are theirs who were given it.
    """

    line_id: UUID
    programme_id: UUID
    allocation_id: UUID | None
    contribution_id: UUID
    lot_id: UUID
    need_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
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


def _each_line(of: Recorded[AllocationProposed | DeliveryPlanned]) -> Iterator[UUID]:
    for line in of.event.lines:
        yield line.line_id


def _proposed(_: LineRow | None, line_id: UUID, of: Recorded[AllocationProposed]) -> LineRow:
    line = _line(of.event.lines, line_id)
    return replace(_new(line, of.event.programme_id), allocation_id=of.event.allocation_id)


def _planned(row: LineRow | None, line_id: UUID, of: Recorded[DeliveryPlanned]) -> LineRow:
    row = row or _new(_line(of.event.lines, line_id), of.event.programme_id)
    return replace(row, status="planned", delivery_id=of.event.delivery_id)


def _reserved(row: LineRow, of: Recorded[LotReserved]) -> LineRow:
    at, position = of.event.happened_at, of.position
    return replace(row, status="reserved", reserved_at=at, reserved_position=position)


def _released(row: LineRow, _: Recorded[LotReleased]) -> LineRow:
    return replace(row, status="released", reserved_at=None, reserved_position=None)


def _absent(row: LineRow, of: Recorded[DeliveryLineAbsent]) -> LineRow:
    return replace(row, status="absent", kept_until=of.event.kept_until)


def _signed(row: LineRow, of: Recorded[DeliveryLineSigned]) -> LineRow:
    return replace(
        row,
        status="signed",
        signed_as=of.event.signed_as,
        quantity=of.event.quantity,
        need_id=of.event.need_id,
        child_id=of.event.child_id,
        group_id=of.event.group_id,
        children=of.event.children,
        unit_id=of.event.unit_id,
    )


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
        group_id=line.group_id,
        children=line.children,
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
    handlers=(
        keyed(AllocationProposed, _proposed, keys=_each_line),
        on(AllocationLineRefused, lambda row, _: replace(row, status="refused")),
        on(LotReserved, _reserved),
        on(LotReleased, _released),
        keyed(DeliveryPlanned, _planned, keys=_each_line),
        on(DeliveryLineAbsent, _absent),
        on(DeliveryLineSigned, _signed),
        on(DeliveryLineClosed, lambda row, _: replace(row, status="closed")),
    ),
    indexes=(("contribution_id",), ("delivery_id",), ("unit_id",)),
    version=3,
)
