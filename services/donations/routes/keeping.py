"""In whose keeping a gift is: its fund's unit. Who acts there holds their role there or above."""

from uuid import UUID

from edge.door import CommandDoor, ReadDoor
from services.donations.domain.contribution import State, announcement_of, contribution
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.fund import FundNotOpened, OpenedFund, fund
from services.donations.domain.fund import stream as fund_stream
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


async def of_contribution(contribution_id: UUID, door: CommandDoor) -> State:
    """The contribution as it is. Raises ContributionNotAnnounced, OutsideYourUnit."""
    state: State = await door.state(contribution, contribution_stream(contribution_id))
    await of_fund(announcement_of(state).fund_id, door)
    return state
