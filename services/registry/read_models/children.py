"""Which children are on the register, under their pseudonyms, with what matching needs of them?"""

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
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


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


def _registered(of: Recorded[ChildRegistered]) -> Child:
    event = of.event
    return Child(
        child_id=event.child_id,
        household_id=event.household_id,
        unit_id=event.unit_id,
        birth_month=event.birth_month,
        gender=event.gender,
        registered_by=event.registered_by,
        version=of.version,
    )


def _measured(row: Child, of: Recorded[ChildMeasured]) -> Child:
    event = of.event
    row = replace(row, version=of.version)
    if row.measured_on is not None and event.measured_on < row.measured_on:
        return row
    return replace(row, height_label=event.height_label, measured_on=event.measured_on)


def _enrolled(row: Child, of: Recorded[ChildEnrolled]) -> Child:
    event = of.event
    row = replace(row, version=of.version)
    if row.school_year is not None and event.school_year < row.school_year:
        return row
    return replace(row, school_year=event.school_year, grade=event.grade)


def _assessed(row: Child, of: Recorded[CircumstanceAssessed]) -> Child:
    """A circumstance is sealed: of it only the version shows."""
    return replace(row, version=of.version)


children: ReadModel[UUID, Child] = ReadModel(
    name="children",
    row=Child,
    key=("child_id",),
    handlers=(
        begins(ChildRegistered, _registered),
        on(ChildMeasured, _measured),
        on(ChildEnrolled, _enrolled),
        on(CircumstanceAssessed, _assessed),
    ),
    indexes=(("household_id",),),
)
