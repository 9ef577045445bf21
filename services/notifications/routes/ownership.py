"""Whose news it is: a sponsor's own person sees it; a coordinator may look after it."""

import time
from uuid import UUID

from edge.door import CommandDoor, QueryDoor
from eventing.decider import Rejection
from services.notifications.read_models.sponsors import sponsors

COORDINATORS = frozenset({"coordinator"})


class NotYours(Rejection):
    """Also said of a sponsor that does not exist, so that nobody can try ids."""

    code = "not-yours"
    kind = "forbidden"
    vi = "Đây không phải tin của bạn."
    en = "This news is not yours."


async def check_own(door: CommandDoor | QueryDoor, sponsor_id: UUID) -> None:
    """Raises NotYours unless the sponsor is the person who asks; NotYetVisible."""
    if isinstance(door, QueryDoor):
        await door.fresh(sponsors)
    sponsor = await door.rows.get(sponsors, sponsor_id)
    if sponsor is None or sponsor.person_id != door.person:
        raise NotYours


async def check_own_or_coordinator(door: CommandDoor | QueryDoor, sponsor_id: UUID) -> None:
    """Raises NotYours unless it is the sponsor, or a coordinator of any unit.

    A coordinator may name a sponsor of whom we have not heard yet: donations may tell us later.
    """
    if not await door.house.directory.held(door.person, COORDINATORS, door.now, time.monotonic()):
        await check_own(door, sponsor_id)
