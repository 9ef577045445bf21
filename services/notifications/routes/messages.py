"""Messages: a sponsor's inbox, and the coordinator's list of what did not go out for sure."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.notifications import MessageDue
from edge.bodies import LongText, Strict
from edge.door import Accepted, Door, ListDoor
from edge.listing import Page
from edge.permission import may, signed_in
from edge.routes import Routes
from edge.who_may_where import units
from eventing.all_rows import all_rows
from services.notifications.domain.message import (
    DecideUnknownOutcome,
    MessageNotOwed,
    OutcomeDecidedOtherwise,
    OutcomeIsKnown,
    Owed,
    message,
    stream,
)
from services.notifications.read_models.messages import MessageRow, MessageStatus, messages
from services.notifications.routes.ownership import NotYours, check_own
from services.notifications.wording import word

Reason = Annotated[LongText, StringConstraints(max_length=500)]

routes = Routes(tag="messages")


class ArrivalTold(BaseModel):
    """A delivery, or a direct gift, and where it was."""

    model_config = ConfigDict(from_attributes=True)

    arrival_id: UUID
    unit_id: UUID
    direct: bool


class InboxItem(BaseModel):
    """In the language that the sponsor chose; a number of children below five is not said."""

    message_id: UUID
    arrivals: list[ArrivalTold]
    subject: str
    body: str
    due_at: datetime


class MessageState(BaseModel):
    """To a sponsor, or to an auditor (`person_id`); `code` says what the last failure was."""

    message_id: UUID
    sponsor_id: UUID | None
    person_id: UUID | None
    status: MessageStatus
    attempts: int
    code: str | None
    due_at: datetime
    changed_at: datetime


class Decision(Strict):
    again: bool
    reason: Reason


@routes.query("/inbox", may=signed_in("see-own-inbox"), refuses=[NotYours])
async def inbox(sponsor_id: UUID, door: ListDoor) -> Page[InboxItem]:
    await check_own(door, sponsor_id)
    owed = await door.page(messages, lambda row: row, sponsor_id=sponsor_id, in_inbox=True)
    arrived = {arrival.unit_id for row in owed.items for arrival in row.arrivals}
    there = await all_rows(door.rows, units, unit_id=sorted(arrived))
    names = {unit.unit_id: unit.name for unit in there}

    def shown(row: MessageRow) -> InboxItem:
        wording = word(
            row.occasion,
            row.language,
            arrivals=row.arrivals,
            not_taken=row.not_taken,
            unit_names=names,
        )
        return InboxItem(
            message_id=row.message_id,
            arrivals=[ArrivalTold.model_validate(each) for each in row.arrivals],
            subject=wording.subject,
            body=wording.body,
            due_at=row.due_at,
        )

    return owed.of(shown)


@routes.query("/messages", may=may("see-messages", "coordinator", anywhere=True))
async def listed(status: MessageStatus, door: ListDoor) -> Page[MessageState]:
    return await door.page(messages, _shown, status=status, by_email=True)


@routes.command(
    "POST",
    "/messages/{message_id}/decision",
    judges=None,
    may=may("decide-unknown-outcome", "coordinator", anywhere=True),
    refuses=[MessageNotOwed, OutcomeIsKnown, OutcomeDecidedOtherwise],
)
async def decide(message_id: UUID, body: Decision, door: Door) -> Accepted:
    owed = await door.state(message, stream(message_id))
    if not isinstance(owed, Owed):
        raise MessageNotOwed
    due = owed.due
    to = due.sponsor_id if isinstance(due, MessageDue) else due.person_id
    command = DecideUnknownOutcome(
        again=body.again,
        reason=await door.seal(to, "messages", "reason", body.reason),
        decided_by=door.person,
        happened_at=door.now,
    )
    return await door.execute(message, stream(message_id), command)


def _shown(row: MessageRow) -> MessageState:
    return MessageState.model_validate(row, from_attributes=True)
