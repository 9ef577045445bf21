from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import AccountBalance, EntryLine, FundEntryBooked
from services.donations.domain.fund import (
    BookEntry,
    CheckFundOpen,
    EntryDoesNotBalance,
    FundNotOpened,
    FundOfAnotherProgramme,
    FundOpenedOtherwise,
    OpenedFund,
    OpenFund,
    fund,
)
from tests.services.donations.examples import (
    ACCOUNTANT,
    CONTRIBUTION,
    FUND,
    MONDAY,
    OTHER_PROGRAMME,
    PROGRAMME,
    TUESDAY,
    fund_opened,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

ENTRY = UUID(int=31)


def open_fund(name: str = "Nguồn vận động mùa đông") -> OpenFund:
    return OpenFund(
        fund_id=FUND,
        programme_id=PROGRAMME,
        unit_id=UUID(int=39),
        name=name,
        opened_by=ACCOUNTANT,
        happened_at=TUESDAY,
    )


def both_sides(amount: int) -> tuple[EntryLine, ...]:
    return (
        EntryLine(account="bank", debit=amount, credit=0),
        EntryLine(account="contributions", debit=0, credit=amount),
    )


def book(lines: tuple[EntryLine, ...], entry: UUID = ENTRY) -> BookEntry:
    return BookEntry(entry_id=entry, lines=lines, paper=str(CONTRIBUTION), happened_at=MONDAY)


def balances(amount: int) -> tuple[AccountBalance, ...]:
    return (
        AccountBalance(account="bank", debit=amount, credit=0),
        AccountBalance(account="contributions", debit=0, credit=amount),
    )


def booked(amount: int, before: int = 0, entry: UUID = ENTRY) -> FundEntryBooked:
    return FundEntryBooked(
        fund_id=FUND,
        programme_id=PROGRAMME,
        entry_id=entry,
        lines=both_sides(amount),
        balances=balances(before + amount),
        paper=str(CONTRIBUTION),
        happened_at=MONDAY,
    )


def test_a_fund_is_opened_once() -> None:
    Given(fund, fund_opened).when(open_fund()).then_nothing()


def test_a_fund_under_another_name_is_another_fund() -> None:
    Given(fund, fund_opened).when(open_fund("Quỹ khác")).then_rejected(FundOpenedOtherwise)


def test_a_balanced_entry_is_booked() -> None:
    Given(fund, fund_opened).when(book(both_sides(5))).then(booked(5))


def test_a_booking_says_what_its_accounts_come_to() -> None:
    second = uuid5(ENTRY, "second")
    Given(fund, fund_opened, booked(5)).when(book(both_sides(3), second)).then(booked(3, 5, second))


def test_one_paper_is_booked_once() -> None:
    Given(fund, fund_opened, booked(5)).when(book(both_sides(5))).then_nothing()


def test_nothing_is_booked_in_a_fund_that_was_not_opened() -> None:
    Given(fund).when(book(both_sides(5))).then_rejected(FundNotOpened)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (EntryLine(account="bank", debit=5, credit=0),),
        (*both_sides(5), EntryLine(account="bank", debit=1, credit=0)),
        (EntryLine(account="bank", debit=5, credit=5),),
        (*both_sides(5), EntryLine(account="bank", debit=0, credit=0)),
        both_sides(-5),
    ],
)
def test_an_entry_that_does_not_balance_is_refused(lines: tuple[EntryLine, ...]) -> None:
    Given(fund, fund_opened).when(book(lines)).then_rejected(EntryDoesNotBalance)


def test_a_campaign_of_the_same_programme_may_use_the_fund() -> None:
    Given(fund, fund_opened).when(CheckFundOpen(programme_id=PROGRAMME)).then_nothing()


def test_a_campaign_of_another_programme_may_not() -> None:
    check = CheckFundOpen(programme_id=OTHER_PROGRAMME)
    Given(fund, fund_opened).when(check).then_rejected(FundOfAnotherProgramme)


def test_no_campaign_uses_a_fund_that_was_not_opened() -> None:
    Given(fund).when(CheckFundOpen(programme_id=PROGRAMME)).then_rejected(FundNotOpened)


entries = st.integers(0, 4).map(lambda number: uuid5(FUND, str(number)))
sides = st.builds(
    EntryLine,
    account=st.sampled_from(["bank", "contributions", "support-delivered"]),
    debit=st.integers(-1, 3),
    credit=st.integers(-1, 3),
)
bookings = st.builds(
    book,
    st.one_of(st.integers(1, 9).map(both_sides), st.lists(sides, max_size=3).map(tuple)),
    entries,
)
commands = st.one_of(st.builds(open_fund), bookings)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[OpenFund | BookEntry], command: OpenFund | BookEntry
) -> None:
    assert_repeating_changes_nothing(fund, history, command)


@given(st.lists(bookings, max_size=12))
def test_debits_equal_credits_whatever_was_asked(asked: list[BookEntry]) -> None:
    events = after(fund, [open_fund(), *asked])
    state = fund.fold(events)
    assert isinstance(state, OpenedFund)
    booked_lines = [line for each in events[1:] for line in each.lines]
    for account, balance in state.balances.items():
        of_account = [line for line in booked_lines if line.account == account]
        assert balance.debit == sum(line.debit for line in of_account)
        assert balance.credit == sum(line.credit for line in of_account)
    balances_kept = state.balances.values()
    assert sum(each.debit for each in balances_kept) == sum(each.credit for each in balances_kept)
