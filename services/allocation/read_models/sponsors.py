"""Who is known to give? Donations registers them; a direct gift names one."""

from uuid import UUID

from msgspec import Struct

from contracts.donations import SponsorRegistered
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class Sponsor(Struct, frozen=True):
    """`person_id`: who they are, where they sign in here."""

    sponsor_id: UUID
    person_id: UUID | None


def _registered(of: Recorded[SponsorRegistered]) -> Sponsor:
    return Sponsor(of.event.sponsor_id, of.event.person_id)


sponsors: ReadModel[UUID, Sponsor] = ReadModel(
    name="sponsors",
    row=Sponsor,
    key=("sponsor_id",),
    handlers=(begins(SponsorRegistered, _registered),),
)
