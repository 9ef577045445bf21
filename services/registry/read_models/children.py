"""Which children are on the register, under their pseudonyms, with what matching needs of them?"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    ChildEnrolled,
    ChildMeasured,
    ChildRegistered,
    CircumstanceAssessed,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = ChildRegistered | ChildMeasured | ChildEnrolled | CircumstanceAssessed


class Child(Struct, frozen=True, kw_only=True):
    """`unit_id` is where the child was registered; where it is now, its household says.

    Height label and grade are the newest by their own dates. `version` is that of the stream.
    """

    child_id: UUID
    household_id: UUID
    unit_id: UUID
    birth_month: str
    gender: str
    height_label: str | None = None
    measured_on: date | None = None
    school_year: str | None = None
    grade: int | None = None
    registered_by: UUID
    version: int


def keys(event: Event) -> Iterator[UUID]:
    yield event.child_id


def apply(row: Child | None, _: UUID, recorded: Recorded) -> Child | None:
    if isinstance(recorded.event, ChildRegistered):
        return _registered(recorded.event, recorded.version)
    if row is None:
        return None
    return replace(_known(row, recorded.event), version=recorded.version)


def _registered(event: ChildRegistered, version: int) -> Child:
    return Child(
        child_id=event.child_id,
        household_id=event.household_id,
        unit_id=event.unit_id,
        birth_month=event.birth_month,
        gender=event.gender,
        registered_by=event.registered_by,
        version=version,
    )


def _known(row: Child, event: object) -> Child:
    match event:
        case ChildMeasured():
            if row.measured_on is not None and event.measured_on < row.measured_on:
                return row
            return replace(row, height_label=event.height_label, measured_on=event.measured_on)
        case ChildEnrolled():
            if row.school_year is not None and event.school_year < row.school_year:
                return row
            return replace(row, school_year=event.school_year, grade=event.grade)
        case _:
            return row  # A circumstance is sealed: of it only the version shows.


children: ReadModel[UUID, Child] = ReadModel(
    name="children",
    row=Child,
    key=("child_id",),
    events=(ChildRegistered, ChildMeasured, ChildEnrolled, CircumstanceAssessed),
    keys=keys,
    apply=apply,
    indexes=(("household_id",),),
)
