"""How far has each delivery come?"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryLineSigned,
    DeliveryPlanned,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = (
    DeliveryPlanned
    | DeliveryDispatched
    | DeliveryHandedOver
    | DeliveryLineSigned
    | DeliveryCompleted
)


class Delivery(Struct, frozen=True, kw_only=True):
    """Counts are of lines."""

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    activity: Sealed
    planned_for: date
    line_count: int
    signed_count: int = 0
    status: Literal["planned", "dispatched", "handed-over", "completed"] = "planned"
    waybill: str | None = None
    dispatched_at: datetime | None = None
    handed_to: UUID | None = None
    handed_over_at: datetime | None = None
    completed_at: datetime | None = None


def keys(event: Event) -> Iterator[UUID]:
    yield event.delivery_id


def apply(row: Delivery | None, _: UUID, recorded: Recorded) -> Delivery | None:
    event: Event = recorded.event
    if isinstance(event, DeliveryPlanned):
        return Delivery(
            delivery_id=event.delivery_id,
            programme_id=event.programme_id,
            unit_id=event.unit_id,
            activity=event.activity,
            planned_for=event.planned_for,
            line_count=len(event.lines),
        )
    assert row is not None, "a delivery is planned before anything happens to it"
    match event:
        case DeliveryDispatched():
            return replace(
                row,
                status="dispatched",
                waybill=event.waybill,
                dispatched_at=event.happened_at,
            )
        case DeliveryHandedOver():
            return replace(
                row,
                status="handed-over",
                handed_to=event.handed_to,
                handed_over_at=event.happened_at,
            )
        case DeliveryLineSigned():
            return replace(row, signed_count=event.lines_signed)
        case DeliveryCompleted():
            return replace(row, status="completed", completed_at=event.happened_at)
        case _:
            assert_never(event)


deliveries: ReadModel[UUID, Delivery] = ReadModel(
    name="deliveries",
    row=Delivery,
    key=("delivery_id",),
    events=(
        DeliveryPlanned,
        DeliveryDispatched,
        DeliveryHandedOver,
        DeliveryLineSigned,
        DeliveryCompleted,
    ),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",),),
)
