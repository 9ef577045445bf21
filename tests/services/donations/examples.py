"""Who gives what in these tests: ids, days, and events that tests vary by `replace`."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from contracts.donations import (
    CampaignOpened,
    ContributionAccepted,
    ContributionAnnounced,
    ContributionLine,
    ContributionLineInspected,
    ContributionReceived,
    Earmark,
    FundOpened,
    InspectedLine,
    PledgeMade,
    SponsorRegistered,
)
from contracts.sealed import Sealed
from programmes import packs

RULES = packs.installed().of_the_register.versions[0]

PROGRAMME, OTHER_PROGRAMME, FUND, CAMPAIGN, SPONSOR, OTHER_SPONSOR = (
    UUID(int=n) for n in range(1, 7)
)
PLEDGE, CONTRIBUTION, OTHER_CONTRIBUTION, LINE, OTHER_LINE, COMMUNE = (
    UUID(int=n) for n in range(11, 17)
)
COORDINATOR, STOREKEEPER, CASHIER, ACCOUNTANT, KEY, GIVER = (UUID(int=n) for n in range(21, 27))

MONDAY = datetime(2024, 10, 7, 2, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
STARTS_ON, ENDS_ON = date(2024, 10, 1), date(2024, 12, 15)
LAST_MOMENT = datetime(2024, 12, 15, 16, 59, tzinfo=UTC)
"""One minute to midnight in Vietnam."""
SIGNATORIES = Sealed(KEY, "c2lnbmVk")
CODE, OTHER_CODE = Sealed(KEY, "Y29kZQ=="), Sealed(KEY, "b3RoZXI=")


def code_hash(number: int) -> str:
    return f"{number:064x}"


sponsor_registered = SponsorRegistered(
    sponsor_id=SPONSOR,
    person_id=GIVER,
    kind="enterprise",
    public_name="Công ty May Việt Ngọc",
    name=Sealed(KEY, "bmFtZQ=="),
    email=None,
    language="vi",
    illustrative=True,
    registered_by=COORDINATOR,
    happened_at=MONDAY,
)
fund_opened = FundOpened(
    fund_id=FUND,
    programme_id=PROGRAMME,
    unit_id=UUID(int=39),
    name="Nguồn vận động mùa đông",
    opened_by=ACCOUNTANT,
    happened_at=MONDAY,
)
campaign_opened = CampaignOpened(
    campaign_id=CAMPAIGN,
    programme_id=PROGRAMME,
    fund_id=FUND,
    name="Áo ấm mùa đông 2024",
    category="warm-clothes",
    target=1000,
    measure="piece",
    starts_on=STARTS_ON,
    ends_on=ENDS_ON,
    illustrative=True,
    rules=RULES.named,
    opened_by=COORDINATOR,
    happened_at=MONDAY,
)
pledge_made = PledgeMade(
    pledge_id=PLEDGE,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    sponsor_id=SPONSOR,
    kind="goods",
    category="warm-clothes",
    quantity=1000,
    measure="piece",
    earmark=Earmark(),
    rules=RULES.named,
    made_by=COORDINATOR,
    happened_at=MONDAY,
)
jackets = ContributionLine(
    line_id=LINE,
    category="warm-clothes",
    specification={"size": "H120", "gender": "female"},
    quantity=1000,
    measure="piece",
)
dong = ContributionLine(
    line_id=LINE, category="warm-clothes", specification={}, quantity=2_000_000, measure="dong"
)
jackets_found = InspectedLine(
    line_id=LINE,
    category="warm-clothes",
    specification={"size": "H120", "gender": "female"},
    measure="piece",
    announced=1000,
    good=800,
    mendable=150,
    refused=50,
)
dong_found = InspectedLine(
    line_id=LINE,
    category="warm-clothes",
    specification={},
    measure="dong",
    announced=2_000_000,
    good=2_000_000,
    mendable=0,
    refused=0,
)
announced = ContributionAnnounced(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    sponsor_id=SPONSOR,
    pledge_id=PLEDGE,
    kind="goods",
    lines=(jackets,),
    quantity=1000,
    measure="piece",
    earmark=Earmark(),
    rules=RULES.named,
    two_persons=(),
    announced_by=COORDINATOR,
    happened_at=MONDAY,
)
received = ContributionReceived(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    paid_in=None,
    received_by=STOREKEEPER,
    happened_at=MONDAY,
)
inspected = ContributionLineInspected(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    line=jackets_found,
    good=800,
    mendable=150,
    refused=50,
    inspected_by=STOREKEEPER,
    happened_at=MONDAY,
)
accepted = ContributionAccepted(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    sponsor_id=SPONSOR,
    pledge_id=PLEDGE,
    kind="goods",
    paid_in=None,
    lines=(jackets_found,),
    measure="piece",
    good=800,
    mendable=150,
    refused=50,
    earmark=Earmark(),
    announced_by=COORDINATOR,
    received_by=STOREKEEPER,
    inspected_by=(STOREKEEPER,),
    accepted_by=ACCOUNTANT,
    happened_at=MONDAY,
)
