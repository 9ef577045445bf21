"""Records that may be of one child: proposed, merged by a person, and unmerged again."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.vietnamese_day import vietnamese_day
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may
from edge.routes import Routes
from eventing.all_rows import each_row
from services.registry.domain.child import (
    ChildChangedMeanwhile,
    ChildIsItself,
    ChildIsMerged,
    ChildNotMerged,
    ChildNotRegistered,
    MergeChild,
    TellApart,
    UnmergeChild,
    child,
    stream,
)
from services.registry.domain.household import HouseholdToBePlaced
from services.registry.domain.unit import UnitNotEstablished
from services.registry.duplicates import proposed
from services.registry.opening import PROFILE
from services.registry.read_models.children import children
from services.registry.read_models.children_by_name import children_by_name
from services.registry.read_models.household_standings import household_standings
from services.registry.routes.children import of_ones_unit
from services.registry.routes.children_seen import (
    Children,
    fresh,
    homes_of,
    of_households,
    shown_by_name,
)
from services.registry.routes.lives import OFFICER, Noted
from services.registry.routes.needs_seen import area_of

LISTED_MAX = 200

routes = Routes(tag="duplicates")


class ChildToMerge(Noted):
    """`into_child_id` is the record that owns what comes later."""

    into_child_id: UUID


class ChildToTellApart(Noted):
    other_child_id: UUID


class Weights(BaseModel):
    """What speaks for it, and how much; null: it does not. What speaks against it is below 0."""

    name: int | None
    birth: int | None
    guardian: int | None
    household: int | None
    gender: int | None


class PairShown(BaseModel):
    """`child_id` came later; `into_child_id` was there before."""

    child_id: UUID
    into_child_id: UUID
    unit_id: UUID
    name: str | None
    other_name: str | None
    guardian: str | None
    other_guardian: str | None
    village: str | None
    other_village: str | None
    weight: int
    weights: Weights


class Pairs(BaseModel):
    """The most alike first; `more`: some were left out."""

    items: list[PairShown]
    more: bool


@routes.query(
    "/children/duplicates", may=may("see-duplicates", OFFICER, "verifier", opens="keep-register")
)
async def listed(door: ReadDoor, unit_id: UUID | None = None) -> Pairs:
    """Those of the unit, or of one's own area, that are not decided yet."""
    await fresh(door)
    area = await area_of(door, unit_id)
    homes = {
        home.household_id: home
        async for home in each_row(door.rows, household_standings, unit_id=[*area])
    }
    named = [each async for each in of_households(door, [*homes])]
    found = list(proposed(named))
    items = [
        PairShown(
            child_id=after.child_id,
            into_child_id=before.child_id,
            unit_id=homes[after.household_id].unit_id,
            name=after.name,
            other_name=before.name,
            guardian=after.guardian,
            other_guardian=before.guardian,
            village=homes[after.household_id].village,
            other_village=homes[before.household_id].village,
            weight=how.weight,
            weights=Weights.model_validate(how, from_attributes=True),
        )
        for after, before, how in found[:LISTED_MAX]
    ]
    door.shows(*(id_ for each in items for id_ in (each.child_id, each.into_child_id)))
    return Pairs(items=items, more=len(found) > LISTED_MAX)


@routes.query(
    "/children/{child_id}/merged",
    may=may("see-merged-children", OFFICER, "verifier", opens="keep-register"),
    refuses=[ChildNotRegistered, HouseholdToBePlaced, UnitNotEstablished],
)
async def merged_into(child_id: UUID, door: ReadDoor) -> Children:
    """The records that rest since they were merged into this one."""
    await fresh(door)
    await of_ones_unit(child_id, door, vietnamese_day(door.now))
    resting = [row.child_id async for row in each_row(door.rows, children, merged_into=child_id)]
    named = [row async for row in each_row(door.rows, children_by_name, child_id=resting)]
    area = await door.area()
    homes = {
        home.household_id: home
        for home in await homes_of(door, {row.household_id for row in named})
        if home.unit_id in area
    }
    return await shown_by_name([row for row in named if row.household_id in homes], homes, door)


OF_BOTH: list[Any] = [
    ChildNotRegistered,
    HouseholdToBePlaced,
    UnitNotEstablished,
    ChildIsItself,
]


@routes.command(
    "POST",
    "/children/{child_id}/merging",
    judges="/children/{child_id}",
    may=may("merge-child", OFFICER),
    refuses=[*OF_BOTH, ChildIsMerged, ChildChangedMeanwhile],
)
async def merge(child_id: UUID, body: ChildToMerge, door: Door) -> Accepted:
    """Both are of one's own units. This record rests; its open needs are looked at by a person."""
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    await of_ones_unit(child_id, door, on)
    into, _ = await of_ones_unit(body.into_child_id, door, on)
    command = MergeChild(
        child_id=child_id,
        into=into,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        merged_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/unmerging",
    judges="/children/{child_id}",
    may=may("unmerge-child", OFFICER),
    refuses=[ChildNotRegistered, HouseholdToBePlaced, UnitNotEstablished, ChildNotMerged],
)
async def unmerge(child_id: UUID, body: Noted, door: Door) -> Accepted:
    """Both records are then what they were, with what came to each since."""
    happened_at = door.happened(body.happened_at)
    await of_ones_unit(child_id, door, vietnamese_day(happened_at))
    command = UnmergeChild(
        child_id=child_id,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        unmerged_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)


@routes.command(
    "POST",
    "/children/{child_id}/telling-apart",
    judges="/children/{child_id}",
    may=may("tell-children-apart", OFFICER),
    refuses=OF_BOTH,
)
async def tell_apart(child_id: UUID, body: ChildToTellApart, door: Door) -> Accepted:
    """They are two: the pair is proposed no more."""
    happened_at = door.happened(body.happened_at)
    on = vietnamese_day(happened_at)
    await of_ones_unit(child_id, door, on)
    await of_ones_unit(body.other_child_id, door, on)
    command = TellApart(
        child_id=child_id,
        other_child_id=body.other_child_id,
        note=await door.seal(child_id, PROFILE, "note", body.note),
        told_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(child, stream(child_id), command)
