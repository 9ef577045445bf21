"""Who may ask for a sponsor's messages?"""

from uuid import UUID

from msgspec import Struct

from contracts.donations import SponsorRegistered
from eventing.read_model import ReadModel, begins


class SponsorRow(Struct, frozen=True):
    sponsor_id: UUID
    person_id: UUID | None


sponsors: ReadModel[UUID, SponsorRow] = ReadModel(
    name="sponsors",
    row=SponsorRow,
    key=("sponsor_id",),
    handlers=(
        begins(SponsorRegistered, lambda of: SponsorRow(of.event.sponsor_id, of.event.person_id)),
    ),
)
