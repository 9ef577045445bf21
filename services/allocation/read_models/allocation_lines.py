"""What became of each line: proposed, approved, refused, given back, planned, signed?"""

from collections.abc import Iterator
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationProposed,
    ClosingReason,
    DeliveryLineAbsent,
    DeliveryLineClosed,
    DeliveryLineReturned,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryPlanned,
    LotReserved,
    SignedAs,
)
from eventing.read_model import ReadModel, keyed, on
from eventing.record import Recorded

LineStatus = Literal[
    "proposed",
    "approved",
    "refused",
    "released",
    "planned",
    "absent",
    "signed",
    "closed",
    "returned",
]


class Line(Struct, frozen=True, kw_only=True):
    """`line` are its frozen facts; `code` says why it was refused.

    `closed_because` why it reaches nobody. `substitute_need_id`: another child's need that it was
    given for in the end.
    """

    line_id: UUID
    allocation_id: UUID
    programme_id: UUID
    need_id: UUID
    line: AllocationLine
    status: LineStatus = "proposed"
    code: str | None = None
    closed_because: ClosingReason | None = None
    delivery_id: UUID | None = None
    kept_until: date | None = None
    signed_as: SignedAs | None = None
    substitute_need_id: UUID | None = None


def _each_line(of: Recorded[AllocationProposed | DeliveryPlanned]) -> Iterator[UUID]:
    for line in of.event.lines:
        yield line.line_id


def _proposed(row: Line | None, line_id: UUID, of: Recorded[AllocationProposed]) -> Line:
    """An id belongs to the allocation that used it first."""
    return row or new_line(of.event, line_id)


def new_line(event: AllocationProposed, line_id: UUID) -> Line:
    line = next(line for line in event.lines if line.line_id == line_id)
    return Line(
        line_id=line_id,
        allocation_id=event.allocation_id,
        programme_id=event.programme_id,
        need_id=line.need_id,
        line=line,
    )


def _refused(row: Line, of: Recorded[AllocationLineRefused]) -> Line:
    return replace(row, status="refused", code=of.event.code)


def _planned(row: Line, of: Recorded[DeliveryPlanned]) -> Line:
    return replace(row, status="planned", delivery_id=of.event.delivery_id)


def _absent(row: Line, of: Recorded[DeliveryLineAbsent]) -> Line:
    return replace(row, status="absent", kept_until=of.event.kept_until)


def _signed(row: Line, of: Recorded[DeliveryLineSigned]) -> Line:
    return replace(row, status="signed", signed_as=of.event.signed_as)


def _closed(row: Line, of: Recorded[DeliveryLineClosed]) -> Line:
    return replace(row, status="closed", closed_because=of.event.reason)


def _substituted(row: Line, of: Recorded[DeliveryLineSubstituted]) -> Line:
    return replace(row, substitute_need_id=of.event.need_id)


allocation_lines: ReadModel[UUID, Line] = ReadModel(
    name="allocation_lines",
    row=Line,
    key=("line_id",),
    begun_first=True,
    handlers=(
        keyed(AllocationProposed, _proposed, keys=_each_line),
        on(LotReserved, lambda row, _: replace(row, status="approved")),
        on(AllocationLineRefused, _refused),
        on(AllocationLineReleased, lambda row, _: replace(row, status="released")),
        on(DeliveryPlanned, _planned, keys=_each_line),
        on(DeliveryLineAbsent, _absent),
        on(DeliveryLineSigned, _signed),
        on(DeliveryLineClosed, _closed),
        on(DeliveryLineReturned, lambda row, _: replace(row, status="returned")),
        on(DeliveryLineSubstituted, _substituted),
    ),
    indexes=(("allocation_id",), ("delivery_id",), ("need_id",)),
    version=4,
)
