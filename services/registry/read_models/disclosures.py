"""Who may see which children by name, and how often did they? Pseudonyms alone."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import DisclosureGranted, DisclosureRevoked, NamesOpened
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Disclosure(Struct, frozen=True, kw_only=True):
    """`valid_until` is the first day without it. `version` is that of the stream."""

    grant_id: UUID
    person_id: UUID
    child_ids: tuple[UUID, ...]
    purpose: str
    ground: str
    paper: str
    valid_until: date
    granted_by: UUID
    granted_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None
    openings: int = 0
    last_opened_at: datetime | None = None
    version: int


def _granted(of: Recorded[DisclosureGranted]) -> Disclosure:
    event = of.event
    return Disclosure(
        grant_id=event.grant_id,
        person_id=event.person_id,
        child_ids=event.child_ids,
        purpose=event.purpose,
        ground=event.ground,
        paper=event.paper,
        valid_until=event.valid_until,
        granted_by=event.granted_by,
        granted_at=event.happened_at,
        version=of.version,
    )


def _revoked(row: Disclosure, of: Recorded[DisclosureRevoked]) -> Disclosure:
    by, at = of.event.revoked_by, of.event.happened_at
    return replace(row, revoked_by=by, revoked_at=at, version=of.version)


def _opened(row: Disclosure, of: Recorded[NamesOpened]) -> Disclosure:
    openings, at = of.event.openings, of.event.happened_at
    return replace(row, openings=openings, last_opened_at=at, version=of.version)


disclosures: ReadModel[UUID, Disclosure] = ReadModel(
    name="disclosures",
    row=Disclosure,
    key=("grant_id",),
    handlers=(
        begins(DisclosureGranted, _granted),
        on(DisclosureRevoked, _revoked),
        on(NamesOpened, _opened),
    ),
    indexes=(("person_id",),),
)
