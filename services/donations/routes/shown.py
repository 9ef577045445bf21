"""How pledges and contributions are shown, wherever they are."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel

from contracts.donations import CorrectionReason, InspectedLine, Kind, PaidIn, RefusalReason
from services.donations.read_models.contributions import (
    Contribution,
    ContributionStatus,
    Line,
    WaitingCorrection,
)
from services.donations.read_models.pledges import Pledge
from services.donations.routes.earmark import EarmarkWanted


class Promise(BaseModel):
    """`quantity_counted` is what was accepted so far, more than promised too.

    `version` is the stream's, as `If-Match` takes it.
    """

    pledge_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: str
    quantity: int
    measure: str
    earmark: EarmarkWanted
    quantity_counted: int
    quantity_outstanding: int
    fulfilled: bool
    version: int

    @classmethod
    def of(cls, row: Pledge) -> Self:
        return cls.model_validate(row, from_attributes=True)


RECEIPT, CODE = "receipt", "code"
"""For what, and as which field, a receipt's code is sealed under its giver's key."""


class LineShown(BaseModel):
    """`good`, `mendable` and `refused` are null until somebody looked."""

    line_id: UUID
    category: str
    specification: dict[str, Any]
    announced: int
    good: int | None
    mendable: int | None
    refused: int | None

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls.model_validate(line, from_attributes=True)


class ReceiptNumber(BaseModel):
    book: str
    year: int
    number: int


class CancelledReceipt(BaseModel):
    book: str
    year: int
    number: int


class CorrectedLine(BaseModel):
    line_id: UUID
    good: int
    mendable: int
    refused: int

    @classmethod
    def of(cls, line: InspectedLine) -> Self:
        return cls.model_validate(line, from_attributes=True)


class Correction(BaseModel):
    """A proposed one: what it would say, line by line and in all."""

    number: int
    lines: list[CorrectedLine]
    paid_in: PaidIn | None
    good: int
    mendable: int
    refused: int
    reason: CorrectionReason
    proposed_by: UUID

    @classmethod
    def of(cls, waiting: WaitingCorrection) -> Self:
        return cls(
            number=waiting.number,
            lines=[CorrectedLine.of(line) for line in waiting.lines],
            paid_in=waiting.paid_in,
            good=waiting.good,
            mendable=waiting.mendable,
            refused=waiting.refused,
            reason=waiting.reason,
            proposed_by=waiting.proposed_by,
        )


class Gift(BaseModel):
    """`variance` is what was accepted (good and mendable) less what was announced.

    It is null until the contribution is accepted. `refusal` says why nothing of it was taken in.
    `correction` is a proposed one that waits for another person. `paid_in` is null for goods.
    `cancelled_receipt` is the last of its receipts that was cancelled:
    the next has to name it as replaced. `receipt_code` is shown to the giver.
    """

    contribution_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    paid_in: PaidIn | None
    measure: str
    earmark: EarmarkWanted
    status: ContributionStatus
    lines: list[LineShown]
    announced: int
    good: int
    mendable: int
    refused: int
    variance: int | None
    announced_at: datetime
    received_at: datetime | None
    accepted_at: datetime | None
    refusal: RefusalReason | None
    refused_at: datetime | None
    receipt: ReceiptNumber | None
    receipt_code: str | None = None
    cancelled_receipt: CancelledReceipt | None
    correction: Correction | None
    version: int

    @classmethod
    def of(cls, row: Contribution) -> Self:
        return cls(
            version=row.version,
            contribution_id=row.contribution_id,
            campaign_id=row.campaign_id,
            sponsor_id=row.sponsor_id,
            pledge_id=row.pledge_id,
            kind=row.kind,
            paid_in=row.paid_in,
            measure=row.measure,
            earmark=EarmarkWanted(unit_id=row.earmark.unit_id, need_id=row.earmark.need_id),
            status=row.status,
            lines=[LineShown.of(line) for line in row.lines],
            announced=row.announced,
            good=row.good,
            mendable=row.mendable,
            refused=row.refused,
            variance=row.good + row.mendable - row.announced if row.accepted_at else None,
            announced_at=row.announced_at,
            received_at=row.received_at,
            accepted_at=row.accepted_at,
            refusal=row.refusal,
            refused_at=row.refused_at,
            receipt=receipt_number(row),
            cancelled_receipt=(
                None
                if row.cancelled_receipt is None
                else CancelledReceipt.model_validate(row.cancelled_receipt, from_attributes=True)
            ),
            correction=None if row.correction is None else Correction.of(row.correction),
        )


def receipt_number(row: Contribution) -> ReceiptNumber | None:
    if row.receipt_book is None or row.receipt_year is None or row.receipt_number is None:
        return None
    return ReceiptNumber(
        book=row.receipt_book,
        year=row.receipt_year,
        number=row.receipt_number,
    )
