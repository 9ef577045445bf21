"""A receipt book of one year: its numbers run from 1 without gap.

Stream `receipt-book-{book}-{year}`. A contribution gets one number, in the same append; its own
stream, not the book, remembers which, so the book stays small for ever. A cancelled number stays in
the book and is never given again: the contribution gets the next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    CancellationReason,
    ContributionAnnounced,
    ContributionReceipted,
    NumberedReceipt,
    ReceiptCancelled,
    ReceiptedLine,
    ReceiptIssued,
)
from contracts.sealed import Sealed
from contracts.two_persons import part_against
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from services.donations.domain.contribution import (
    ContributionReceiptedAlready,
    MarkReceiptCancelled,
    MarkReceipted,
    ReceiptNotIssued,
    contribution,
    numbered,
)
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.correction import Gift, in_gift, quantity_accepted

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReceipt:
    """`announced`, `gift` and `receipt` are what the contribution's stream says at this moment.

    `replaces` is the cancelled receipt of the contribution, as whoever asks names it. `code` is a
    new secret, sealed for the giver; a repeated command brings another, which nobody gets.
    `signatories` are the names and offices on the paper, sealed.
    """

    book: str
    announced: ContributionAnnounced
    gift: Gift
    receipt: ContributionReceipted | None
    replaces: NumberedReceipt | None = None
    code: Sealed
    code_hash: str
    signatories: Sealed
    issued_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReceipt:
    """`standing` is the contribution's receipt as its stream says at this moment."""

    receipt: NumberedReceipt
    programme_id: UUID
    contribution_id: UUID
    standing: ContributionReceipted | None
    reason: CancellationReason
    cancelled_by: UUID
    happened_at: datetime


Command = IssueReceipt | CancelReceipt
Event = ReceiptIssued | ReceiptCancelled

# --- State ---


@dataclass(frozen=True, slots=True)
class Book:
    last_number: int = 0
    cancelled: Mapping[int, ReceiptCancelled] = field(default_factory=dict)


State = Book

# --- Rejections ---


class ReceiptCancelledOtherwise(Rejection):
    """By somebody else, or for another reason."""

    code = "receipt-cancelled-otherwise"
    kind = "conflict"
    vi = "Phiếu số {number} quyển {book} năm {year} đã bị hủy, vì lý do khác hoặc bởi người khác."
    en = (
        "Receipt number {number} in book {book} of {year} was cancelled already, for another "
        "reason or by somebody else."
    )

    def __init__(self, book: str, year: int, number: int) -> None:
        self.book = book
        self.year = year
        self.number = number


class InvolvedCannotIssueReceipt(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-issue-receipt"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được lập phiếu cho khoản này."
    en = "Who had a part in it ({role}) cannot issue the receipt for this."

    def __init__(self, role: str) -> None:
        self.role = role


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case IssueReceipt():
            return issue(command, state)
        case CancelReceipt():
            return cancel(command, state)
        case _:
            assert_never(command)


def issue(command: IssueReceipt, state: State) -> list[Event]:
    if command.receipt is not None:
        known = command.receipt
        if known.book == command.book:
            return []
        raise ContributionReceiptedAlready(known.book, known.year, known.number)
    gift = command.gift
    before_it, added = in_gift(command.announced, gift), command.announced.two_persons
    if role := part_against(command.issued_by, "receipted", before_it, added):
        raise InvolvedCannotIssueReceipt(role)
    return [
        ReceiptIssued(
            book=command.book,
            year=vietnamese_day(command.happened_at).year,
            number=state.last_number + 1,
            programme_id=gift.programme_id,
            contribution_id=gift.contribution_id,
            sponsor_id=gift.sponsor_id,
            kind=gift.kind,
            quantity=quantity_accepted(gift),
            lines=receipted_lines(gift),
            measure=gift.measure,
            code=command.code,
            code_hash=command.code_hash,
            signatories=command.signatories,
            replaces=command.replaces,
            issued_by=command.issued_by,
            happened_at=command.happened_at,
        )
    ]


def receipted_lines(gift: Gift) -> tuple[ReceiptedLine, ...]:
    return tuple(
        ReceiptedLine(
            category=line.category,
            specification=line.specification,
            quantity=line.good + line.mendable,
        )
        for line in gift.lines
        if line.good + line.mendable
    )


def cancel(command: CancelReceipt, state: State) -> list[Event]:
    receipt, standing = command.receipt, command.standing
    if (known := state.cancelled.get(receipt.number)) is not None:
        before = (known.contribution_id, known.reason, known.cancelled_by)
        if before == (command.contribution_id, command.reason, command.cancelled_by):
            return []
        raise ReceiptCancelledOtherwise(receipt.book, receipt.year, receipt.number)
    if standing is None or numbered(standing) != receipt:
        raise ReceiptNotIssued(receipt.book, receipt.year, receipt.number)
    return [
        ReceiptCancelled(
            book=receipt.book,
            year=receipt.year,
            number=receipt.number,
            programme_id=command.programme_id,
            contribution_id=command.contribution_id,
            code_hash=standing.code_hash,
            reason=command.reason,
            cancelled_by=command.cancelled_by,
            happened_at=command.happened_at,
        )
    ]


def also(_: Command, __: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    """The contribution judges what it has and what it had: its stream may have gone on."""
    for event in events:
        yield CommandFor(contribution, contribution_stream(event.contribution_id), mark(event))


def mark(event: Event) -> MarkReceipted | MarkReceiptCancelled:
    match event:
        case ReceiptIssued():
            return MarkReceipted(
                book=event.book,
                year=event.year,
                number=event.number,
                quantity=event.quantity,
                code_hash=event.code_hash,
                replaces=event.replaces,
                happened_at=event.happened_at,
            )
        case ReceiptCancelled():
            receipt = NumberedReceipt(book=event.book, year=event.year, number=event.number)
            return MarkReceiptCancelled(
                receipt=receipt, reason=event.reason, happened_at=event.happened_at
            )
        case _:
            assert_never(event)


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case ReceiptIssued():
            return replace(state, last_number=event.number)
        case ReceiptCancelled():
            return replace(state, cancelled={**state.cancelled, event.number: event})
        case _:
            assert_never(event)


receipt_book: Decider[Command, State, Event] = Decider(Book(), decide, evolve, also)


def stream(book: str, happened_at: datetime) -> str:
    """One stream a year: numbers begin again on New Year's Day in Vietnam."""
    return stream_of_year(book, vietnamese_day(happened_at).year)


def stream_of_year(book: str, year: int) -> str:
    """A receipt is cancelled in the book that gave it its number, in a later year too."""
    return f"receipt-book-{book}-{year}"
