"""What was given, how far has it come, and what of it was good?"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionAccepted,
    ContributionAnnounced,
    ContributionCorrected,
    ContributionCorrectionProposed,
    ContributionCorrectionRefused,
    ContributionLineInspected,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionReceived,
    ContributionRefused,
    CorrectionReason,
    Earmark,
    InspectedLine,
    Kind,
    NumberedReceipt,
    PaidIn,
    ReceiptIssued,
    RefusalReason,
)
from contracts.registry import Specification
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

ContributionStatus = Literal["announced", "received", "accepted", "refused", "receipted"]


class Line(Struct, frozen=True, kw_only=True):
    """`good`, `mendable` and `refused` are None until somebody looked."""

    line_id: UUID
    category: str
    specification: Specification
    announced: int
    good: int | None = None
    mendable: int | None = None
    refused: int | None = None


class WaitingCorrection(Struct, frozen=True, kw_only=True):
    """What somebody says had been right. `lines` are all of them."""

    number: int
    lines: tuple[InspectedLine, ...]
    paid_in: PaidIn | None
    good: int
    mendable: int
    refused: int
    reason: CorrectionReason
    proposed_by: UUID


class Contribution(Struct, frozen=True, kw_only=True):
    """Sums over its lines, in `measure`. `version` is that of its stream.

    `status` is announced, received, accepted, refused or receipted; accepted again when its receipt
    was cancelled. `correction` is the proposed one that waits to be confirmed. `cancelled_receipt`
    is the last such one, which the next has to name.
    """

    contribution_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: Kind
    paid_in: PaidIn | None
    measure: str
    earmark: Earmark
    status: ContributionStatus
    lines: tuple[Line, ...]
    announced: int
    good: int
    mendable: int
    refused: int
    announced_at: datetime
    received_by: UUID | None
    received_at: datetime | None
    accepted_by: UUID | None
    accepted_at: datetime | None
    refusal: RefusalReason | None
    refused_by: UUID | None
    refused_at: datetime | None
    receipt_book: str | None
    receipt_year: int | None
    receipt_number: int | None
    receipt_code: Sealed | None
    cancelled_receipt: NumberedReceipt | None
    correction: WaitingCorrection | None
    version: int


def _announced(of: Recorded[ContributionAnnounced]) -> Contribution:
    event = of.event
    return Contribution(
        contribution_id=event.contribution_id,
        campaign_id=event.campaign_id,
        fund_id=event.fund_id,
        sponsor_id=event.sponsor_id,
        pledge_id=event.pledge_id,
        kind=event.kind,
        paid_in=None,
        measure=event.measure,
        earmark=event.earmark,
        status="announced",
        lines=tuple(
            Line(
                line_id=line.line_id,
                category=line.category,
                specification=line.specification,
                announced=line.quantity,
            )
            for line in event.lines
        ),
        announced=event.quantity,
        good=0,
        mendable=0,
        refused=0,
        announced_at=event.happened_at,
        received_by=None,
        received_at=None,
        accepted_by=None,
        accepted_at=None,
        refusal=None,
        refused_by=None,
        refused_at=None,
        receipt_book=None,
        receipt_year=None,
        receipt_number=None,
        receipt_code=None,
        cancelled_receipt=None,
        correction=None,
        version=of.version,
    )


def _received(row: Contribution, of: Recorded[ContributionReceived]) -> Contribution:
    return replace(
        row,
        status="received",
        paid_in=of.event.paid_in,
        received_by=of.event.received_by,
        received_at=of.event.happened_at,
        version=of.version,
    )


def _inspected(row: Contribution, of: Recorded[ContributionLineInspected]) -> Contribution:
    found = of.event.line
    lines = tuple(
        replace(line, good=found.good, mendable=found.mendable, refused=found.refused)
        if line.line_id == found.line_id
        else line
        for line in row.lines
    )
    return replace(
        row,
        lines=lines,
        good=of.event.good,
        mendable=of.event.mendable,
        refused=of.event.refused,
        version=of.version,
    )


def _accepted(row: Contribution, of: Recorded[ContributionAccepted]) -> Contribution:
    by, at = of.event.accepted_by, of.event.happened_at
    return replace(row, status="accepted", accepted_by=by, accepted_at=at, version=of.version)


def _refused(row: Contribution, of: Recorded[ContributionRefused]) -> Contribution:
    return replace(
        row,
        status="refused",
        refusal=of.event.reason,
        refused_by=of.event.refused_by,
        refused_at=of.event.happened_at,
        version=of.version,
    )


def _correction_proposed(
    row: Contribution, of: Recorded[ContributionCorrectionProposed]
) -> Contribution:
    event = of.event
    waiting = WaitingCorrection(
        number=event.number,
        lines=event.lines,
        paid_in=event.paid_in,
        good=event.good,
        mendable=event.mendable,
        refused=event.refused,
        reason=event.reason,
        proposed_by=event.proposed_by,
    )
    return replace(row, correction=waiting, version=of.version)


def _corrected(row: Contribution, of: Recorded[ContributionCorrected]) -> Contribution:
    right = {line.line_id: line for line in of.event.lines}
    return replace(
        row,
        paid_in=of.event.paid_in,
        lines=tuple(
            replace(
                line,
                good=right[line.line_id].good,
                mendable=right[line.line_id].mendable,
                refused=right[line.line_id].refused,
            )
            for line in row.lines
        ),
        good=of.event.good,
        mendable=of.event.mendable,
        refused=of.event.refused,
        correction=None,
        version=of.version,
    )


def _correction_refused(
    row: Contribution, of: Recorded[ContributionCorrectionRefused]
) -> Contribution:
    return replace(row, correction=None, version=of.version)


def _receipted(row: Contribution, of: Recorded[ContributionReceipted]) -> Contribution:
    return replace(
        row,
        status="receipted",
        receipt_book=of.event.book,
        receipt_year=of.event.year,
        receipt_number=of.event.number,
        version=of.version,
    )


def _receipt_cancelled(
    row: Contribution, of: Recorded[ContributionReceiptCancelled]
) -> Contribution:
    event = of.event
    return replace(
        row,
        status="accepted",
        receipt_book=None,
        receipt_year=None,
        receipt_number=None,
        receipt_code=None,
        cancelled_receipt=NumberedReceipt(book=event.book, year=event.year, number=event.number),
        version=of.version,
    )


def _receipt_issued(row: Contribution, of: Recorded[ReceiptIssued]) -> Contribution:
    """An event of the book's stream: its version is not the contribution's."""
    return replace(row, receipt_code=of.event.code)


contributions: ReadModel[UUID, Contribution] = ReadModel(
    name="contributions",
    version=3,
    row=Contribution,
    key=("contribution_id",),
    handlers=(
        begins(ContributionAnnounced, _announced),
        on(ContributionReceived, _received),
        on(ContributionLineInspected, _inspected),
        on(ContributionAccepted, _accepted),
        on(ContributionRefused, _refused),
        on(ContributionCorrectionProposed, _correction_proposed),
        on(ContributionCorrected, _corrected),
        on(ContributionCorrectionRefused, _correction_refused),
        on(ContributionReceipted, _receipted),
        on(ContributionReceiptCancelled, _receipt_cancelled),
        on(ReceiptIssued, _receipt_issued),
    ),
    indexes=(("campaign_id",), ("sponsor_id",), ("status",)),
)
