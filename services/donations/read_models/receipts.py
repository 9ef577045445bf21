"""What does the receipt whose code has this hash say, and does it still stand?"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    CancellationReason,
    Kind,
    NumberedReceipt,
    ReceiptCancelled,
    ReceiptedLine,
    ReceiptIssued,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

ReceiptStatus = Literal["issued", "cancelled"]


class Receipt(Struct, frozen=True, kw_only=True):
    """`status` is issued or cancelled; `replaces` is the cancelled one in whose place it stands."""

    code_hash: str
    book: str
    year: int
    number: int
    contribution_id: UUID
    sponsor_id: UUID
    kind: Kind
    lines: tuple[ReceiptedLine, ...]
    quantity: int
    measure: str
    signatories: Sealed
    issued_by: UUID
    issued_at: datetime
    status: ReceiptStatus
    replaces: NumberedReceipt | None
    reason: CancellationReason | None
    cancelled_by: UUID | None
    cancelled_at: datetime | None


def _issued(of: Recorded[ReceiptIssued]) -> Receipt:
    event = of.event
    return Receipt(
        code_hash=event.code_hash,
        book=event.book,
        year=event.year,
        number=event.number,
        contribution_id=event.contribution_id,
        sponsor_id=event.sponsor_id,
        kind=event.kind,
        lines=event.lines,
        quantity=event.quantity,
        measure=event.measure,
        signatories=event.signatories,
        issued_by=event.issued_by,
        issued_at=event.happened_at,
        status="issued",
        replaces=event.replaces,
        reason=None,
        cancelled_by=None,
        cancelled_at=None,
    )


def _cancelled(row: Receipt, of: Recorded[ReceiptCancelled]) -> Receipt:
    return replace(
        row,
        status="cancelled",
        reason=of.event.reason,
        cancelled_by=of.event.cancelled_by,
        cancelled_at=of.event.happened_at,
    )


receipts: ReadModel[str, Receipt] = ReadModel(
    name="receipts",
    version=5,
    row=Receipt,
    key=("code_hash",),
    handlers=(begins(ReceiptIssued, _issued), on(ReceiptCancelled, _cancelled)),
    indexes=(("contribution_id",),),
)
