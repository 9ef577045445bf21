"""How much stands in each account of each fund?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import FundEntryBooked
from eventing.read_model import ReadModel
from eventing.record import Recorded


class FundBalance(Struct, frozen=True, kw_only=True):
    """Sums in đồng. `entries` is how many bookings touched the account."""

    fund_id: UUID
    account: str
    debit: int
    credit: int
    entries: int


def keys(event: FundEntryBooked) -> Iterator[tuple[UUID, str]]:
    for account in sorted({line.account for line in event.lines}):
        yield event.fund_id, account


def apply(row: FundBalance | None, key: tuple[UUID, str], recorded: Recorded) -> FundBalance:
    booked: FundEntryBooked = recorded.event
    fund_id, account = key
    row = row or FundBalance(fund_id=fund_id, account=account, debit=0, credit=0, entries=0)
    lines = [line for line in booked.lines if line.account == account]
    return replace(
        row,
        debit=row.debit + sum(line.debit for line in lines),
        credit=row.credit + sum(line.credit for line in lines),
        entries=row.entries + 1,
    )


fund_balances: ReadModel[tuple[UUID, str], FundBalance] = ReadModel(
    name="fund_balances",
    row=FundBalance,
    key=("fund_id", "account"),
    events=(FundEntryBooked,),
    keys=keys,
    apply=apply,
)
