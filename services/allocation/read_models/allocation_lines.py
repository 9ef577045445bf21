"""What became of each line: proposed, approved, refused, given back, planned, signed?"""

from collections.abc import Iterator
from datetime import date
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationProposed,
    DeliveryLineAbsent,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryPlanned,
    LotReserved,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = (
    AllocationProposed
    | LotReserved
    | AllocationLineRefused
    | AllocationLineReleased
    | DeliveryPlanned
    | DeliveryLineSigned
    | DeliveryLineAbsent
    | DeliveryLineSubstituted
)
OnItsWay = DeliveryPlanned | DeliveryLineAbsent | DeliveryLineSigned | DeliveryLineSubstituted
Status = Literal["proposed", "approved", "refused", "released", "planned", "absent", "signed"]


class Line(Struct, frozen=True, kw_only=True):
    """`line` are its frozen facts; `code` says why it was refused.

    `substitute_need_id`: another child's need that it was given for in the end.
    """

    line_id: UUID
    allocation_id: UUID
    programme_id: UUID
    need_id: UUID
    line: AllocationLine
    status: Status = "proposed"
    code: str | None = None
    delivery_id: UUID | None = None
    kept_until: date | None = None
    signed_as: Literal["guardian", "proxy", "fingerprint"] | None = None
    substitute_need_id: UUID | None = None


def keys(event: Event) -> Iterator[UUID]:
    match event:
        case AllocationProposed() | DeliveryPlanned():
            for line in event.lines:
                yield line.line_id
        case _:
            yield event.line_id


def apply(row: Line | None, line_id: UUID, recorded: Recorded) -> Line | None:
    event: Event = recorded.event
    if isinstance(event, AllocationProposed):
        # An id belongs to the allocation that used it first.
        return row or new_line(event, line_id)
    assert row is not None, "a line is proposed before anything happens to it"
    match event:
        case LotReserved():
            return replace(row, status="approved")
        case AllocationLineRefused():
            return replace(row, status="refused", code=event.code)
        case AllocationLineReleased():
            return replace(row, status="released")
        case _:
            return on_its_way(row, event)


def on_its_way(row: Line, event: OnItsWay) -> Line:
    match event:
        case DeliveryPlanned():
            return replace(row, status="planned", delivery_id=event.delivery_id)
        case DeliveryLineAbsent():
            return replace(row, status="absent", kept_until=event.kept_until)
        case DeliveryLineSigned():
            return replace(row, status="signed", signed_as=event.signed_as)
        case DeliveryLineSubstituted():
            return replace(row, substitute_need_id=event.need_id)
        case _:
            assert_never(event)


def new_line(event: AllocationProposed, line_id: UUID) -> Line:
    line = next(line for line in event.lines if line.line_id == line_id)
    return Line(
        line_id=line_id,
        allocation_id=event.allocation_id,
        programme_id=event.programme_id,
        need_id=line.need_id,
        line=line,
    )


allocation_lines: ReadModel[UUID, Line] = ReadModel(
    name="allocation_lines",
    row=Line,
    key=("line_id",),
    events=(
        AllocationProposed,
        LotReserved,
        AllocationLineRefused,
        AllocationLineReleased,
        DeliveryPlanned,
        DeliveryLineSigned,
        DeliveryLineAbsent,
        DeliveryLineSubstituted,
    ),
    keys=keys,
    apply=apply,
    indexes=(("allocation_id",), ("delivery_id",), ("need_id",)),
    version=2,
)
