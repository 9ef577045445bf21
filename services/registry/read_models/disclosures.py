"""Who may see which children by name, and how often did they? Pseudonyms alone."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import DisclosureGranted, DisclosureRevoked, NamesOpened
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = DisclosureGranted | DisclosureRevoked | NamesOpened


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


def keys(event: Event) -> Iterator[UUID]:
    yield event.grant_id


def apply(row: Disclosure | None, _: UUID, recorded: Recorded) -> Disclosure | None:
    if isinstance(recorded.event, DisclosureGranted):
        return _granted(recorded.event, recorded.version)
    if row is None:
        return None
    return replace(_changed(row, recorded.event), version=recorded.version)


def _granted(event: DisclosureGranted, version: int) -> Disclosure:
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
        version=version,
    )


def _changed(row: Disclosure, event: object) -> Disclosure:
    match event:
        case DisclosureRevoked():
            return replace(row, revoked_by=event.revoked_by, revoked_at=event.happened_at)
        case NamesOpened():
            return replace(row, openings=event.openings, last_opened_at=event.happened_at)
        case _:
            return row


disclosures: ReadModel[UUID, Disclosure] = ReadModel(
    name="disclosures",
    row=Disclosure,
    key=("grant_id",),
    events=(DisclosureGranted, DisclosureRevoked, NamesOpened),
    keys=keys,
    apply=apply,
    indexes=(("person_id",),),
)
