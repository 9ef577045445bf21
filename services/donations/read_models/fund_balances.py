"""How much stands in each account of each fund?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.donations import Account, FundEntryBooked
from eventing.read_model import ReadModel, keyed
from eventing.record import Recorded

Key = tuple[UUID, Account]


class FundBalance(Struct, frozen=True, kw_only=True):
    """All that was ever booked on each side, in đồng."""

    fund_id: UUID
    account: Account
    debit: int
    credit: int


def _accounts(of: Recorded[FundEntryBooked]) -> Iterator[Key]:
    for balance in of.event.balances:
        yield of.event.fund_id, balance.account


def _booked(_: FundBalance | None, key: Key, of: Recorded[FundEntryBooked]) -> FundBalance:
    fund_id, account = key
    balance = next(each for each in of.event.balances if each.account == account)
    return FundBalance(fund_id=fund_id, account=account, debit=balance.debit, credit=balance.credit)


fund_balances: ReadModel[Key, FundBalance] = ReadModel(
    name="fund_balances",
    row=FundBalance,
    key=("fund_id", "account"),
    handlers=(keyed(FundEntryBooked, _booked, keys=_accounts),),
)
