from dataclasses import replace
from uuid import UUID

from contracts.donations import EntryLine
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import given_off
from programmes.packs import Packs
from services.donations.domain.fund import BookEntry
from services.donations.domain.pledge import CountContribution, pledge
from services.donations.reactions import REACTIONS
from tests.services.donations.examples import (
    CONTRIBUTION,
    FUND,
    LINE,
    MONDAY,
    PLEDGE,
    TUESDAY,
    accepted,
)
from tests.services.donations.test_contribution import corrected
from tests.support.delivered import direct_gift_delivered, support_delivered
from tests.support.house import happened

delivered = support_delivered(
    category="scholarship", quantity=2_000_000, measure="dong", fund_id=FUND, line_id=LINE
)


def gives(event):
    (recorded,) = happened(event)
    return [give for _, give in given_off(REACTIONS, recorded)]


def test_what_was_accepted_counts_for_its_pledge():
    count = CountContribution(
        contribution_id=CONTRIBUTION, correction=0, quantity=950, happened_at=MONDAY
    )
    assert gives(accepted) == [CommandFor(pledge, f"pledge-{PLEDGE}", count)]


def test_what_was_corrected_counts_anew():
    count = CountContribution(
        contribution_id=CONTRIBUTION, correction=1, quantity=850, happened_at=TUESDAY
    )
    assert gives(corrected) == [CommandFor(pledge, f"pledge-{PLEDGE}", count)]


def test_a_contribution_without_a_pledge_gives_nothing_off():
    assert gives(replace(accepted, pledge_id=None)) == []
    assert gives(replace(corrected, pledge_id=None)) == []


def test_money_for_a_childs_health_is_owed_to_who_treats_it(monkeypatch):
    monkeypatch.setattr(Packs, "tells_of_health", lambda *_: True)
    (give,) = gives(delivered)
    assert [line.account for line in give.command.lines] == ["support-delivered", "partners"]


def test_money_that_reached_a_child_is_accounted_for_and_moves_nothing_at_the_bank():
    (give,) = gives(delivered)
    assert give.stream == f"fund-{FUND}"
    assert isinstance(give.command, BookEntry)
    assert give.command.lines == (
        EntryLine(account="support-delivered", debit=2_000_000, credit=0),
        EntryLine(account="advances", debit=0, credit=2_000_000),
    )
    assert give.command.paper == str(LINE)


def test_what_reached_a_child_once_is_one_entry():
    (recorded,) = happened(delivered)
    (_, first), (_, second) = (given_off(REACTIONS, recorded)[0] for _ in range(2))
    entry_id = beside(recorded.event_id, mark(b"delivered", LINE.bytes))
    assert first.command.entry_id == second.command.entry_id == entry_id


def test_goods_that_reached_a_child_are_not_money():
    assert gives(support_delivered()) == []


def test_money_that_a_sponsor_handed_over_never_was_in_the_bank():
    money = direct_gift_delivered(UUID(int=41), category="scholarship", measure="dong")
    assert gives(money) == []


def test_names_are_unique_since_keys_are_derived_from_them():
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
