"""Which child has this name, and in which circumstances is it? Opened, so private.

The rows are rebuilt where the keys are, and hold nothing any more of who was erased.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import ChildRegistered, CircumstanceAssessed
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, begins, on, opens
from eventing.record import Recorded
from eventing.sealing import Sealer
from services.registry.domain.standing import Circumstance
from services.registry.names import search_key
from services.registry.opening import PROFILE, open_birth_date, open_circumstance


class Told(Struct, frozen=True):
    """What was assessed, and when the register was told."""

    circumstance: Circumstance
    recorded_on: date


class NamedChild(Struct, frozen=True, kw_only=True):
    """`name_key` is the name without tones. None where erased.

    `told` is in the order of its recording.
    """

    child_id: UUID
    household_id: UUID
    registered_on: date
    recorded_on: date
    name: str | None
    name_key: str | None
    birth_date: date | None
    gender: str
    guardian: str | None
    ethnicity: str | None
    told: tuple[Told, ...] = ()

    def circumstances(self, known_on: date = date.max) -> tuple[Circumstance, ...]:
        """Those that the register had been told of by a day."""
        return tuple(each.circumstance for each in self.told if each.recorded_on <= known_on)


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment, opened; None: erased."""

    child_id: UUID
    circumstance: Circumstance | None


async def _circumstance(event: CircumstanceAssessed, sealer: Sealer) -> Assessed:
    return Assessed(event.child_id, await open_circumstance(sealer, event))


async def _named(child: ChildRegistered, sealer: Sealer) -> NamedChild:
    """When it was recorded is set beside: the sealed fields know nothing of it."""
    person = child.child_id
    name = await sealer.open(person, PROFILE, "name", child.name)
    return NamedChild(
        child_id=person,
        household_id=child.household_id,
        registered_on=vietnamese_day(child.happened_at),
        recorded_on=date.min,
        name=name,
        name_key=None if name is None else search_key(name),
        birth_date=await open_birth_date(sealer, person, child.birth_date),
        gender=child.gender,
        guardian=await sealer.open(person, PROFILE, "guardian", child.guardian),
        ethnicity=await sealer.open(person, PROFILE, "ethnicity", child.ethnicity),
    )


def _assessed(row: NamedChild, of: Recorded[Assessed]) -> NamedChild:
    if of.event.circumstance is None:
        return row
    told = Told(of.event.circumstance, vietnamese_day(of.recorded_at))
    return replace(row, told=(*row.told, told))


def _registered(of: Recorded[NamedChild]) -> NamedChild:
    return replace(of.event, recorded_on=vietnamese_day(of.recorded_at))


children_by_name: ReadModel[UUID, NamedChild] = ReadModel(
    name="children_by_name",
    row=NamedChild,
    key=("child_id",),
    handlers=(
        opens(ChildRegistered, _named, begins(NamedChild, _registered)),
        opens(CircumstanceAssessed, _circumstance, on(Assessed, _assessed)),
    ),
    indexes=(("household_id",),),
    private=True,
    version=3,
)
