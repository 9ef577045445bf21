"""Which messages are owed to whom, and how far is each? The inbox and the sender read it."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.languages import Language
from contracts.notifications import (
    Arrived,
    CheckpointMessageDue,
    MessageDue,
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
    NotTaken,
    Occasion,
    SignedCheckpoint,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

News = Occasion | Literal["checkpoint-signed"]


MessageStatus = Literal["due", "sending", "failed", "unknown", "sent", "given-up"]


class MessageRow(Struct, frozen=True):
    """To a sponsor of what arrived where, or to an auditor (`person_id`) of checkpoints.

    `status`: due, sending, failed (to be tried again), unknown, sent, given-up.

    `changed_at` is when it came to that; `code` says what the last failure was.
    """

    message_id: UUID
    sponsor_id: UUID | None
    person_id: UUID | None
    occasion: News
    in_inbox: bool
    by_email: bool
    language: Language
    address: Sealed | None
    arrivals: tuple[Arrived, ...]
    not_taken: tuple[NotTaken, ...]
    checkpoints: tuple[SignedCheckpoint, ...]
    due_at: datetime
    due_event_id: UUID
    status: MessageStatus
    attempts: int
    code: str | None
    changed_at: datetime


def _due(of: Recorded[MessageDue]) -> MessageRow:
    event = of.event
    return MessageRow(
        message_id=event.message_id,
        sponsor_id=event.sponsor_id,
        person_id=None,
        occasion=event.occasion,
        in_inbox="inbox" in event.channels,
        by_email="email" in event.channels,
        language=event.language,
        address=None,
        arrivals=event.arrivals,
        not_taken=event.not_taken,
        checkpoints=(),
        due_at=event.happened_at,
        due_event_id=of.event_id,
        status="due",
        attempts=0,
        code=None,
        changed_at=event.happened_at,
    )


def _checkpoints_due(of: Recorded[CheckpointMessageDue]) -> MessageRow:
    event = of.event
    return MessageRow(
        message_id=event.message_id,
        sponsor_id=None,
        person_id=event.person_id,
        occasion="checkpoint-signed",
        in_inbox="inbox" in event.channels,
        by_email="email" in event.channels,
        language=event.language,
        address=event.address,
        arrivals=(),
        not_taken=(),
        checkpoints=event.checkpoints,
        due_at=event.happened_at,
        due_event_id=of.event_id,
        status="due",
        attempts=0,
        code=None,
        changed_at=event.happened_at,
    )


def _sending(row: MessageRow, of: Recorded[MessageSending]) -> MessageRow:
    attempts, at = of.event.attempt, of.event.happened_at
    return replace(row, status="sending", attempts=attempts, changed_at=at)


def _failed(row: MessageRow, of: Recorded[MessageFailed]) -> MessageRow:
    return replace(row, status="failed", code=of.event.code, changed_at=of.event.happened_at)


def _now(status: MessageStatus) -> Callable[[MessageRow, Recorded], MessageRow]:
    return lambda row, of: replace(row, status=status, changed_at=of.event.happened_at)


messages: ReadModel[UUID, MessageRow] = ReadModel(
    name="messages",
    version=3,
    row=MessageRow,
    key=("message_id",),
    handlers=(
        begins(MessageDue, _due),
        begins(CheckpointMessageDue, _checkpoints_due),
        on(MessageSending, _sending),
        on(MessageSent, _now("sent")),
        on(MessageFailed, _failed),
        on(MessageOutcomeUnknown, _now("unknown")),
        on(MessageOutcomeDecided, _now("due")),
        on(MessageGivenUp, _now("given-up")),
    ),
    indexes=(("sponsor_id",), ("person_id",), ("status",)),
)
