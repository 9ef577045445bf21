"""In whose keeping a gift is: its fund's unit. Who acts there holds their role there or above."""

from collections.abc import Collection
from uuid import UUID

from edge.door import CommandDoor, QueryDoor, ReadDoor
from eventing.all_rows import all_rows
from services.donations.domain.contribution import State, announcement_of, contribution
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.fund import FundNotOpened, OpenedFund, fund
from services.donations.domain.fund import stream as fund_stream
from services.donations.read_models.campaigns import campaigns
from services.donations.read_models.funds import funds


async def of_fund(fund_id: UUID, door: CommandDoor) -> UUID:
    """The unit. Raises FundNotOpened, OutsideYourUnit."""
    state = await door.state(fund, fund_stream(fund_id))
    if not isinstance(state, OpenedFund):
        raise FundNotOpened
    unit_id: UUID = state.opening.unit_id
    await door.within(unit_id)
    return unit_id


async def is_kept_by(door: ReadDoor, fund_id: UUID) -> bool:
    """Whether whoever asks holds their role where the fund is kept, or above."""
    await door.fresh(funds)
    row = await door.rows.get(funds, fund_id)
    return row is not None and await door.is_within(row.unit_id)


async def kept_funds(door: QueryDoor) -> list[UUID]:
    """The funds of all units in which whoever asks holds their role: what a list is limited to."""
    return await funds_of(await door.area(), door)


async def funds_of(area: Collection[UUID], door: QueryDoor) -> list[UUID]:
    """The funds that are kept in these units."""
    await door.fresh(funds)
    kept = await all_rows(door.rows, funds, unit_id=sorted(area))
    return [row.fund_id for row in kept]


async def campaigns_of(fund_ids: list[UUID], door: QueryDoor) -> list[UUID]:
    await door.fresh(campaigns)
    kept = await all_rows(door.rows, campaigns, fund_id=fund_ids)
    return [row.campaign_id for row in kept]


def asked_within(wanted: UUID | None, kept: list[UUID]) -> list[UUID]:
    """What was asked for, as far as it is among those; all of them if nothing was."""
    return [one for one in kept if wanted is None or one == wanted]


async def is_of_a_fund_of(door: ReadDoor, campaign_id: UUID, *roles: str) -> bool:
    """Whether whoever asks holds one of these roles where the campaign's fund is kept, or above."""
    await door.fresh(campaigns)
    drive = await door.rows.get(campaigns, campaign_id)
    if drive is None:
        return False
    await door.fresh(funds)
    kept = await door.rows.get(funds, drive.fund_id)
    return kept is not None and await door.works_within(door.person, kept.unit_id, *roles)


async def of_contribution(contribution_id: UUID, door: CommandDoor) -> State:
    """The contribution as it is. Raises ContributionNotAnnounced, OutsideYourUnit."""
    state: State = await door.state(contribution, contribution_stream(contribution_id))
    await of_fund(announcement_of(state).fund_id, door)
    return state
