"""A fund in double entry: what each account holds, and the bookings behind it, page by page."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from contracts.donations import Account
from eventing.all_rows import all_rows
from eventing.rows import Rows
from services.portal.event_facts import is_of_gifts_alone
from services.portal.gift_way import Happened
from services.portal.positions_shown import positions_shown
from services.portal.read_models.funds import FundEntryRow, fund_entries, funds
from services.portal.read_models.gifts import gifts
from services.portal.read_models.named import campaigns

ENTRIES_SHOWN = 100


class AccountShown(BaseModel):
    """In đồng. `balance` is debit less credit."""

    account: Account
    debit: int
    credit: int

    @property
    def balance(self) -> int:
        return self.debit - self.credit


class EntrySide(BaseModel):
    account: Account
    debit: int
    credit: int


class Entry(BaseModel):
    """`contribution_id` is set when the booking rests on a gift."""

    entry_id: UUID
    lines: list[EntrySide]
    contribution_id: UUID | None
    booked: Happened


class CampaignOfFund(BaseModel):
    campaign_id: UUID
    name: str
    illustrative: bool


class FundBook(BaseModel):
    """`debits` equal `credits`, or the book is wrong. The newest entries come first.

    `withheld`: what was paid for children is told in one sum, `paid`, as it is published, and its
    bookings are not shown one by one; until it is published the balance is not told either.
    """

    fund_id: UUID
    programme_id: UUID
    name: str
    accounts: list[AccountShown]
    debits: int
    credits: int
    entries: int
    newest: list[Entry]
    campaigns: list[CampaignOfFund]
    withheld: bool = False
    paid: int | None = None
    as_of: dict[str, int]

    @property
    def illustrative(self) -> bool:
        return any(campaign.illustrative for campaign in self.campaigns)


async def fund_book(rows: Rows, fund_id: UUID, *, every_entry: bool) -> FundBook | None:
    """None: there is no such fund. Without `every_entry`, what came in alone."""
    as_of = await positions_shown(rows, funds, fund_entries, gifts, campaigns)
    fund = await rows.get(funds, fund_id)
    if fund is None:
        return None
    entries = await all_rows(rows, fund_entries, fund_id=fund_id)
    if not every_entry:
        entries = [entry for entry in entries if is_of_gifts_alone(entry.lines)]
    accounts = _accounts(entries)
    newest = sorted(entries, key=lambda entry: entry.booked.position, reverse=True)
    return FundBook(
        fund_id=fund_id,
        programme_id=fund.programme_id,
        name=fund.name,
        accounts=accounts,
        debits=sum(account.debit for account in accounts),
        credits=sum(account.credit for account in accounts),
        entries=len(entries),
        newest=await _entries(rows, newest[:ENTRIES_SHOWN]),
        campaigns=[
            CampaignOfFund(
                campaign_id=row.campaign_id, name=row.name, illustrative=row.illustrative
            )
            for row in await all_rows(rows, campaigns, fund_id=fund_id)
        ],
        withheld=not every_entry,
        as_of=as_of,
    )


def _accounts(entries: Sequence[FundEntryRow]) -> list[AccountShown]:
    debit: defaultdict[str, int] = defaultdict(int)
    credit: defaultdict[str, int] = defaultdict(int)
    for entry in entries:
        for line in entry.lines:
            debit[line.account] += line.debit
            credit[line.account] += line.credit
    return [
        AccountShown(account=name, debit=debit[name], credit=credit[name])
        for name in sorted(debit.keys() | credit.keys())
    ]


async def _entries(rows: Rows, entries: Sequence[FundEntryRow]) -> list[Entry]:
    papers = {entry.paper: _id(entry.paper) for entry in entries}
    named = [paper for paper in papers.values() if paper is not None]
    of_gifts = {gift.contribution_id for gift in await all_rows(rows, gifts, contribution_id=named)}
    return [
        Entry(
            entry_id=entry.entry_id,
            lines=[
                EntrySide(account=line.account, debit=line.debit, credit=line.credit)
                for line in entry.lines
            ],
            contribution_id=paper if (paper := papers[entry.paper]) in of_gifts else None,
            booked=Happened.model_validate(entry.booked),
        )
        for entry in entries
    ]


def _id(paper: str) -> UUID | None:
    """Of a correction the contribution's: what follows the stroke is its number."""
    try:
        return UUID(paper.partition("/")[0])
    except ValueError:
        return None
