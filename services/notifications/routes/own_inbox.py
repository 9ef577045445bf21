"""All that was sent to whoever asks, as a giver or as an auditor, and how far they have read."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from edge.bodies import Instant, Strict
from edge.door import Accepted, Door, ReadDoor
from edge.permission import signed_in
from edge.routes import Routes
from edge.who_may_where import units
from eventing.all_rows import all_rows
from services.notifications.domain.inbox import ReadInbox, inbox, stream
from services.notifications.read_models.inboxes import inboxes
from services.notifications.read_models.messages import MessageRow, messages
from services.notifications.read_models.sponsors import sponsors
from services.notifications.wording import word

LETTERS_MAX = 100

routes = Routes(tag="inbox")


class Letter(BaseModel):
    """In the language that was asked for; a number of children below five is not said."""

    message_id: UUID
    subject: str
    body: str
    due_at: datetime
    is_read: bool


class OwnInbox(BaseModel):
    """The newest first, a hundred at most; `unread` is how many of these."""

    items: list[Letter]
    unread: int
    positions: dict[str, int]


class Reading(Strict):
    """`up_to`: `due_at` of the newest letter that was seen."""

    up_to: Instant


@routes.query("/inbox/own", may=signed_in("see-all-own-letters"))
async def own(door: ReadDoor) -> OwnInbox:
    for model in (messages, sponsors, inboxes):
        await door.fresh(model)
    positions = dict(await door.rows.positions(messages))
    as_giver = [
        each.sponsor_id for each in await all_rows(door.rows, sponsors, person_id=door.person)
    ]
    rows = [
        row
        for whose in ({"sponsor_id": as_giver}, {"person_id": door.person})
        for row in await door.rows.where(
            messages, in_inbox=True, order=("-due_at",), limit=LETTERS_MAX, **whose
        )
    ]
    newest = sorted(rows, key=lambda row: row.due_at, reverse=True)[:LETTERS_MAX]
    arrived = {arrival.unit_id for row in newest for arrival in row.arrivals}
    there = await all_rows(door.rows, units, unit_id=sorted(arrived))
    names = {unit.unit_id: unit.name for unit in there}
    known = await door.rows.get(inboxes, door.person)
    items = [_letter(row, names, known.up_to if known else None) for row in newest]
    unread = sum(not item.is_read for item in items)
    return OwnInbox(items=items, unread=unread, positions=positions)


def _letter(row: MessageRow, names: dict[UUID, str], read_up_to: datetime | None) -> Letter:
    wording = word(
        row.occasion,
        row.language,
        arrivals=row.arrivals,
        not_taken=row.not_taken,
        unit_names=names,
        checkpoints=row.checkpoints,
    )
    return Letter(
        message_id=row.message_id,
        subject=wording.subject,
        body=wording.body,
        due_at=row.due_at,
        is_read=read_up_to is not None and row.due_at <= read_up_to,
    )


@routes.command("PUT", "/inbox/own/reading", may=signed_in("read-own-letters"))
async def read(body: Reading, door: Door) -> Accepted:
    command = ReadInbox(person_id=door.person, up_to=body.up_to, happened_at=door.now)
    return await door.execute(inbox, stream(door.person), command)
