"""Which gift is behind the code on a receipt, and what did other bodies publish?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.donations import PublishedResultRecorded, ReceiptIssued, ResultLine
from contracts.registry import Measure
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.portal.steps import Step, step


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    look_up_code: str
    book: str
    year: int
    number: int
    contribution_id: UUID
    kind: str
    quantity: int
    measure: Measure
    issued: Step


@dataclass(frozen=True, slots=True)
class PublishedResultRow:
    """Another body's totals: never added to ours."""

    result_id: UUID
    title: str
    source: str
    as_of: date
    lines: tuple[ResultLine, ...]
    recorded: Step


def _code(event: ReceiptIssued) -> Iterator[str]:
    yield event.look_up_code


def _issue(_row: ReceiptRow | None, _: str, recorded: Recorded) -> ReceiptRow:
    event: ReceiptIssued = recorded.event
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
    )


receipts: ReadModel[str, ReceiptRow] = ReadModel(
    name="receipts",
    row=ReceiptRow,
    key=("look_up_code",),
    events=(ReceiptIssued,),
    keys=_code,
    apply=_issue,
    indexes=(("contribution_id",),),
)


def _result(event: PublishedResultRecorded) -> Iterator[UUID]:
    yield event.result_id


def _publish(_row: PublishedResultRow | None, _: UUID, recorded: Recorded) -> PublishedResultRow:
    event: PublishedResultRecorded = recorded.event
    return PublishedResultRow(
        event.result_id, event.title, event.source, event.as_of, event.lines, step(recorded)
    )


published_results: ReadModel[UUID, PublishedResultRow] = ReadModel(
    name="published_results",
    row=PublishedResultRow,
    key=("result_id",),
    events=(PublishedResultRecorded,),
    keys=_result,
    apply=_publish,
)
