"""A list: which of a service's lists it shows, its columns, its filters; and its page.

Filters, order and place stand in the address, so that a list can be passed on and come back to;
but a part of a name that is looked for stands in none, and comes as a form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from contracts.languages import Words
from contracts.vietnamese_day import vietnamese_day
from edge.door import ReadDoor
from edge.permission import May, may
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks import typed
from services.portal.desks.action import Action, allowed, links
from services.portal.desks.column import Column
from services.portal.desks.desk import desk_page
from services.portal.desks.form import Option, Options
from services.portal.desks.services import filled
from services.portal.desks.table import rows_of
from services.portal.desks.visit import Visit, visit
from services.portal.sign_in.browser import form

A_PAGE = 50
CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`name` is the query's parameter; `kind` is text, day or choice.

    `needed`: the service asks for it, so it is the first of the options unless another is chosen.
    """

    name: str
    label: Words
    kind: str = "text"
    options: Options | None = None
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for by name: the service's question, and the field of its body."""

    question: str
    name: str
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`empty` says what to do where there is nothing; `orders` are the query's, by their words.

    `who` are the roles that see it. The service gives it page by page, or `whole`.
    """

    path: str
    title: Words
    service: str
    query: str
    columns: tuple[Column, ...]
    empty: Words
    who: tuple[str, ...]
    whole: bool = False
    filters: tuple[Filter, ...] = ()
    orders: Mapping[str, Words] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    above: tuple[Action, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    intro: Words | None = None
    search: Search | None = None

    @property
    def may(self) -> May:
        return may("list" + self.path.replace("/", "-"), *self.who, anywhere=True)


@dataclass(frozen=True, slots=True)
class FilterShown:
    name: str
    label: str
    kind: str
    value: str
    options: Sequence[Option]
    error: str = ""
    needed: bool = False


def add_listing(routes: Routes, listing: Listing) -> None:
    may = listing.may

    @routes.query(listing.path, may=may, include_in_schema=False, refuses=[NothingHere])
    async def show(request: Request, door: ReadDoor) -> Response:
        return await _show(listing, visit(request, door), request.query_params)

    if listing.search is not None:

        @routes.form(listing.path, may=may, refuses=[NothingHere])
        async def search(request: Request, door: ReadDoor) -> Response:
            return await _show(listing, visit(request, door), await form(request))


async def _show(listing: Listing, at: Visit, said: Mapping[str, str]) -> Response:
    asked, shown = await _asked(listing, at, said)
    order = said.get("order", "")
    if order in listing.orders:
        asked["order"] = order
    place = {} if listing.whole else _place(said)
    if not all(asked.get(each.name) for each in listing.filters if each.needed):
        return await _page(listing, at, shown, said, {"items": []})
    fixed = {**listing.fixed, **at.request.path_params}
    looked_for = said.get(listing.search.name, "").strip() if listing.search else ""
    if listing.search and looked_for:
        body = {**fixed, **asked, listing.search.name: looked_for}
        found = await at.ask(listing.service, listing.search.question, place, body=body)
    else:
        query = filled(listing.query, at.request.path_params)
        found = await at.ask(listing.service, query, {**fixed, **asked, **place})
    return await _page(listing, at, shown, said, found)


def _place(said: Mapping[str, str]) -> dict[str, str]:
    """From where on, how many; and how many there are in all, once."""
    after = said.get(CURSOR)
    return {"limit": str(A_PAGE), **({CURSOR: after} if after else {"count": "true"})}


async def _page(
    listing: Listing,
    at: Visit,
    shown: Sequence[FilterShown],
    said: Mapping[str, str],
    found: Mapping[str, Any],
) -> Response:
    keep = {each.name: said.get(each.name, "") for each in listing.filters}
    order, looked_for = said.get("order", ""), ""
    if listing.search is not None:
        looked_for = said.get(listing.search.name, "").strip()
    acts = await allowed(listing.actions, at)
    rows = await rows_of(listing.columns, acts, at, found["items"])
    return await desk_page(
        at,
        "list.html",
        listing=listing,
        filters=shown,
        looked_for=looked_for,
        order=order,
        rows=rows,
        above=links(
            await allowed(listing.above, at), at, {each.name: each.value for each in shown}
        ),
        acts=bool(acts),
        count=len(rows) if listing.whole else found.get("count"),
        after=found.get("next"),
        more=found.get("more", False),
        keep={**keep, "order": order},
        filtered=any(keep.values()) or bool(looked_for),
        as_of=found.get("positions", {}),
    )


async def _asked(
    listing: Listing, at: Visit, filled_in: Mapping[str, str]
) -> tuple[dict[str, str], list[FilterShown]]:
    """What the filters ask the service for. What is not understood is left out, and told."""
    asked: dict[str, str] = {}
    shown = []
    for each in listing.filters:
        said = filled_in.get(each.name, "").strip()
        error = ""
        if said and each.kind == "day":
            try:
                day = typed.day(said, vietnamese_day(at.door.now))
                asked[each.name], said = day.isoformat(), typed.day_shown(day)
            except typed.NotUnderstood as wrong:
                error = wrong.words.in_(at.language)
        elif said:
            asked[each.name] = said
        options = await each.options(at) if each.options else ()
        if each.needed and not said and options:
            asked[each.name] = said = options[0].value
        label = each.label.in_(at.language)
        shown.append(FilterShown(each.name, label, each.kind, said, options, error, each.needed))
    return asked, shown
