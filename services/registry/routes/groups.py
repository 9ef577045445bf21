"""Groups of children who are helped together, as a class: registered, counted anew, seen."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from edge.bodies import Dated, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from services.registry.domain.group import (
    CountGroup,
    GroupNotRegistered,
    GroupRegisteredOtherwise,
    GroupTooSmall,
    RegisterGroup,
    group,
    stream,
)
from services.registry.domain.unit import (
    NotOfItsTerritory,
    TerritoryToBeSaid,
    UnitIsNoCommune,
    UnitNotEstablished,
    UnitNotInForce,
)
from services.registry.opening import GROUP
from services.registry.read_models.groups import Group, groups
from services.registry.routes.needs_seen import SEEN_BY, area_of
from services.registry.routes.seeing import group_of, see_that_they_may_propose, territory_of

CHILDREN_MAX = 100_000

routes = Routes(tag="groups")

Children = Annotated[int, Field(ge=1, le=CHILDREN_MAX)]


class GroupToRegister(Dated):
    """`description` says which group it is ("Lớp 3A, Trường Tiểu học Ba Vì"); it is sealed.

    `territory_id` as of a household.
    """

    unit_id: UUID
    territory_id: UUID | None = None
    children: Children
    description: Text


class GroupCount(Dated):
    children: Children


class GroupListed(BaseModel):
    """Nothing here says which group it is."""

    group_id: UUID
    unit_id: UUID
    children: int
    registered_by: UUID
    version: int

    @classmethod
    def of(cls, row: Group) -> Self:
        return cls.model_validate(row, from_attributes=True)


class GroupShown(GroupListed):
    """`description` is null where it was erased."""

    description: str | None = None


@routes.command(
    "PUT",
    "/groups/{group_id}",
    may=may("register-group", "commune-officer"),
    refuses=[
        GroupRegisteredOtherwise,
        GroupTooSmall,
        UnitNotEstablished,
        UnitNotInForce,
        UnitIsNoCommune,
        TerritoryToBeSaid,
        NotOfItsTerritory,
    ],
)
async def register(group_id: UUID, body: GroupToRegister, door: Door) -> Accepted:
    await door.within(body.unit_id)
    is_on = await territory_of(door, body.unit_id, body.territory_id)
    command = RegisterGroup(
        group_id=group_id,
        unit_id=body.unit_id,
        territory=await door.seal(group_id, GROUP, "territory", str(is_on)),
        children=body.children,
        description=await door.seal(group_id, GROUP, "description", body.description),
        registered_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(group, stream(group_id), command)


@routes.command(
    "POST",
    "/groups/{group_id}/counts",
    judges=None,
    may=may("count-group", "commune-officer", "teacher"),
    refuses=[GroupNotRegistered, GroupTooSmall],
)
async def count(group_id: UUID, body: GroupCount, door: Door) -> Accepted:
    """Needs that were recorded before keep the count of their day."""
    state = await group_of(door, group_id)
    await see_that_they_may_propose(door, state.fact.unit_id)
    command = CountGroup(
        children=body.children,
        counted_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(group, stream(group_id), command)


@routes.query("/groups", may=may("see-groups", *SEEN_BY))
async def listed(door: ListDoor, unit_id: UUID | None = None) -> Page[GroupListed]:
    """Those of the unit's territory, or of all units in which the person holds a role."""
    area = await area_of(door, unit_id)
    return await door.page(groups, GroupListed.of, unit_id=[*area])


@routes.query(
    "/groups/{group_id}",
    may=may("see-group", "commune-officer", "verifier", opens="judge-need"),
    refuses=[GroupNotRegistered],
)
async def see(group_id: UUID, door: ReadDoor) -> GroupShown:
    """With its description, opened for who works in the unit."""
    await door.fresh(groups)
    row = await door.rows.get(groups, group_id)
    if row is None:
        raise GroupNotRegistered
    await door.within(row.unit_id)
    door.version(row.version)
    described = await door.open(group_id, GROUP, "description", row.description)
    return GroupShown(**GroupListed.of(row).model_dump(), description=described)
