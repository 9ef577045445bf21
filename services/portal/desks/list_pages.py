"""A list's page, and what takes it away as a file.

Filters, order and place stand in the address, so that a list can be passed on and come back to;
but a part of a name that is looked for stands in none, and comes as a form.
"""

from collections.abc import Mapping

from fastapi import Request, Response

from contracts.vocabulary import VOCABULARY
from edge.door import ReadDoor
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks.action import allowed, links
from services.portal.desks.desk import desk_page
from services.portal.desks.export import EXPORT, TooManyToExport, fresh_export, taken_away
from services.portal.desks.listing import ORDER, Listing, answered, asked_of
from services.portal.desks.table import rows_of
from services.portal.desks.visit import Visit, visit
from services.portal.sign_in.browser import form

A_PAGE = 50
CURSOR = "cursor"


def add_listing(routes: Routes, listing: Listing) -> None:
    may = listing.may

    @routes.query(listing.path, may=may, include_in_schema=False, refuses=[NothingHere])
    async def show(request: Request, door: ReadDoor) -> Response:
        return await _show(listing, visit(request, door), request.query_params)

    @routes.form(
        f"{listing.path}/xuat-excel",
        may=may,
        refuses=[NothingHere, TooManyToExport],
    )
    async def export(request: Request, door: ReadDoor) -> Response:
        return await taken_away(listing, visit(request, door), await form(request))

    if listing.search is not None:

        @routes.form(listing.path, may=may, refuses=[NothingHere])
        async def search(request: Request, door: ReadDoor) -> Response:
            return await _show(listing, visit(request, door), await form(request))


async def _show(listing: Listing, at: Visit, said: Mapping[str, str]) -> Response:
    asked = await asked_of(listing, at, said)
    found = await answered(listing, at, asked, _place(said))
    acts = await allowed(listing.actions, at)
    rows = await rows_of(listing.columns, acts, at, found["items"])
    keep = {each.name: said.get(each.name, "") for each in listing.filters}
    return await desk_page(
        at,
        "list.html",
        listing=listing,
        filters=asked.filters,
        looked_for=asked.looked_for,
        order=asked.order,
        rows=rows,
        above=links(
            await allowed(listing.above, at), at, {each.name: each.value for each in asked.filters}
        ),
        acts=bool(acts),
        count=len(rows) if listing.whole else found.get("count"),
        after=found.get("next"),
        more=found.get("more", False),
        keep={**keep, ORDER: asked.order},
        filtered=any(keep.values()) or bool(asked.looked_for),
        export={EXPORT: fresh_export(listing, at)},
        reasons=VOCABULARY["export-reason"],
        as_of=found.get("positions", {}),
    )


def _place(said: Mapping[str, str]) -> dict[str, str]:
    """From where on, how many; and how many there are in all, once."""
    after = said.get(CURSOR)
    return {"limit": str(A_PAGE), **({CURSOR: after} if after else {"count": "true"})}
