"""A card: one thing as a service shows it, with its tables and what can be done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from contracts.languages import Words
from edge.door import ReadDoor
from edge.permission import May, may
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks.action import Action, allowed, links
from services.portal.desks.column import Column, told
from services.portal.desks.desk import desk_page
from services.portal.desks.services import filled
from services.portal.desks.table import Table, tables_shown
from services.portal.desks.visit import Visit, beside, visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`who` are the roles that see it; `path` names the ids of the service's `query`.

    `beside` are further queries, by the name under which columns find their answers.
    """

    name: str
    path: str
    title: Words
    service: str
    query: str
    facts: tuple[Column, ...]
    who: tuple[str, ...]
    back: str
    beside: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def may(self) -> May:
        return may(f"see-{self.name}-card", *self.who, anywhere=True)

    @property
    def opened(self) -> Action:
        """The link to it, in a list."""
        return Action(label=Words("Xem", "Open"), path=self.path, may=self.may)

    def act(self, *, unless: Callable[[Mapping[str, Any]], bool]) -> Action:
        """The link to it from another card."""
        return Action(label=self.title, path=self.path, may=self.may, unless=unless)


def add_card(routes: Routes, card: Card) -> None:
    @routes.query(card.path, may=card.may, include_in_schema=False, refuses=[NothingHere])
    async def show(request: Request, door: ReadDoor) -> Response:
        return await _show(card, visit(request, door))


async def _show(card: Card, at: Visit) -> Response:
    ids = at.request.path_params
    read = await at.ask(card.service, filled(card.query, ids))
    found = await beside(at, card.service, card.beside, read)
    (facts,) = await told(card.facts, at, [found])
    return await desk_page(
        at,
        "card.html",
        card=card,
        facts=[
            (column.label.in_(at.language), said)
            for column, said in zip(card.facts, facts, strict=True)
        ],
        tables=await tables_shown(card.tables, at, found),
        actions=links(await allowed(card.actions, at), at, found),
        back=filled(card.back, ids),
    )
