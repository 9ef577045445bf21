"""Which status has each household, who heads it, and where was it when? Opened, so private."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    HouseholdCorrected,
    HouseholdLeft,
    HouseholdMoved,
    HouseholdPlaced,
    HouseholdRegistered,
    HouseholdReturned,
    HouseholdStatusCorrected,
    HouseholdStatusRecorded,
    HouseholdStatusRetracted,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, at_version, begins, on, opens
from eventing.record import Recorded
from eventing.sealing import Sealer
from services.registry.domain.standing import StatusPeriod
from services.registry.opening import HOUSEHOLD, known, open_status, open_territory
from services.registry.read_models.children_by_name import standing_by


class Residence(Struct, frozen=True):
    """On the register of a unit from a day on, until the next one begins. `by`: which event."""

    unit_id: UUID
    since: date
    recorded_on: date
    by: str = "household-registered"


class Absence(Struct, frozen=True):
    """It left, or came back, on that day."""

    left: bool
    since: date
    recorded_on: date


class Decided(Struct, frozen=True):
    """What the commune decided, by which version, and when the register was told.

    `corrects` is the version that it takes the place of. None: that was taken back.
    """

    period: StatusPeriod | None
    recorded_on: date
    version: int
    corrects: int | None = None


class HouseholdStanding(Struct, frozen=True, kw_only=True):
    """`unit_id` is its unit now. `residences` and `decided` are in the order of their recording.

    Head, village and the territory on which it lives are None where erased.

    A village may also be not known. Since the position `decided_on_less` something is known to be
    otherwise on which needs may rest. `version` is that of the stream.
    """

    household_id: UUID
    unit_id: UUID
    territory_id: UUID | None
    head: str | None
    village: str | None
    residences: tuple[Residence, ...]
    decided: tuple[Decided, ...] = ()
    absences: tuple[Absence, ...] = ()
    decided_on_less: int = 0
    version: int = 1

    def periods(self, known_on: date = date.max) -> tuple[StatusPeriod, ...]:
        """Those that stood by what the register had been told by a day."""
        told = (each for each in self.decided if each.recorded_on <= known_on)
        return known(standing_by((each.version, each.corrects, each.period) for each in told))

    def left_on(self, on: date, known_on: date = date.max) -> date | None:
        """Since when it was gone on a day; None: it was here."""
        told = [each for each in self.absences if each.since <= on and each.recorded_on <= known_on]
        newest = max(reversed(told), key=lambda each: each.since, default=None)
        return newest.since if newest and newest.left else None


@dataclass(frozen=True, slots=True)
class StatusOpened:
    """A decision on the status, opened; None: erased."""

    household_id: UUID
    period: StatusPeriod | None


async def _opened(event: HouseholdRegistered, sealer: Sealer) -> HouseholdStanding:
    person = event.household_id
    return HouseholdStanding(
        household_id=person,
        unit_id=event.unit_id,
        territory_id=await open_territory(sealer, person, HOUSEHOLD, event.territory),
        head=await sealer.open(person, HOUSEHOLD, "head", event.head),
        village=await sealer.open(person, HOUSEHOLD, "village", event.village) or None,
        residences=(Residence(event.unit_id, vietnamese_day(event.happened_at), date.min),),
    )


def _registered(of: Recorded[HouseholdStanding]) -> HouseholdStanding:
    (first,) = of.event.residences
    recorded = replace(first, recorded_on=vietnamese_day(of.recorded_at))
    return replace(of.event, residences=(recorded,))


async def _status(event: HouseholdStatusRecorded, sealer: Sealer) -> StatusOpened:
    return StatusOpened(event.household_id, await open_status(sealer, event))


def _decided(row: HouseholdStanding, of: Recorded[StatusOpened]) -> HouseholdStanding:
    if of.event.period is None:
        return row
    decided = Decided(of.event.period, vietnamese_day(of.recorded_at), of.version)
    return replace(row, decided=(*row.decided, decided))


@dataclass(frozen=True, slots=True)
class Redecided:
    """A corrected decision, opened; None: erased."""

    household_id: UUID
    corrects: int
    period: StatusPeriod | None


async def _redecided(event: HouseholdStatusCorrected, sealer: Sealer) -> Redecided:
    return Redecided(event.household_id, event.corrects, await open_status(sealer, event))


def _decided_anew(
    row: HouseholdStanding, of: Recorded[Redecided | HouseholdStatusRetracted]
) -> HouseholdStanding:
    period = of.event.period if isinstance(of.event, Redecided) else None
    told = Decided(period, vietnamese_day(of.recorded_at), of.version, of.event.corrects)
    return replace(row, decided=(*row.decided, told), decided_on_less=of.position)


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is said of it, opened."""

    household_id: UUID
    territory_id: UUID | None
    head: str | None
    village: str | None
    lives_elsewhere: bool


async def _opened_correction(event: HouseholdCorrected, sealer: Sealer) -> Corrected:
    person = event.household_id
    return Corrected(
        household_id=person,
        territory_id=await open_territory(sealer, person, HOUSEHOLD, event.territory),
        head=await sealer.open(person, HOUSEHOLD, "head", event.head),
        village=await sealer.open(person, HOUSEHOLD, "village", event.village) or None,
        lives_elsewhere="territory" in event.corrected,
    )


def _corrected(row: HouseholdStanding, of: Recorded[Corrected]) -> HouseholdStanding:
    right = of.event
    return replace(
        row,
        territory_id=right.territory_id,
        head=right.head,
        village=right.village,
        decided_on_less=of.position if right.lives_elsewhere else row.decided_on_less,
    )


@dataclass(frozen=True, slots=True)
class MovedTo:
    """Where it lives since, opened."""

    household_id: UUID
    unit_id: UUID
    since: date
    territory_id: UUID | None
    village: str | None


async def _opened_move(event: HouseholdMoved, sealer: Sealer) -> MovedTo:
    person = event.household_id
    return MovedTo(
        household_id=person,
        unit_id=event.unit_id,
        since=vietnamese_day(event.happened_at),
        territory_id=await open_territory(sealer, person, HOUSEHOLD, event.territory),
        village=await sealer.open(person, HOUSEHOLD, "village", event.village) or None,
    )


def _moved(row: HouseholdStanding, of: Recorded[MovedTo]) -> HouseholdStanding:
    to = of.event
    residence = Residence(to.unit_id, to.since, vietnamese_day(of.recorded_at), "household-moved")
    return replace(
        row,
        unit_id=to.unit_id,
        territory_id=to.territory_id,
        village=to.village,
        residences=(*row.residences, residence),
        decided_on_less=of.position,
    )


def _left_or_back(
    row: HouseholdStanding, of: Recorded[HouseholdLeft | HouseholdReturned]
) -> HouseholdStanding:
    left = isinstance(of.event, HouseholdLeft)
    told = Absence(left, vietnamese_day(of.event.happened_at), vietnamese_day(of.recorded_at))
    return replace(row, absences=(*row.absences, told), decided_on_less=of.position)


def _placed(row: HouseholdStanding, of: Recorded[HouseholdPlaced]) -> HouseholdStanding:
    moved = Residence(
        of.event.unit_id,
        vietnamese_day(of.event.happened_at),
        vietnamese_day(of.recorded_at),
        "household-placed",
    )
    return replace(row, unit_id=moved.unit_id, residences=(*row.residences, moved))


household_standings: ReadModel[UUID, HouseholdStanding] = ReadModel(
    name="household_standings",
    row=HouseholdStanding,
    key=("household_id",),
    handlers=(
        opens(HouseholdRegistered, _opened, begins(HouseholdStanding, _registered)),
        opens(HouseholdStatusRecorded, _status, on(StatusOpened, at_version(_decided))),
        on(HouseholdPlaced, at_version(_placed)),
        opens(HouseholdCorrected, _opened_correction, on(Corrected, at_version(_corrected))),
        opens(HouseholdStatusCorrected, _redecided, on(Redecided, at_version(_decided_anew))),
        on(HouseholdStatusRetracted, at_version(_decided_anew)),
        opens(HouseholdMoved, _opened_move, on(MovedTo, at_version(_moved))),
        on(HouseholdLeft, at_version(_left_or_back)),
        on(HouseholdReturned, at_version(_left_or_back)),
    ),
    indexes=(("unit_id",),),
    private=True,
    version=7,
)
