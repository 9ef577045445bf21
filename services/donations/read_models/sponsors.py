"""Who are our sponsors, and how is each of them reached? Names and addresses stay sealed."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    PublicityAgreed,
    PublicityWithdrawn,
    SponsorKind,
    SponsorRegistered,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Sponsor(Struct, frozen=True, kw_only=True):
    """`agreed_name` is how an individual agreed to be named, as it holds now."""

    sponsor_id: UUID
    person_id: UUID | None
    kind: SponsorKind
    public_name: str | None
    name: Sealed
    address: Sealed | None
    email: Sealed | None
    language: str
    illustrative: bool
    version: int
    agreed_name: Sealed | None = None


def _registered(of: Recorded[SponsorRegistered]) -> Sponsor:
    entry = of.event
    return Sponsor(
        sponsor_id=entry.sponsor_id,
        person_id=entry.person_id,
        kind=entry.kind,
        public_name=entry.public_name,
        name=entry.name,
        address=entry.address,
        email=entry.email,
        language=entry.language,
        illustrative=entry.illustrative,
        version=of.version,
    )


def _agreed(row: Sponsor, of: Recorded[PublicityAgreed]) -> Sponsor:
    return replace(row, agreed_name=of.event.public_name, version=of.version)


def _withdrawn(row: Sponsor, of: Recorded[PublicityWithdrawn]) -> Sponsor:
    return replace(row, agreed_name=None, version=of.version)


sponsors: ReadModel[UUID, Sponsor] = ReadModel(
    name="sponsors",
    row=Sponsor,
    key=("sponsor_id",),
    version=5,
    handlers=(
        begins(SponsorRegistered, _registered),
        on(PublicityAgreed, _agreed),
        on(PublicityWithdrawn, _withdrawn),
    ),
    indexes=(("person_id",),),
)
