"""Which children are on the register, under their pseudonyms, with what matching needs of them?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.registry import ChildEnrolled, ChildMeasured, ChildRegistered
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = ChildRegistered | ChildMeasured | ChildEnrolled


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
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
    match recorded.event:
        case ChildRegistered() as child:
            return Child(
                child_id=child.child_id,
                household_id=child.household_id,
                unit_id=child.unit_id,
                birth_month=child.birth_month,
                gender=child.gender,
                registered_by=child.registered_by,
                version=recorded.version,
            )
        case ChildMeasured() as measured if row:
            if row.measured_on is not None and measured.measured_on < row.measured_on:
                return replace(row, version=recorded.version)
            return replace(
                row,
                height_label=measured.height_label,
                measured_on=measured.measured_on,
                version=recorded.version,
            )
        case ChildEnrolled() as enrolled if row:
            if row.school_year is not None and enrolled.school_year < row.school_year:
                return replace(row, version=recorded.version)
            return replace(
                row,
                school_year=enrolled.school_year,
                grade=enrolled.grade,
                version=recorded.version,
            )
        case _:
            return row


children: ReadModel[UUID, Child] = ReadModel(
    name="children",
    row=Child,
    key=("child_id",),
    events=(ChildRegistered, ChildMeasured, ChildEnrolled),
    keys=keys,
    apply=apply,
    indexes=(("household_id",),),
)
