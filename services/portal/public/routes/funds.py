"""One fund: its book."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from services.portal.answers import SEE_FIGURES, NothingHere, holds, opens_events, published
from services.portal.fund_book import ENTRIES_SHOWN, FundBook, fund_book
from services.portal.pages import not_found, page
from services.portal.publication import At
from services.portal.read_models.funds import fund_entries

routes = Routes(tag="funds", waits=False)


@routes.query("/api/funds/{fund_id}", may=anyone("see-fund"), refuses=[NothingHere])
async def data(request: Request, fund_id: UUID, door: ReadDoor) -> FundBook:
    """What came in, and in one sum what is published of what was paid; auditors see all of it."""
    await door.fresh(fund_entries)
    book = await _book(request, fund_id, door)
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
    book = await _book(request, fund_id, door)
    if book is None:
        return not_found(request, door)
    return page(
        request,
        door,
        "fund.html",
        fund=book,
        opens=book.withheld or await opens_events(door),
        entries_shown=ENTRIES_SHOWN,
        as_of=book.as_of,
    )


async def _book(request: Request, fund_id: UUID, door: ReadDoor) -> FundBook | None:
    every_entry = await holds(door, SEE_FIGURES)
    book = await fund_book(door.rows, fund_id, every_entry=every_entry)
    if book is None or every_entry:
        return book
    told = await published(request, book.programme_id)
    paid = None if told is None else told.by_place().get(At("child_times", fund_id=fund_id))
    return book.model_copy(update={"paid": paid and paid.quantity})
