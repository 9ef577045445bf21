"""Gifts: the list of them, and the way of one from its giver to the communes of the children."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from contracts.donations import Kind, SponsorKind
from edge.checkpoints import newest
from edge.door import ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import anyone
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.portal.answers import SEE_FIGURES, NothingHere, holds, opens_events, published
from services.portal.gift_way import GiftWay, Happened, gift_way
from services.portal.neighbours import Neighbours
from services.portal.pages import not_found, page
from services.portal.read_models.gifts import GiftRow, gifts
from services.portal.read_models.named import campaigns, sponsors

routes = Routes(tag="gifts", waits=False)


class GiftListed(BaseModel):
    """`sponsor` None: the giver is not named."""

    contribution_id: UUID
    sponsor: str | None
    sponsor_kind: SponsorKind | None
    campaign: str | None
    kind: Kind
    last_step: Happened
    illustrative: bool


@routes.query("/api/gifts", may=anyone("list-gifts"))
async def listed(request: Request, door: ListDoor) -> Page[GiftListed]:
    return await _listed(request, door)


@routes.query("/api/gifts/{contribution_id}", may=anyone("see-gift"), refuses=[NothingHere])
async def data(request: Request, contribution_id: UUID, door: ReadDoor) -> GiftWay:
    """With what is published of where it went; all of it for those who see every figure."""
    await door.fresh(gifts)
    way = await _way(request, contribution_id, door)
    if way is None:
        raise NothingHere
    return way


@routes.query(
    "/qua", may=anyone("list-gifts-page"), response_class=HTMLResponse, include_in_schema=False
)
async def listed_page(request: Request, door: ListDoor) -> HTMLResponse:
    found = await _listed(request, door)
    return page(request, door, "gifts.html", gifts=found, as_of=found.positions)


@routes.query(
    "/qua/{contribution_id}",
    may=anyone("see-gift-page"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def gift(request: Request, contribution_id: UUID, door: ReadDoor) -> HTMLResponse:
    way = await _way(request, contribution_id, door)
    if way is None:
        return not_found(request, door)
    return page(
        request,
        door,
        "gift.html",
        gift=way,
        cancelled=None,
        by_code=False,
        opens=await opens_events(door),
        checkpoints=newest(door.house),
        as_of=way.as_of,
    )


async def _way(request: Request, contribution_id: UUID, door: ReadDoor) -> GiftWay | None:
    way = await gift_way(door.rows, contribution_id)
    row = await door.rows.get(gifts, contribution_id)
    if way is None or row is None:
        return way
    if way.sponsor is None:
        names = await _neighbours(request).public_names([row.sponsor_id])
        way = way.model_copy(update={"sponsor": names.get(row.sponsor_id)})
    if await holds(door, SEE_FIGURES):
        return way
    return way.for_all(await published(request, way.programme_id))


def _neighbours(request: Request) -> Neighbours:
    neighbours: Neighbours = request.app.state.neighbours
    return neighbours


async def _listed(request: Request, door: ListDoor) -> Page[GiftListed]:
    found = await door.page(gifts, lambda row: row)
    of_givers = {row.sponsor_id for row in found.items}
    of_drives = {row.campaign_id for row in found.items}
    named = await all_rows(door.rows, sponsors, sponsor_id=sorted(of_givers))
    called = await all_rows(door.rows, campaigns, campaign_id=sorted(of_drives))
    givers = {row.sponsor_id: row for row in named}
    drives = {row.campaign_id: row for row in called}
    unnamed = [row.sponsor_id for row in named if row.public_name is None]
    agreed = await _neighbours(request).public_names(unnamed)

    def shown(row: GiftRow) -> GiftListed:
        giver, drive = givers.get(row.sponsor_id), drives.get(row.campaign_id)
        return GiftListed(
            contribution_id=row.contribution_id,
            sponsor=(giver.public_name or agreed.get(giver.sponsor_id)) if giver else None,
            sponsor_kind=giver.kind if giver else None,
            campaign=drive.name if drive else None,
            kind=row.kind,
            last_step=Happened.model_validate(row.steps[-1]),
            illustrative=bool((giver and giver.illustrative) or (drive and drive.illustrative)),
        )

    return found.of(shown)
