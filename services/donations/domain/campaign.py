"""A campaign: a drive for one category, with a last day after which nothing is received for it.

Stream `campaign-{campaign_id}`; opening it also asserts its fund, in one append.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import CampaignOpened, Kind
from contracts.field_types import CategoryCode, MeasureCode
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules
from services.donations.domain.fund import CheckFundOpen, fund
from services.donations.domain.fund import stream as fund_stream
from services.donations.domain.kinds import check_given

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCampaign:
    campaign_id: UUID
    programme_id: UUID
    fund_id: UUID
    name: str
    category: CategoryCode
    target: int
    measure: MeasureCode
    starts_on: date
    ends_on: date
    illustrative: bool
    rules: Rules
    opened_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCampaignRunning:
    """Asked by a pledge or contribution in its own append: is it for this, on that day?"""

    categories: frozenset[CategoryCode]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCampaignReceives:
    """Asked by a reception in its own append."""

    happened_at: datetime


Command = OpenCampaign | CheckCampaignRunning | CheckCampaignReceives
Event = CampaignOpened

# --- State ---


@dataclass(frozen=True, slots=True)
class NotOpened:
    pass


@dataclass(frozen=True, slots=True)
class OpenedCampaign:
    opening: CampaignOpened


State = NotOpened | OpenedCampaign

# --- Rejections ---


class CampaignNotOpened(Rejection):
    code = "campaign-not-opened"
    kind = "absent"
    vi = "Chưa có đợt vận động này."
    en = "This campaign was not opened."


class CampaignOpenedOtherwise(Rejection):
    code = "campaign-opened-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để mở một đợt vận động khác."
    en = "Another campaign was opened under this id."


class CampaignEndsBeforeItStarts(Rejection):
    code = "campaign-ends-before-it-starts"
    vi = "Ngày kết thúc phải từ ngày bắt đầu trở đi."
    en = "The last day cannot come before the first."


class CampaignNotRunning(Rejection):
    code = "campaign-not-running"
    vi = "Đợt vận động chỉ nhận từ {starts_on} đến hết {ends_on}."
    en = "The campaign runs from {starts_on} to {ends_on}, both included."

    def __init__(self, starts_on: date, ends_on: date) -> None:
        self.starts_on = starts_on
        self.ends_on = ends_on


class CampaignForAnotherCategory(Rejection):
    code = "campaign-for-another-category"
    vi = "Đợt vận động này chỉ dành cho {category}."
    en = "This campaign is for {category} alone."

    def __init__(self, category: CategoryCode) -> None:
        self.category = category


class ReceivingClosed(Rejection):
    code = "receiving-closed"
    vi = "Đợt vận động đã ngừng tiếp nhận sau ngày {ends_on}."
    en = "Receiving for this campaign ended with {ends_on}."

    def __init__(self, ends_on: date) -> None:
        self.ends_on = ends_on


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case OpenCampaign():
            return open_campaign(command, state)
        case CheckCampaignRunning():
            return check_running(command, state)
        case CheckCampaignReceives():
            return check_receives(command, state)
        case _:
            assert_never(command)


def open_campaign(command: OpenCampaign, state: State) -> list[Event]:
    opening = CampaignOpened(
        campaign_id=command.campaign_id,
        programme_id=command.programme_id,
        fund_id=command.fund_id,
        name=command.name,
        category=command.category,
        target=command.target,
        measure=command.measure,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        illustrative=command.illustrative,
        rules=command.rules.named,
        opened_by=command.opened_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, OpenedCampaign):
        before = state.opening
        if replace(opening, happened_at=before.happened_at, rules=before.rules) == before:
            return []
        raise CampaignOpenedOtherwise
    kind: Kind = "money" if command.rules.is_money(command.measure) else "goods"
    check_given(command.rules, kind, command.category, command.measure)
    if command.ends_on < command.starts_on:
        raise CampaignEndsBeforeItStarts
    return [opening]


def check_running(command: CheckCampaignRunning, state: State) -> list[Event]:
    opening = opening_of(state)
    if command.categories != {opening.category}:
        raise CampaignForAnotherCategory(opening.category)
    if not opening.starts_on <= vietnamese_day(command.happened_at) <= opening.ends_on:
        raise CampaignNotRunning(opening.starts_on, opening.ends_on)
    return []


def check_receives(command: CheckCampaignReceives, state: State) -> list[Event]:
    opening = opening_of(state)
    if vietnamese_day(command.happened_at) > opening.ends_on:
        raise ReceivingClosed(opening.ends_on)
    return []


def opening_of(state: State) -> CampaignOpened:
    """Raises CampaignNotOpened."""
    if isinstance(state, NotOpened):
        raise CampaignNotOpened
    return state.opening


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if isinstance(command, OpenCampaign) and events:
        check = CheckFundOpen(programme_id=command.programme_id)
        yield CommandFor(fund, fund_stream(command.fund_id), check)


# --- Evolve ---


def evolve(_: State, event: Event) -> State:
    return OpenedCampaign(event)


campaign: Decider[Command, State, Event] = Decider(NotOpened(), decide, evolve, also)


def stream(campaign_id: UUID) -> str:
    return f"campaign-{campaign_id}"
