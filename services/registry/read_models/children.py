"""Which children are on the register, under their pseudonyms, with what matching needs of them?"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    ChildCorrected,
    ChildEnrolled,
    ChildEnrolmentCorrected,
    ChildFactRetracted,
    ChildLeft,
    ChildMeasureCorrected,
    ChildMeasured,
    ChildMerged,
    ChildMoved,
    ChildRegistered,
    ChildrenToldApart,
    ChildReturned,
    ChildUnmerged,
    CircumstanceAssessed,
    CircumstanceCorrected,
)
from eventing.read_model import ReadModel, at_version, begins, on
from eventing.record import Recorded


class Measured(Struct, frozen=True):
    """`version` is that of the event that says it."""

    version: int
    height_label: str
    measured_on: date


class Enrolled(Struct, frozen=True):
    version: int
    school_year: str
    grade: int


class Lived(Struct, frozen=True):
    """Moved to a household, or left (True), or returned (False), from an instant on."""

    version: int
    household_id: UUID | None
    left: bool | None
    happened_at: datetime


class Child(Struct, frozen=True, kw_only=True):
    """`unit_id` is where the child was registered; where it is now, its household says.

    Height label and grade are the newest by their own dates, of all that `measures` and `grades`
    hold: what stands, in the order of its first recording. `household_id` and `left` are by the
    newest of `lived`; before it the child lived in `registered_household_id`. Since the position
    `decided_on_less` something is known to be otherwise on which needs may rest. `version` is that
    of the stream.
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
    measures: tuple[Measured, ...] = ()
    grades: tuple[Enrolled, ...] = ()
    registered_household_id: UUID
    lived: tuple[Lived, ...] = ()
    left: bool = False
    merged_into: UUID | None = None
    decided_on_less: int = 0
    version: int


def _registered(of: Recorded[ChildRegistered]) -> Child:
    event = of.event
    return Child(
        child_id=event.child_id,
        household_id=event.household_id,
        registered_household_id=event.household_id,
        unit_id=event.unit_id,
        birth_month=event.birth_month,
        gender=event.gender,
        registered_by=event.registered_by,
        version=of.version,
    )


def _measured(row: Child, of: Recorded[ChildMeasured]) -> Child:
    said = Measured(of.version, of.event.height_label, of.event.measured_on)
    return _newest(replace(row, measures=(*row.measures, said), version=of.version))


def _enrolled(row: Child, of: Recorded[ChildEnrolled]) -> Child:
    said = Enrolled(of.version, of.event.school_year, of.event.grade)
    return _newest(replace(row, grades=(*row.grades, said), version=of.version))


def _newest(row: Child) -> Child:
    """Of two of one date that which was recorded later."""
    measured = max(reversed(row.measures), key=lambda each: each.measured_on, default=None)
    enrolled = max(reversed(row.grades), key=lambda each: each.school_year, default=None)
    return replace(
        row,
        height_label=measured.height_label if measured else None,
        measured_on=measured.measured_on if measured else None,
        school_year=enrolled.school_year if enrolled else None,
        grade=enrolled.grade if enrolled else None,
    )


def _measure_corrected(row: Child, of: Recorded[ChildMeasureCorrected]) -> Child:
    right = Measured(of.version, of.event.height_label, of.event.measured_on)
    said = (right if each.version == of.event.corrects else each for each in row.measures)
    return _questioned(_newest(replace(row, measures=tuple(said))), of)


def _enrolment_corrected(row: Child, of: Recorded[ChildEnrolmentCorrected]) -> Child:
    right = Enrolled(of.version, of.event.school_year, of.event.grade)
    said = (right if each.version == of.event.corrects else each for each in row.grades)
    return _questioned(_newest(replace(row, grades=tuple(said))), of)


def _retracted(row: Child, of: Recorded[ChildFactRetracted]) -> Child:
    wrong = of.event.corrects
    row = replace(
        row,
        measures=tuple(each for each in row.measures if each.version != wrong),
        grades=tuple(each for each in row.grades if each.version != wrong),
        lived=tuple(each for each in row.lived if each.version != wrong),
    )
    return _questioned(_lives(_newest(row)), of)


def _corrected(row: Child, of: Recorded[ChildCorrected]) -> Child:
    event = of.event
    right = replace(
        row,
        registered_household_id=event.household_id,
        unit_id=event.unit_id,
        birth_month=event.birth_month,
        gender=event.gender,
        version=of.version,
    )
    right = _lives(right)
    return _questioned(right, of) if RESTED_ON.intersection(event.corrected) else right


def _lived(row: Child, of: Recorded[ChildMoved | ChildLeft | ChildReturned]) -> Child:
    event = of.event
    moved_to = event.household_id if isinstance(event, ChildMoved) else None
    left = None if isinstance(event, ChildMoved) else isinstance(event, ChildLeft)
    said = Lived(of.version, moved_to, left, event.happened_at)
    return _questioned(_lives(replace(row, lived=(*row.lived, said))), of)


def _merged(row: Child, of: Recorded[ChildMerged]) -> Child:
    return _questioned(replace(row, merged_into=of.event.into_child_id), of)


def _unmerged(row: Child, of: Recorded[ChildUnmerged]) -> Child:
    return replace(row, merged_into=None, version=of.version)


def _lives(row: Child) -> Child:
    moves = [each for each in row.lived if each.household_id is not None]
    moved = max(reversed(moves), key=lambda each: each.happened_at, default=None)
    gone = [each for each in row.lived if each.left is not None]
    last = max(reversed(gone), key=lambda each: each.happened_at, default=None)
    home = moved.household_id if moved and moved.household_id else row.registered_household_id
    return replace(row, household_id=home, left=bool(last and last.left))


def _questioned(row: Child, of: Recorded) -> Child:
    return replace(row, decided_on_less=of.position, version=of.version)


def _assessed(row: Child, of: Recorded[CircumstanceAssessed]) -> Child:
    """A circumstance is sealed: of it only the version shows."""
    return replace(row, version=of.version)


RESTED_ON = frozenset({"household", "birth-date", "gender"})
"""Of what identifies a child, that by which a need is judged."""


children: ReadModel[UUID, Child] = ReadModel(
    name="children",
    row=Child,
    key=("child_id",),
    handlers=(
        begins(ChildRegistered, _registered),
        on(ChildMeasured, _measured),
        on(ChildEnrolled, _enrolled),
        on(CircumstanceAssessed, _assessed),
        on(ChildCorrected, _corrected),
        on(ChildMeasureCorrected, _measure_corrected),
        on(ChildEnrolmentCorrected, _enrolment_corrected),
        on(CircumstanceCorrected, _questioned),
        on(ChildFactRetracted, _retracted),
        on(ChildMoved, _lived),
        on(ChildLeft, _lived),
        on(ChildReturned, _lived),
        on(ChildMerged, _merged),
        on(ChildUnmerged, _unmerged),
        on(ChildrenToldApart, at_version()),
    ),
    indexes=(("household_id",), ("decided_on_less",), ("merged_into",)),
    version=5,
)
