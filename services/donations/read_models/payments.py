"""Which payments are due, authorised, made, and what became of advances?"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    AdvanceSettled,
    PaidIn,
    PaymentAuthorised,
    PaymentDue,
    PaymentFailed,
    PaymentFailure,
    PaymentMade,
    PaymentPurpose,
    PaymentStatus,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, at_version, begins, on
from eventing.record import Recorded


class PaymentRow(Struct, frozen=True, kw_only=True):
    """In đồng. `settle_by` is set while an advance is paid and not settled.

    `version` is that of the stream.
    """

    payment_id: UUID
    programme_id: UUID
    fund_id: UUID
    purpose: PaymentPurpose
    amount: int
    person_id: UUID | None
    partner: Sealed | None
    due_on: date
    status: PaymentStatus
    paid_in: PaidIn | None
    reference: str | None
    settle_by: date | None
    failure: PaymentFailure | None
    handed_out: int | None
    returned: int | None
    version: int


def _due(of: Recorded[PaymentDue]) -> PaymentRow:
    event = of.event
    return PaymentRow(
        payment_id=event.payment_id,
        programme_id=event.programme_id,
        fund_id=event.fund_id,
        purpose=event.purpose,
        amount=event.amount,
        person_id=event.person_id,
        partner=event.partner,
        due_on=event.due_on,
        status="due",
        paid_in=None,
        reference=None,
        settle_by=None,
        failure=None,
        handed_out=None,
        returned=None,
        version=of.version,
    )


def _now(status: PaymentStatus) -> Callable[[PaymentRow, Recorded], PaymentRow]:
    return lambda row, _: replace(row, status=status)


def _made(row: PaymentRow, of: Recorded[PaymentMade]) -> PaymentRow:
    event = of.event
    return replace(
        row,
        status="paid",
        paid_in=event.paid_in,
        reference=event.reference,
        settle_by=event.settle_by,
    )


def _failed(row: PaymentRow, of: Recorded[PaymentFailed]) -> PaymentRow:
    return replace(row, status="failed", failure=of.event.reason, settle_by=None)


def _settled(row: PaymentRow, of: Recorded[AdvanceSettled]) -> PaymentRow:
    handed_out, returned = of.event.handed_out, of.event.returned
    return replace(row, status="settled", handed_out=handed_out, returned=returned, settle_by=None)


payments: ReadModel[UUID, PaymentRow] = ReadModel(
    name="payments",
    row=PaymentRow,
    key=("payment_id",),
    handlers=(
        begins(PaymentDue, _due),
        on(PaymentAuthorised, at_version(_now("authorised"))),
        on(PaymentMade, at_version(_made)),
        on(PaymentFailed, at_version(_failed)),
        on(AdvanceSettled, at_version(_settled)),
    ),
    indexes=(("fund_id", "status"), ("settle_by",)),
)
