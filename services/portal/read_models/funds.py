"""What is in a fund, and which booking put it there? Balances are sums over the bookings."""

from uuid import UUID

from msgspec import Struct

from contracts.donations import EntryLine, FundEntryBooked, FundOpened
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded
from services.portal.steps import Step, step


class FundRow(Struct, frozen=True):
    fund_id: UUID
    programme_id: UUID
    name: str


class FundEntryRow(Struct, frozen=True):
    """In đồng. `paper` names what the booking rests on."""

    fund_id: UUID
    entry_id: UUID
    lines: tuple[EntryLine, ...]
    paper: str
    booked: Step


def _opened(of: Recorded[FundOpened]) -> FundRow:
    return FundRow(of.event.fund_id, of.event.programme_id, of.event.name)


funds: ReadModel[UUID, FundRow] = ReadModel(
    name="funds",
    row=FundRow,
    key=("fund_id",),
    handlers=(begins(FundOpened, _opened),),
)


def _booked(of: Recorded[FundEntryBooked]) -> FundEntryRow:
    event = of.event
    return FundEntryRow(event.fund_id, event.entry_id, event.lines, event.paper, step(of))


fund_entries: ReadModel[tuple[UUID, UUID], FundEntryRow] = ReadModel(
    name="fund_entries",
    row=FundEntryRow,
    key=("fund_id", "entry_id"),
    handlers=(begins(FundEntryBooked, _booked),),
)
