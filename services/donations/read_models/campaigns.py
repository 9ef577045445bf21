"""Which campaigns are there, and what has come of each?"""

from datetime import date
from uuid import UUID

from msgspec import Struct

from contracts.donations import CampaignOpened
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded

TOTALS = """
SELECT measure,
       sum(pledged)::bigint AS pledged,
       sum(outstanding)::bigint AS outstanding,
       sum(announced)::bigint AS announced,
       sum(accepted)::bigint AS accepted
FROM (
    SELECT measure, quantity AS pledged, greatest(quantity - quantity_counted, 0) AS outstanding,
           0 AS announced, 0 AS accepted
    FROM pledges WHERE campaign_id = $1
    UNION ALL
    SELECT measure, 0, 0, announced, CASE WHEN accepted_at IS NULL THEN 0 ELSE good + mendable END
    FROM contributions WHERE campaign_id = $1 AND status <> 'refused'
) AS each
GROUP BY measure ORDER BY measure
"""
"""By measure: promised, still to come, on its way or here, and accepted (good and mendable).

What was refused is none of these."""


class Campaign(Struct, frozen=True, kw_only=True):
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


def _opened(of: Recorded[CampaignOpened]) -> Campaign:
    opening = of.event
    return Campaign(
        campaign_id=opening.campaign_id,
        programme_id=opening.programme_id,
        fund_id=opening.fund_id,
        name=opening.name,
        category=opening.category,
        target=opening.target,
        measure=opening.measure,
        starts_on=opening.starts_on,
        ends_on=opening.ends_on,
        illustrative=opening.illustrative,
    )


campaigns: ReadModel[UUID, Campaign] = ReadModel(
    name="campaigns",
    row=Campaign,
    key=("campaign_id",),
    handlers=(begins(CampaignOpened, _opened),),
    indexes=(("programme_id",), ("fund_id",)),
    version=2,
)
