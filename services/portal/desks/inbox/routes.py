"""Letters to whoever is signed in: as a giver what arrived, as an auditor the checkpoints."""

from datetime import datetime
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from contracts.languages import Words
from edge.door import ReadDoor
from edge.permission import signed_in
from edge.routes import Routes
from eventing.ids import by_time
from services.portal.answers import NothingHere
from services.portal.desks.desk import Desk, desk_page
from services.portal.desks.visit import NotAnswered, Visit, visit
from services.portal.neighbours import Silent
from services.portal.sign_in.browser import form

PATH = "/hop-thu"
LETTERS = "/inbox/own"

routes = Routes(tag="inbox")


@routes.query(PATH, may=signed_in("see-inbox"), include_in_schema=False, refuses=[NothingHere])
async def show(request: Request, door: ReadDoor) -> Response:
    at = visit(request, door)
    inbox = await at.ask("notifications", LETTERS)
    letters = [(each, datetime.fromisoformat(each["due_at"])) for each in inbox["items"]]
    return await desk_page(
        at, "inbox/inbox.html", letters=letters, unread=inbox["unread"], as_of=inbox["positions"]
    )


@routes.form(f"{PATH}/da-doc", may=signed_in("mark-inbox-read"), refuses=[NothingHere])
async def mark_read(request: Request, door: ReadDoor) -> Response:
    """Pressed twice it says the same once more: that is no other fact."""
    at = visit(request, door)
    body = {"up_to": (await form(request)).get("up_to", "")}
    answer = await at.services.tell(
        "notifications", "PUT", f"{LETTERS}/reading", at.asker, key=by_time(), body=body
    )
    if not answer.ok:
        raise NotAnswered(answer)
    written = answer.body["positions"]["notifications"]
    there = at.write.href(PATH, min_position=f"notifications:{written}")
    return RedirectResponse(there, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})


async def unread(at: Visit) -> int:
    """Of the newest hundred; 0 also where nobody answers: whoever opens the inbox is told."""
    try:
        inbox = await at.ask("notifications", LETTERS)
    except (Silent, NotAnswered):
        return 0
    return int(inbox["unread"])


DESK = Desk(path=PATH, title=Words("Hộp thư", "Inbox"), routes=routes)
