"""Lots: what there is to give, and what of it is spoken for."""

from typing import Annotated
from uuid import UUID

from contracts.field_types import CategoryCode
from edge.bodies import FLAG_IN_ADDRESS
from edge.door import ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from services.allocation.domain.lot import LotNotOpened
from services.allocation.read_models.funds import funds
from services.allocation.read_models.lots import lots
from services.allocation.routes.keeping import kept_funds
from services.allocation.routes.shown import LotShown

routes = Routes(tag="lots")

SEE = may(
    "see-lots",
    "coordinator",
    "storekeeper",
    "accountant",
    "approver",
    "leader",
    "auditor",
)


@routes.query("/lots", may=SEE)
async def listed(
    door: ListDoor,
    *,
    programme_id: UUID | None = None,
    category: CategoryCode | None = None,
    available: Annotated[bool | None, FLAG_IN_ADDRESS] = None,
) -> Page[LotShown]:
    """Those of funds that are kept in one's own unit, or below."""
    filters = {"programme_id": programme_id, "category": category, "available": available}
    wanted = {column: value for column, value in filters.items() if value is not None}
    await door.fresh(funds)
    return await door.page(lots, LotShown.of, fund_id=await kept_funds(door), **wanted)


@routes.query("/lots/{lot_id}", may=SEE, refuses=[LotNotOpened])
async def see(lot_id: UUID, door: ReadDoor) -> LotShown:
    await door.fresh(lots)
    await door.fresh(funds)
    row = await door.rows.get(lots, lot_id)
    if row is None or row.fund_id not in await kept_funds(door):
        raise LotNotOpened
    return LotShown.of(row)
