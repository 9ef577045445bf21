"""A list: which of a service's lists it shows, its columns and filters; and how it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.languages import Words
from contracts.vietnamese_day import vietnamese_day
from edge.permission import May, may
from services.portal.desks import typed
from services.portal.desks.action import Action
from services.portal.desks.column import Column
from services.portal.desks.form import Option, Options
from services.portal.desks.services import filled
from services.portal.desks.visit import Visit

ORDER = "order"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants of a list. `complete`: all is chosen that the service needs to know."""

    filters: Sequence[FilterShown]
    query: Mapping[str, str]
    order: str = ""
    looked_for: str = ""
    complete: bool = True

    @property
    def narrowed(self) -> bool:
        return bool(self.looked_for) or any(each.value for each in self.filters)


async def asked_of(listing: Listing, at: Visit, said: Mapping[str, str]) -> Asked:
    """What the filters ask the service for. What is not understood is left out, and told."""
    query: dict[str, str] = {}
    shown = []
    for each in listing.filters:
        value = said.get(each.name, "").strip()
        error = ""
        if value and each.kind == "day":
            try:
                day = typed.day(value, vietnamese_day(at.door.now))
                query[each.name], value = day.isoformat(), typed.day_shown(day)
            except typed.NotUnderstood as wrong:
                error = wrong.words.in_(at.language)
        elif value:
            query[each.name] = value
        options = await each.options(at) if each.options else ()
        if each.needed and not value and options:
            query[each.name] = value = options[0].value
        label = each.label.in_(at.language)
        shown.append(FilterShown(each.name, label, each.kind, value, options, error, each.needed))
    order = said.get(ORDER, "")
    if order in listing.orders:
        query[ORDER] = order
    return Asked(
        filters=shown,
        query=query,
        order=order,
        looked_for=said.get(listing.search.name, "").strip() if listing.search else "",
        complete=all(query.get(each.name) for each in listing.filters if each.needed),
    )


async def answered(
    listing: Listing, at: Visit, asked: Asked, place: Mapping[str, str]
) -> Mapping[str, Any]:
    """What the service has there, `place` being from where on and how many.

    Raises Silent, NotAnswered.
    """
    if not asked.complete:
        return {"items": []}
    fixed = {**listing.fixed, **at.request.path_params, **asked.query}
    place = {} if listing.whole else place
    found: Mapping[str, Any]
    if listing.search and asked.looked_for:
        body = {**fixed, listing.search.name: asked.looked_for}
        found = await at.ask(listing.service, listing.search.question, place, body=body)
    else:
        query = filled(listing.query, at.request.path_params)
        found = await at.ask(listing.service, query, {**fixed, **place})
    return found
