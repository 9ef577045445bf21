"""A lot: what an accepted contribution made available, until all of it is given.

Stream `lot-{lot_id}`. Nothing is reserved that it does not hold; what waits to be mended is held
apart and reserved for nobody. If less had come than was recorded, less than nothing may be free.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    LotCorrected,
    LotDrawn,
    LotHeldApart,
    LotOpened,
    LotReleased,
    LotReserved,
)
from contracts.donations import Earmark, Kind
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from eventing.decider import Decider, Rejection

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a lot holds and where it came from."""

    lot_id: UUID
    programme_id: UUID
    campaign_id: UUID
    fund_id: UUID
    contribution_id: UUID
    contribution_line_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    specification: Specification
    quantity: int
    measure: MeasureCode
    earmark: Earmark
    received_by: UUID
    inspected_by: tuple[UUID, ...]
    accepted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLot(Stock):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldApart(Stock):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectLot:
    """Given by a reaction. `stock` says it with the right quantity; `opens`: there was none before.

    `correction` numbers those of the contribution: an earlier one that comes later says nothing.
    """

    stock: OpenLot | HoldApart
    opens: bool
    correction: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveLot:
    programme_id: UUID
    allocation_id: UUID
    line_id: UUID
    need_id: UUID
    quantity: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLot:
    line_id: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawLot:
    line_id: UUID
    happened_at: datetime


Command = OpenLot | HoldApart | CorrectLot | ReserveLot | ReleaseLot | DrawLot
Event = LotOpened | LotHeldApart | LotCorrected | LotReserved | LotReleased | LotDrawn

# --- State ---


@dataclass(frozen=True, slots=True)
class NotOpened:
    pass


@dataclass(frozen=True, slots=True)
class HeldApart:
    held: LotHeldApart
    corrected: LotCorrected | None = None


@dataclass(frozen=True, slots=True)
class OpenedLot:
    """`kept` and `drawn` hold the reservation of each line by its id."""

    opened: LotOpened
    quantity_free: int
    corrected: LotCorrected | None = None
    quantity_kept: int = 0
    quantity_drawn: int = 0
    kept: Mapping[UUID, LotReserved] = field(default_factory=dict)
    drawn: Mapping[UUID, LotReserved] = field(default_factory=dict)


State = NotOpened | HeldApart | OpenedLot

# --- Rejections ---


class LotNotOpened(Rejection):
    code = "lot-not-opened"
    kind = "absent"
    vi = "Chưa có lô hàng này."
    en = "There is no such lot."


class LotOpenedOtherwise(Rejection):
    code = "lot-opened-otherwise"
    kind = "conflict"


class LotIsHeldApart(Rejection):
    code = "lot-is-held-apart"
    vi = "Lô hàng này còn chờ sửa, chưa phân bổ được."
    en = "This lot waits to be mended and cannot be allocated."


class LotOfAnotherProgramme(Rejection):
    code = "lot-of-another-programme"
    kind = "conflict"
    vi = "Lô hàng này thuộc chương trình khác."
    en = "This lot belongs to another programme."


class MoreThanTheLotHolds(Rejection):
    code = "more-than-the-lot-holds"
    kind = "conflict"
    vi = "Lô hàng chỉ còn {quantity_free}."
    en = "Only {quantity_free} of the lot is left."

    def __init__(self, quantity_free: int) -> None:
        self.quantity_free = quantity_free


class LineReservedOtherwise(Rejection):
    """The line has its part of the lot already: by another allocation, or another quantity."""

    code = "line-reserved-otherwise"
    kind = "conflict"
    vi = "Dòng {line_id} đã được giữ nguồn cho danh sách phân bổ {allocation_id}."
    en = "Line {line_id} has its part reserved by allocation {allocation_id}."

    def __init__(self, line_id: UUID, allocation_id: UUID) -> None:
        self.line_id = line_id
        self.allocation_id = allocation_id


class NothingKeptForTheLine(Rejection):
    code = "nothing-kept-for-the-line"
    kind = "conflict"

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineDrawnAlready(Rejection):
    code = "line-drawn-already"
    kind = "conflict"

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case OpenLot():
            return open_lot(command, state)
        case HoldApart():
            return hold_apart(command, state)
        case CorrectLot():
            return correct(command, state)
        case ReserveLot():
            return reserve(command, state)
        case ReleaseLot():
            return release(command, state)
        case DrawLot():
            return draw(command, state)
        case _:
            assert_never(command)


def open_lot(command: OpenLot, state: State) -> list[Event]:
    opened = LotOpened(
        lot_id=command.lot_id,
        programme_id=command.programme_id,
        campaign_id=command.campaign_id,
        fund_id=command.fund_id,
        contribution_id=command.contribution_id,
        contribution_line_id=command.contribution_line_id,
        sponsor_id=command.sponsor_id,
        kind=command.kind,
        category=command.category,
        specification=command.specification,
        quantity=command.quantity,
        measure=command.measure,
        earmark=command.earmark,
        received_by=command.received_by,
        inspected_by=command.inspected_by,
        accepted_by=command.accepted_by,
        happened_at=command.happened_at,
    )
    match state:
        case NotOpened():
            return [opened]
        case OpenedLot() if replace(opened, happened_at=state.opened.happened_at) == state.opened:
            return []
        case _:
            raise LotOpenedOtherwise


def hold_apart(command: HoldApart, state: State) -> list[Event]:
    held = LotHeldApart(
        lot_id=command.lot_id,
        programme_id=command.programme_id,
        campaign_id=command.campaign_id,
        fund_id=command.fund_id,
        contribution_id=command.contribution_id,
        contribution_line_id=command.contribution_line_id,
        sponsor_id=command.sponsor_id,
        kind=command.kind,
        category=command.category,
        specification=command.specification,
        quantity=command.quantity,
        measure=command.measure,
        earmark=command.earmark,
        received_by=command.received_by,
        inspected_by=command.inspected_by,
        accepted_by=command.accepted_by,
        happened_at=command.happened_at,
    )
    match state:
        case NotOpened():
            return [held]
        case HeldApart() if replace(held, happened_at=state.held.happened_at) == state.held:
            return []
        case _:
            raise LotOpenedOtherwise


def correct(command: CorrectLot, state: State) -> list[Event]:
    stock = command.stock
    if isinstance(state, NotOpened):
        if not command.opens:
            raise LotNotOpened
        return decide(stock, state)
    before = state.corrected
    if before is not None and before.correction >= command.correction:
        return []
    match state:
        case HeldApart():
            held, free, kept, drawn = (before or state.held).quantity, 0, 0, 0
        case OpenedLot():
            held = (before or state.opened).quantity
            kept, drawn = state.quantity_kept, state.quantity_drawn
            free = stock.quantity - kept - drawn
        case _:
            assert_never(state)
    if held == stock.quantity:
        return []
    return [
        LotCorrected(
            lot_id=stock.lot_id,
            programme_id=stock.programme_id,
            contribution_id=stock.contribution_id,
            correction=command.correction,
            quantity=stock.quantity,
            quantity_free=free,
            quantity_kept=kept,
            quantity_drawn=drawn,
            happened_at=command.happened_at,
        )
    ]


def reserve(command: ReserveLot, state: State) -> list[Event]:
    lot = _opened(state)
    if command.programme_id != lot.opened.programme_id:
        raise LotOfAnotherProgramme
    if before := lot.kept.get(command.line_id) or lot.drawn.get(command.line_id):
        if _reserves_the_same(command, before):
            return []
        raise LineReservedOtherwise(command.line_id, before.allocation_id)
    if command.quantity > lot.quantity_free:
        raise MoreThanTheLotHolds(max(lot.quantity_free, 0))
    return [
        LotReserved(
            lot_id=lot.opened.lot_id,
            programme_id=lot.opened.programme_id,
            allocation_id=command.allocation_id,
            line_id=command.line_id,
            need_id=command.need_id,
            quantity=command.quantity,
            quantity_free=lot.quantity_free - command.quantity,
            quantity_kept=lot.quantity_kept + command.quantity,
            quantity_drawn=lot.quantity_drawn,
            happened_at=command.happened_at,
        )
    ]


def _reserves_the_same(command: ReserveLot, before: LotReserved) -> bool:
    return (
        command.allocation_id == before.allocation_id
        and command.need_id == before.need_id
        and command.quantity == before.quantity
    )


def release(command: ReleaseLot, state: State) -> list[Event]:
    lot = _opened(state)
    if command.line_id in lot.drawn:
        raise LineDrawnAlready(command.line_id)
    if command.line_id not in lot.kept:
        return []
    quantity = lot.kept[command.line_id].quantity
    return [
        LotReleased(
            lot_id=lot.opened.lot_id,
            programme_id=lot.opened.programme_id,
            line_id=command.line_id,
            quantity=quantity,
            quantity_free=lot.quantity_free + quantity,
            quantity_kept=lot.quantity_kept - quantity,
            quantity_drawn=lot.quantity_drawn,
            happened_at=command.happened_at,
        )
    ]


def draw(command: DrawLot, state: State) -> list[Event]:
    lot = _opened(state)
    if command.line_id in lot.drawn:
        return []
    if command.line_id not in lot.kept:
        raise NothingKeptForTheLine(command.line_id)
    quantity = lot.kept[command.line_id].quantity
    return [
        LotDrawn(
            lot_id=lot.opened.lot_id,
            programme_id=lot.opened.programme_id,
            line_id=command.line_id,
            quantity=quantity,
            quantity_free=lot.quantity_free,
            quantity_kept=lot.quantity_kept - quantity,
            quantity_drawn=lot.quantity_drawn + quantity,
            happened_at=command.happened_at,
        )
    ]


def _opened(state: State) -> OpenedLot:
    match state:
        case NotOpened():
            raise LotNotOpened
        case HeldApart():
            raise LotIsHeldApart
        case OpenedLot():
            return state
        case _:
            assert_never(state)


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case LotOpened():
            return OpenedLot(event, event.quantity)
        case LotHeldApart():
            return HeldApart(event)
        case LotCorrected():
            return evolve_corrected(state, event)
        case LotReserved() | LotReleased() | LotDrawn():
            assert isinstance(state, OpenedLot), "only an opened lot is reserved, released or drawn"
            return move(state, event)
        case _:
            assert_never(event)


def evolve_corrected(state: State, event: LotCorrected) -> State:
    match state:
        case HeldApart():
            return replace(state, corrected=event)
        case OpenedLot():
            return replace(state, corrected=event, quantity_free=event.quantity_free)
        case _:
            raise AssertionError("only a lot that is there is corrected")


def move(lot: OpenedLot, event: LotReserved | LotReleased | LotDrawn) -> OpenedLot:
    kept, drawn = dict(lot.kept), lot.drawn
    match event:
        case LotReserved():
            kept[event.line_id] = event
        case LotReleased():
            del kept[event.line_id]
        case LotDrawn():
            drawn = {**drawn, event.line_id: kept.pop(event.line_id)}
        case _:
            assert_never(event)
    return replace(
        lot,
        quantity_free=event.quantity_free,
        quantity_kept=event.quantity_kept,
        quantity_drawn=event.quantity_drawn,
        kept=kept,
        drawn=drawn,
    )


lot: Decider[Command, State, Event] = Decider(NotOpened(), decide, evolve)


def stream(lot_id: UUID) -> str:
    return f"lot-{lot_id}"
