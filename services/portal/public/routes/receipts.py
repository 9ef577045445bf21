"""Looking a receipt up by the code printed on it: a wrong one tells nothing.

The code is typed into a form that is posted, so that it stands in no address.
"""

import time
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.checkpoints import newest
from edge.door import ReadDoor
from edge.guessing import WINDOW_S, Guesses
from edge.paper_codes import hash_of
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import opens_events
from services.portal.gift_way import CancelledReceipt, GiftWay, gift_way
from services.portal.pages import page
from services.portal.read_models.published import receipts

FORM_BYTES_MAX = 1_000
NOT_KEPT = {"Cache-Control": "no-store"}

routes = Routes(tag="receipts", waits=False)


@routes.query(
    "/tra-cuu", may=anyone("look-up-receipt"), response_class=HTMLResponse, include_in_schema=False
)
async def ask(request: Request, door: ReadDoor) -> HTMLResponse:
    return page(request, door, "look_up.html", outcome="ask", as_of={})


@routes.question(
    "/tra-cuu",
    may=anyone("look-up-receipt-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def look_up(request: Request, door: ReadDoor) -> HTMLResponse:
    found = await _found(door, await _code_in(request))
    if found is None:
        guesses: Guesses = request.app.state.guesses
        address = request.client.host if request.client else ""
        if guesses.wrong(address, time.monotonic()):
            later = {"Retry-After": str(WINDOW_S)} | NOT_KEPT
            return page(
                request, door, "look_up.html", status=429, headers=later, outcome="later", as_of={}
            )
        return page(
            request,
            door,
            "look_up.html",
            status=404,
            headers=NOT_KEPT,
            outcome="nothing",
            as_of={},
        )
    way, cancelled = found
    return page(
        request,
        door,
        "gift.html",
        headers=NOT_KEPT,
        gift=way,
        cancelled=cancelled,
        by_code=True,
        opens=await opens_events(door),
        checkpoints=newest(door.house),
        as_of=way.as_of,
    )


async def _code_in(request: Request) -> str:
    sent = await request.body()
    if len(sent) > FORM_BYTES_MAX:
        return ""
    return parse_qs(sent.decode("utf-8", "replace")).get("ma", [""])[0]


async def _found(door: ReadDoor, code: str) -> tuple[GiftWay, CancelledReceipt | None] | None:
    """The gift's way; and of the receipt itself, that it was cancelled, if it was."""
    code_hash = hash_of(door.house.code_key, code)
    if code_hash is None:
        return None
    receipt = await door.rows.get(receipts, code_hash)
    way = None if receipt is None else await gift_way(door.rows, receipt.contribution_id)
    if receipt is None or way is None:
        return None
    number = (receipt.book, receipt.year, receipt.number)
    cancelled = (
        one for one in way.cancelled_receipts if (one.book, one.year, one.number) == number
    )
    return way, next(cancelled, None)
