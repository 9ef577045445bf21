"""How anybody checks all this: what a checkpoint is, the newest ones, their keys, the commands."""

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from edge.checkpoints import CheckpointShown, newest
from edge.door import ReadDoor
from edge.permission import anyone
from edge.routes import Routes
from notary.checkpoint_topic import LOGS
from services.portal.neighbours import Neighbours
from services.portal.pages import page

routes = Routes(tag="checking", waits=False)


class Checking(BaseModel):
    """`keys`: the verifier keys of each log, old and new; None where the service did not say.

    `urls`: where anybody reaches the logs' `/log/`.
    """

    checkpoints: list[CheckpointShown]
    keys: dict[str, list[str] | None]
    urls: dict[str, str]
    witness: str | None


@routes.query("/api/checkpoints", may=anyone("see-checkpoints"))
async def data(request: Request, door: ReadDoor) -> Checking:
    """The newest checkpoint of each log, as it was published, and the keys that check it."""
    return await _checking(request, door)


@routes.query(
    "/tu-kiem-chung",
    may=anyone("see-checking-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def checking(request: Request, door: ReadDoor) -> HTMLResponse:
    found = await _checking(request, door)
    return page(
        request,
        door,
        "checking.html",
        checking=found,
        origins=_origins(found),
        logs=LOGS,
        as_of={},
    )


async def _checking(request: Request, door: ReadDoor) -> Checking:
    neighbours: Neighbours = request.app.state.neighbours
    known = await neighbours.keys(LOGS)
    return Checking(
        checkpoints=newest(door.house),
        keys={service: known.get(service) for service in LOGS},
        urls={service: neighbours.logs[service] for service in LOGS if service in neighbours.logs},
        witness=neighbours.witness,
    )


def _origins(found: Checking) -> dict[str, str]:
    """What the logs are called: a key is named as its log, also before anything is signed."""
    named = {service: keys[0].partition("+")[0] for service, keys in found.keys.items() if keys}
    return named | {each.service: each.origin for each in found.checkpoints}
