"""Which households are in a unit, and where did a split place them? Pseudonyms alone."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import HouseholdMoved, HouseholdPlaced, HouseholdRegistered
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Household(Struct, frozen=True, kw_only=True):
    """`registered_unit_id` is its first unit, `unit_id` that in which a person placed it.

    Or the one to which it moved since.
    """

    household_id: UUID
    unit_id: UUID
    registered_unit_id: UUID
    registered_by: UUID
    placed: bool = False


def _registered(of: Recorded[HouseholdRegistered]) -> Household:
    return Household(
        household_id=of.event.household_id,
        unit_id=of.event.unit_id,
        registered_unit_id=of.event.unit_id,
        registered_by=of.event.registered_by,
    )


households: ReadModel[UUID, Household] = ReadModel(
    name="households",
    row=Household,
    key=("household_id",),
    handlers=(
        begins(HouseholdRegistered, _registered),
        on(HouseholdPlaced, lambda row, of: replace(row, unit_id=of.event.unit_id, placed=True)),
        on(HouseholdMoved, lambda row, of: replace(row, unit_id=of.event.unit_id)),
    ),
    indexes=(("unit_id",),),
)
