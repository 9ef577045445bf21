"""Campaigns: drives for one category, with their days, and what came of them."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import CategoryCode, MeasureCode
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import Dated, Day, Quantity, Text
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may, signed_in
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, programme_rules
from edge.routes import Routes
from services.donations.domain.campaign import (
    CampaignEndsBeforeItStarts,
    CampaignNotOpened,
    CampaignOpenedOtherwise,
    OpenCampaign,
    campaign,
    stream,
)
from services.donations.domain.fund import FundNotOpened, FundOfAnotherProgramme
from services.donations.domain.kinds import MeasureNotOfTheCategory, NotGivenFor
from services.donations.read_models.campaigns import TOTALS, Campaign, campaigns
from services.donations.read_models.contributions import contributions
from services.donations.read_models.pledges import pledges
from services.donations.routes.keeping import of_fund

routes = Routes(tag="campaigns")


class CampaignToOpen(Dated):
    programme_id: UUID
    fund_id: UUID
    name: Text
    category: CategoryCode
    target: Quantity
    measure: MeasureCode
    starts_on: Day
    ends_on: Day
    illustrative: bool = False


class CampaignShown(BaseModel):
    """`ends_on` is the last day on which something is received for it."""

    campaign_id: UUID
    programme_id: UUID
    fund_id: UUID
    name: str
    category: str
    target: int
    measure: str
    starts_on: date
    ends_on: date
    illustrative: bool


class Total(BaseModel):
    """In one measure: promised, still to come, announced, accepted (good and mendable)."""

    measure: str
    pledged: int
    outstanding: int
    announced: int
    accepted: int


@routes.command(
    "PUT",
    "/campaigns/{campaign_id}",
    may=may("open-campaign", "coordinator"),
    refuses=[
        ProgrammeNotKnown,
        NoRulesInForce,
        NotGivenFor,
        MeasureNotOfTheCategory,
        CampaignOpenedOtherwise,
        CampaignEndsBeforeItStarts,
        FundNotOpened,
        FundOfAnotherProgramme,
    ],
)
async def open_campaign(campaign_id: UUID, body: CampaignToOpen, door: Door) -> Accepted:
    await of_fund(body.fund_id, door)
    happened_at = door.happened(body.happened_at)
    rules = await programme_rules(door.rows, body.programme_id, vietnamese_day(happened_at))
    command = OpenCampaign(
        campaign_id=campaign_id,
        programme_id=body.programme_id,
        fund_id=body.fund_id,
        name=body.name,
        category=body.category,
        target=body.target,
        measure=body.measure,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        illustrative=body.illustrative,
        rules=rules,
        opened_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(campaign, stream(campaign_id), command)


@routes.query("/campaigns", may=signed_in("list-campaigns"))
async def listed(door: ListDoor, programme_id: UUID | None = None) -> Page[CampaignShown]:
    wanted = {} if programme_id is None else {"programme_id": programme_id}
    return await door.page(campaigns, _shown, **wanted)


@routes.query(
    "/campaigns/{campaign_id}", may=signed_in("see-campaign"), refuses=[CampaignNotOpened]
)
async def see(campaign_id: UUID, door: ReadDoor) -> CampaignShown:
    await door.fresh(campaigns)
    row = await door.rows.get(campaigns, campaign_id)
    if row is None:
        raise CampaignNotOpened
    return _shown(row)


@routes.query("/campaigns/{campaign_id}/totals", may=signed_in("see-campaign-totals"))
async def totals(campaign_id: UUID, door: ReadDoor) -> list[Total]:
    await door.fresh(pledges)
    await door.fresh(contributions)
    return [Total.model_validate(dict(row)) for row in await door.rows.query(TOTALS, campaign_id)]


def _shown(row: Campaign) -> CampaignShown:
    return CampaignShown.model_validate(row, from_attributes=True)
