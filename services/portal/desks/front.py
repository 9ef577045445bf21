"""A desk's first page: its lists, those that the person may see."""

from collections.abc import Sequence

from fastapi import Request, Response

from contracts.languages import Words
from edge.door import ReadDoor
from edge.permission import May
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks.action import Action, allowed
from services.portal.desks.desk import desk_page
from services.portal.desks.listing import Listing
from services.portal.desks.visit import visit


def add_front(
    routes: Routes,
    path: str,
    title: Words,
    says: Words,
    may: May,
    lists: Sequence[Listing],
    forms: Sequence[Action] = (),
) -> None:
    doors = [*(Action(label=each.title, path=each.path, may=each.may) for each in lists), *forms]

    @routes.query(path, may=may, include_in_schema=False, refuses=[NothingHere])
    async def front(request: Request, door: ReadDoor) -> Response:
        at = visit(request, door)
        shown = await allowed(doors, at)
        return await desk_page(at, "front.html", title=title, says=says, doors=shown)
