"""Which gifts went to another child than the listed one, and which of them wait to be ratified?"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    SignedAs,
)
from contracts.field_types import CategoryCode, MeasureCode
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, keyed, on
from eventing.record import Recorded

SubstitutionStatus = Literal["waiting", "ratified", "refused"]


class Substitution(Struct, frozen=True, kw_only=True):
    """`need_id`, `child_id` and `unit_id` are the substitute's.

    `refusal` says why it was not right to give it to them.
    """

    line_id: UUID
    delivery_id: UUID
    lot_id: UUID
    replaced_need_id: UUID
    replaced_child_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    reason: Sealed
    substituted_by: UUID
    given_at: datetime
    signed_as: SignedAs | None = None
    status: SubstitutionStatus = "waiting"
    judged_by: UUID | None = None
    judged_at: datetime | None = None
    refusal: Sealed | None = None


def _substituted(of: Recorded[DeliveryLineSubstituted]) -> Substitution:
    event = of.event
    return Substitution(
        line_id=event.line_id,
        delivery_id=event.delivery_id,
        lot_id=event.lot_id,
        replaced_need_id=event.replaced_need_id,
        replaced_child_id=event.replaced_child_id,
        need_id=event.need_id,
        child_id=event.child_id,
        unit_id=event.unit_id,
        category=event.category,
        quantity=event.quantity,
        measure=event.measure,
        reason=event.reason,
        substituted_by=event.substituted_by,
        given_at=event.happened_at,
    )


def _signed(
    row: Substitution | None, _: UUID, of: Recorded[DeliveryLineSigned]
) -> Substitution | None:
    """Most lines are signed for by whom they are for: those are none of ours."""
    return row and replace(row, signed_as=of.event.signed_as)


def _ratified(row: Substitution, of: Recorded[DeliveryLineSubstitutionRatified]) -> Substitution:
    by, at = of.event.ratified_by, of.event.happened_at
    return replace(row, status="ratified", judged_by=by, judged_at=at)


def _refused(row: Substitution, of: Recorded[DeliveryLineSubstitutionRefused]) -> Substitution:
    return replace(
        row,
        status="refused",
        judged_by=of.event.refused_by,
        judged_at=of.event.happened_at,
        refusal=of.event.reason,
    )


substitutions: ReadModel[UUID, Substitution] = ReadModel(
    name="substitutions",
    row=Substitution,
    key=("line_id",),
    begun_first=True,
    handlers=(
        begins(DeliveryLineSubstituted, _substituted),
        keyed(DeliveryLineSigned, _signed),
        on(DeliveryLineSubstitutionRatified, _ratified),
        on(DeliveryLineSubstitutionRefused, _refused),
    ),
    indexes=(("unit_id",),),
)
