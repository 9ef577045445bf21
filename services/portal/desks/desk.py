"""A desk: where somebody works who holds a role; and how its pages are drawn."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from fastapi.responses import HTMLResponse

from contracts.languages import Words
from contracts.vietnamese_day import vietnamese_day
from edge.permission import May
from edge.routes import Routes
from services.portal.desks.visit import Visit
from services.portal.pages import page

DONE = "da-ghi"
"""In an address: the form that has just been sent, whose page this is."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do today: `path` is the form that ends it. `due_on` None: at any time.

    `unit_id`: where it is to be done; None: it is of no place.
    """

    path: str
    what: str
    due_on: date | None = None
    unit_id: UUID | None = None


Tasks = Callable[[Visit], Awaitable[Sequence[Task]]]
"""What a role has to do. Raises Silent, NotAnswered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`may`: who has it; None: everybody who is signed in. `tasks`: what each role has to do."""

    path: str
    title: Words
    routes: Routes
    may: May | None = None
    tasks: Mapping[str, tuple[Tasks, ...]] = field(default_factory=dict)


async def own_desks(at: Visit) -> list[Desk]:
    """Those whose roles the person holds anywhere, today."""
    desks: Sequence[Desk] = at.request.app.state.desks
    return [desk for desk in desks if desk.may is None or await at.may(desk.may)]


async def desk_page(
    at: Visit,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **shown: Any,
) -> HTMLResponse:
    """A page within the desks' frame: it is nobody else's, and in no cache."""
    done = at.request.query_params.get(DONE, "")
    forms: Mapping[str, Words] = at.request.app.state.form_titles
    return page(
        at.request,
        at.door,
        template,
        status=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        own_desks=await own_desks(at),
        just_done=forms[done].in_(at.language) if done in forms else "",
        today=vietnamese_day(at.door.now),
        as_of=shown.pop("as_of", {}),
        **shown,
    )
