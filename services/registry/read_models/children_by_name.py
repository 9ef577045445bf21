"""Which child has this name, and in which circumstances is it? Opened, so private.

The rows are rebuilt where the keys are, and hold nothing any more of who was erased.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar, cast
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    ChildCorrected,
    ChildFactRetracted,
    ChildLeft,
    ChildMerged,
    ChildMoved,
    ChildRegistered,
    ChildrenToldApart,
    ChildReturned,
    ChildUnmerged,
    CircumstanceAssessed,
    CircumstanceCorrected,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, begins, on, opens
from eventing.record import Recorded
from eventing.sealing import Sealer
from programmes.days import Birth, BirthPrecision
from services.registry.domain.standing import Circumstance
from services.registry.names import search_key
from services.registry.opening import PROFILE, known, open_birth_date, open_circumstance

T = TypeVar("T")


class Told(Struct, frozen=True):
    """What was assessed, by which version, and when the register was told.

    `corrects` is the version that it takes the place of. None: that was taken back.
    """

    circumstance: Circumstance | None
    recorded_on: date
    version: int
    corrects: int | None = None


class WhoItIs(Struct, frozen=True):
    """By what a child is counted: when it was born, where it lives; and since when that is known.

    `born` is None where erased.
    """

    household_id: UUID
    born: Birth | None
    recorded_on: date


class Lived(Struct, frozen=True):
    """Moved to a household, or left (True), or returned (False), and when the register was told.

    `corrects` is the version that is taken back by it.
    """

    version: int
    household_id: UUID | None
    left: bool | None
    happened_at: datetime
    recorded_on: date
    corrects: int | None = None


class Merged(Struct, frozen=True):
    """Into which record it was merged, or (None) that it no longer is; and when that was told."""

    into: UUID | None
    recorded_on: date


class NamedChild(Struct, frozen=True, kw_only=True):
    """`name_key` is the name without tones. None where erased.

    `told` is in the order of its recording, and so is `readings`: what was said of who it is.
    """

    child_id: UUID
    household_id: UUID
    registered_on: date
    recorded_on: date
    name: str | None
    name_key: str | None
    birth_date: date | None
    birth_precision: str | None
    gender: str
    guardian: str | None
    ethnicity: str | None
    told: tuple[Told, ...] = ()
    readings: tuple[WhoItIs, ...] = ()
    lived: tuple[Lived, ...] = ()
    merges: tuple[Merged, ...] = ()
    apart: tuple[UUID, ...] = ()

    @property
    def born(self) -> Birth | None:
        """As precisely as it is known; None where erased."""
        if self.birth_date is None or self.birth_precision is None:
            return None
        return Birth(self.birth_date, cast("BirthPrecision", self.birth_precision))

    def circumstances(self, known_on: date = date.max) -> tuple[Circumstance, ...]:
        """Those that stood by what the register had been told by a day."""
        told = (each for each in self.told if each.recorded_on <= known_on)
        held = standing_by((each.version, each.corrects, each.circumstance) for each in told)
        return known(held)

    def merged_into(self, known_on: date = date.max) -> UUID | None:
        """By what the register had been told by a day: it was the same child on every day."""
        told = [each.into for each in self.merges if each.recorded_on <= known_on]
        return told[-1] if told else None

    def lived_until(self, on: date, known_on: date = date.max) -> list[Lived]:
        """What stood of where it lived by a day, in the order of the days that it is of."""
        told = (each for each in self.lived if each.recorded_on <= known_on)
        stood = standing_by(
            (each.version, each.corrects, None if each.corrects else each) for each in told
        )
        then = [each for each in known(stood) if vietnamese_day(each.happened_at) <= on]
        return sorted(then, key=lambda each: each.happened_at)

    def left_on(self, on: date, known_on: date = date.max) -> date | None:
        """Since when it was gone on a day; None: it was here."""
        told = [each for each in self.lived_until(on, known_on) if each.left is not None]
        return vietnamese_day(told[-1].happened_at) if told and told[-1].left else None

    def home_on(self, on: date, known_on: date = date.max) -> UUID | None:
        """The household in which it lived on a day; None: it was unknown then."""
        reading = self.read_on(known_on)
        moves = [each.household_id for each in self.lived_until(on, known_on) if each.household_id]
        if moves:
            return moves[-1]
        return reading.household_id if reading else None

    def read_on(self, known_on: date = date.max) -> WhoItIs | None:
        """Who it was by what the register had been told by a day; None: it knew of nobody."""
        known_then = [each for each in self.readings if each.recorded_on <= known_on]
        return known_then[-1] if known_then else None


def standing_by(told: Iterable[tuple[int, int | None, T]]) -> tuple[T, ...]:
    """Of version, what that corrects, and what it says: what stands, each in its first place."""
    places: dict[int, T] = {}
    first: dict[int, int] = {}
    for version, corrects, said in told:
        place = version if corrects is None else first.get(corrects, corrects)
        first[version] = place
        places[place] = said
    return tuple(places.values())


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment, opened; None: erased."""

    child_id: UUID
    circumstance: Circumstance | None


async def _circumstance(event: CircumstanceAssessed, sealer: Sealer) -> Assessed:
    return Assessed(event.child_id, await open_circumstance(sealer, event))


@dataclass(frozen=True, slots=True)
class Reassessed:
    """A corrected assessment, opened; None: erased."""

    child_id: UUID
    corrects: int
    circumstance: Circumstance | None


async def _reassessed(event: CircumstanceCorrected, sealer: Sealer) -> Reassessed:
    opened = await open_circumstance(sealer, event)
    return Reassessed(event.child_id, event.corrects, opened)


async def _named(child: ChildRegistered | ChildCorrected, sealer: Sealer) -> NamedChild:
    """When it was recorded is set beside: the sealed fields know nothing of it."""
    person = child.child_id
    born = await open_birth_date(sealer, person, child.birth_date)
    name = await sealer.open(person, PROFILE, "name", child.name)
    return NamedChild(
        child_id=person,
        household_id=child.household_id,
        registered_on=vietnamese_day(child.happened_at),
        recorded_on=date.min,
        name=name,
        name_key=None if name is None else search_key(name),
        birth_date=born.day if born else None,
        birth_precision=born.precision if born else None,
        gender=child.gender,
        guardian=await sealer.open(person, PROFILE, "guardian", child.guardian),
        ethnicity=await sealer.open(person, PROFILE, "ethnicity", child.ethnicity),
    )


def _assessed(row: NamedChild, of: Recorded[Assessed]) -> NamedChild:
    if of.event.circumstance is None:
        return row
    told = Told(of.event.circumstance, vietnamese_day(of.recorded_at), of.version)
    return replace(row, told=(*row.told, told))


def _registered(of: Recorded[NamedChild]) -> NamedChild:
    recorded_on = vietnamese_day(of.recorded_at)
    first = WhoItIs(of.event.household_id, of.event.born, recorded_on)
    return replace(of.event, recorded_on=recorded_on, readings=(first,))


def _told_anew(row: NamedChild, of: Recorded[Reassessed]) -> NamedChild:
    told = Told(
        of.event.circumstance, vietnamese_day(of.recorded_at), of.version, of.event.corrects
    )
    return replace(row, told=(*row.told, told))


def _retracted(row: NamedChild, of: Recorded[ChildFactRetracted]) -> NamedChild:
    """Of a circumstance, or of where it lived; measures and grades are not told here."""
    wrong, recorded_on = of.event.corrects, vietnamese_day(of.recorded_at)
    if wrong in {each.version for each in row.lived}:
        gone = Lived(of.version, None, None, of.event.happened_at, recorded_on, wrong)
        return _lives(replace(row, lived=(*row.lived, gone)))
    if wrong not in {each.version for each in row.told}:
        return row
    told = Told(None, recorded_on, of.version, wrong)
    return replace(row, told=(*row.told, told))


@dataclass(frozen=True, slots=True)
class Corrected:
    """Who the child is, opened, and what of it was another before."""

    child_id: UUID
    right: NamedChild
    counted_otherwise: bool


async def _opened_correction(event: ChildCorrected, sealer: Sealer) -> Corrected:
    counted = bool({"household", "birth-date"}.intersection(event.corrected))
    return Corrected(event.child_id, await _named(event, sealer), counted)


def _corrected(row: NamedChild, of: Recorded[Corrected]) -> NamedChild:
    right = of.event.right
    if of.event.counted_otherwise:
        reading = WhoItIs(right.household_id, right.born, vietnamese_day(of.recorded_at))
        row = replace(row, readings=(*row.readings, reading))
    row = _lives(row)
    return replace(
        row,
        name=right.name,
        name_key=right.name_key,
        birth_date=right.birth_date,
        birth_precision=right.birth_precision,
        gender=right.gender,
        guardian=right.guardian,
        ethnicity=right.ethnicity,
    )


def _lived(row: NamedChild, of: Recorded[ChildMoved | ChildLeft | ChildReturned]) -> NamedChild:
    event = of.event
    moved_to = event.household_id if isinstance(event, ChildMoved) else None
    left = None if isinstance(event, ChildMoved) else isinstance(event, ChildLeft)
    told = Lived(of.version, moved_to, left, event.happened_at, vietnamese_day(of.recorded_at))
    return _lives(replace(row, lived=(*row.lived, told)))


def _merged(row: NamedChild, of: Recorded[ChildMerged | ChildUnmerged]) -> NamedChild:
    into = of.event.into_child_id if isinstance(of.event, ChildMerged) else None
    return replace(row, merges=(*row.merges, Merged(into, vietnamese_day(of.recorded_at))))


def _apart(row: NamedChild, of: Recorded[ChildrenToldApart]) -> NamedChild:
    return replace(row, apart=(*row.apart, of.event.other_child_id))


def _lives(row: NamedChild) -> NamedChild:
    """Where it lives by all that is known."""
    return replace(row, household_id=row.home_on(date.max) or row.household_id)


children_by_name: ReadModel[UUID, NamedChild] = ReadModel(
    name="children_by_name",
    row=NamedChild,
    key=("child_id",),
    handlers=(
        opens(ChildRegistered, _named, begins(NamedChild, _registered)),
        opens(CircumstanceAssessed, _circumstance, on(Assessed, _assessed)),
        opens(ChildCorrected, _opened_correction, on(Corrected, _corrected)),
        opens(CircumstanceCorrected, _reassessed, on(Reassessed, _told_anew)),
        on(ChildFactRetracted, _retracted),
        on(ChildMoved, _lived),
        on(ChildLeft, _lived),
        on(ChildReturned, _lived),
        on(ChildMerged, _merged),
        on(ChildUnmerged, _merged),
        on(ChildrenToldApart, _apart),
    ),
    indexes=(("household_id",), ("birth_precision",)),
    private=True,
    version=8,
)
