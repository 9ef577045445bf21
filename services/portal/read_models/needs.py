"""What is needed where, and how far is it answered? Totals by commune are queries over it."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import (
    NeedLapsed,
    NeedMet,
    NeedOpened,
    NeedPartlyMet,
    NeedReconfirmed,
    NeedRecorded,
    NeedReleased,
    NeedReserved,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
)
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class NeedRow(Struct, frozen=True):
    """No more of a child or a group than their pseudonym: neither, and it is the unit's own.

    `quantity_reserved` has a source and is not handed out yet; `quantity_met` has arrived.
    """

    need_id: UUID
    programme_id: UUID
    unit_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    quantity_reserved: int
    quantity_met: int
    verified: bool
    returned: bool
    withdrawn: bool
    lapsed: bool


def _recorded(of: Recorded[NeedRecorded]) -> NeedRow:
    event = of.event
    return NeedRow(
        need_id=event.need_id,
        programme_id=event.programme_id,
        unit_id=event.unit_id,
        child_id=event.child_id,
        group_id=event.group_id,
        children=event.children,
        category=event.category,
        measure=event.measure,
        quantity=event.quantity,
        quantity_reserved=0,
        quantity_met=0,
        verified=False,
        returned=False,
        withdrawn=False,
        lapsed=False,
    )


def _opened(row: NeedRow, of: Recorded[NeedOpened]) -> NeedRow:
    """It may have been returned and completed since it was recorded."""
    event = of.event
    return replace(row, category=event.category, measure=event.measure, quantity=event.quantity)


def _supported(
    row: NeedRow, of: Recorded[NeedReserved | NeedReleased | NeedPartlyMet | NeedMet]
) -> NeedRow:
    reserved, met = of.event.quantity_reserved, of.event.quantity_met
    return replace(row, quantity_reserved=reserved, quantity_met=met)


needs: ReadModel[UUID, NeedRow] = ReadModel(
    name="needs",
    row=NeedRow,
    key=("need_id",),
    version=3,
    handlers=(
        begins(NeedRecorded, _recorded),
        on(NeedVerified, lambda row, _: replace(row, verified=True, returned=False)),
        on(NeedOpened, _opened),
        on(NeedReturned, lambda row, _: replace(row, returned=True)),
        on(NeedWithdrawn, lambda row, _: replace(row, withdrawn=True, returned=False)),
        on(NeedLapsed, lambda row, _: replace(row, lapsed=True)),
        on(NeedReconfirmed, lambda row, _: replace(row, lapsed=False)),
        on(NeedReserved, _supported),
        on(NeedReleased, _supported),
        on(NeedPartlyMet, _supported),
        on(NeedMet, _supported),
    ),
    indexes=(("unit_id",),),
)
