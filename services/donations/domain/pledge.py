"""A pledge: money or goods that a sponsor promised, until they have all arrived.

Stream `pledge-{pledge_id}`; making it also asserts its campaign and its sponsor, in one append.
What arrives is recorded as it came, more than promised too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.donations import (
    ContributionCounted,
    Earmark,
    Kind,
    PledgeFulfilled,
    PledgeMade,
    PledgeOpenAgain,
)
from contracts.field_types import CategoryCode, MeasureCode
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules
from services.donations.domain.campaign import CheckCampaignRunning, campaign
from services.donations.domain.campaign import stream as campaign_stream
from services.donations.domain.kinds import check_given
from services.donations.domain.sponsor import CheckSponsorRegistered, sponsor
from services.donations.domain.sponsor import stream as sponsor_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePledge:
    """`programme_id` is that of the campaign."""

    pledge_id: UUID
    programme_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    rules: Rules
    made_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPledgeAwaits:
    """Asked by a contribution in its own append: was it this that the sponsor promised?"""

    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    measure: MeasureCode
    earmark: Earmark


@dataclass(frozen=True, slots=True, kw_only=True)
class CountContribution:
    """Given by a reaction: it is here whether we like it or not, so it refuses little.

    `correction` is the number of the correction that says so, 0 for the acceptance: the highest
    counts, whichever comes first.
    """

    contribution_id: UUID
    correction: int
    quantity: int
    happened_at: datetime


Command = MakePledge | CheckPledgeAwaits | CountContribution
Event = PledgeMade | ContributionCounted | PledgeFulfilled | PledgeOpenAgain

# --- State ---


@dataclass(frozen=True, slots=True)
class NotMade:
    pass


@dataclass(frozen=True, slots=True)
class Made:
    promise: PledgeMade
    quantity_counted: int = 0
    counted: Mapping[UUID, ContributionCounted] = field(default_factory=dict)


State = NotMade | Made

# --- Rejections ---


class PledgeNotMade(Rejection):
    code = "pledge-not-made"
    kind = "absent"
    vi = "Chưa có đăng ký ủng hộ này."
    en = "This pledge was not made."


class PledgeMadeOtherwise(Rejection):
    code = "pledge-made-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để ghi một đăng ký ủng hộ khác."
    en = "Another pledge was made under this id."


class NotWhatWasPledged(Rejection):
    """`field` is where the contribution differs from the promise."""

    code = "not-what-was-pledged"
    vi = "Khác với đăng ký ủng hộ ở mục {field}."
    en = "Differs from the pledge in {field}."

    def __init__(self, field: str) -> None:
        self.field = field


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case MakePledge():
            return make(command, state)
        case CheckPledgeAwaits():
            return check_awaits(command, state)
        case CountContribution():
            return count(command, state)
        case _:
            assert_never(command)


def make(command: MakePledge, state: State) -> list[Event]:
    promise = PledgeMade(
        pledge_id=command.pledge_id,
        programme_id=command.programme_id,
        campaign_id=command.campaign_id,
        sponsor_id=command.sponsor_id,
        kind=command.kind,
        category=command.category,
        quantity=command.quantity,
        measure=command.measure,
        earmark=command.earmark,
        rules=command.rules.named,
        made_by=command.made_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Made):
        before = state.promise
        if replace(promise, happened_at=before.happened_at, rules=before.rules) == before:
            return []
        raise PledgeMadeOtherwise
    check_given(command.rules, command.kind, command.category, command.measure)
    return [promise]


def check_awaits(command: CheckPledgeAwaits, state: State) -> list[Event]:
    promise = promise_of(state)
    for name in ("campaign_id", "sponsor_id", "kind", "measure"):
        if getattr(command, name) != getattr(promise, name):
            raise NotWhatWasPledged(name)
    if promise.earmark not in (Earmark(), command.earmark):
        raise NotWhatWasPledged("earmark")
    return []


def count(command: CountContribution, state: State) -> list[Event]:
    if isinstance(state, NotMade):
        raise PledgeNotMade
    known = state.counted.get(command.contribution_id)
    if known is not None and known.correction >= command.correction:
        return []
    promise, before = state.promise, state.quantity_counted
    others = before - (known.quantity if known is not None else 0)
    counted = ContributionCounted(
        pledge_id=promise.pledge_id,
        programme_id=promise.programme_id,
        contribution_id=command.contribution_id,
        correction=command.correction,
        quantity=command.quantity,
        quantity_counted=others + command.quantity,
        happened_at=command.happened_at,
    )
    if before < promise.quantity <= counted.quantity_counted:
        fulfilled = PledgeFulfilled(
            pledge_id=promise.pledge_id,
            programme_id=promise.programme_id,
            happened_at=command.happened_at,
        )
        return [counted, fulfilled]
    if counted.quantity_counted < promise.quantity <= before:
        open_again = PledgeOpenAgain(
            pledge_id=promise.pledge_id,
            programme_id=promise.programme_id,
            happened_at=command.happened_at,
        )
        return [counted, open_again]
    return [counted]


def promise_of(state: State) -> PledgeMade:
    """Raises PledgeNotMade."""
    if isinstance(state, NotMade):
        raise PledgeNotMade
    return state.promise


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if isinstance(command, MakePledge) and events:
        running = CheckCampaignRunning(
            categories=frozenset({command.category}), happened_at=command.happened_at
        )
        yield CommandFor(campaign, campaign_stream(command.campaign_id), running)
        yield CommandFor(sponsor, sponsor_stream(command.sponsor_id), CheckSponsorRegistered())


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case PledgeMade():
            return Made(event)
        case ContributionCounted():
            assert isinstance(state, Made), "contributions count only for a pledge that was made"
            return replace(
                state,
                quantity_counted=event.quantity_counted,
                counted={**state.counted, event.contribution_id: event},
            )
        case PledgeFulfilled() | PledgeOpenAgain():
            return state
        case _:
            assert_never(event)


pledge: Decider[Command, State, Event] = Decider(NotMade(), decide, evolve, also)


def stream(pledge_id: UUID) -> str:
    return f"pledge-{pledge_id}"
