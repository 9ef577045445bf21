"""Funds: separate money in double entry, and what stands in each account."""

from uuid import UUID

from pydantic import BaseModel

from contracts.donations import Account
from edge.bodies import Dated, Text
from edge.door import Accepted, Door, ReadDoor
from edge.permission import may
from edge.routes import Routes
from eventing.all_rows import all_rows
from services.donations.domain.fund import (
    FundNotOpened,
    FundOpenedOtherwise,
    OpenFund,
    fund,
    stream,
)
from services.donations.read_models.fund_balances import fund_balances
from services.donations.read_models.funds import funds

routes = Routes(tag="funds")


class FundToOpen(Dated):
    programme_id: UUID
    unit_id: UUID
    name: Text


class AccountShown(BaseModel):
    """In đồng. `balance` is debit less credit."""

    account: Account
    debit: int
    credit: int
    balance: int


class FundShown(BaseModel):
    fund_id: UUID
    programme_id: UUID
    unit_id: UUID
    name: str
    accounts: list[AccountShown]
    debits: int
    credits: int
    positions: dict[str, int]


@routes.command(
    "PUT",
    "/funds/{fund_id}",
    may=may("open-fund", "accountant"),
    refuses=[FundOpenedOtherwise],
)
async def open_fund(fund_id: UUID, body: FundToOpen, door: Door) -> Accepted:
    await door.within(body.unit_id)
    command = OpenFund(
        fund_id=fund_id,
        programme_id=body.programme_id,
        unit_id=body.unit_id,
        name=body.name,
        opened_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(fund, stream(fund_id), command)


@routes.query(
    "/funds/{fund_id}",
    may=may("see-fund", "accountant", "cashier", "coordinator", "leader", "auditor"),
    refuses=[FundNotOpened],
)
async def see(fund_id: UUID, door: ReadDoor) -> FundShown:
    """Debits equal credits, at every position. One of another unit is not found."""
    await door.fresh(funds)
    await door.fresh(fund_balances)
    known = await door.rows.get(funds, fund_id)
    if known is None or not await door.is_within(known.unit_id):
        raise FundNotOpened
    # Positions before rows: then the rows hold at least what the positions say.
    positions = dict(await door.rows.positions(fund_balances))
    rows = await all_rows(door.rows, fund_balances, fund_id=fund_id)
    return FundShown(
        fund_id=fund_id,
        programme_id=known.programme_id,
        unit_id=known.unit_id,
        name=known.name,
        accounts=[
            AccountShown(
                account=row.account,
                debit=row.debit,
                credit=row.credit,
                balance=row.debit - row.credit,
            )
            for row in rows
        ],
        debits=sum(row.debit for row in rows),
        credits=sum(row.credit for row in rows),
        positions=positions,
    )
