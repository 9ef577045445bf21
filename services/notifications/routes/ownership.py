"""Whose news it is: a sponsor's own person sees it; a coordinator may look after it."""

from collections.abc import Collection
from uuid import UUID

from edge.door import CommandDoor, QueryDoor
from edge.who_may_where import roles_held
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from services.notifications.read_models.sponsors import sponsors

COORDINATOR = "coordinator"


class NotYours(Rejection):
    """Also said of a sponsor that does not exist, so that nobody can try ids."""

    code = "not-yours"
    kind = "forbidden"
    vi = "Đây không phải tin của bạn."
    en = "This news is not yours."


async def check_own(door: CommandDoor | QueryDoor, sponsor_id: UUID) -> None:
    """Raises NotYours unless the sponsor is the person who asks; NotYetVisible."""
    if not await is_own(door, sponsor_id):
        raise NotYours


async def is_own(door: CommandDoor | QueryDoor, sponsor_id: UUID) -> bool:
    """Raises NotYetVisible."""
    if isinstance(door, QueryDoor):
        await door.fresh(sponsors)
    sponsor = await door.rows.get(sponsors, sponsor_id)
    return sponsor is not None and sponsor.person_id == door.person


async def check_own_or_coordinator(door: CommandDoor | QueryDoor, sponsor_id: UUID) -> None:
    """Raises NotYours unless it is the sponsor, or a coordinator of any unit.

    A coordinator may name a sponsor of whom we have not heard yet: donations may tell us later.
    """
    if not await door.holds(COORDINATOR):
        await check_own(door, sponsor_id)


async def looked_after(door: CommandDoor | QueryDoor, made_by: Collection[UUID]) -> frozenset[UUID]:
    """Those of them who coordinate, or did, in a unit in which whoever asks coordinates.

    So what was asked for on paper is looked after where it was, when its coordinator has gone too.
    """
    area = await door.area_of(COORDINATOR)
    roles = await all_rows(
        door.rows, roles_held, person_id=sorted(made_by), role=COORDINATOR, unit_id=sorted(area)
    )
    return frozenset(role.person_id for role in roles)
