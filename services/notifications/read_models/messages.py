"""Which messages are owed to whom, and how far is each? The inbox and the sender read it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.notifications import (
    ArrivedPart,
    Language,
    MessageDue,
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
    Occasion,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded


@dataclass(frozen=True, slots=True)
class MessageRow:
    """`status`: due, sending, failed (to be tried again), unknown, sent, given-up.

    `changed_at` is when it came to that; `code` says what the last failure was.
    """

    message_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    in_inbox: bool
    by_email: bool
    language: Language
    arrival_id: UUID
    unit_id: UUID
    activity: str | None
    parts: tuple[ArrivedPart, ...]
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
            occasion=event.occasion,
            in_inbox="inbox" in event.channels,
            by_email="email" in event.channels,
            language=event.language,
            arrival_id=event.arrival_id,
            unit_id=event.unit_id,
            activity=event.activity,
            parts=event.parts,
            due_at=event.happened_at,
            due_event_id=recorded.event_id,
            status="due",
            attempts=0,
            code=None,
            changed_at=event.happened_at,
        )
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


messages: ReadModel[UUID, MessageRow] = ReadModel(
    name="messages",
    row=MessageRow,
    key=("message_id",),
    events=(MessageDue, *STATUS_AFTER),
    keys=_keys,
    apply=_apply,
    indexes=(("sponsor_id",), ("status",)),
)
