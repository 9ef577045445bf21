"""Open needs: what still waits for support, in the units that one may see."""

from typing import Any
from uuid import UUID

from contracts.field_types import CategoryCode
from contracts.vietnamese_day import vietnamese_day
from edge.door import ListDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from programmes.rules import DAY
from services.allocation.read_models.open_needs import open_needs
from services.allocation.routes.shown import OpenNeedShown

routes = Routes(tag="open needs")


@routes.query(
    "/open-needs",
    may=may("see-open-needs", "coordinator", "approver", "commune-officer", "auditor"),
)
async def listed(
    door: ListDoor,
    programme_id: UUID | None = None,
    category: CategoryCode | None = None,
    unit_id: UUID | None = None,
) -> Page[OpenNeedShown]:
    asked: dict[str, Any] = {"programme_id": programme_id, "category": category, "unit_id": unit_id}
    wanted = {column: value for column, value in asked.items() if value is not None}
    if unit_id is None:
        wanted["unit_id"] = sorted(await door.area())
    else:
        await door.within(unit_id)
    tomorrow = vietnamese_day(door.now) + DAY
    return await door.page(
        open_needs, OpenNeedShown.of, open=True, at_least={"lapses_on": tomorrow}, **wanted
    )
