"""What are campaigns and sponsors called? Only names that anyone may see."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from contracts.donations import CampaignOpened, SponsorKind, SponsorRegistered
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel, begins
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
    kind: SponsorKind
    public_name: str | None
    illustrative: bool


def _opened(of: Recorded[CampaignOpened]) -> CampaignRow:
    event = of.event
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
    handlers=(begins(CampaignOpened, _opened),),
    indexes=(("fund_id",),),
)


def _registered(of: Recorded[SponsorRegistered]) -> SponsorRow:
    event = of.event
    return SponsorRow(event.sponsor_id, event.kind, event.public_name, event.illustrative)


sponsors: ReadModel[UUID, SponsorRow] = ReadModel(
    name="sponsors",
    row=SponsorRow,
    key=("sponsor_id",),
    handlers=(begins(SponsorRegistered, _registered),),
)
