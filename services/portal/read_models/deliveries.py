"""What became of a delivery, from its plan to the last signature?"""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryPlanned,
)
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from services.portal.steps import Step, step


class DeliveryRow(Struct, frozen=True):
    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    planned_for: date
    lines: int
    completed: bool
    steps: tuple[Step, ...]


def _planned(of: Recorded[DeliveryPlanned]) -> DeliveryRow:
    event = of.event
    return DeliveryRow(
        delivery_id=event.delivery_id,
        programme_id=event.programme_id,
        unit_id=event.unit_id,
        planned_for=event.planned_for,
        lines=len(event.lines),
        completed=False,
        steps=(step(of),),
    )


def _went_on(row: DeliveryRow, of: Recorded) -> DeliveryRow:
    return replace(row, steps=(*row.steps, step(of)))


def _completed(row: DeliveryRow, of: Recorded[DeliveryCompleted]) -> DeliveryRow:
    return replace(row, completed=True, steps=(*row.steps, step(of)))


deliveries: ReadModel[UUID, DeliveryRow] = ReadModel(
    name="deliveries",
    row=DeliveryRow,
    key=("delivery_id",),
    handlers=(
        begins(DeliveryPlanned, _planned),
        on(DeliveryDispatched, _went_on),
        on(DeliveryHandedOver, _went_on),
        on(DeliveryCompleted, _completed),
    ),
    indexes=(("unit_id",),),
)
