import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import ContributionReceipted, ReceiptIssued
from eventing.decider import Decider, Give
from eventing.event_store import Key
from eventing.execute import Asked, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from services.donations.domain.contribution import (
    ContributionReceiptedAlready,
    MarkReceipted,
    contribution,
)
from services.donations.domain.receipt_book import (
    IssueReceipt,
    look_up_code,
    receipt_book,
    stream,
)
from tests.services.donations.examples import (
    ACCOUNTANT,
    CONTRIBUTION,
    MONDAY,
    SPONSOR,
    TUESDAY,
    accepted,
    announced,
    inspected,
    received,
)
from tests.services.donations.repeating import run
from tests.support.spec import Given


def receipted(book: str = "PT", number: int = 1) -> ContributionReceipted:
    return ContributionReceipted(
        contribution_id=CONTRIBUTION, book=book, year=2024, number=number, happened_at=MONDAY
    )


def issue(
    contribution_id: UUID = CONTRIBUTION,
    *,
    receipt: ContributionReceipted | None = None,
    at: datetime = MONDAY,
) -> IssueReceipt:
    return IssueReceipt(
        book="PT",
        acceptance=replace(accepted, contribution_id=contribution_id),
        receipt=receipt,
        issued_by=ACCOUNTANT,
        happened_at=at,
    )


def issued(number: int, contribution_id: UUID = CONTRIBUTION) -> ReceiptIssued:
    return ReceiptIssued(
        book="PT",
        year=2024,
        number=number,
        contribution_id=contribution_id,
        sponsor_id=SPONSOR,
        kind="goods",
        quantity=950,
        measure="piece",
        look_up_code=look_up_code(contribution_id),
        issued_by=ACCOUNTANT,
        happened_at=MONDAY,
    )


def test_the_first_number_of_a_book_is_one() -> None:
    Given(receipt_book).when(issue()).then(issued(1))


def test_the_next_follows() -> None:
    other = UUID(int=99)
    Given(receipt_book, issued(1)).when(issue(other)).then(issued(2, other))


def test_the_number_is_given_to_the_contribution_in_the_same_append() -> None:
    (give,) = receipt_book.also(issue(), receipt_book.initial, [issued(1)])
    mark = MarkReceipted(book="PT", year=2024, number=1, happened_at=MONDAY)
    assert give == Give(contribution, f"contribution-{CONTRIBUTION}", mark)


def test_asking_again_changes_nothing() -> None:
    again = issue(receipt=receipted(), at=TUESDAY)
    Given(receipt_book, issued(1)).when(again).then_nothing()


def test_a_receipt_of_another_book_is_a_receipt() -> None:
    elsewhere = issue(receipt=receipted(book="BB"))
    Given(receipt_book).when(elsewhere).then_rejected(ContributionReceiptedAlready)


def test_a_new_year_in_vietnam_is_a_new_book() -> None:
    evening = datetime(2024, 12, 31, 17, tzinfo=UTC)
    assert stream("PT", evening) == "receipt-book-PT-2025"
    (event,) = receipt_book.decide(issue(at=evening), receipt_book.initial)
    assert (event.year, event.number) == (2025, 1)


def test_the_look_up_code_is_ten_letters_and_stays_the_same() -> None:
    assert look_up_code(CONTRIBUTION) == look_up_code(CONTRIBUTION)
    assert len(look_up_code(CONTRIBUTION)) == 10
    assert look_up_code(CONTRIBUTION).isalnum()


@given(st.lists(st.integers(1, 30).map(lambda n: UUID(int=n)), unique=True))
def test_numbers_run_without_gap(contributions: list[UUID]) -> None:
    events = run(receipt_book, [issue(one) for one in contributions])
    assert [event.number for event in events] == list(range(1, len(contributions) + 1))


async def test_two_clerks_at_once_give_a_contribution_one_number_and_leave_no_gap() -> None:
    store = MemoryStore("donations")
    executor = Executor(store, lambda: MONDAY)
    others = [UUID(int=100 + n) for n in range(3)]
    for one in (CONTRIBUTION, *others):
        await given_accepted(executor, one)

    async def give(one: UUID) -> Any:
        return await executor.execute(receipt_book, stream("PT", MONDAY), issue(one), asked())

    outcomes = await asyncio.gather(
        *(give(one) for one in (CONTRIBUTION, CONTRIBUTION, *others)), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, ContributionReceiptedAlready)]
    assert len(refused) == 1
    events = [decode(stored).event for stored in await store.log(0, 100)]
    numbers = [event.number for event in events if isinstance(event, ReceiptIssued)]
    assert numbers == [1, 2, 3, 4]


def asked() -> Asked:
    return Asked(Key(ACCOUNTANT, uuid4(), b""), Why(actor=ACCOUNTANT))


async def given_accepted(executor: Executor, contribution_id: UUID) -> None:
    """Put an accepted contribution into the log through a decider that only remembers."""
    past = [
        replace(event, contribution_id=contribution_id)
        for event in (announced, received, inspected, accepted)
    ]
    remember: Decider[Any, Any, Any] = Decider(None, lambda _, __: past, lambda _, __: None)
    await executor.execute(remember, f"contribution-{contribution_id}", None, asked())
