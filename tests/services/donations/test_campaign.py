from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventing.decider import CommandFor
from services.donations.domain.campaign import (
    CampaignEndsBeforeItStarts,
    CampaignForAnotherCategory,
    CampaignNotOpened,
    CampaignNotRunning,
    CampaignOpenedOtherwise,
    CheckCampaignReceives,
    CheckCampaignRunning,
    OpenCampaign,
    ReceivingClosed,
    campaign,
)
from services.donations.domain.fund import CheckFundOpen, fund
from tests.services.donations.examples import (
    CAMPAIGN,
    COORDINATOR,
    ENDS_ON,
    FUND,
    LAST_MOMENT,
    MONDAY,
    PROGRAMME,
    RULES,
    STARTS_ON,
    TUESDAY,
    campaign_opened,
)
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given

A_MINUTE = timedelta(minutes=1)


def open_campaign(
    *, target: int = 1000, ends_on: date = ENDS_ON, at: datetime = MONDAY
) -> OpenCampaign:
    return OpenCampaign(
        campaign_id=CAMPAIGN,
        programme_id=PROGRAMME,
        fund_id=FUND,
        name="Áo ấm mùa đông 2024",
        category="warm-clothes",
        target=target,
        measure="piece",
        starts_on=STARTS_ON,
        ends_on=ends_on,
        illustrative=True,
        rules=RULES,
        opened_by=COORDINATOR,
        happened_at=at,
    )


def running(at: datetime, *categories: str) -> CheckCampaignRunning:
    wanted = frozenset(categories or {"warm-clothes"})
    return CheckCampaignRunning(categories=wanted, happened_at=at)


def test_a_campaign_is_opened() -> None:
    Given(campaign).when(open_campaign()).then(campaign_opened)


def test_opening_rests_on_the_fund() -> None:
    command = open_campaign()
    (give,) = campaign.also(command, campaign.initial, [campaign_opened])
    assert give == CommandFor(fund, f"fund-{FUND}", CheckFundOpen(programme_id=PROGRAMME))


def test_opening_it_again_changes_nothing_and_asks_for_nothing() -> None:
    command = open_campaign(at=TUESDAY)
    Given(campaign, campaign_opened).when(command).then_nothing()
    assert list(campaign.also(command, campaign.fold([campaign_opened]), [])) == []


def test_another_target_is_another_campaign() -> None:
    other = open_campaign(target=999)
    Given(campaign, campaign_opened).when(other).then_rejected(CampaignOpenedOtherwise)


def test_it_cannot_end_before_it_starts() -> None:
    backwards = open_campaign(ends_on=date(2024, 9, 30))
    Given(campaign).when(backwards).then_rejected(CampaignEndsBeforeItStarts)


def test_one_day_is_enough() -> None:
    one_day = open_campaign(ends_on=STARTS_ON)
    Given(campaign).when(one_day).then(replace(campaign_opened, ends_on=STARTS_ON))


def test_promises_are_taken_to_the_last_minute_in_vietnam() -> None:
    Given(campaign, campaign_opened).when(running(LAST_MOMENT)).then_nothing()


@pytest.mark.parametrize(
    "at", [LAST_MOMENT + A_MINUTE, datetime.fromisoformat("2024-09-30T23:59+07:00")]
)
def test_outside_its_days_nothing_is_promised(at: datetime) -> None:
    Given(campaign, campaign_opened).when(running(at)).then_rejected(CampaignNotRunning)


def test_what_it_is_not_for_is_not_promised() -> None:
    mixed = running(MONDAY, "warm-clothes", "scholarship")
    Given(campaign, campaign_opened).when(mixed).then_rejected(CampaignForAnotherCategory)


def test_goods_are_received_to_the_last_minute_in_vietnam() -> None:
    command = CheckCampaignReceives(happened_at=LAST_MOMENT)
    Given(campaign, campaign_opened).when(command).then_nothing()


def test_after_its_last_day_nothing_is_received() -> None:
    command = CheckCampaignReceives(happened_at=LAST_MOMENT + A_MINUTE)
    Given(campaign, campaign_opened).when(command).then_rejected(ReceivingClosed)


@pytest.mark.parametrize("command", [running(MONDAY), CheckCampaignReceives(happened_at=MONDAY)])
def test_a_campaign_that_was_not_opened_takes_nothing(
    command: CheckCampaignRunning | CheckCampaignReceives,
) -> None:
    Given(campaign).when(command).then_rejected(CampaignNotOpened)


commands = st.builds(
    open_campaign,
    target=st.sampled_from([1000, 999]),
    ends_on=st.sampled_from([ENDS_ON, STARTS_ON, date(2024, 9, 1)]),
    at=st.sampled_from([MONDAY, TUESDAY]),
)


@given(st.lists(commands, max_size=3), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[OpenCampaign], command: OpenCampaign
) -> None:
    assert_repeating_changes_nothing(campaign, history, command)
