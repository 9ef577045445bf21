"""How far has each delivery come?"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryLineAbsent,
    DeliveryLineClosed,
    DeliveryLineReturned,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    DeliveryPlanned,
    GiftsArrived,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, at_version, begins, on
from eventing.record import Recorded

DeliveryStatus = Literal["planned", "dispatched", "handed-over", "completed"]


class Delivery(Struct, frozen=True, kw_only=True):
    """`line_count` and `signed_count` are of lines; `out` are closed ones to come back.

    `list_closes_on`: the last day on which it is signed. `version` is that of the stream.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    activity: Sealed
    planned_for: date
    line_count: int
    signed_count: int = 0
    closed: tuple[UUID, ...] = ()
    out: tuple[UUID, ...] = ()
    status: DeliveryStatus = "planned"
    waybill: str | None = None
    dispatched_at: datetime | None = None
    handed_to: UUID | None = None
    handed_over_at: datetime | None = None
    list_closes_on: date | None = None
    completed_at: datetime | None = None
    version: int


def _planned(of: Recorded[DeliveryPlanned]) -> Delivery:
    event = of.event
    return Delivery(
        delivery_id=event.delivery_id,
        programme_id=event.programme_id,
        unit_id=event.unit_id,
        activity=event.activity,
        planned_for=event.planned_for,
        line_count=len(event.lines),
        version=of.version,
    )


def _dispatched(row: Delivery, of: Recorded[DeliveryDispatched]) -> Delivery:
    waybill, at = of.event.waybill, of.event.happened_at
    return replace(row, status="dispatched", waybill=waybill, dispatched_at=at)


def _handed_over(row: Delivery, of: Recorded[DeliveryHandedOver]) -> Delivery:
    return replace(
        row,
        status="handed-over",
        handed_to=of.event.handed_to,
        handed_over_at=of.event.happened_at,
        list_closes_on=of.event.list_closes_on,
    )


def _line_signed(row: Delivery, of: Recorded[DeliveryLineSigned]) -> Delivery:
    return replace(row, signed_count=of.event.lines_signed)


def _line_closed(row: Delivery, of: Recorded[DeliveryLineClosed]) -> Delivery:
    line_id = of.event.line_id
    out = (*row.out, line_id) if of.event.out else row.out
    return replace(row, closed=(*row.closed, line_id), out=out)


def _line_returned(row: Delivery, of: Recorded[DeliveryLineReturned]) -> Delivery:
    out = tuple(line_id for line_id in row.out if line_id != of.event.line_id)
    return replace(row, out=out)


def _completed(row: Delivery, of: Recorded[DeliveryCompleted]) -> Delivery:
    return replace(row, status="completed", completed_at=of.event.happened_at)


deliveries: ReadModel[UUID, Delivery] = ReadModel(
    name="deliveries",
    row=Delivery,
    key=("delivery_id",),
    begun_first=True,
    handlers=(
        begins(DeliveryPlanned, _planned),
        on(DeliveryDispatched, at_version(_dispatched)),
        on(DeliveryHandedOver, at_version(_handed_over)),
        on(DeliveryLineSigned, at_version(_line_signed)),
        on(DeliveryLineAbsent, at_version()),
        on(DeliveryLineSubstituted, at_version()),
        on(DeliveryLineSubstitutionRatified, at_version()),
        on(DeliveryLineSubstitutionRefused, at_version()),
        on(DeliveryLineClosed, at_version(_line_closed)),
        on(DeliveryLineReturned, at_version(_line_returned)),
        on(GiftsArrived, at_version()),
        on(DeliveryCompleted, at_version(_completed)),
    ),
    indexes=(("unit_id",), ("handed_to",)),
    version=2,
)
