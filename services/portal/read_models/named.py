"""What are campaigns and sponsors called? Only names that anyone may see."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from msgspec import Struct

from contracts.donations import CampaignOpened, SponsorRegistered
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel
from eventing.record import Recorded


class CampaignRow(Struct, frozen=True):
    campaign_id: UUID
    programme_id: UUID
    fund_id: UUID
    name: str
    category: CategoryCode
    target: int
    measure: MeasureCode
    starts_on: date
    ends_on: date
    illustrative: bool


class SponsorRow(Struct, frozen=True):
    """`public_name` is None where the sponsor did not agree to be named."""

    sponsor_id: UUID
    kind: str
    public_name: str | None
    illustrative: bool


def _campaign(event: CampaignOpened) -> Iterator[UUID]:
    yield event.campaign_id


def _name_campaign(_row: CampaignRow | None, _: UUID, recorded: Recorded) -> CampaignRow:
    event: CampaignOpened = recorded.event
    return CampaignRow(
        event.campaign_id,
        event.programme_id,
        event.fund_id,
        event.name,
        event.category,
        event.target,
        event.measure,
        event.starts_on,
        event.ends_on,
        event.illustrative,
    )


campaigns: ReadModel[UUID, CampaignRow] = ReadModel(
    name="campaigns",
    row=CampaignRow,
    key=("campaign_id",),
    events=(CampaignOpened,),
    keys=_campaign,
    apply=_name_campaign,
    indexes=(("fund_id",),),
)


def _sponsor(event: SponsorRegistered) -> Iterator[UUID]:
    yield event.sponsor_id


def _name_sponsor(_row: SponsorRow | None, _: UUID, recorded: Recorded) -> SponsorRow:
    event: SponsorRegistered = recorded.event
    return SponsorRow(event.sponsor_id, event.kind, event.public_name, event.illustrative)


sponsors: ReadModel[UUID, SponsorRow] = ReadModel(
    name="sponsors",
    row=SponsorRow,
    key=("sponsor_id",),
    events=(SponsorRegistered,),
    keys=_sponsor,
    apply=_name_sponsor,
)
