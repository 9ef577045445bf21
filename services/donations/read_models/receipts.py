"""What does the receipt with this look-up code say?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.donations import ReceiptIssued
from eventing.read_model import ReadModel
from eventing.record import Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    look_up_code: str
    book: str
    year: int
    number: int
    contribution_id: UUID
    sponsor_id: UUID
    kind: str
    quantity: int
    measure: str
    issued_by: UUID
    issued_at: datetime


def keys(event: ReceiptIssued) -> Iterator[str]:
    yield event.look_up_code


def apply(_: Receipt | None, __: str, recorded: Recorded) -> Receipt:
    issued: ReceiptIssued = recorded.event
    return Receipt(
        look_up_code=issued.look_up_code,
        book=issued.book,
        year=issued.year,
        number=issued.number,
        contribution_id=issued.contribution_id,
        sponsor_id=issued.sponsor_id,
        kind=issued.kind,
        quantity=issued.quantity,
        measure=issued.measure,
        issued_by=issued.issued_by,
        issued_at=issued.happened_at,
    )


receipts: ReadModel[str, Receipt] = ReadModel(
    name="receipts",
    row=Receipt,
    key=("look_up_code",),
    events=(ReceiptIssued,),
    keys=keys,
    apply=apply,
)
