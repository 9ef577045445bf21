from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import (
    ContributionCorrectionRefused,
    ContributionCounted,
    ContributionReceiptCancelled,
    ContributionReceipted,
    ContributionRefused,
    EntryLine,
    FundEntryBooked,
    NumberedReceipt,
    PledgeFulfilled,
    PledgeOpenAgain,
    PublishedResultRecorded,
    ReceiptCancelled,
    ReceiptedLine,
    ReceiptIssued,
    ResultLine,
)
from eventing.record import Recorded, Why
from services.donations.domain.fund import BookEntry, fund
from services.donations.read_models import READ_MODELS
from services.donations.read_models.campaigns import campaigns
from services.donations.read_models.contributions import contributions
from services.donations.read_models.fund_balances import fund_balances
from services.donations.read_models.funds import funds
from services.donations.read_models.payments import payments
from services.donations.read_models.pledges import pledges
from services.donations.read_models.published_results import published_results
from services.donations.read_models.receipts import receipts
from services.donations.read_models.sponsors import sponsors
from tests.services.donations.examples import (
    ACCOUNTANT,
    CAMPAIGN,
    CODE,
    COMMUNE,
    CONTRIBUTION,
    COORDINATOR,
    FUND,
    LINE,
    MONDAY,
    OTHER_CODE,
    PLEDGE,
    PROGRAMME,
    SIGNATORIES,
    SPONSOR,
    STOREKEEPER,
    TUESDAY,
    accepted,
    announced,
    campaign_opened,
    code_hash,
    fund_opened,
    inspected,
    pledge_made,
    received,
    sponsor_registered,
)
from tests.services.donations.test_contribution import corrected, proposed
from tests.services.donations.test_fund import balances, both_sides, open_fund
from tests.services.donations.test_payment import PAID, PAYMENT, failed, settled
from tests.services.donations.test_sponsor import agreed, no_longer
from tests.support.interleaving import interleavings
from tests.support.repeating import after

accounts = st.sampled_from(["bank", "cash", "contributions"])
counted = ContributionCounted(
    pledge_id=PLEDGE,
    programme_id=PROGRAMME,
    contribution_id=CONTRIBUTION,
    correction=0,
    quantity=950,
    quantity_counted=950,
    happened_at=MONDAY,
)
fulfilled = PledgeFulfilled(pledge_id=PLEDGE, programme_id=PROGRAMME, happened_at=MONDAY)
open_again = PledgeOpenAgain(pledge_id=PLEDGE, programme_id=PROGRAMME, happened_at=TUESDAY)
issued = ReceiptIssued(
    book="HANG",
    year=2024,
    number=7,
    programme_id=PROGRAMME,
    contribution_id=CONTRIBUTION,
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
    code_hash=code_hash(7),
    signatories=SIGNATORIES,
    issued_by=ACCOUNTANT,
    happened_at=MONDAY,
)
receipted = ContributionReceipted(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    book="HANG",
    year=2024,
    number=7,
    code_hash=code_hash(7),
    happened_at=MONDAY,
)
SEVENTH = NumberedReceipt(book="HANG", year=2024, number=7)
receipt_cancelled = ReceiptCancelled(
    book="HANG",
    year=2024,
    number=7,
    programme_id=PROGRAMME,
    contribution_id=CONTRIBUTION,
    code_hash=code_hash(7),
    reason="wrong-giver",
    cancelled_by=ACCOUNTANT,
    happened_at=TUESDAY,
)
cancelled = ContributionReceiptCancelled(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    book="HANG",
    year=2024,
    number=7,
    reason="wrong-amount",
    happened_at=TUESDAY,
)
never_came = ContributionRefused(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    sponsor_id=SPONSOR,
    pledge_id=PLEDGE,
    kind="goods",
    lines=(),
    measure="piece",
    refused=0,
    reason="never-came",
    refused_by=ACCOUNTANT,
    happened_at=TUESDAY,
)
correction_refused = ContributionCorrectionRefused(
    contribution_id=CONTRIBUTION,
    programme_id=PROGRAMME,
    number=1,
    refused_by=COORDINATOR,
    happened_at=TUESDAY,
)
issued_again = replace(issued, number=8, code=OTHER_CODE, code_hash=code_hash(8), replaces=SEVENTH)
published = PublishedResultRecorded(
    result_id=CONTRIBUTION,
    unit_id=COMMUNE,
    title="Trung thu 2024",
    source="Quỹ Bảo trợ trẻ em Hà Nội",
    as_of=date(2024, 9, 17),
    lines=(
        ResultLine(label="a", amount=400_000_000, child_times=200),
        ResultLine(label="b", amount=360_270_000, child_times=300),
    ),
    amount=760_270_000,
    child_times=500,
    recorded_by=ACCOUNTANT,
    happened_at=MONDAY,
)


def booked(fund=FUND):
    return FundEntryBooked(
        fund_id=fund,
        programme_id=PROGRAMME,
        entry_id=UUID(int=1),
        lines=both_sides(5),
        balances=balances(5),
        paper="paper",
        happened_at=MONDAY,
    )


def stream_of(name, *events):
    why = Why(actor=ACCOUNTANT)
    return [
        Recorded("donations", version, name, version, uuid4(), event, MONDAY, why)
        for version, event in enumerate(events, 1)
    ]


def folded(model, log, batch_size=1000):
    rows: dict[Any, Any] = {}
    followed = [recorded for recorded in log if type(recorded.event) in model.events]
    for start in range(0, len(followed), batch_size):
        rows |= model.fold(rows, followed[start : start + batch_size])
        rows = {key: row for key, row in rows.items() if row is not None}
    return rows


# --- pledges ---


def test_what_has_not_arrived_is_outstanding():
    row = folded(pledges, stream_of("pledge", pledge_made, counted))[PLEDGE]
    assert (row.quantity_counted, row.quantity_outstanding, row.fulfilled) == (950, 50, False)


def test_what_comes_in_parts_adds_up():
    more = replace(counted, quantity=20, quantity_counted=970)
    row = folded(pledges, stream_of("pledge", pledge_made, counted, more))
    assert (row[PLEDGE].quantity_counted, row[PLEDGE].quantity_outstanding) == (970, 30)


def test_more_than_promised_leaves_nothing_outstanding():
    more = replace(counted, quantity=1200, quantity_counted=1200)
    row = folded(pledges, stream_of("pledge", pledge_made, more, fulfilled))[PLEDGE]
    assert (row.quantity_counted, row.quantity_outstanding, row.fulfilled) == (1200, 0, True)


# --- contributions ---


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((announced,), "announced"),
        ((announced, received), "received"),
        ((announced, received, inspected), "received"),
        ((announced, never_came), "refused"),
        ((announced, received, inspected, accepted), "accepted"),
        ((announced, received, inspected, accepted, receipted), "receipted"),
        ((announced, received, inspected, accepted, receipted, cancelled), "accepted"),
    ],
)
def test_a_contribution_shows_how_far_it_has_come(events, status):
    row = folded(contributions, stream_of("contribution", *events))[CONTRIBUTION]
    assert (row.status, row.version) == (status, len(events))


def test_a_line_shows_what_was_found():
    row = folded(contributions, stream_of("contribution", announced, received, inspected))[
        CONTRIBUTION
    ]
    (line,) = row.lines
    assert (line.announced, line.good, line.mendable, line.refused) == (1000, 800, 150, 50)
    assert (row.good, row.mendable, row.refused) == (800, 150, 50)


def test_before_anybody_looked_nothing_is_said_of_a_line():
    row = folded(contributions, stream_of("contribution", announced))[CONTRIBUTION]
    assert row.lines[0].good is None


def test_it_says_who_received_and_who_accepted():
    row = folded(contributions, stream_of("contribution", announced, received, inspected, accepted))
    assert (row[CONTRIBUTION].received_by, row[CONTRIBUTION].accepted_by) == (
        STOREKEEPER,
        ACCOUNTANT,
    )


def test_the_books_own_version_is_not_the_contributions():
    log = stream_of("contribution", announced, received, inspected, accepted)
    log += stream_of("receipt-book", issued)
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.version, row.receipt_code) == (4, CODE)


def test_when_its_receipt_is_cancelled_it_has_none_until_the_next():
    log = stream_of(
        "one", announced, received, inspected, accepted, issued, receipted, receipt_cancelled
    )
    log += stream_of("one", cancelled)
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.receipt_number, row.receipt_code, row.cancelled_receipt) == (None, None, SEVENTH)
    log += stream_of("one", issued_again, replace(receipted, number=8))
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.status, row.receipt_number, row.cancelled_receipt) == ("receipted", 8, SEVENTH)
    assert row.receipt_code == OTHER_CODE


def test_a_correction_waits_and_then_is_what_came():
    log = stream_of("one", announced, received, inspected, accepted, proposed)
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.good, row.correction.good, row.correction.number) == (800, 700, 1)
    log = stream_of("one", announced, received, inspected, accepted, proposed, corrected)
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.good, row.lines[0].good, row.correction) == (700, 700, None)
    log = stream_of("one", announced, received, inspected, accepted, proposed, correction_refused)
    row = folded(contributions, log)[CONTRIBUTION]
    assert (row.good, row.correction) == (800, None)


def test_less_than_was_thought_leaves_a_pledge_open_again():
    log = stream_of("pledge", pledge_made, counted, fulfilled, open_again)
    assert not folded(pledges, log)[PLEDGE].fulfilled


# --- funds ---


@given(st.lists(st.tuples(st.integers(1, 9), accounts, accounts), max_size=12))
def test_what_stands_in_an_account_is_all_that_was_booked_there(bookings):
    asked = [
        BookEntry(
            entry_id=uuid5(FUND, str(number)),
            lines=(
                EntryLine(account=debit, debit=amount, credit=0),
                EntryLine(account=credit, debit=0, credit=amount),
            ),
            paper="paper",
            happened_at=MONDAY,
        )
        for number, (amount, debit, credit) in enumerate(bookings)
    ]
    events = after(fund, [open_fund(), *asked])
    booked_on = defaultdict(lambda: [0, 0])
    for line in (line for each in asked for line in each.lines):
        booked_on[line.account][0] += line.debit
        booked_on[line.account][1] += line.credit
    rows = folded(fund_balances, stream_of("fund", *events))
    assert {account: [row.debit, row.credit] for (_, account), row in rows.items()} == booked_on


# --- the others ---


def test_a_fund_a_campaign_and_a_sponsor_are_listed():
    assert folded(funds, stream_of("fund", fund_opened))[FUND].name == fund_opened.name
    campaign = folded(campaigns, stream_of("campaign", campaign_opened))[CAMPAIGN]
    assert (campaign.target, campaign.ends_on) == (1000, date(2024, 12, 15))
    sponsor = folded(sponsors, stream_of("sponsor", sponsor_registered))[SPONSOR]
    assert (sponsor.person_id, sponsor.name) == (
        sponsor_registered.person_id,
        sponsor_registered.name,
    )


def test_a_receipt_is_found_by_its_code():
    row = folded(receipts, stream_of("receipt-book", issued))[code_hash(7)]
    assert (row.book, row.year, row.number, row.quantity) == ("HANG", 2024, 7, 950)


def test_a_cancelled_receipt_stays_and_says_when_and_why():
    log = stream_of("receipt-book", issued, receipt_cancelled, issued_again)
    rows = folded(receipts, log)
    row = rows[code_hash(7)]
    assert (row.number, row.status, row.reason) == (7, "cancelled", "wrong-giver")
    assert (row.cancelled_at, row.cancelled_by) == (TUESDAY, ACCOUNTANT)
    again = rows[code_hash(8)]
    assert (again.number, again.status, again.replaces) == (8, "issued", SEVENTH)


def test_a_published_result_is_summed_by_itself():
    row = folded(published_results, stream_of("result", published))[CONTRIBUTION]
    assert (row.amount, row.child_times) == (760_270_000, 500)


# --- in whatever order ---


def everything_of(number):
    """One giver's whole story, under ids of its own: one stream after another rests on it."""
    ids = {
        one: UUID(int=one.int + 1000 * number)
        for one in (SPONSOR, FUND, CAMPAIGN, PLEDGE, CONTRIBUTION, LINE)
    }
    code, next_code = code_hash(2 * number), code_hash(2 * number + 1)
    return stream_of(
        f"story-{number}",
        replace(sponsor_registered, sponsor_id=ids[SPONSOR]),
        replace(agreed, sponsor_id=ids[SPONSOR]),
        replace(no_longer, sponsor_id=ids[SPONSOR]),
        replace(fund_opened, fund_id=ids[FUND]),
        replace(campaign_opened, campaign_id=ids[CAMPAIGN]),
        replace(pledge_made, pledge_id=ids[PLEDGE]),
        replace(announced, contribution_id=ids[CONTRIBUTION]),
        replace(received, contribution_id=ids[CONTRIBUTION]),
        replace(inspected, contribution_id=ids[CONTRIBUTION]),
        replace(accepted, contribution_id=ids[CONTRIBUTION]),
        booked(ids[FUND]),
        replace(counted, pledge_id=ids[PLEDGE]),
        replace(issued, contribution_id=ids[CONTRIBUTION], code_hash=code),
        replace(receipted, contribution_id=ids[CONTRIBUTION]),
        replace(receipt_cancelled, contribution_id=ids[CONTRIBUTION], code_hash=code),
        replace(cancelled, contribution_id=ids[CONTRIBUTION]),
        replace(proposed, contribution_id=ids[CONTRIBUTION]),
        replace(correction_refused, contribution_id=ids[CONTRIBUTION]),
        replace(proposed, contribution_id=ids[CONTRIBUTION], number=2),
        replace(corrected, contribution_id=ids[CONTRIBUTION], number=2),
        replace(issued_again, contribution_id=ids[CONTRIBUTION], code_hash=next_code),
        replace(receipted, contribution_id=ids[CONTRIBUTION], number=8),
        replace(published, result_id=ids[CONTRIBUTION]),
        replace(announced, contribution_id=ids[PLEDGE]),
        replace(never_came, contribution_id=ids[PLEDGE]),
        *(replace(event, payment_id=ids[FUND]) for event in (*PAID, settled)),
        *(replace(event, payment_id=ids[LINE]) for event in (*PAID, failed)),
    )


def test_a_payment_is_as_far_as_its_last_step():
    rows = folded(payments, stream_of("payment", *PAID))
    assert (rows[PAYMENT].status, rows[PAYMENT].reference) == ("paid", "FT24353")
    rows = folded(payments, stream_of("payment", *PAID, settled))
    row = rows[PAYMENT]
    assert (row.status, row.handed_out, row.returned) == ("settled", 49_000_000, 1_000_000)
    rows = folded(payments, stream_of("payment", *PAID, failed))
    assert (rows[PAYMENT].status, rows[PAYMENT].failure) == ("failed", "returned-by-bank")


STORIES = [everything_of(number) for number in range(3)]
IN_ORDER = [recorded for story in STORIES for recorded in story]


@pytest.mark.parametrize("model", READ_MODELS, ids=lambda model: model.name)
@given(log=interleavings(STORIES), batch_size=st.integers(1, 7))
def test_neither_interleaving_nor_batching_matters(model, log, batch_size):
    live = folded(model, log, batch_size)
    assert model.digest(live.values()) == model.digest(folded(model, IN_ORDER).values())


def test_every_event_of_donations_is_in_some_story():
    told = {type(recorded.event) for recorded in IN_ORDER} | {PledgeFulfilled, PledgeOpenAgain}
    followed = {event for model in READ_MODELS for event in model.events}
    own = {event for event in followed if event.__module__ == "contracts.donations"}
    assert own <= told
