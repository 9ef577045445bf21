"""Which gift is behind the code on a receipt, does it stand, what did other bodies publish?"""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    CancellationReason,
    Kind,
    NumberedReceipt,
    PublishedResultRecorded,
    ReceiptCancelled,
    ReceiptIssued,
    ResultLine,
)
from contracts.field_types import MeasureCode
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from services.portal.steps import Step, step


class ReceiptRow(Struct, frozen=True):
    """It stands while `cancelled` is None; `replaces` is the cancelled one in whose place."""

    code_hash: str
    book: str
    year: int
    number: int
    contribution_id: UUID
    kind: Kind
    quantity: int
    measure: MeasureCode
    issued: Step
    replaces: NumberedReceipt | None
    cancelled: Step | None
    reason: CancellationReason | None


class PublishedResultRow(Struct, frozen=True):
    """Another body's totals: never added to ours."""

    result_id: UUID
    title: str
    source: str
    as_of: date
    lines: tuple[ResultLine, ...]
    amount: int
    child_times: int
    recorded: Step


def _issued(of: Recorded[ReceiptIssued]) -> ReceiptRow:
    event = of.event
    return ReceiptRow(
        code_hash=event.code_hash,
        book=event.book,
        year=event.year,
        number=event.number,
        contribution_id=event.contribution_id,
        kind=event.kind,
        quantity=event.quantity,
        measure=event.measure,
        issued=step(of),
        replaces=event.replaces,
        cancelled=None,
        reason=None,
    )


def _cancelled(row: ReceiptRow, of: Recorded[ReceiptCancelled]) -> ReceiptRow:
    return replace(row, cancelled=step(of), reason=of.event.reason)


receipts: ReadModel[str, ReceiptRow] = ReadModel(
    name="receipts",
    version=3,
    row=ReceiptRow,
    key=("code_hash",),
    handlers=(begins(ReceiptIssued, _issued), on(ReceiptCancelled, _cancelled)),
    indexes=(("contribution_id",),),
)


def _recorded(of: Recorded[PublishedResultRecorded]) -> PublishedResultRow:
    event = of.event
    return PublishedResultRow(
        result_id=event.result_id,
        title=event.title,
        source=event.source,
        as_of=event.as_of,
        lines=event.lines,
        amount=event.amount,
        child_times=event.child_times,
        recorded=step(of),
    )


published_results: ReadModel[UUID, PublishedResultRow] = ReadModel(
    name="published_results",
    row=PublishedResultRow,
    key=("result_id",),
    handlers=(begins(PublishedResultRecorded, _recorded),),
)
