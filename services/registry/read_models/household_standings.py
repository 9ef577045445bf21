"""Which status does each household have, and who heads it? Opened, so private."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import HouseholdPlaced, HouseholdRegistered, HouseholdStatusRecorded
from eventing.read_model import ReadModel
from eventing.record import Recorded
from eventing.sealing import Sealer
from services.registry.domain.standing import StatusPeriod
from services.registry.opening import HOUSEHOLD, open_status


class HouseholdStanding(Struct, frozen=True, kw_only=True):
    """`periods` are in the order of their recording. Head and village are None where erased.

    A village may also be not known.
    """

    household_id: UUID
    unit_id: UUID
    head: str | None
    village: str | None
    periods: tuple[StatusPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusOpened:
    """A decision on the status, opened; None: erased."""

    household_id: UUID
    period: StatusPeriod | None


Sealed = HouseholdRegistered | HouseholdStatusRecorded | HouseholdPlaced
Event = HouseholdStanding | StatusOpened | HouseholdPlaced


async def opening(event: Sealed, sealer: Sealer) -> Event:
    match event:
        case HouseholdRegistered():
            return await _opened(event, sealer)
        case HouseholdStatusRecorded():
            return StatusOpened(event.household_id, await open_status(sealer, event))
        case HouseholdPlaced():
            return event
        case _:
            assert_never(event)


async def _opened(event: HouseholdRegistered, sealer: Sealer) -> HouseholdStanding:
    person = event.household_id
    return HouseholdStanding(
        household_id=person,
        unit_id=event.unit_id,
        head=await sealer.open(person, HOUSEHOLD, "head", event.head),
        village=await sealer.open(person, HOUSEHOLD, "village", event.village) or None,
    )


def keys(event: Event) -> Iterator[UUID]:
    yield event.household_id


def apply(row: HouseholdStanding | None, _: UUID, recorded: Recorded) -> HouseholdStanding | None:
    match recorded.event:
        case HouseholdStanding() as opened:
            return opened
        case StatusOpened(_, StatusPeriod() as period) if row:
            return replace(row, periods=(*row.periods, period))
        case HouseholdPlaced() as placed if row:
            return replace(row, unit_id=placed.unit_id)
        case _:
            return row


household_standings: ReadModel[UUID, HouseholdStanding] = ReadModel(
    name="household_standings",
    row=HouseholdStanding,
    key=("household_id",),
    events=(HouseholdRegistered, HouseholdStatusRecorded, HouseholdPlaced),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",),),
    private=True,
    opening=opening,
)
