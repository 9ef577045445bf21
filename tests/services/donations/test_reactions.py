from dataclasses import replace
from uuid import UUID

from contracts.allocation import DeliveryLineSigned
from contracts.donations import EntryLine
from eventing.decider import Give
from eventing.reactions import given_off
from services.donations.domain.fund import BookEntry
from services.donations.domain.pledge import CountContribution, pledge
from services.donations.reactions import REACTIONS
from tests.services.donations.examples import (
    CAMPAIGN,
    COMMUNE,
    CONTRIBUTION,
    FUND,
    LINE,
    MONDAY,
    PLEDGE,
    PROGRAMME,
    SPONSOR,
    STOREKEEPER,
    accepted,
)
from tests.support.house import happened

signed = DeliveryLineSigned(
    delivery_id=UUID(int=41),
    programme_id=PROGRAMME,
    line_id=LINE,
    lot_id=UUID(int=42),
    need_id=UUID(int=43),
    child_id=UUID(int=44),
    unit_id=COMMUNE,
    category="scholarship",
    quantity=2_000_000,
    measure="dong",
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    contribution_id=CONTRIBUTION,
    sponsor_id=SPONSOR,
    signed_as="guardian",
    proxy=None,
    acknowledged_by=STOREKEEPER,
    happened_at=MONDAY,
)


def gives(event):
    (recorded,) = happened(event)
    return [give for _, give in given_off(REACTIONS, recorded)]


def test_what_was_accepted_counts_for_its_pledge():
    count = CountContribution(contribution_id=CONTRIBUTION, quantity=950, happened_at=MONDAY)
    assert gives(accepted) == [Give(pledge, f"pledge-{PLEDGE}", count)]


def test_a_contribution_without_a_pledge_gives_nothing_off():
    assert gives(replace(accepted, pledge_id=None)) == []


def test_money_that_was_signed_for_leaves_the_bank():
    (give,) = gives(signed)
    assert give.stream == f"fund-{FUND}"
    assert isinstance(give.command, BookEntry)
    assert give.command.lines == (
        EntryLine(account="support-delivered", debit=2_000_000, credit=0),
        EntryLine(account="bank", debit=0, credit=2_000_000),
    )
    assert give.command.paper == str(LINE)


def test_one_signed_line_is_one_entry():
    (first,), (second,) = gives(signed), gives(signed)
    assert first.command.entry_id == second.command.entry_id


def test_goods_that_were_signed_for_are_not_money():
    assert gives(replace(signed, category="warm-clothes", measure="piece", quantity=1)) == []


def test_names_are_unique_since_keys_are_derived_from_them():
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
