from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import ContributionCounted, Earmark, PledgeFulfilled, PledgeOpenAgain
from services.donations.domain.campaign import CheckCampaignRunning
from services.donations.domain.kinds import MoneyIsCountedInDong
from services.donations.domain.pledge import (
    CheckPledgeAwaits,
    CountContribution,
    MakePledge,
    NotWhatWasPledged,
    PledgeMadeOtherwise,
    PledgeNotMade,
    pledge,
)
from services.donations.domain.sponsor import CheckSponsorRegistered
from tests.services.donations.examples import (
    CAMPAIGN,
    COMMUNE,
    CONTRIBUTION,
    COORDINATOR,
    MONDAY,
    OTHER_CONTRIBUTION,
    OTHER_SPONSOR,
    PLEDGE,
    PROGRAMME,
    RULES,
    SPONSOR,
    TUESDAY,
    pledge_made,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

FOR_THE_COMMUNE = Earmark(unit_id=COMMUNE)


def make(
    *, sponsor: UUID = SPONSOR, quantity: int = 1000, at: datetime = MONDAY, **changes: Any
) -> MakePledge:
    command = MakePledge(
        pledge_id=PLEDGE,
        programme_id=PROGRAMME,
        campaign_id=CAMPAIGN,
        sponsor_id=sponsor,
        kind="goods",
        category="warm-clothes",
        quantity=quantity,
        measure="piece",
        earmark=Earmark(),
        rules=RULES,
        made_by=COORDINATOR,
        happened_at=at,
    )
    return replace(command, **changes)


def awaits(**changes: Any) -> CheckPledgeAwaits:
    command = CheckPledgeAwaits(
        campaign_id=CAMPAIGN,
        sponsor_id=SPONSOR,
        kind="goods",
        measure="piece",
        earmark=Earmark(),
    )
    return replace(command, **changes)


def count(
    quantity: int, contribution: UUID = CONTRIBUTION, correction: int = 0
) -> CountContribution:
    return CountContribution(
        contribution_id=contribution,
        correction=correction,
        quantity=quantity,
        happened_at=TUESDAY,
    )


def counted(
    quantity: int, contribution: UUID = CONTRIBUTION, before: int = 0, correction: int = 0
) -> ContributionCounted:
    return ContributionCounted(
        pledge_id=PLEDGE,
        programme_id=PROGRAMME,
        contribution_id=contribution,
        correction=correction,
        quantity=quantity,
        quantity_counted=before + quantity,
        happened_at=TUESDAY,
    )


fulfilled = PledgeFulfilled(pledge_id=PLEDGE, programme_id=PROGRAMME, happened_at=TUESDAY)
open_again = PledgeOpenAgain(pledge_id=PLEDGE, programme_id=PROGRAMME, happened_at=TUESDAY)


def test_a_pledge_is_made() -> None:
    Given(pledge).when(make()).then(pledge_made)


def test_making_it_rests_on_the_campaign_and_the_sponsor() -> None:
    gives = pledge.also(make(), pledge.initial, [pledge_made])
    assert [(give.stream, give.command) for give in gives] == [  # type: ignore[union-attr]
        (
            f"campaign-{CAMPAIGN}",
            CheckCampaignRunning(categories=frozenset({"warm-clothes"}), happened_at=MONDAY),
        ),
        (f"sponsor-{SPONSOR}", CheckSponsorRegistered()),
    ]


def test_asking_again_later_changes_nothing_and_asks_for_nothing() -> None:
    again = make(at=TUESDAY)
    Given(pledge, pledge_made).when(again).then_nothing()
    assert list(pledge.also(again, pledge.fold([pledge_made]), [])) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"sponsor_id": OTHER_SPONSOR},
        {"quantity": 999},
        {"earmark": FOR_THE_COMMUNE},
        {"category": "school-supplies"},
        {"made_by": SPONSOR},
    ],
)
def test_another_promise_cannot_take_the_id(changes: dict[str, Any]) -> None:
    Given(pledge, pledge_made).when(make(**changes)).then_rejected(PledgeMadeOtherwise)


@pytest.mark.parametrize(("kind", "measure"), [("money", "piece"), ("goods", "dong")])
def test_money_is_promised_in_dong_and_goods_are_not(kind: str, measure: str) -> None:
    Given(pledge).when(make(kind=kind, measure=measure)).then_rejected(MoneyIsCountedInDong)


def test_what_was_promised_is_awaited() -> None:
    Given(pledge, pledge_made).when(awaits()).then_nothing()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("campaign_id", PLEDGE),
        ("sponsor_id", OTHER_SPONSOR),
        ("kind", "money"),
        ("measure", "set"),
    ],
)
def test_what_was_not_promised_is_not(field: str, value: Any) -> None:
    Given(pledge, pledge_made).when(awaits(**{field: value})).then_rejected(NotWhatWasPledged)


def test_an_earmark_may_be_narrowed_when_it_comes() -> None:
    Given(pledge, pledge_made).when(awaits(earmark=FOR_THE_COMMUNE)).then_nothing()


def test_an_earmark_is_never_dropped() -> None:
    earmarked = replace(pledge_made, earmark=FOR_THE_COMMUNE)
    Given(pledge, earmarked).when(awaits()).then_rejected(NotWhatWasPledged)


def test_part_arrives() -> None:
    Given(pledge, pledge_made).when(count(400)).then(counted(400))


def test_the_rest_arrives() -> None:
    rest = count(600, OTHER_CONTRIBUTION)
    Given(pledge, pledge_made, counted(400)).when(rest).then(
        counted(600, OTHER_CONTRIBUTION, 400), fulfilled
    )


def test_more_than_promised_arrives() -> None:
    Given(pledge, pledge_made).when(count(1200)).then(counted(1200), fulfilled)


def test_a_pledge_is_fulfilled_once() -> None:
    more = count(1, OTHER_CONTRIBUTION)
    Given(pledge, pledge_made, counted(1200), fulfilled).when(more).then(
        counted(1, OTHER_CONTRIBUTION, 1200)
    )


def test_the_same_contribution_counts_once() -> None:
    Given(pledge, pledge_made, counted(400)).when(count(400)).then_nothing()


def test_after_a_correction_another_quantity_counts() -> None:
    past = (pledge_made, counted(400), counted(600, OTHER_CONTRIBUTION, 400), fulfilled)
    Given(pledge, *past).when(count(350, correction=1)).then(
        counted(350, before=600, correction=1), open_again
    )
    again = counted(350, before=600, correction=1)
    late = Given(pledge, *past, again, open_again)
    late.when(count(400)).then_nothing()
    late.when(count(400, correction=2)).then(counted(400, before=600, correction=2), fulfilled)


@pytest.mark.parametrize("command", [count(1), awaits()])
def test_nothing_is_expected_from_a_pledge_that_was_not_made(
    command: CountContribution | CheckPledgeAwaits,
) -> None:
    Given(pledge).when(command).then_rejected(PledgeNotMade)


contributions = st.sampled_from([CONTRIBUTION, OTHER_CONTRIBUTION])
commands = st.one_of(
    st.builds(make, quantity=st.sampled_from([10, 12])),
    st.builds(count, st.integers(1, 12), contributions, st.integers(0, 3)),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[MakePledge | CountContribution], command: MakePledge | CountContribution
) -> None:
    assert_repeating_changes_nothing(pledge, history, command)


@given(st.lists(commands, max_size=8))
def test_it_is_fulfilled_exactly_when_enough_has_arrived(
    asked: list[MakePledge | CountContribution],
) -> None:
    events = after(pledge, [make(quantity=10), *asked])
    counts: dict[UUID, int] = {}
    for event in events:
        if isinstance(event, ContributionCounted):
            counts[event.contribution_id] = event.quantity
            assert event.quantity_counted == sum(counts.values())
    arrived = sum(counts.values())
    fulfilments = sum(isinstance(event, PledgeFulfilled) for event in events)
    fulfilments -= sum(isinstance(event, PledgeOpenAgain) for event in events)
    assert fulfilments == (arrived >= 10)
