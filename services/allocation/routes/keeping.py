"""In whose keeping a lot is: its fund's unit. Who gives it away holds their role there or above."""

from collections.abc import Iterable
from uuid import UUID

from edge.door import CommandDoor, QueryDoor
from edge.refusals import OutsideYourUnit
from eventing.all_rows import all_rows
from services.allocation.read_models.funds import funds


async def kept_funds(door: CommandDoor | QueryDoor) -> list[UUID]:
    """The funds of all units in which whoever asks holds their role: what a list is limited to."""
    kept = await all_rows(door.rows, funds, unit_id=sorted(await door.area()))
    return [row.fund_id for row in kept]


async def see_that_funds_are_kept(door: CommandDoor, fund_ids: Iterable[UUID]) -> None:
    """Raises OutsideYourUnit."""
    wanted = sorted(set(fund_ids))
    known = await all_rows(door.rows, funds, fund_id=wanted)
    if len(known) < len(wanted):
        raise OutsideYourUnit
    for unit_id in sorted({row.unit_id for row in known}):
        await door.within(unit_id)
