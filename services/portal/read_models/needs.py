"""What is needed where, and how far is it answered? Totals by commune are queries over it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import (
    NeedMet,
    NeedOpened,
    NeedPartlyMet,
    NeedRecorded,
    NeedReleased,
    NeedReserved,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded


class NeedRow(Struct, frozen=True):
    """No more of a child than their pseudonym, for counting distinct children.

    `quantity_reserved` has a source and is not handed out yet; `quantity_met` is with the child.
    """

    need_id: UUID
    programme_id: UUID
    unit_id: UUID
    child_id: UUID
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    quantity_reserved: int
    quantity_met: int
    verified: bool
    returned: bool
    withdrawn: bool


def _keys(event: Any) -> Iterator[UUID]:
    yield event.need_id


def _apply(row: NeedRow | None, _: UUID, recorded: Recorded) -> NeedRow | None:
    event = recorded.event
    if isinstance(event, NeedRecorded):
        return NeedRow(
            need_id=event.need_id,
            programme_id=event.programme_id,
            unit_id=event.unit_id,
            child_id=event.child_id,
            category=event.category,
            measure=event.measure,
            quantity=event.quantity,
            quantity_reserved=0,
            quantity_met=0,
            verified=False,
            returned=False,
            withdrawn=False,
        )
    return None if row is None else _advanced(row, event)


def _advanced(row: NeedRow, event: Any) -> NeedRow:
    match event:
        case NeedVerified() | NeedReturned() | NeedWithdrawn():
            return replace(
                row,
                verified=row.verified or isinstance(event, NeedVerified),
                returned=isinstance(event, NeedReturned),
                withdrawn=row.withdrawn or isinstance(event, NeedWithdrawn),
            )
        case NeedOpened():
            # It may have been returned and completed since it was recorded.
            return replace(
                row, category=event.category, measure=event.measure, quantity=event.quantity
            )
        case NeedReserved() | NeedReleased() | NeedPartlyMet() | NeedMet():
            return replace(
                row,
                quantity_reserved=event.quantity_reserved,
                quantity_met=event.quantity_met,
            )
        case _:
            return row


needs: ReadModel[UUID, NeedRow] = ReadModel(
    name="needs",
    row=NeedRow,
    key=("need_id",),
    events=(
        NeedRecorded,
        NeedVerified,
        NeedOpened,
        NeedReturned,
        NeedWithdrawn,
        NeedReserved,
        NeedReleased,
        NeedPartlyMet,
        NeedMet,
    ),
    keys=_keys,
    apply=_apply,
    indexes=(("unit_id",),),
)
