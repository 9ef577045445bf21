"""Looking a receipt up by the code printed on it: a wrong one tells nothing, guessing is slow."""

import time

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.checkpoints import newest
from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.gift_way import CancelledReceipt, GiftWay, gift_way
from services.portal.pages import page
from services.portal.read_models.published import receipts
from services.portal.throttle import WINDOW_S, Throttle

CODE_CHARACTERS_MAX = 40

routes = Routes(tag="receipts")


@routes.query(
    "/tra-cuu", may=anyone("look-up-receipt"), response_class=HTMLResponse, include_in_schema=False
)
async def look_up(request: Request, door: ReadDoor, ma: str = "") -> HTMLResponse:
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    code = "".join(ma.split()).replace("-", "").upper()
    if not code:
        return page(request, door, "look_up.html", outcome="ask", as_of={})
    if throttle.refuses(address, time.monotonic()):
        return page(
            request,
            door,
            "look_up.html",
            status=429,
            headers={"Retry-After": str(int(WINDOW_S))},
            outcome="later",
            as_of={},
        )
    found = await _found(door, code)
    if found is None:
        throttle.wrong(address, time.monotonic())
        return page(request, door, "look_up.html", status=404, outcome="nothing", as_of={})
    way, cancelled = found
    return page(
        request,
        door,
        "gift.html",
        gift=way,
        receipt_code=code,
        cancelled=cancelled,
        checkpoints=newest(door.house),
        as_of=way.as_of,
    )


async def _found(door: ReadDoor, code: str) -> tuple[GiftWay, CancelledReceipt | None] | None:
    """The gift's way; and of the receipt itself, that it was cancelled, if it was."""
    if len(code) > CODE_CHARACTERS_MAX:
        return None
    receipt = await door.rows.get(receipts, code)
    way = None if receipt is None else await gift_way(door.rows, receipt.contribution_id)
    if receipt is None or way is None:
        return None
    number = (receipt.book, receipt.year, receipt.number)
    cancelled = (
        one for one in way.cancelled_receipts if (one.book, one.year, one.number) == number
    )
    return way, next(cancelled, None)
