"""What became of a delivery, from its plan to the last signature?"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryPlanned,
)
from eventing.read_model import ReadModel
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


def _keys(event: Any) -> Iterator[UUID]:
    yield event.delivery_id


def _apply(row: DeliveryRow | None, _: UUID, recorded: Recorded) -> DeliveryRow | None:
    event = recorded.event
    if isinstance(event, DeliveryPlanned):
        return DeliveryRow(
            delivery_id=event.delivery_id,
            programme_id=event.programme_id,
            unit_id=event.unit_id,
            planned_for=event.planned_for,
            lines=len(event.lines),
            completed=False,
            steps=(step(recorded),),
        )
    if row is None:
        return None
    completed = row.completed or isinstance(event, DeliveryCompleted)
    return replace(row, completed=completed, steps=(*row.steps, step(recorded)))


deliveries: ReadModel[UUID, DeliveryRow] = ReadModel(
    name="deliveries",
    row=DeliveryRow,
    key=("delivery_id",),
    events=(DeliveryPlanned, DeliveryDispatched, DeliveryHandedOver, DeliveryCompleted),
    keys=_keys,
    apply=_apply,
    indexes=(("unit_id",),),
)
