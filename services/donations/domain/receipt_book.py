"""A receipt book of one year: its numbers run from 1 without gap.

Stream `receipt-book-{book}-{year}`. A contribution gets one number, in the same append; its own
stream, not the book, remembers which, so the book stays small for ever.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.donations import (
    ContributionAccepted,
    ContributionReceipted,
    ReceiptIssued,
)
from eventing.decider import Decider, Give
from services.donations.domain.contribution import (
    ContributionReceiptedAlready,
    MarkReceipted,
    contribution,
    quantity_accepted,
)
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.vietnamese_day import vietnamese_day

LOOK_UP_CODE_LETTERS = 10

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReceipt:
    """`acceptance` and `receipt` are what the contribution's stream says at this moment."""

    book: str
    acceptance: ContributionAccepted
    receipt: ContributionReceipted | None
    issued_by: UUID
    happened_at: datetime


Command = IssueReceipt
Event = ReceiptIssued

# --- State ---


@dataclass(frozen=True, slots=True)
class Book:
    last_number: int = 0


State = Book

# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    if command.receipt is not None:
        known = command.receipt
        if known.book == command.book:
            return []
        raise ContributionReceiptedAlready(known.book, known.year, known.number)
    acceptance = command.acceptance
    return [
        ReceiptIssued(
            book=command.book,
            year=vietnamese_day(command.happened_at).year,
            number=state.last_number + 1,
            contribution_id=acceptance.contribution_id,
            sponsor_id=acceptance.sponsor_id,
            kind=acceptance.kind,
            quantity=quantity_accepted(acceptance),
            measure=acceptance.lines[0].measure,
            look_up_code=look_up_code(acceptance.contribution_id),
            issued_by=command.issued_by,
            happened_at=command.happened_at,
        )
    ]


def look_up_code(contribution_id: UUID) -> str:
    """Ten letters of base32 (50 bits of SHA-256): found by who has the paper, not by guessing."""
    digest = hashlib.sha256(contribution_id.bytes).digest()
    return base64.b32encode(digest).decode()[:LOOK_UP_CODE_LETTERS]


def also(_: Command, __: State, events: Sequence[Event]) -> Iterator[Give]:
    for issued in events:
        mark = MarkReceipted(
            book=issued.book,
            year=issued.year,
            number=issued.number,
            happened_at=issued.happened_at,
        )
        yield Give(contribution, contribution_stream(issued.contribution_id), mark)


# --- Evolve ---


def evolve(_: State, event: Event) -> State:
    return Book(event.number)


receipt_book: Decider[Command, State, Event] = Decider(Book(), decide, evolve, also)


def stream(book: str, happened_at: datetime) -> str:
    """One stream a year: numbers begin again on New Year's Day in Vietnam."""
    return f"receipt-book-{book}-{vietnamese_day(happened_at).year}"
