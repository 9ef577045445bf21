"""The cover of a need: what is meant for it, from whichever lot or hand, and what of it arrived.

Stream `need-cover-{need_id}`. What covers a need never exceeds what it asks for; whatever way the
support takes, it is here that it arrives, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    LineLeft,
    NeedCoverClosed,
    NeedCovered,
    NeedCoverLapsed,
    NeedCoverOpened,
    NeedCoverRenewed,
    NeedUncovered,
    SupportDelivered,
    Way,
)
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import Decider, Rejection

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCover:
    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    needed_by: date
    priority_band: int
    lapses_on: date
    registered_by: UUID | None
    recorded_by: UUID
    verified_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverNeed:
    """Given in the append in which a line is approved or substituted or a direct gift ratified.

    Each happens once, so it is never given again for the same line. `allocation_id` is None for a
    direct gift, which arrives in the same append. `given_on`: the day on which it was given to whom
    it is for already; it is judged by that day, whatever has lapsed before it was told here.
    """

    programme_id: UUID
    allocation_id: UUID | None
    line_id: UUID
    quantity: int
    given_on: date | None = None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCoverable:
    """Asked in its own append by what was given on a day, and would cover it later."""

    programme_id: UUID
    quantity: int
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UncoverNeed:
    line_id: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSupport:
    """Given in the append in which a line is signed for or a direct gift ratified.

    What covers the need is with whom it is for from `happened_at` on; `line_id` covers it.
    `children` are how many got it.
    """

    line_id: UUID
    way: Way
    children: int
    sponsor_id: UUID
    contribution_id: UUID | None = None
    campaign_id: UUID | None = None
    fund_id: UUID | None = None
    lot_id: UUID | None = None
    delivery_id: UUID | None = None
    direct_gift_id: UUID | None = None
    received_by: UUID | None = None
    delivered_by: UUID
    on_behalf_of: UUID | None = None
    entered_by: UUID | None = None
    checked_by: UUID | None = None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCover:
    """Given by a reaction: the need is withdrawn, covered or not."""

    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseCover:
    """Given by a reaction: nobody reconfirmed the need by that day."""

    lapsed_on: date
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewCover:
    """Given by a reaction: the need was reconfirmed, in time or after it had lapsed."""

    lapses_on: date
    happened_at: datetime


Command = (
    OpenCover
    | CoverNeed
    | CheckCoverable
    | UncoverNeed
    | DeliverSupport
    | CloseCover
    | LapseCover
    | RenewCover
)
Event = (
    NeedCoverOpened
    | NeedCovered
    | NeedUncovered
    | SupportDelivered
    | NeedCoverClosed
    | NeedCoverLapsed
    | NeedCoverRenewed
)

# --- State ---


@dataclass(frozen=True, slots=True)
class NotOpened:
    pass


@dataclass(frozen=True, slots=True)
class OpenedCover:
    """`covers`: how much each line covers; `delivered` are the lines that arrived.

    `allocations`: whose each line is, if it is of one.

    It may be covered until the day `lapses_on`.
    """

    need: NeedCoverOpened
    lapses_on: date
    covers: Mapping[UUID, int] = field(default_factory=dict)
    allocations: Mapping[UUID, UUID | None] = field(default_factory=dict)
    delivered: frozenset[UUID] = frozenset()
    lapsed: bool = False
    closed: bool = False

    @property
    def quantity_covered(self) -> int:
        return sum(self.covers.values())

    @property
    def quantity_delivered(self) -> int:
        return sum(self.covers[line_id] for line_id in self.delivered)

    @property
    def left(self) -> tuple[LineLeft, ...]:
        return tuple(
            LineLeft(allocation_id=allocation_id, line_id=line_id)
            for line_id in sorted(self.covers.keys() - self.delivered)
            if (allocation_id := self.allocations[line_id]) is not None
        )

    @property
    def quantity_open(self) -> int:
        return self.need.quantity - self.quantity_covered


State = NotOpened | OpenedCover

# --- Rejections ---


class NeedNotOpen(Rejection):
    code = "need-not-open"
    kind = "absent"
    vi = "Nhu cầu này chưa được mở để phân bổ."
    en = "This need is not open for allocation."


class CoverOpenedOtherwise(Rejection):
    code = "cover-opened-otherwise"
    kind = "conflict"


class NeedOfAnotherProgramme(Rejection):
    code = "need-of-another-programme"
    kind = "conflict"
    vi = "Nhu cầu này thuộc chương trình khác."
    en = "This need belongs to another programme."


class NeedCoveredAlready(Rejection):
    """`covered_by` are the lines that cover it, direct gifts' too, in order of their ids."""

    code = "need-covered-already"
    kind = "conflict"
    vi = "Nhu cầu đã có nguồn: chỉ còn thiếu {quantity_open}."
    en = "The need is covered already: only {quantity_open} is still open."

    def __init__(self, quantity_open: int, covered_by: tuple[UUID, ...]) -> None:
        self.quantity_open = quantity_open
        self.covered_by = covered_by


class NeedCoveredOtherwise(Rejection):
    """Something else covers it under the same id."""

    code = "need-covered-otherwise"
    kind = "conflict"
    vi = "Dưới mã này, nhu cầu đã được đáp ứng từ một nguồn khác."
    en = "Something else covers the need under this id already."


class NeedIsWithdrawn(Rejection):
    code = "need-is-withdrawn"
    kind = "conflict"
    vi = "Nhu cầu đã được rút lại."
    en = "The need was withdrawn."


class NeedHasLapsed(Rejection):
    """Nobody reconfirmed the need by its day; what covers it already stays."""

    code = "need-has-lapsed"
    kind = "conflict"
    vi = "Nhu cầu {need_id} đã hết hạn từ ngày {lapsed_on}, cần xác nhận lại."
    en = "Need {need_id} lapsed on {lapsed_on} and has to be reconfirmed."

    def __init__(self, need_id: UUID, lapsed_on: date) -> None:
        self.need_id = need_id
        self.lapsed_on = lapsed_on


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case OpenCover():
            return open_cover(command, state)
        case CoverNeed():
            return cover(command, state)
        case CheckCoverable():
            check_coverable(command, state)
            return []
        case UncoverNeed():
            return uncover(command, state)
        case DeliverSupport():
            return deliver(command, state)
        case CloseCover() | LapseCover() | RenewCover():
            return follow_the_need(command, state)
        case _:
            assert_never(command)


def open_cover(command: OpenCover, state: State) -> list[Event]:
    opened = NeedCoverOpened(
        need_id=command.need_id,
        programme_id=command.programme_id,
        child_id=command.child_id,
        group_id=command.group_id,
        children=command.children,
        unit_id=command.unit_id,
        category=command.category,
        specification=command.specification,
        quantity=command.quantity,
        measure=command.measure,
        needed_by=command.needed_by,
        priority_band=command.priority_band,
        lapses_on=command.lapses_on,
        registered_by=command.registered_by,
        recorded_by=command.recorded_by,
        verified_by=command.verified_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotOpened):
        return [opened]
    if replace(opened, happened_at=state.need.happened_at) == state.need:
        return []
    raise CoverOpenedOtherwise


def cover(command: CoverNeed, state: State) -> list[Event]:
    if isinstance(state, OpenedCover) and command.line_id in state.covers:
        # Of the same quantity too: taken for a repeat, one cover would stand for two things.
        raise NeedCoveredOtherwise
    state = check_coverable(command, state)
    return [
        NeedCovered(
            need_id=state.need.need_id,
            programme_id=state.need.programme_id,
            allocation_id=command.allocation_id,
            line_id=command.line_id,
            quantity=command.quantity,
            quantity_covered=state.quantity_covered + command.quantity,
            quantity_open=state.quantity_open - command.quantity,
            happened_at=command.happened_at,
        )
    ]


def check_coverable(command: CoverNeed | CheckCoverable, state: State) -> OpenedCover:
    if isinstance(state, NotOpened):
        raise NeedNotOpen
    if command.programme_id != state.need.programme_id:
        raise NeedOfAnotherProgramme
    if state.closed:
        raise NeedIsWithdrawn
    if has_lapsed(command, state):
        raise NeedHasLapsed(state.need.need_id, state.lapses_on)
    if command.quantity > state.quantity_open:
        raise NeedCoveredAlready(state.quantity_open, tuple(sorted(state.covers)))
    return state


def has_lapsed(command: CoverNeed | CheckCoverable, state: OpenedCover) -> bool:
    """On its day, though nobody has been told yet; nothing is dated back into the days before."""
    if command.given_on is not None:
        return state.lapses_on <= command.given_on
    assert isinstance(command, CoverNeed), "only what was given is checked without covering"
    return state.lapsed or state.lapses_on <= vietnamese_day(command.happened_at)


def uncover(command: UncoverNeed, state: State) -> list[Event]:
    if isinstance(state, NotOpened):
        raise NeedNotOpen
    if command.line_id not in state.covers or command.line_id in state.delivered:
        # What has arrived covers the need for good.
        return []
    quantity = state.covers[command.line_id]
    return [
        NeedUncovered(
            need_id=state.need.need_id,
            programme_id=state.need.programme_id,
            line_id=command.line_id,
            quantity=quantity,
            quantity_covered=state.quantity_covered - quantity,
            quantity_open=state.quantity_open + quantity,
            happened_at=command.happened_at,
        )
    ]


def deliver(command: DeliverSupport, state: State) -> list[Event]:
    assert isinstance(state, OpenedCover), "only what covers a need is delivered for it"
    if command.line_id in state.delivered:
        return []
    need, quantity = state.need, state.covers[command.line_id]
    return [
        SupportDelivered(
            need_id=need.need_id,
            programme_id=need.programme_id,
            line_id=command.line_id,
            way=command.way,
            child_id=need.child_id,
            group_id=need.group_id,
            children=command.children,
            unit_id=need.unit_id,
            category=need.category,
            measure=need.measure,
            quantity=quantity,
            quantity_covered=state.quantity_covered,
            quantity_delivered=state.quantity_delivered + quantity,
            sponsor_id=command.sponsor_id,
            contribution_id=command.contribution_id,
            campaign_id=command.campaign_id,
            fund_id=command.fund_id,
            lot_id=command.lot_id,
            delivery_id=command.delivery_id,
            direct_gift_id=command.direct_gift_id,
            need_recorded_by=need.recorded_by,
            need_verified_by=need.verified_by,
            received_by=command.received_by,
            delivered_by=command.delivered_by,
            on_behalf_of=command.on_behalf_of,
            entered_by=command.entered_by,
            checked_by=command.checked_by,
            happened_at=command.happened_at,
        )
    ]


def follow_the_need(command: CloseCover | LapseCover | RenewCover, state: State) -> list[Event]:
    match command:
        case CloseCover():
            return close(command, state)
        case LapseCover():
            return lapse(command, state)
        case RenewCover():
            return renew(command, state)


def close(command: CloseCover, state: State) -> list[Event]:
    """A need may be withdrawn before it was ever opened: then there is nothing to close."""
    if isinstance(state, NotOpened) or state.closed:
        return []
    return [
        NeedCoverClosed(
            need_id=state.need.need_id,
            programme_id=state.need.programme_id,
            left=state.left,
            happened_at=command.happened_at,
        )
    ]


def lapse(command: LapseCover, state: State) -> list[Event]:
    """One of an earlier day says nothing: the need was reconfirmed since, whichever came first."""
    if isinstance(state, NotOpened):
        raise NeedNotOpen
    if state.closed or state.lapsed or command.lapsed_on < state.lapses_on:
        return []
    return [
        NeedCoverLapsed(
            need_id=state.need.need_id,
            programme_id=state.need.programme_id,
            lapsed_on=command.lapsed_on,
            happened_at=command.happened_at,
        )
    ]


def renew(command: RenewCover, state: State) -> list[Event]:
    if isinstance(state, NotOpened):
        raise NeedNotOpen
    if state.closed or command.lapses_on <= state.lapses_on:
        return []
    return [
        NeedCoverRenewed(
            need_id=state.need.need_id,
            programme_id=state.need.programme_id,
            lapses_on=command.lapses_on,
            happened_at=command.happened_at,
        )
    ]


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    if isinstance(event, NeedCoverOpened):
        return OpenedCover(event, event.lapses_on)
    assert isinstance(state, OpenedCover), "a cover is opened before anything else happens to it"
    match event:
        case NeedCovered():
            covers = {**state.covers, event.line_id: event.quantity}
            allocations = {**state.allocations, event.line_id: event.allocation_id}
            return replace(state, covers=covers, allocations=allocations)
        case NeedUncovered():
            left = {line: kept for line, kept in state.covers.items() if line != event.line_id}
            return replace(state, covers=left)
        case SupportDelivered():
            return replace(state, delivered=state.delivered | {event.line_id})
        case NeedCoverClosed():
            return replace(state, closed=True)
        case NeedCoverLapsed() | NeedCoverRenewed():
            lapsed = isinstance(event, NeedCoverLapsed)
            on = event.lapsed_on if isinstance(event, NeedCoverLapsed) else event.lapses_on
            return replace(state, lapses_on=on, lapsed=lapsed)
        case _:
            assert_never(event)


need_cover: Decider[Command, State, Event] = Decider(NotOpened(), decide, evolve)


def stream(need_id: UUID) -> str:
    return f"need-cover-{need_id}"
