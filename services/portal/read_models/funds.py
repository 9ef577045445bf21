"""What is in a fund, and which booking put it there? Balances are sums over the bookings."""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.donations import EntryLine, FundEntryBooked, FundOpened
from eventing.read_model import ReadModel
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


def _fund(event: FundOpened) -> Iterator[UUID]:
    yield event.fund_id


def _open(_row: FundRow | None, _: UUID, recorded: Recorded) -> FundRow:
    event: FundOpened = recorded.event
    return FundRow(event.fund_id, event.programme_id, event.name)


funds: ReadModel[UUID, FundRow] = ReadModel(
    name="funds",
    row=FundRow,
    key=("fund_id",),
    events=(FundOpened,),
    keys=_fund,
    apply=_open,
)

EntryKey = tuple[UUID, UUID]


def _entry(event: FundEntryBooked) -> Iterator[EntryKey]:
    yield event.fund_id, event.entry_id


def _book(_row: FundEntryRow | None, _: EntryKey, recorded: Recorded) -> FundEntryRow:
    event: FundEntryBooked = recorded.event
    return FundEntryRow(event.fund_id, event.entry_id, event.lines, event.paper, step(recorded))


fund_entries: ReadModel[EntryKey, FundEntryRow] = ReadModel(
    name="fund_entries",
    row=FundEntryRow,
    key=("fund_id", "entry_id"),
    events=(FundEntryBooked,),
    keys=_entry,
    apply=_book,
)
