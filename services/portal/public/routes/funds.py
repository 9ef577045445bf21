"""One fund: its book."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.fund_book import ENTRIES_SHOWN, FundBook, fund_book
from services.portal.pages import not_found, page
from services.portal.read_models.funds import fund_entries

routes = Routes(tag="funds")


@routes.query("/api/funds/{fund_id}", may=anyone("see-fund"), refuses=[NothingHere])
async def data(fund_id: UUID, door: ReadDoor) -> FundBook:
    await door.fresh(fund_entries)
    book = await fund_book(door.rows, fund_id)
    if book is None:
        raise NothingHere
    return book


@routes.query(
    "/quy/{fund_id}",
    may=anyone("see-fund-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def fund(request: Request, fund_id: UUID, door: ReadDoor) -> HTMLResponse:
    book = await fund_book(door.rows, fund_id)
    if book is None:
        return not_found(request, door)
    return page(
        request, door, "fund.html", fund=book, entries_shown=ENTRIES_SHOWN, as_of=book.as_of
    )
