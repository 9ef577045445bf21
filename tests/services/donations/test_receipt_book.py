import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import (
    CancellationReason,
    ContributionReceiptCancelled,
    ContributionReceipted,
    NumberedReceipt,
    ReceiptCancelled,
    ReceiptedLine,
    ReceiptIssued,
)
from eventing.decider import CommandFor, Decider
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from services.donations.domain.contribution import (
    ContributionReceiptedAlready,
    MarkReceiptCancelled,
    MarkReceipted,
    Receipted,
    ReceiptNotIssued,
    cancelled_receipt_of,
    contribution,
    receipt_of,
)
from services.donations.domain.contribution import stream as contribution_stream
from services.donations.domain.receipt_book import (
    CancelReceipt,
    IssueReceipt,
    ReceiptCancelledOtherwise,
    receipt_book,
    stream,
    stream_of_year,
)
from tests.services.donations.examples import (
    ACCOUNTANT,
    CODE,
    CONTRIBUTION,
    COORDINATOR,
    MONDAY,
    OTHER_CONTRIBUTION,
    PROGRAMME,
    SIGNATORIES,
    SPONSOR,
    TUESDAY,
    accepted,
    announced,
    code_hash,
    inspected,
    received,
)
from tests.support.repeating import after
from tests.support.spec import Given


def receipted(book: str = "PT", number: int = 1) -> ContributionReceipted:
    return ContributionReceipted(
        contribution_id=CONTRIBUTION,
        programme_id=PROGRAMME,
        book=book,
        year=2024,
        number=number,
        code_hash=code_hash(number),
        happened_at=MONDAY,
    )


def numbered(number: int) -> NumberedReceipt:
    return NumberedReceipt(book="PT", year=2024, number=number)


def issue(
    contribution_id: UUID = CONTRIBUTION,
    *,
    number: int = 1,
    receipt: ContributionReceipted | None = None,
    replaces: NumberedReceipt | None = None,
    at: datetime = MONDAY,
) -> IssueReceipt:
    return IssueReceipt(
        book="PT",
        announced=announced,
        gift=replace(accepted, contribution_id=contribution_id),
        receipt=receipt,
        replaces=replaces,
        code=CODE,
        code_hash=code_hash(number),
        signatories=SIGNATORIES,
        issued_by=ACCOUNTANT,
        happened_at=at,
    )


def issued(
    number: int, contribution_id: UUID = CONTRIBUTION, replaces: NumberedReceipt | None = None
) -> ReceiptIssued:
    return ReceiptIssued(
        book="PT",
        year=2024,
        number=number,
        programme_id=PROGRAMME,
        contribution_id=contribution_id,
        sponsor_id=SPONSOR,
        kind="goods",
        lines=(
            ReceiptedLine(
                category="warm-clothes",
                specification={"size": "H120", "gender": "female"},
                quantity=950,
            ),
        ),
        quantity=950,
        measure="piece",
        code=CODE,
        code_hash=code_hash(number),
        signatories=SIGNATORIES,
        replaces=replaces,
        issued_by=ACCOUNTANT,
        happened_at=MONDAY,
    )


def cancel(
    number: int = 1,
    contribution_id: UUID = CONTRIBUTION,
    *,
    standing: ContributionReceipted | None = None,
    reason: CancellationReason = "wrong-giver",
    by: UUID = ACCOUNTANT,
    at: datetime = TUESDAY,
) -> CancelReceipt:
    return CancelReceipt(
        programme_id=PROGRAMME,
        receipt=numbered(number),
        contribution_id=contribution_id,
        standing=standing,
        reason=reason,
        cancelled_by=by,
        happened_at=at,
    )


def cancelled(number: int) -> ReceiptCancelled:
    return ReceiptCancelled(
        book="PT",
        year=2024,
        number=number,
        programme_id=PROGRAMME,
        contribution_id=CONTRIBUTION,
        code_hash=code_hash(number),
        reason="wrong-giver",
        cancelled_by=ACCOUNTANT,
        happened_at=TUESDAY,
    )


def test_the_first_number_of_a_book_is_one() -> None:
    Given(receipt_book).when(issue()).then(issued(1))


def test_the_next_follows() -> None:
    other = UUID(int=99)
    Given(receipt_book, issued(1)).when(issue(other, number=2)).then(issued(2, other))


def test_the_number_is_given_to_the_contribution_in_the_same_append() -> None:
    (give,) = receipt_book.also(issue(), receipt_book.initial, [issued(1)])
    mark = MarkReceipted(
        book="PT",
        year=2024,
        number=1,
        quantity=950,
        code_hash=code_hash(1),
        happened_at=MONDAY,
    )
    assert give == CommandFor(contribution, f"contribution-{CONTRIBUTION}", mark)


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


def test_a_receipt_is_cancelled_with_its_reason() -> None:
    asked = cancel(standing=receipted())
    Given(receipt_book, issued(1)).when(asked).then(cancelled(1))


def test_the_contribution_is_told_in_the_same_append() -> None:
    asked = cancel(standing=receipted())
    (give,) = receipt_book.also(asked, receipt_book.initial, [cancelled(1)])
    mark = MarkReceiptCancelled(
        receipt=numbered(1), reason=cancelled(1).reason, happened_at=TUESDAY
    )
    assert give == CommandFor(contribution, f"contribution-{CONTRIBUTION}", mark)


def test_the_next_receipt_has_the_next_number_and_names_what_it_replaces() -> None:
    other = UUID(int=99)
    past = (issued(1), issued(2, other), cancelled(1))
    asked = issue(number=3, replaces=numbered(1))
    Given(receipt_book, *past).when(asked).then(issued(3, replaces=numbered(1)))


def test_a_cancelled_receipt_is_named_by_its_own_code() -> None:
    asked = cancel(2, standing=receipted(number=2))
    past = (issued(1), cancelled(1), issued(2, replaces=numbered(1)))
    Given(receipt_book, *past).when(asked).then(cancelled(2))


def test_another_code_for_a_receipt_that_there_is_goes_to_nobody() -> None:
    again = replace(issue(receipt=receipted()), code_hash=code_hash(99))
    Given(receipt_book, issued(1)).when(again).then_nothing()


def test_cancelling_again_with_the_same_reason_changes_nothing() -> None:
    later = cancel(at=TUESDAY + timedelta(days=1))
    Given(receipt_book, issued(1), cancelled(1)).when(later).then_nothing()


@pytest.mark.parametrize(
    "again",
    [
        cancel(reason="spoilt"),
        cancel(by=COORDINATOR),
        cancel(contribution_id=OTHER_CONTRIBUTION),
    ],
)
def test_what_was_cancelled_is_not_cancelled_otherwise(again: CancelReceipt) -> None:
    past = (issued(1), cancelled(1))
    Given(receipt_book, *past).when(again).then_rejected(ReceiptCancelledOtherwise)


@pytest.mark.parametrize("standing", [None, receipted(number=2)])
def test_what_was_not_issued_is_not_cancelled(standing: ContributionReceipted | None) -> None:
    asked = cancel(1, standing=standing)
    Given(receipt_book).when(asked).then_rejected(ReceiptNotIssued)


def test_it_is_cancelled_in_the_book_of_its_own_year() -> None:
    assert stream_of_year("PT", 2024) == stream("PT", MONDAY)


@given(st.lists(st.integers(1, 30).map(lambda n: UUID(int=n)), unique=True))
def test_numbers_run_without_gap(contributions: list[UUID]) -> None:
    events = after(receipt_book, [issue(one) for one in contributions])
    assert [event.number for event in events] == list(range(1, len(contributions) + 1))


Step = tuple[UUID, bool]
steps = st.tuples(st.integers(1, 3).map(lambda n: UUID(int=n)), st.booleans())


@given(st.lists(steps, max_size=20))
def test_whatever_is_issued_and_cancelled_numbers_run_on_and_one_stands(asked: list[Step]) -> None:
    events = asyncio.run(issued_and_cancelled(asked))
    numbers = [event.number for event in events if isinstance(event, ReceiptIssued)]
    assert numbers == list(range(1, len(numbers) + 1))
    standing: dict[UUID, int] = {}
    last: dict[UUID, int] = {}
    for event in events:
        if isinstance(event, ReceiptIssued):
            assert event.contribution_id not in standing
            standing[event.contribution_id] = event.number
            before = last.get(event.contribution_id)
            assert event.replaces == (None if before is None else numbered(before))
        if isinstance(event, ReceiptCancelled):
            assert standing.pop(event.contribution_id) == event.number
            last[event.contribution_id] = event.number


async def issued_and_cancelled(asked_for: list[Step]) -> list[Any]:
    """Each step issues a contribution's receipt, or cancels the one that it has."""
    store = MemoryStore("donations")
    executor = Executor(store, lambda: MONDAY)
    for one in {one for one, _ in asked_for}:
        await given_accepted(executor, one)
    for one, issues in asked_for:
        state = await executor.state(contribution, contribution_stream(one))
        standing, before = receipt_of(state), cancelled_receipt_of(state)
        if issues and standing is None:
            command: Any = issue(one, replaces=before)
        elif not issues and isinstance(state, Receipted):
            command = cancel(state.receipt.number, one, standing=state.receipt)
        else:
            continue
        await executor.execute(receipt_book, stream("PT", MONDAY), command, asked())
    return [decode(stored).event for stored in await store.log(0, 1000)]


async def test_two_clerks_who_cancel_and_issue_at_once_leave_one_receipt_or_none() -> None:
    store = MemoryStore("donations")
    executor = Executor(store, lambda: MONDAY)
    await given_accepted(executor, CONTRIBUTION)
    book = stream("PT", MONDAY)
    await executor.execute(receipt_book, book, issue(), asked())
    commands = [
        cancel(standing=receipted()),
        cancel(standing=receipted()),
        issue(replaces=numbered(1)),
        issue(replaces=numbered(1)),
    ]
    await asyncio.gather(
        *(executor.execute(receipt_book, book, one, asked()) for one in commands),
        return_exceptions=True,
    )
    events = [decode(stored).event for stored in await store.log(0, 100)]
    assert sum(isinstance(event, ReceiptCancelled) for event in events) == 1
    assert sum(isinstance(event, ContributionReceiptCancelled) for event in events) == 1
    numbers = [event.number for event in events if isinstance(event, ReceiptIssued)]
    assert numbers in ([1], [1, 2])


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


def asked() -> CommandContext:
    return CommandContext(Key(ACCOUNTANT, uuid4(), b""), Why(actor=ACCOUNTANT))


async def given_accepted(executor: Executor, contribution_id: UUID) -> None:
    """Put an accepted contribution into the log through a decider that only remembers."""
    past = [
        replace(event, contribution_id=contribution_id)
        for event in (announced, received, inspected, accepted)
    ]
    remember: Decider[Any, Any, Any] = Decider(None, lambda _, __: past, lambda _, __: None)
    await executor.execute(remember, f"contribution-{contribution_id}", None, asked())
