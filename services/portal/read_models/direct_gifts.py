"""What did sponsors hand over themselves, and was it ratified?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import DirectGiftRatified, DirectGiftRecorded
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel
from eventing.record import Recorded


class DirectGiftRow(Struct, frozen=True):
    direct_gift_id: UUID
    programme_id: UUID
    unit_id: UUID
    child_id: UUID
    sponsor_id: UUID
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    ratified: bool


def _keys(event: DirectGiftRecorded | DirectGiftRatified) -> Iterator[UUID]:
    yield event.direct_gift_id


def _apply(row: DirectGiftRow | None, _: UUID, recorded: Recorded) -> DirectGiftRow | None:
    match recorded.event:
        case DirectGiftRecorded() as gift:
            return DirectGiftRow(
                direct_gift_id=gift.direct_gift_id,
                programme_id=gift.programme_id,
                unit_id=gift.unit_id,
                child_id=gift.child_id,
                sponsor_id=gift.sponsor_id,
                category=gift.category,
                measure=gift.measure,
                quantity=gift.quantity,
                ratified=False,
            )
        case DirectGiftRatified() if row:
            return replace(row, ratified=True)
        case _:
            return row


direct_gifts: ReadModel[UUID, DirectGiftRow] = ReadModel(
    name="direct_gifts",
    row=DirectGiftRow,
    key=("direct_gift_id",),
    events=(DirectGiftRecorded, DirectGiftRatified),
    keys=_keys,
    apply=_apply,
    indexes=(("unit_id",),),
)
