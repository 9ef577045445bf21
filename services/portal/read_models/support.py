"""What arrived, where, of which gift? One row for each time, whatever the way."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from contracts.allocation import SupportDelivered, Way
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class SupportRow(Struct, frozen=True):
    """`child_id` and `group_id` are pseudonyms, for counting distinct children.

    `position` is that of its event.
    """

    line_id: UUID
    programme_id: UUID
    unit_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    way: Way
    contribution_id: UUID | None
    delivery_id: UUID | None
    delivered_at: datetime
    position: int


def _delivered(of: Recorded[SupportDelivered]) -> SupportRow:
    event = of.event
    return SupportRow(
        line_id=event.line_id,
        programme_id=event.programme_id,
        unit_id=event.unit_id,
        child_id=event.child_id,
        group_id=event.group_id,
        children=event.children,
        category=event.category,
        measure=event.measure,
        quantity=event.quantity,
        way=event.way,
        contribution_id=event.contribution_id,
        delivery_id=event.delivery_id,
        delivered_at=event.happened_at,
        position=of.position,
    )


support: ReadModel[UUID, SupportRow] = ReadModel(
    name="support",
    row=SupportRow,
    key=("line_id",),
    version=3,
    handlers=(begins(SupportDelivered, _delivered),),
    indexes=(("contribution_id",), ("programme_id", "unit_id")),
)
