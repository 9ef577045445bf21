"""A fund: separate money in double entry. Every booking balances and rests on a paper.

Stream `fund-{fund_id}`. One paper is booked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import Account, AccountBalance, EntryLine, FundEntryBooked, FundOpened
from eventing.decider import Decider, Rejection
from services.donations.domain.known import Known

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFund:
    fund_id: UUID
    programme_id: UUID
    unit_id: UUID
    name: str
    opened_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEntry:
    """Given by an acceptance, a payment or a reaction; `entry_id` is derived from the paper.

    `pays`: what it credits must be there.
    """

    entry_id: UUID
    lines: tuple[EntryLine, ...]
    paper: str
    happened_at: datetime
    pays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFundOpen:
    """Asked by a campaign in its own append."""

    programme_id: UUID


Command = OpenFund | BookEntry | CheckFundOpen
Event = FundOpened | FundEntryBooked

# --- State ---


@dataclass(frozen=True, slots=True)
class NotOpened:
    pass


@dataclass(frozen=True, slots=True)
class OpenedFund:
    opening: FundOpened
    balances: Mapping[Account, AccountBalance] = field(default_factory=dict)
    entries: Known[UUID] = field(default_factory=Known)


State = NotOpened | OpenedFund

# --- Rejections ---


class FundNotOpened(Rejection):
    code = "fund-not-opened"
    kind = "absent"
    vi = "Chưa có nguồn vận động này."
    en = "This fund was not opened."


class FundOpenedOtherwise(Rejection):
    code = "fund-opened-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để mở một nguồn vận động khác."
    en = "Another fund was opened under this id."


class FundOfAnotherProgramme(Rejection):
    code = "fund-of-another-programme"
    vi = "Nguồn vận động này thuộc chương trình khác."
    en = "This fund belongs to another programme."


class EntryDoesNotBalance(Rejection):
    """Sums in đồng; also raised when a line has not exactly one side."""

    code = "entry-does-not-balance"

    def __init__(self, debited: int, credited: int) -> None:
        self.debited = debited
        self.credited = credited


class NotEnoughInTheFund(Rejection):
    """In đồng."""

    code = "not-enough-in-the-fund"
    kind = "conflict"
    vi = "Tài khoản này của nguồn chỉ còn {there} đồng, không đủ chi {asked} đồng."
    en = "There are {there} đồng in this account of the fund, not {asked}."

    def __init__(self, asked: int, there: int) -> None:
        self.asked = asked
        self.there = there


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case OpenFund():
            return open_fund(command, state)
        case BookEntry():
            return book(command, state)
        case CheckFundOpen():
            return check_open(command, state)
        case _:
            assert_never(command)


def open_fund(command: OpenFund, state: State) -> list[Event]:
    opening = FundOpened(
        fund_id=command.fund_id,
        programme_id=command.programme_id,
        unit_id=command.unit_id,
        name=command.name,
        opened_by=command.opened_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotOpened):
        return [opening]
    if replace(opening, happened_at=state.opening.happened_at) == state.opening:
        return []
    raise FundOpenedOtherwise


def book(command: BookEntry, state: State) -> list[Event]:
    if isinstance(state, NotOpened):
        raise FundNotOpened
    if command.entry_id in state.entries:
        return []
    check_balance(command.lines)
    if command.pays:
        check_is_there(command.lines, state.balances)
    return [
        FundEntryBooked(
            fund_id=state.opening.fund_id,
            programme_id=state.opening.programme_id,
            entry_id=command.entry_id,
            lines=command.lines,
            balances=balances_after(command.lines, state.balances),
            paper=command.paper,
            happened_at=command.happened_at,
        )
    ]


def check_balance(lines: tuple[EntryLine, ...]) -> None:
    debited, credited = sum(line.debit for line in lines), sum(line.credit for line in lines)
    one_sided = all(
        min(line.debit, line.credit) == 0 < max(line.debit, line.credit) for line in lines
    )
    if debited != credited or not one_sided or not lines:
        raise EntryDoesNotBalance(debited, credited)


def check_is_there(
    lines: tuple[EntryLine, ...], balances: Mapping[Account, AccountBalance]
) -> None:
    for line in lines:
        known = balances.get(line.account)
        there = known.debit - known.credit if known else 0
        if line.credit > max(0, there):
            raise NotEnoughInTheFund(line.credit, there)


def balances_after(
    lines: tuple[EntryLine, ...], before: Mapping[Account, AccountBalance]
) -> tuple[AccountBalance, ...]:
    after: dict[Account, AccountBalance] = {}
    for line in lines:
        known = after.get(line.account) or before.get(line.account)
        after[line.account] = AccountBalance(
            account=line.account,
            debit=line.debit + (known.debit if known else 0),
            credit=line.credit + (known.credit if known else 0),
        )
    return tuple(after.values())


def check_open(command: CheckFundOpen, state: State) -> list[Event]:
    if isinstance(state, NotOpened):
        raise FundNotOpened
    if state.opening.programme_id != command.programme_id:
        raise FundOfAnotherProgramme
    return []


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case FundOpened():
            return OpenedFund(event)
        case FundEntryBooked():
            assert isinstance(state, OpenedFund), "only an opened fund is booked in"
            balances = {**state.balances, **{each.account: each for each in event.balances}}
            return replace(state, balances=balances, entries=state.entries.add(event.entry_id))
        case _:
            assert_never(event)


fund: Decider[Command, State, Event] = Decider(NotOpened(), decide, evolve)


def stream(fund_id: UUID) -> str:
    return f"fund-{fund_id}"
