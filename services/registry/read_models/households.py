"""Which households are in a unit, and where did a split place them? Pseudonyms alone."""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import HouseholdPlaced, HouseholdRegistered
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = HouseholdRegistered | HouseholdPlaced


class Household(Struct, frozen=True, kw_only=True):
    """`registered_unit_id` is its first unit, `unit_id` the one in which a person placed it."""

    household_id: UUID
    unit_id: UUID
    registered_unit_id: UUID
    registered_by: UUID
    placed: bool = False


def keys(event: Event) -> Iterator[UUID]:
    yield event.household_id


def apply(row: Household | None, _: UUID, recorded: Recorded) -> Household | None:
    match recorded.event:
        case HouseholdRegistered() as registered:
            return Household(
                household_id=registered.household_id,
                unit_id=registered.unit_id,
                registered_unit_id=registered.unit_id,
                registered_by=registered.registered_by,
            )
        case HouseholdPlaced() as placed if row:
            return replace(row, unit_id=placed.unit_id, placed=True)
        case _:
            return row


households: ReadModel[UUID, Household] = ReadModel(
    name="households",
    row=Household,
    key=("household_id",),
    events=(HouseholdRegistered, HouseholdPlaced),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",),),
)
