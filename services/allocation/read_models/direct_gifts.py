"""Which gifts went from hand to hand, and which of them wait to be ratified?"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import DirectGiftRatified, DirectGiftRecorded
from contracts.field_types import CategoryCode, MeasureCode
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class DirectGift(Struct, frozen=True, kw_only=True):
    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    minutes: Sealed
    recorded_by: UUID
    handed_over_at: datetime
    ratified: bool
    ratified_by: UUID | None


def _recorded(of: Recorded[DirectGiftRecorded]) -> DirectGift:
    event = of.event
    return DirectGift(
        direct_gift_id=event.direct_gift_id,
        programme_id=event.programme_id,
        sponsor_id=event.sponsor_id,
        need_id=event.need_id,
        child_id=event.child_id,
        unit_id=event.unit_id,
        category=event.category,
        quantity=event.quantity,
        measure=event.measure,
        minutes=event.minutes,
        recorded_by=event.recorded_by,
        handed_over_at=event.happened_at,
        ratified=False,
        ratified_by=None,
    )


def _ratified(row: DirectGift, of: Recorded[DirectGiftRatified]) -> DirectGift:
    return replace(row, ratified=True, ratified_by=of.event.ratified_by)


direct_gifts: ReadModel[UUID, DirectGift] = ReadModel(
    name="direct_gifts",
    row=DirectGift,
    key=("direct_gift_id",),
    begun_first=True,
    handlers=(begins(DirectGiftRecorded, _recorded), on(DirectGiftRatified, _ratified)),
    indexes=(("unit_id",),),
)
