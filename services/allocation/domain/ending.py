"""A line of a delivery that does not reach anybody: it is closed, and the goods come back.

Closing lets the need go at once; what never left the store is free again in the same append, what
had left stays kept until somebody who keeps the store says that it is back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    AllocationLine,
    ClosingReason,
    DeliveryLineClosed,
    DeliveryLineReturned,
    DeliveryPlanned,
)
from contracts.two_persons import Played, part_against
from eventing.decider import CommandFor, Rejection
from services.allocation.domain.lot import ReleaseLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import UncoverNeed, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLines:
    """`closed_by` None: by itself, when the need is withdrawn or a day has passed.

    Then a line that is signed for or closed already is left as it is.
    """

    line_ids: tuple[UUID, ...]
    reason: ClosingReason
    closed_by: UUID | None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLines:
    line_ids: tuple[UUID, ...]
    returned_by: UUID
    happened_at: datetime


# --- State ---


@dataclass(frozen=True, slots=True)
class Ended:
    """`closed` by the id of the line; `returned` are those of them that are back in the store."""

    closed: Mapping[UUID, DeliveryLineClosed] = field(default_factory=dict)
    returned: frozenset[UUID] = frozenset()


NONE_ENDED = Ended()

# --- Rejections ---


class SignedLineIsNotClosed(Rejection):
    code = "signed-line-is-not-closed"
    kind = "conflict"
    vi = "Dòng {line_id} đã ký nhận, không đóng được."
    en = "Line {line_id} is signed for and cannot be closed."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineIsClosed(Rejection):
    """Nobody signs for it any more; what it held is given back."""

    code = "line-is-closed"
    kind = "conflict"
    vi = "Dòng {line_id} đã đóng: phần quà được trả lại để phân bổ."
    en = "Line {line_id} is closed: what it held is given back."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineNotClosed(Rejection):
    """It may still be signed for, or never left the store."""

    code = "line-not-closed"
    kind = "conflict"
    vi = "Dòng {line_id} không phải dòng đã đóng có hàng đang ở ngoài kho."
    en = "Line {line_id} is not a closed one whose goods are out."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class EveryLineIsClosed(Rejection):
    code = "every-line-is-closed"
    kind = "conflict"
    vi = "Mọi dòng của đợt trao đã đóng: không còn gì để trao."
    en = "Every line of the delivery is closed: there is nothing to hand out."


class InvolvedCannotTakeBack(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-take-back"
    kind = "forbidden"
    vi = "Dòng {line_id}: người đã tham gia ({role}) không được nhận lại hàng vào kho."
    en = "Line {line_id}: who had a part in it ({role}) cannot take the goods back."

    def __init__(self, line_id: UUID, role: str) -> None:
        self.line_id = line_id
        self.role = role


# --- Decide ---


def close(
    command: CloseLines,
    plan: DeliveryPlanned,
    lines: Iterable[AllocationLine],
    signed: Iterable[UUID],
    ended: Ended,
    *,
    out: bool,
) -> list[DeliveryLineClosed]:
    """`out`: the goods have left the store. Raises SignedLineIsNotClosed, LineIsClosed."""
    signed_for = set(signed)
    closes: dict[UUID, DeliveryLineClosed] = {}
    for line in lines:
        before = ended.closed.get(line.line_id)
        by_itself = command.closed_by is None
        if line.line_id in signed_for:
            if by_itself:
                continue
            raise SignedLineIsNotClosed(line.line_id)
        if before is not None:
            same = (before.reason, before.closed_by) == (command.reason, command.closed_by)
            if by_itself or same:
                continue
            raise LineIsClosed(line.line_id)
        closes[line.line_id] = DeliveryLineClosed(
            delivery_id=plan.delivery_id,
            programme_id=plan.programme_id,
            line_id=line.line_id,
            lot_id=line.lot_id,
            need_id=line.need_id,
            unit_id=line.unit_id,
            contribution_id=line.contribution_id,
            sponsor_id=line.sponsor_id,
            category=line.category,
            quantity=line.quantity,
            measure=line.measure,
            reason=command.reason,
            out=out,
            closed_by=command.closed_by,
            happened_at=command.happened_at,
        )
    return list(closes.values())


def take_back(
    command: ReturnLines, ended: Ended, handed_to: UUID | None
) -> list[DeliveryLineReturned]:
    """Raises LineNotClosed, InvolvedCannotTakeBack."""
    events: list[DeliveryLineReturned] = []
    for line_id in dict.fromkeys(command.line_ids):
        closed = ended.closed.get(line_id)
        if closed is None or not closed.out:
            raise LineNotClosed(line_id)
        if line_id in ended.returned:
            continue
        before_it: list[Played] = [("taken-over", handed_to), ("closed", closed.closed_by)]
        if role := part_against(command.returned_by, "taken-back", before_it):
            raise InvolvedCannotTakeBack(line_id, role)
        events.append(
            DeliveryLineReturned(
                delivery_id=closed.delivery_id,
                programme_id=closed.programme_id,
                line_id=line_id,
                lot_id=closed.lot_id,
                need_id=closed.need_id,
                quantity=closed.quantity,
                returned_by=command.returned_by,
                happened_at=command.happened_at,
            )
        )
    return events


def let_go(closed: DeliveryLineClosed) -> Iterator[CommandFor]:
    line_id, happened_at = closed.line_id, closed.happened_at
    uncover = UncoverNeed(line_id=line_id, happened_at=happened_at)
    yield CommandFor(need_cover, need_cover_stream(closed.need_id), uncover)
    if not closed.out:
        free = ReleaseLot(line_id=line_id, happened_at=happened_at)
        yield CommandFor(lot, lot_stream(closed.lot_id), free)


def put_back(returned: DeliveryLineReturned) -> CommandFor:
    free = ReleaseLot(line_id=returned.line_id, happened_at=returned.happened_at)
    return CommandFor(lot, lot_stream(returned.lot_id), free)


# --- Evolve ---


def end(ended: Ended, event: DeliveryLineClosed | DeliveryLineReturned) -> Ended:
    match event:
        case DeliveryLineClosed():
            return replace(ended, closed={**ended.closed, event.line_id: event})
        case DeliveryLineReturned():
            return replace(ended, returned=ended.returned | {event.line_id})
        case _:
            assert_never(event)
