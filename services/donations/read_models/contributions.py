"""What was given, how far has it come, and what of it was good?"""

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionAccepted,
    ContributionAnnounced,
    ContributionLineInspected,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionReceived,
    Earmark,
    NumberedReceipt,
    ReceiptIssued,
)
from contracts.registry import Specification
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = (
    ContributionAnnounced
    | ContributionReceived
    | ContributionLineInspected
    | ContributionAccepted
    | ContributionReceipted
    | ContributionReceiptCancelled
    | ReceiptIssued
)


class Line(Struct, frozen=True, kw_only=True):
    """`good`, `mendable` and `refused` are None until somebody looked."""

    line_id: UUID
    category: str
    specification: Specification
    announced: int
    good: int | None = None
    mendable: int | None = None
    refused: int | None = None


class Contribution(Struct, frozen=True, kw_only=True):
    """Sums over its lines, in `measure`. `version` is that of its stream.

    `status` is announced, received, accepted or receipted; accepted again when its receipt was
    cancelled. `cancelled_receipt` is the last such one, which the next has to name.
    """

    contribution_id: UUID
    campaign_id: UUID
    fund_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None
    kind: str
    measure: str
    earmark: Earmark
    status: str
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
    receipt_book: str | None
    receipt_year: int | None
    receipt_number: int | None
    look_up_code: str | None
    cancelled_receipt: NumberedReceipt | None
    version: int


def keys(event: Event) -> Iterator[UUID]:
    yield event.contribution_id


def apply(row: Contribution | None, _: UUID, recorded: Recorded) -> Contribution | None:
    if isinstance(recorded.event, ReceiptIssued):
        # An event of the book's stream: its version is not the contribution's.
        return replace(row, look_up_code=recorded.event.look_up_code) if row else row
    row = apply_own(row, recorded.event)
    return replace(row, version=recorded.version) if row else row


def apply_own(row: Contribution | None, event: object) -> Contribution | None:
    match event:
        case ContributionAnnounced():
            return announced(event)
        case ContributionReceived() if row:
            by, at = event.received_by, event.happened_at
            return replace(row, status="received", received_by=by, received_at=at)
        case ContributionLineInspected() if row:
            return with_line(row, event)
        case ContributionAccepted() if row:
            by, at = event.accepted_by, event.happened_at
            return replace(row, status="accepted", accepted_by=by, accepted_at=at)
        case ContributionReceipted() | ContributionReceiptCancelled() if row:
            return with_receipt(row, event)
        case _:
            return row


def announced(event: ContributionAnnounced) -> Contribution:
    return Contribution(
        contribution_id=event.contribution_id,
        campaign_id=event.campaign_id,
        fund_id=event.fund_id,
        sponsor_id=event.sponsor_id,
        pledge_id=event.pledge_id,
        kind=event.kind,
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
        receipt_book=None,
        receipt_year=None,
        receipt_number=None,
        look_up_code=None,
        cancelled_receipt=None,
        version=0,
    )


def with_receipt(
    row: Contribution, event: ContributionReceipted | ContributionReceiptCancelled
) -> Contribution:
    match event:
        case ContributionReceipted():
            return replace(
                row,
                status="receipted",
                receipt_book=event.book,
                receipt_year=event.year,
                receipt_number=event.number,
            )
        case ContributionReceiptCancelled():
            return replace(
                row,
                status="accepted",
                receipt_book=None,
                receipt_year=None,
                receipt_number=None,
                look_up_code=None,
                cancelled_receipt=NumberedReceipt(
                    book=event.book, year=event.year, number=event.number
                ),
            )
        case _:
            assert_never(event)


def with_line(row: Contribution, event: ContributionLineInspected) -> Contribution:
    found = event.line
    lines = tuple(
        replace(line, good=found.good, mendable=found.mendable, refused=found.refused)
        if line.line_id == found.line_id
        else line
        for line in row.lines
    )
    return replace(
        row, lines=lines, good=event.good, mendable=event.mendable, refused=event.refused
    )


contributions: ReadModel[UUID, Contribution] = ReadModel(
    name="contributions",
    version=2,
    row=Contribution,
    key=("contribution_id",),
    events=(
        ContributionAnnounced,
        ContributionReceived,
        ContributionLineInspected,
        ContributionAccepted,
        ContributionReceipted,
        ContributionReceiptCancelled,
        ReceiptIssued,
    ),
    keys=keys,
    apply=apply,
    indexes=(("campaign_id",), ("sponsor_id",), ("status",)),
)
