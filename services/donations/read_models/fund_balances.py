"""How much stands in each account of each fund?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.donations import FundEntryBooked
from eventing.read_model import ReadModel
from eventing.record import Recorded


class FundBalance(Struct, frozen=True, kw_only=True):
    """All that was ever booked on each side, in đồng."""

    fund_id: UUID
    account: str
    debit: int
    credit: int


def keys(event: FundEntryBooked) -> Iterator[tuple[UUID, str]]:
    for balance in event.balances:
        yield event.fund_id, balance.account


def apply(_: FundBalance | None, key: tuple[UUID, str], recorded: Recorded) -> FundBalance:
    booked: FundEntryBooked = recorded.event
    fund_id, account = key
    balance = next(each for each in booked.balances if each.account == account)
    return FundBalance(fund_id=fund_id, account=account, debit=balance.debit, credit=balance.credit)


fund_balances: ReadModel[tuple[UUID, str], FundBalance] = ReadModel(
    name="fund_balances",
    row=FundBalance,
    key=("fund_id", "account"),
    events=(FundEntryBooked,),
    keys=keys,
    apply=apply,
)
