"""Which gift is behind the code on a receipt, does it stand, what did other bodies publish?"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    CancellationReason,
    NumberedReceipt,
    PublishedResultRecorded,
    ReceiptCancelled,
    ReceiptIssued,
    ResultLine,
)
from contracts.field_types import MeasureCode
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.portal.steps import Step, step


class ReceiptRow(Struct, frozen=True):
    """It stands while `cancelled` is None; `replaces` is the cancelled one in whose place."""

    look_up_code: str
    book: str
    year: int
    number: int
    contribution_id: UUID
    kind: str
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


def _code(event: ReceiptIssued | ReceiptCancelled) -> Iterator[str]:
    yield event.look_up_code


def _stand(row: ReceiptRow | None, _: str, recorded: Recorded) -> ReceiptRow | None:
    match recorded.event:
        case ReceiptIssued() as event:
            return ReceiptRow(
                look_up_code=event.look_up_code,
                book=event.book,
                year=event.year,
                number=event.number,
                contribution_id=event.contribution_id,
                kind=event.kind,
                quantity=event.quantity,
                measure=event.measure,
                issued=step(recorded),
                replaces=event.replaces,
                cancelled=None,
                reason=None,
            )
        case ReceiptCancelled() as event if row:
            return replace(row, cancelled=step(recorded), reason=event.reason)
        case _:
            return row


receipts: ReadModel[str, ReceiptRow] = ReadModel(
    name="receipts",
    version=2,
    row=ReceiptRow,
    key=("look_up_code",),
    events=(ReceiptIssued, ReceiptCancelled),
    keys=_code,
    apply=_stand,
    indexes=(("contribution_id",),),
)


def _result(event: PublishedResultRecorded) -> Iterator[UUID]:
    yield event.result_id


def _publish(_row: PublishedResultRow | None, _: UUID, recorded: Recorded) -> PublishedResultRow:
    event: PublishedResultRecorded = recorded.event
    return PublishedResultRow(
        result_id=event.result_id,
        title=event.title,
        source=event.source,
        as_of=event.as_of,
        lines=event.lines,
        amount=event.amount,
        child_times=event.child_times,
        recorded=step(recorded),
    )


published_results: ReadModel[UUID, PublishedResultRow] = ReadModel(
    name="published_results",
    row=PublishedResultRow,
    key=("result_id",),
    events=(PublishedResultRecorded,),
    keys=_result,
    apply=_publish,
)
