"""Which status has each household, who heads it, and where was it when? Opened, so private."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import HouseholdPlaced, HouseholdRegistered, HouseholdStatusRecorded
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, at_version, begins, on, opens
from eventing.record import Recorded
from eventing.sealing import Sealer
from services.registry.domain.standing import StatusPeriod
from services.registry.opening import HOUSEHOLD, open_status, open_territory


class Residence(Struct, frozen=True):
    """On the register of a unit from a day on, until the next one begins."""

    unit_id: UUID
    since: date
    recorded_on: date


class Decided(Struct, frozen=True):
    """What the commune decided, and when the register was told."""

    period: StatusPeriod
    recorded_on: date


class HouseholdStanding(Struct, frozen=True, kw_only=True):
    """`unit_id` is its unit now. `residences` and `decided` are in the order of their recording.

    Head, village and the territory on which it lives are None where erased.

    A village may also be not known. `version` is that of the stream.
    """

    household_id: UUID
    unit_id: UUID
    territory_id: UUID | None
    head: str | None
    village: str | None
    residences: tuple[Residence, ...]
    decided: tuple[Decided, ...] = ()
    version: int = 1

    def periods(self, known_on: date = date.max) -> tuple[StatusPeriod, ...]:
        """Those that the register had been told of by a day."""
        return tuple(each.period for each in self.decided if each.recorded_on <= known_on)


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
    decided = Decided(of.event.period, vietnamese_day(of.recorded_at))
    return replace(row, decided=(*row.decided, decided))


def _placed(row: HouseholdStanding, of: Recorded[HouseholdPlaced]) -> HouseholdStanding:
    moved = Residence(
        of.event.unit_id, vietnamese_day(of.event.happened_at), vietnamese_day(of.recorded_at)
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
    ),
    indexes=(("unit_id",),),
    private=True,
    version=5,
)
