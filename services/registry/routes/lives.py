"""Where a child and a household live: moved, gone, back; open needs end where they lived."""

from uuid import UUID

from contracts.registry import NeedLetGo
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, LongText, Text
from edge.door import Accepted, CommandDoor, Door
from edge.permission import may
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.registry.domain.child import (
    ChildChangedMeanwhile,
    ChildHasDied,
    ChildHasLeft,
    ChildIsHere,
    ChildIsMerged,
    ChildLivesThere,
    ChildNotRegistered,
    LeaveChild,
    MoveChild,
    ReturnChild,
    child,
)
from services.registry.domain.child import stream as child_stream
from services.registry.domain.household import (
    HouseholdChangedMeanwhile,
    HouseholdHasLeft,
    HouseholdIsHere,
    HouseholdMovedLater,
    HouseholdMovedNowhere,
    HouseholdNotRegistered,
    HouseholdToBePlaced,
    LeaveHousehold,
    MoveHousehold,
    ReturnHousehold,
    household,
)
from services.registry.domain.household import stream as household_stream
from services.registry.domain.standing import Leaving
from services.registry.domain.unit import (
    NotOfItsTerritory,
    TerritoryToBeSaid,
    UnitIsNoCommune,
    UnitNotEstablished,
    UnitNotInForce,
)
from services.registry.opening import HOUSEHOLD, NEED, PROFILE
from services.registry.read_models.children import children
from services.registry.read_models.needs import NeedStatus, needs
from services.registry.routes.children import of_ones_unit
from services.registry.routes.seeing import home_of, territory_of, unit_of

ENDS: tuple[NeedStatus, ...] = ("recorded", "returned", "open", "reserved", "partly-met", "lapsed")
OFFICER = "commune-officer"
MOVED = "Trẻ em đã chuyển sang nơi ở khác."
GONE = "Trẻ em không còn ở địa bàn."

routes = Routes(tag="lives")


class Noted(Dated):
    """`note` says in words what is to be known of it; it is sealed."""

    note: LongText


class ChildToMove(Noted):
    household_id: UUID


class ChildGone(Noted):
    how: Leaving


class HouseholdToMove(Noted):
    """To another commune, or within one; `territory_id` as of a household that is registered."""

    unit_id: UUID
    territory_id: UUID | None = None
    village: Text | None = None


async def let_go(door: CommandDoor, child_ids: list[UUID], why: str) -> tuple[NeedLetGo, ...]:
    """What these children still need, which ends where they lived.

    A need that is recorded in the same moment is not among them: it is looked at by a person.
    """
    rows = await all_rows(door.rows, needs, child_id=child_ids, status=[*ENDS]) if child_ids else []
    return tuple(
        [
            NeedLetGo(
                need_id=row.need_id, reason=await door.seal(row.child_id, NEED, "reason", why)
            )
            for row in rows
            if row.child_id is not None
        ]
    )


@routes.command(
    "POST",
    "/children/{child_id}/move",
    judges="/children/{child_id}",
    may=may("move-child", OFFICER),
    refuses=[
        ChildNotRegistered,
        ChildIsMerged,
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        HouseholdChangedMeanwhile,
        UnitNotEstablished,
        UnitNotInForce,
        ChildHasLeft,
        ChildLivesThere,
    ],
)
async def move_child(child_id: UUID, body: ChildToMove, door: Door) -> Accepted:
    """Into a household of one's own units, as when one parts or two become one."""
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    _, before = await of_ones_unit(child_id, door, on)
    home = await home_of(door, body.household_id)
    unit_id = (await unit_of(door, home, on)).unit_id
    await door.within(unit_id)
    stays = (await unit_of(door, before, on)).unit_id == unit_id
    command = MoveChild(
        child_id=child_id,
        home=home,
        unit_id=unit_id,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        lets_go=() if stays else await let_go(door, [child_id], MOVED),
        moved_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/leaving",
    judges="/children/{child_id}",
    may=may("record-child-left", OFFICER),
    refuses=[
        ChildNotRegistered,
        ChildIsMerged,
        HouseholdToBePlaced,
        UnitNotEstablished,
        ChildHasLeft,
    ],
)
async def child_left(child_id: UUID, body: ChildGone, door: Door) -> Accepted:
    """No longer here; how is sealed, and no message tells of it."""
    happened_at = door.happened(body.happened_at)
    await of_ones_unit(child_id, door, vietnamese_day(happened_at))
    command = LeaveChild(
        child_id=child_id,
        how=await door.seal(child_id, PROFILE, "how", body.how),
        note=await door.seal(child_id, PROFILE, "note", body.note),
        lets_go=await let_go(door, [child_id], GONE),
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/return",
    judges="/children/{child_id}",
    may=may("record-child-returned", OFFICER),
    refuses=[
        ChildNotRegistered,
        ChildIsMerged,
        HouseholdToBePlaced,
        UnitNotEstablished,
        ChildIsHere,
        ChildHasDied,
        ChildChangedMeanwhile,
    ],
)
async def child_returned(child_id: UUID, body: Noted, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    seen, _ = await of_ones_unit(child_id, door, on)
    left = seen.left(on)
    how = await door.open(child_id, PROFILE, "how", left.how) if left else None
    command = ReturnChild(
        child_id=child_id,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        died=how == "died",
        seen=seen,
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, child_stream(child_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/move",
    judges="/households/{household_id}",
    may=may("move-household", OFFICER),
    refuses=[
        HouseholdNotRegistered,
        HouseholdToBePlaced,
        UnitNotEstablished,
        UnitNotInForce,
        UnitIsNoCommune,
        TerritoryToBeSaid,
        NotOfItsTerritory,
        HouseholdHasLeft,
        HouseholdMovedLater,
        HouseholdMovedNowhere,
    ],
)
async def move_household(household_id: UUID, body: HouseholdToMove, door: Door) -> Accepted:
    """By the commune that it leaves; from then on it is on the other's register."""
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    unit_id = (await unit_of(door, home, vietnamese_day(happened_at))).unit_id
    await door.within(unit_id)
    lives_on = await territory_of(door, body.unit_id, body.territory_id)
    moves = body.unit_id != unit_id
    command = MoveHousehold(
        household_id=household_id,
        unit_id=body.unit_id,
        territory=await door.seal(household_id, HOUSEHOLD, "territory", str(lives_on)),
        village=await door.seal(household_id, HOUSEHOLD, "village", body.village or ""),
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        lets_go=await of_household(door, household_id, MOVED) if moves else (),
        moved_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)


async def of_household(door: CommandDoor, household_id: UUID, why: str) -> tuple[NeedLetGo, ...]:
    rows = await all_rows(door.rows, children, household_id=household_id)
    return await let_go(door, [row.child_id for row in rows], why)


@routes.command(
    "POST",
    "/households/{household_id}/leaving",
    judges="/households/{household_id}",
    may=may("record-household-left", OFFICER),
    refuses=[HouseholdNotRegistered, HouseholdToBePlaced, UnitNotEstablished, HouseholdHasLeft],
)
async def household_left(household_id: UUID, body: Noted, door: Door) -> Accepted:
    """To where the register does not reach."""
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(happened_at))).unit_id)
    command = LeaveHousehold(
        household_id=household_id,
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        lets_go=await of_household(door, household_id, GONE),
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)


@routes.command(
    "POST",
    "/households/{household_id}/return",
    judges="/households/{household_id}",
    may=may("record-household-returned", OFFICER),
    refuses=[HouseholdNotRegistered, HouseholdToBePlaced, UnitNotEstablished, HouseholdIsHere],
)
async def household_returned(household_id: UUID, body: Noted, door: Door) -> Accepted:
    happened_at = door.happened(body.happened_at)
    home = await home_of(door, household_id)
    await door.within((await unit_of(door, home, vietnamese_day(happened_at))).unit_id)
    command = ReturnHousehold(
        household_id=household_id,
        note=await door.seal(household_id, HOUSEHOLD, "note", body.note),
        recorded_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(household, household_stream(household_id), command)
