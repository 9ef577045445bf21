"""What a giver promised and gave, and what became of it: their own, and nothing else's."""

from fastapi import Request, Response

from contracts.vocabulary import VOCABULARY
from edge.door import ReadDoor
from edge.permission import may, signed_in
from edge.routes import Routes
from services.portal.answers import NothingHere
from services.portal.desks.action import Action, links
from services.portal.desks.column import Column
from services.portal.desks.desk import Desk, desk_page
from services.portal.desks.form_pages import add_form
from services.portal.desks.sponsor import words
from services.portal.desks.sponsor.forms import AGREE, FORMS, PATH, WITHDRAW
from services.portal.desks.table import Table, tables_shown
from services.portal.desks.visit import visit

SPONSORS_MAX = 20
"""As so many givers one person is registered at most, on one page."""

routes = Routes(tag="sponsor desk")

for form in FORMS:
    add_form(routes, form)

TABLES = (
    Table(
        title=words.PLEDGES,
        name="pledges",
        columns=(
            Column(name="campaign_id", label=words.CAMPAIGN, kind="campaign"),
            Column(name="category", label=words.CATEGORY, pack="category"),
            Column(name="quantity", label=words.QUANTITY, kind="number"),
            Column(name="measure", label=words.MEASURE, pack="measure"),
            Column(name="quantity_counted", label=words.ARRIVED, kind="number"),
            Column(name="quantity_outstanding", label=words.OUTSTANDING, kind="number"),
        ),
    ),
    Table(
        title=words.GIFTS,
        name="contributions",
        columns=(
            Column(name="campaign_id", label=words.CAMPAIGN, kind="campaign"),
            Column(name="announced", label=words.QUANTITY, kind="number"),
            Column(name="measure", label=words.MEASURE, pack="measure"),
            Column(name="status", label=words.STATUS, words=VOCABULARY["contribution-status"]),
            Column(name="receipt.number", label=words.NUMBER),
            Column(name="receipt_code", label=words.CODE, kind="code"),
        ),
        actions=(Action(label=words.WHAT_BECAME, path="/qua/{contribution_id}"),),
    ),
)
OF_AN_INDIVIDUAL = (
    AGREE.act(unless=lambda sponsor: sponsor["kind"] != "individual"),
    WITHDRAW.act(unless=lambda sponsor: sponsor["kind"] != "individual" or not sponsor["is_named"]),
)


@routes.query(
    PATH, may=signed_in("see-own-gifts-page"), include_in_schema=False, refuses=[NothingHere]
)
async def show(request: Request, door: ReadDoor) -> Response:
    at = visit(request, door)
    own = await at.ask("donations", "/sponsors/own", {"limit": str(SPONSORS_MAX)})
    givers = []
    for sponsor in own["items"]:
        given = await at.ask("donations", f"/sponsors/{sponsor['sponsor_id']}/gifts")
        tables = await tables_shown(TABLES, at, given)
        givers.append((links(OF_AN_INDIVIDUAL, at, sponsor), tables))
    return await desk_page(at, "sponsor/sponsor.html", givers=givers, as_of=own["positions"])


DESK = Desk(path=PATH, title=words.DESK, routes=routes, may=may("give", "sponsor", anywhere=True))
