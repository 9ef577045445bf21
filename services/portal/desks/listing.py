"""A list: which of a service's lists it shows, its columns, its filters; and its page.

Filters, order and place stand in the address, so that a list can be passed on and come back to;
but a part of a name that is looked for stands in none, and comes as a form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from contracts.languages import Words
from contracts.vietnamese_day import vietnamese_day
from edge.door import ReadDoor
from edge.permission import May
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks import typed
from services.portal.desks.column import Column, told
from services.portal.desks.desk import desk_page
from services.portal.desks.form import Option, Options
from services.portal.desks.services import filled
from services.portal.desks.visit import Visit, visit
from services.portal.sign_in.browser import form

A_PAGE = 50
CURSOR = "cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """`name` is the query's parameter; `kind` is text, day or choice."""

    name: str
    label: Words
    kind: str = "text"
    options: Options | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What can be done with a row, or with the list: a link to its form."""

    label: Words
    path: str
    unless: Callable[[Mapping[str, Any]], bool] = lambda _: False


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for by name: the service's question, and the field of its body."""

    question: str
    name: str
    label: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`empty` says what to do where there is nothing; `orders` are the query's, by their words.

    The paths of `actions` name fields of the row, as `/nguoi/{person_id}`.
    """

    path: str
    title: Words
    service: str
    query: str
    columns: tuple[Column, ...]
    empty: Words
    filters: tuple[Filter, ...] = ()
    orders: Mapping[str, Words] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    above: tuple[Action, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)
    intro: Words | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class FilterShown:
    name: str
    label: str
    kind: str
    value: str
    options: Sequence[Option]
    error: str = ""


def add_listing(routes: Routes, listing: Listing, may: May) -> None:
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
    place = {"limit": str(A_PAGE)}
    if said.get(CURSOR):
        place[CURSOR] = said[CURSOR]
    else:
        place["count"] = "true"
    fixed = {**listing.fixed, **at.request.path_params}
    looked_for = said.get(listing.search.name, "").strip() if listing.search else ""
    if listing.search and looked_for:
        body = {**fixed, **asked, listing.search.name: looked_for}
        found = await at.ask(listing.service, listing.search.question, place, body=body)
    else:
        query = filled(listing.query, at.request.path_params)
        found = await at.ask(listing.service, query, {**fixed, **asked, **place})
    keep = {each.name: said.get(each.name, "") for each in listing.filters}
    return await desk_page(
        at,
        "list.html",
        listing=listing,
        filters=shown,
        looked_for=looked_for,
        order=order,
        items=found["items"],
        rows=[_row(listing, at, item) for item in found["items"]],
        count=found.get("count"),
        after=found["next"],
        keep={**keep, "order": order},
        filtered=any(keep.values()) or bool(looked_for),
        as_of=found["positions"],
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
        label = each.label.in_(at.language)
        shown.append(FilterShown(each.name, label, each.kind, said, options, error))
    return asked, shown


@dataclass(frozen=True, slots=True)
class Row:
    cells: Sequence[tuple[Column, str]]
    actions: Sequence[tuple[str, str]]


def _row(listing: Listing, at: Visit, item: Mapping[str, Any]) -> Row:
    texts = {name: "" if value is None else str(value) for name, value in item.items()}
    return Row(
        [(column, told(column, at, item)) for column in listing.columns],
        [
            (each.label.in_(at.language), filled(each.path, texts))
            for each in listing.actions
            if not each.unless(item)
        ],
    )
