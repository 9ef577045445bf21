"""Who may ask for a sponsor's messages?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.donations import SponsorRegistered
from eventing.read_model import ReadModel
from eventing.record import Recorded


class SponsorRow(Struct, frozen=True):
    sponsor_id: UUID
    person_id: UUID | None


def _keys(event: SponsorRegistered) -> Iterator[UUID]:
    yield event.sponsor_id


def _apply(_: SponsorRow | None, key: UUID, recorded: Recorded) -> SponsorRow:
    return SponsorRow(key, recorded.event.person_id)


sponsors: ReadModel[UUID, SponsorRow] = ReadModel(
    name="sponsors",
    row=SponsorRow,
    key=("sponsor_id",),
    events=(SponsorRegistered,),
    keys=_keys,
    apply=_apply,
)
