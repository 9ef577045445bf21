"""One delivery: its history."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.delivery_history import DeliveryHistory, delivery_history
from services.portal.pages import not_found, page
from services.portal.read_models.deliveries import deliveries

routes = Routes(tag="deliveries")


@routes.query("/api/deliveries/{delivery_id}", may=anyone("see-delivery"), refuses=[NothingHere])
async def data(delivery_id: UUID, door: ReadDoor) -> DeliveryHistory:
    await door.fresh(deliveries)
    history = await delivery_history(door.rows, delivery_id)
    if history is None:
        raise NothingHere
    return history


@routes.query(
    "/trao/{delivery_id}",
    may=anyone("see-delivery-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def delivery(request: Request, delivery_id: UUID, door: ReadDoor) -> HTMLResponse:
    history = await delivery_history(door.rows, delivery_id)
    if history is None:
        return not_found(request, door)
    return page(request, door, "delivery.html", delivery=history, as_of=history.as_of)
