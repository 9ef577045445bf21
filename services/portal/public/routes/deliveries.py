"""One delivery: its history."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import (
    SEE_FIGURES,
    NothingHere,
    Withheld,
    holds,
    opens_events,
    published,
)
from services.portal.delivery_history import DeliveryHistory, delivery_history
from services.portal.pages import not_found, page
from services.portal.read_models.deliveries import deliveries

routes = Routes(tag="deliveries", waits=False)


@routes.query(
    "/api/deliveries/{delivery_id}", may=anyone("see-delivery"), refuses=[NothingHere, Withheld]
)
async def data(request: Request, delivery_id: UUID, door: ReadDoor) -> DeliveryHistory:
    """What is published of it; all of it for those who see every figure."""
    history = await _history(request, delivery_id, door)
    if history is None:
        raise NothingHere
    return history


@routes.query(
    "/trao/{delivery_id}",
    may=anyone("see-delivery-page"),
    refuses=[Withheld],
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def delivery(request: Request, delivery_id: UUID, door: ReadDoor) -> HTMLResponse:
    history = await _history(request, delivery_id, door)
    if history is None:
        return not_found(request, door)
    opens = await opens_events(door)
    return page(request, door, "delivery.html", delivery=history, opens=opens, as_of=history.as_of)


async def _history(request: Request, delivery_id: UUID, door: ReadDoor) -> DeliveryHistory | None:
    """None: there is none. Raises Withheld."""
    await door.fresh(deliveries)
    history = await delivery_history(door.rows, delivery_id)
    if history is None or await holds(door, SEE_FIGURES):
        return history
    return history.for_all(await published(request, history.programme_id))
