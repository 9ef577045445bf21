"""Who are our sponsors, and how is each of them reached? Names and addresses stay sealed."""

from uuid import UUID

from msgspec import Struct

from contracts.donations import SponsorKind, SponsorRegistered
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class Sponsor(Struct, frozen=True, kw_only=True):
    sponsor_id: UUID
    person_id: UUID | None
    kind: SponsorKind
    public_name: str | None
    name: Sealed
    email: Sealed | None
    language: str
    illustrative: bool


def _registered(of: Recorded[SponsorRegistered]) -> Sponsor:
    entry = of.event
    return Sponsor(
        sponsor_id=entry.sponsor_id,
        person_id=entry.person_id,
        kind=entry.kind,
        public_name=entry.public_name,
        name=entry.name,
        email=entry.email,
        language=entry.language,
        illustrative=entry.illustrative,
    )


sponsors: ReadModel[UUID, Sponsor] = ReadModel(
    name="sponsors",
    row=Sponsor,
    key=("sponsor_id",),
    handlers=(begins(SponsorRegistered, _registered),),
)
