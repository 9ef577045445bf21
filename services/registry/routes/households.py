"""Households: registered in a commune, with a status by decision, placed after a split."""

from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import StandardCode
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Day, Text
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may
from edge.programmes import NoRulesInForce, register_rules
from edge.routes import Routes
from edge.who_may_where import UnitRow
from edge.who_may_where import units as unit_rows
from eventing.all_rows import each_row
from services.registry.domain.household import (
    HouseholdNotRegistered,
    HouseholdRegisteredOtherwise,
    HouseholdToBePlaced,
    PlaceHousehold,
    RecordStatus,
    RegisterHousehold,
    StandardNotInForce,
    StandardNotKnown,
    StatusEndsBeforeItBegins,
    StatusOutlivesItsStandard,
    household,
    stream,
)
from services.registry.domain.standing import HouseholdStatus, household_status
from services.registry.domain.unit import (
    NotOfItsTerritory,
    NotOneOfItsSuccessors,
    TerritoryToBeSaid,
    UnitIsNoCommune,
    UnitNotEstablished,
    UnitNotInForce,
)
from services.registry.names import sort_key
from services.registry.opening import HOUSEHOLD
from services.registry.read_models.household_standings import (
    HouseholdStanding,
    household_standings,
)
from services.registry.routes.seeing import home_of, territory_of, unit_of

LISTED_MAX = 5000

routes = Routes(tag="households")


class HouseholdToRegister(Dated):
    """`head` is the name of who represents it; both texts are sealed.

    `territory_id`: of a commune that took others over, on which former commune's land it lives, or
    in which of their villages. Without it: on the commune's own.
    """

    unit_id: UUID
    territory_id: UUID | None = None
    head: Text
    village: Text | None = None


class StatusToRecord(Dated):
    """The commune's decision. `valid_until` is the first day on which it no longer holds.

    Without it the decision holds as long as its standard is in force; none holds longer.
    """

    status: HouseholdStatus
    standard: StandardCode
    decision: Text
    valid_from: Day
    valid_until: Day | None = None


class Placement(Dated):
    unit_id: UUID
    decision: Text


class HouseholdShown(BaseModel):
    """Null where erased. `status` is today's. `version` is what `If-Match` says."""

    household_id: UUID
    unit_id: UUID
    territory_id: UUID | None
    head: str | None
    village: str | None
    status: HouseholdStatus
    left_on: date | None
    version: int

    @classmethod
    def of(cls, row: HouseholdStanding, today: date) -> Self:
        return cls(
            household_id=row.household_id,
            unit_id=row.unit_id,
            territory_id=row.territory_id,
            head=row.head,
            village=row.village,
            status=household_status(row.periods(), today),
            left_on=row.left_on(today),
            version=row.version,
        )


class Households(BaseModel):
    """In the order of the heads' names; `more`: some were left out."""

    items: list[HouseholdShown]
    more: bool


@routes.command(
    "PUT",
    "/households/{household_id}",
    may=may("register-household", "commune-officer"),
    refuses=[
        HouseholdRegisteredOtherwise,
        UnitNotEstablished,
        UnitNotInForce,
        UnitIsNoCommune,
        TerritoryToBeSaid,
        NotOfItsTerritory,
    ],
)
async def register(household_id: UUID, body: HouseholdToRegister, door: Door) -> Accepted:
    await door.within(body.unit_id)
    lives_on = await territory_of(door, body.unit_id, body.territory_id)
    command = RegisterHousehold(
        household_id=household_id,
        unit_id=body.unit_id,
        territory=await door.seal(household_id, HOUSEHOLD, "territory", str(lives_on)),
        head=await door.seal(household_id, HOUSEHOLD, "head", body.head),
        village=await door.seal(household_id, HOUSEHOLD, "village", body.village or ""),
        registered_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(household, stream(household_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/status",
    judges="/households/{household_id}",
    may=may("record-household-status", "commune-officer"),
    refuses=[
        NoRulesInForce,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        StandardNotKnown,
        StandardNotInForce,
        StatusEndsBeforeItBegins,
        StatusOutlivesItsStandard,
    ],
)
async def record_status(household_id: UUID, body: StatusToRecord, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(happened_at))).unit_id)
    command = RecordStatus(
        household_id=household_id,
        status=await door.seal(household_id, HOUSEHOLD, "status", body.status),
        standard=body.standard,
        decision=await door.seal(household_id, HOUSEHOLD, "decision", body.decision),
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        rules=register_rules(vietnamese_day(happened_at)),
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, stream(household_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/placement",
    judges=None,
    may=may("place-household", "commune-officer", "coordinator"),
    refuses=[HouseholdNotRegistered, UnitNotEstablished, NotOneOfItsSuccessors],
)
async def place(household_id: UUID, body: Placement, door: Door) -> Accepted:
    """By somebody of the commune that takes the household over."""
    await door.within(body.unit_id)
    command = PlaceHousehold(
        household_id=household_id,
        unit_id=body.unit_id,
        decision=await door.seal(household_id, HOUSEHOLD, "decision", body.decision),
        placed_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(household, stream(household_id), command)


@routes.query(
    "/households",
    may=may("see-households", "commune-officer", "verifier", opens="keep-register"),
    refuses=[UnitNotEstablished],
)
async def listed(unit_id: UUID, door: ReadDoor) -> Households:
    """Those of a unit; those of a split one are seen by each successor until they are placed."""
    await door.fresh(household_standings)
    asked = await door.rows.get(unit_rows, unit_id)
    if asked is None:
        raise UnitNotEstablished
    await in_its_unit_or_an_heir(asked, door)
    rows = [row async for row in each_row(door.rows, household_standings, unit_id=unit_id)]
    rows.sort(key=lambda row: sort_key(row.head or ""))
    today = vietnamese_day(door.now)
    shown = [HouseholdShown.of(row, today) for row in rows[:LISTED_MAX]]
    door.shows(*(each.household_id for each in shown))
    return Households(items=shown, more=len(rows) > LISTED_MAX)


async def in_its_unit_or_an_heir(unit: UnitRow, door: ReadDoor) -> None:
    """Raises OutsideYourUnit."""
    if not any([await door.is_within(heir) for heir in unit.successor_ids]):
        await door.within(unit.unit_id)


@routes.query(
    "/households/{household_id}",
    may=may("see-household", "commune-officer", "verifier", opens="keep-register"),
    refuses=[HouseholdNotRegistered, UnitNotEstablished],
)
async def see(household_id: UUID, door: ReadDoor) -> HouseholdShown:
    await door.fresh(household_standings)
    row = await door.rows.get(household_standings, household_id)
    if row is None:
        raise HouseholdNotRegistered
    unit = await door.rows.get(unit_rows, row.unit_id)
    if unit is None:
        raise UnitNotEstablished
    await in_its_unit_or_an_heir(unit, door)
    door.version(row.version)
    door.shows(household_id)
    return HouseholdShown.of(row, vietnamese_day(door.now))
