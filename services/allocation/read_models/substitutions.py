"""Which gifts went to another child than the listed one, and which of them wait to be ratified?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
)
from contracts.field_types import CategoryCode, MeasureCode
from contracts.sealed import Sealed
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = (
    DeliveryLineSubstituted
    | DeliveryLineSigned
    | DeliveryLineSubstitutionRatified
    | DeliveryLineSubstitutionRefused
)
Status = Literal["waiting", "ratified", "refused"]


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
    signed_as: Literal["guardian", "proxy", "fingerprint"] | None = None
    status: Status = "waiting"
    judged_by: UUID | None = None
    judged_at: datetime | None = None
    refusal: Sealed | None = None


def keys(event: Event) -> Iterator[UUID]:
    yield event.line_id


def apply(row: Substitution | None, _: UUID, recorded: Recorded) -> Substitution | None:
    event: Event = recorded.event
    if isinstance(event, DeliveryLineSubstituted):
        return new_substitution(event)
    if isinstance(event, DeliveryLineSigned):
        # Most lines are signed for by whom they are for.
        return row and replace(row, signed_as=event.signed_as)
    assert row is not None, "a gift goes to another child before that is ratified or refused"
    match event:
        case DeliveryLineSubstitutionRatified():
            return replace(
                row,
                status="ratified",
                judged_by=event.ratified_by,
                judged_at=event.happened_at,
            )
        case DeliveryLineSubstitutionRefused():
            return replace(
                row,
                status="refused",
                judged_by=event.refused_by,
                judged_at=event.happened_at,
                refusal=event.reason,
            )
        case _:
            assert_never(event)


def new_substitution(event: DeliveryLineSubstituted) -> Substitution:
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


substitutions: ReadModel[UUID, Substitution] = ReadModel(
    name="substitutions",
    row=Substitution,
    key=("line_id",),
    events=(
        DeliveryLineSubstituted,
        DeliveryLineSigned,
        DeliveryLineSubstitutionRatified,
        DeliveryLineSubstitutionRefused,
    ),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",),),
)
