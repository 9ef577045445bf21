"""How far has somebody read?"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from contracts.notifications import InboxRead
from eventing.read_model import ReadModel, begins


class InboxRow(Struct, frozen=True):
    person_id: UUID
    up_to: datetime


inboxes: ReadModel[UUID, InboxRow] = ReadModel(
    name="inboxes",
    row=InboxRow,
    key=("person_id",),
    handlers=(begins(InboxRead, lambda of: InboxRow(of.event.person_id, of.event.up_to)),),
)
