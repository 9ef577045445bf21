"""Pledges: what sponsors promise to a campaign."""

from uuid import UUID

from contracts.donations import Kind
from contracts.field_types import CategoryCode, MeasureCode
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Quantity
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may, signed_in
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, programme_rules
from edge.routes import Routes
from services.donations.domain.campaign import (
    CampaignForAnotherCategory,
    CampaignNotOpened,
    CampaignNotRunning,
    campaign,
    opening_of,
)
from services.donations.domain.campaign import stream as campaign_stream
from services.donations.domain.kinds import (
    MeasureNotOfTheCategory,
    MoneyIsCountedInDong,
    NotGivenFor,
)
from services.donations.domain.pledge import (
    MakePledge,
    PledgeMadeOtherwise,
    PledgeNotMade,
    pledge,
    stream,
)
from services.donations.domain.sponsor import SponsorNotRegistered
from services.donations.read_models.pledges import pledges
from services.donations.read_models.sponsors import sponsors
from services.donations.routes.earmark import EarmarkWanted
from services.donations.routes.keeping import (
    asked_within,
    campaigns_of,
    is_of_a_fund_of,
    kept_funds,
    of_fund,
)
from services.donations.routes.shown import Promise

SEE = ("coordinator", "leader", "auditor", "inspector")

routes = Routes(tag="pledges")


class PledgeToMake(Dated):
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    quantity: Quantity
    measure: MeasureCode
    earmark: EarmarkWanted = EarmarkWanted()


@routes.command(
    "PUT",
    "/pledges/{pledge_id}",
    may=may("make-pledge", "coordinator"),
    refuses=[
        ProgrammeNotKnown,
        NoRulesInForce,
        NotGivenFor,
        MeasureNotOfTheCategory,
        PledgeMadeOtherwise,
        CampaignNotOpened,
        CampaignNotRunning,
        CampaignForAnotherCategory,
        SponsorNotRegistered,
        MoneyIsCountedInDong,
    ],
)
async def make(pledge_id: UUID, body: PledgeToMake, door: Door) -> Accepted:
    opening = opening_of(await door.state(campaign, campaign_stream(body.campaign_id)))
    await of_fund(opening.fund_id, door)
    happened_at = door.happened(body.happened_at)
    rules = await programme_rules(door.rows, opening.programme_id, vietnamese_day(happened_at))
    command = MakePledge(
        pledge_id=pledge_id,
        programme_id=opening.programme_id,
        campaign_id=body.campaign_id,
        sponsor_id=body.sponsor_id,
        kind=body.kind,
        category=body.category,
        quantity=body.quantity,
        measure=body.measure,
        earmark=body.earmark.earmark(),
        rules=rules,
        made_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(pledge, stream(pledge_id), command)


@routes.query(
    "/pledges",
    may=may("list-pledges", "coordinator", "leader", "auditor"),
)
async def listed(
    door: ListDoor, campaign_id: UUID | None = None, sponsor_id: UUID | None = None
) -> Page[Promise]:
    """Those to campaigns of funds that are kept in one's own unit, or below."""
    wanted = {} if sponsor_id is None else {"sponsor_id": sponsor_id}
    campaigns = asked_within(campaign_id, await campaigns_of(await kept_funds(door), door))
    return await door.page(pledges, Promise.of, campaign_id=campaigns, **wanted)


@routes.query("/pledges/{pledge_id}", may=signed_in("see-pledge"), refuses=[PledgeNotMade])
async def see(pledge_id: UUID, door: ReadDoor) -> Promise:
    """Whoever promised sees it, and who may list pledges where its fund is kept: nobody else."""
    await door.fresh(pledges)
    await door.fresh(sponsors)
    row = await door.rows.get(pledges, pledge_id)
    if row is None:
        raise PledgeNotMade
    giver = await door.rows.get(sponsors, row.sponsor_id)
    own = giver is not None and giver.person_id == door.person
    if not (own or await is_of_a_fund_of(door, row.campaign_id, *SEE)):
        raise PledgeNotMade
    door.version(row.version)
    return Promise.of(row)
