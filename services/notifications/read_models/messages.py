"""Which messages are owed to whom, and how far is each? The inbox and the sender read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.notifications import (
    ArrivedPart,
    CheckpointMessageDue,
    Language,
    MessageDue,
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
    Occasion,
    SignedCheckpoint,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel
from eventing.record import Recorded

News = Occasion | Literal["checkpoint-signed"]


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
    arrival_id: UUID | None
    unit_id: UUID | None
    direct: bool
    parts: tuple[ArrivedPart, ...]
    checkpoints: tuple[SignedCheckpoint, ...]
    due_at: datetime
    due_event_id: UUID
    status: str
    attempts: int
    code: str | None
    changed_at: datetime


STATUS_AFTER: dict[type, str] = {
    MessageSending: "sending",
    MessageSent: "sent",
    MessageFailed: "failed",
    MessageOutcomeUnknown: "unknown",
    MessageOutcomeDecided: "due",
    MessageGivenUp: "given-up",
}


def _keys(event: Any) -> Iterator[UUID]:
    yield event.message_id


def _apply(row: MessageRow | None, _: UUID, recorded: Recorded) -> MessageRow | None:
    event = recorded.event
    if isinstance(event, MessageDue):
        return MessageRow(
            message_id=event.message_id,
            sponsor_id=event.sponsor_id,
            person_id=None,
            occasion=event.occasion,
            in_inbox="inbox" in event.channels,
            by_email="email" in event.channels,
            language=event.language,
            address=None,
            arrival_id=event.arrival_id,
            unit_id=event.unit_id,
            direct=event.direct,
            parts=event.parts,
            checkpoints=(),
            due_at=event.happened_at,
            due_event_id=recorded.event_id,
            status="due",
            attempts=0,
            code=None,
            changed_at=event.happened_at,
        )
    if isinstance(event, CheckpointMessageDue):
        return _checkpoints(event, recorded)
    if row is None:
        return None
    row = replace(row, status=STATUS_AFTER[type(event)], changed_at=event.happened_at)
    match event:
        case MessageSending():
            return replace(row, attempts=event.attempt)
        case MessageFailed():
            return replace(row, code=event.code)
        case _:
            return row


def _checkpoints(event: CheckpointMessageDue, recorded: Recorded) -> MessageRow:
    return MessageRow(
        message_id=event.message_id,
        sponsor_id=None,
        person_id=event.person_id,
        occasion="checkpoint-signed",
        in_inbox="inbox" in event.channels,
        by_email="email" in event.channels,
        language=event.language,
        address=event.address,
        arrival_id=None,
        unit_id=None,
        direct=False,
        parts=(),
        checkpoints=event.checkpoints,
        due_at=event.happened_at,
        due_event_id=recorded.event_id,
        status="due",
        attempts=0,
        code=None,
        changed_at=event.happened_at,
    )


messages: ReadModel[UUID, MessageRow] = ReadModel(
    name="messages",
    version=2,
    row=MessageRow,
    key=("message_id",),
    events=(MessageDue, CheckpointMessageDue, *STATUS_AFTER),
    keys=_keys,
    apply=_apply,
    indexes=(("sponsor_id",), ("person_id",), ("status",)),
)
