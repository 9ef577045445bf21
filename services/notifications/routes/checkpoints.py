"""Checkpoints for auditors: in the inbox, and by letter to an address that only they know."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.languages import Language
from contracts.notifications import Channel
from edge.bodies import Email, Strict
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may, signed_in
from edge.routes import Routes
from services.notifications.domain.checkpoint_news import (
    EndCheckpoints,
    LettersNeedAnAddress,
    SubscribeToCheckpoints,
    checkpoint_news,
    stream,
)
from services.notifications.read_models.checkpoint_subscriptions import checkpoint_subscriptions
from services.notifications.read_models.messages import MessageRow, messages
from services.notifications.sender import ADDRESS_FIELD, ADDRESS_PURPOSE
from services.notifications.wording import word

routes = Routes(tag="checkpoints")


class CheckpointsWanted(Strict):
    channels: Annotated[frozenset[Channel], Field(min_length=1, max_length=2)]
    language: Language = "vi"
    email: Email | None = None


class CheckpointSubscription(BaseModel):
    channels: list[Channel]
    language: Language
    running: bool


class CheckpointShown(BaseModel):
    service: str
    size: int
    note: str


class CheckpointLetter(BaseModel):
    message_id: UUID
    subject: str
    body: str
    checkpoints: list[CheckpointShown]
    due_at: datetime


@routes.command(
    "PUT",
    "/checkpoint-subscription",
    may=may("subscribe-to-checkpoints", "auditor", "inspector", anywhere=True),
    refuses=[LettersNeedAnAddress],
)
async def subscribe(body: CheckpointsWanted, door: Door) -> Accepted:
    """The newest checkpoints, once a day at most, for who asks; it replaces what was before."""
    address = None
    if body.email is not None and "email" in body.channels:
        address = await door.seal(door.person, ADDRESS_PURPOSE, ADDRESS_FIELD, body.email)
    command = SubscribeToCheckpoints(
        person_id=door.person,
        channels=tuple(sorted(body.channels)),
        language=body.language,
        address=address,
        happened_at=door.now,
    )
    return await door.execute(checkpoint_news, stream(door.person), command)


@routes.command(
    "POST", "/checkpoint-subscription/end", judges=None, may=signed_in("end-checkpoints")
)
async def end(door: Door) -> Accepted:
    command = EndCheckpoints(happened_at=door.now)
    return await door.execute(checkpoint_news, stream(door.person), command)


@routes.query("/checkpoint-subscription", may=signed_in("see-own-checkpoint-subscription"))
async def own(door: ReadDoor) -> CheckpointSubscription | None:
    """Null: never asked for."""
    await door.fresh(checkpoint_subscriptions)
    row = await door.rows.get(checkpoint_subscriptions, door.person)
    if row is None:
        return None
    return CheckpointSubscription(
        channels=list(row.channels), language=row.language, running=row.running
    )


@routes.query("/inbox/checkpoints", may=signed_in("see-own-checkpoint-letters"))
async def inbox(door: ListDoor) -> Page[CheckpointLetter]:
    return await door.page(messages, _shown, person_id=door.person, in_inbox=True)


def _shown(row: MessageRow) -> CheckpointLetter:
    wording = word(row.occasion, row.language, checkpoints=row.checkpoints)
    return CheckpointLetter(
        message_id=row.message_id,
        subject=wording.subject,
        body=wording.body,
        checkpoints=[
            CheckpointShown.model_validate(each, from_attributes=True) for each in row.checkpoints
        ],
        due_at=row.due_at,
    )
