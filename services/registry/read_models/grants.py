"""Who holds, and held, which role where, and by whom was it given? Pseudonyms alone."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import RoleGranted, RolePassed, RoleRevoked
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

NO_END = date(2200, 1, 1)
"""Behind every day that may be said."""


class Grant(Struct, frozen=True, kw_only=True):
    """`unit_id`: where it is held now, which may be the successor of where it was given.

    `ends_on` is the first day without it, by its own term or because it was revoked.

    A role that was revoked on the day on which it began was held on none.
    """

    grant_id: UUID
    person_id: UUID
    role: str
    unit_id: UUID
    valid_from: date
    valid_until: date | None
    granted_by: UUID
    granted_at: datetime
    revoked_by: UUID | None = None
    revoked_at: datetime | None = None
    ends_on: date


def _granted(of: Recorded[RoleGranted]) -> Grant:
    event = of.event
    return Grant(
        grant_id=event.grant_id,
        person_id=event.person_id,
        role=event.role,
        unit_id=event.unit_id,
        valid_from=event.valid_from,
        valid_until=event.valid_until,
        granted_by=event.granted_by,
        granted_at=event.happened_at,
        ends_on=event.valid_until or NO_END,
    )


def _revoked(row: Grant, of: Recorded[RoleRevoked]) -> Grant:
    by, at = of.event.revoked_by, of.event.happened_at
    return replace(row, revoked_by=by, revoked_at=at, ends_on=min(row.ends_on, vietnamese_day(at)))


grants: ReadModel[tuple[UUID, UUID], Grant] = ReadModel(
    name="grants",
    row=Grant,
    key=("person_id", "grant_id"),
    handlers=(
        begins(RoleGranted, _granted),
        on(RoleRevoked, _revoked),
        on(RolePassed, lambda row, of: replace(row, unit_id=of.event.unit_id)),
    ),
    indexes=(("unit_id",),),
    version=2,
)
