"""A direct gift: a sponsor hands over what never entered stock; it stands on its minutes alone.

Stream `direct-gift-{direct_gift_id}`. It meets no need before another person, who had no hand in
any of the needs either, ratifies it; until then it may be refused, or withdrawn. A line whose need
cannot be covered any more is refused alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    DirectGiftLine,
    DirectGiftLineRefused,
    DirectGiftPart,
    DirectGiftRatified,
    DirectGiftRecorded,
    DirectGiftRefused,
    DirectGiftWithdrawn,
)
from contracts.sealed import Sealed
from contracts.subjects import different_children
from contracts.two_persons import Played, part_against
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection, Together
from eventing.ids import beside, mark
from services.allocation.domain.need_cover import (
    CheckCoverable,
    CoverNeed,
    DeliverSupport,
    need_cover,
)
from services.allocation.domain.need_cover import stream as need_cover_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDirectGift:
    """`hands_out_for`: the units whose children may be given something in this unit."""

    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    sponsored_by: UUID | None
    unit_id: UUID
    hands_out_for: frozenset[UUID]
    minutes: Sealed
    lines: tuple[DirectGiftLine, ...]
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatifyDirectGift:
    ratified_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseDirectGift:
    reason: Sealed
    refused_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDirectGift:
    reason: Sealed
    withdrawn_by: UUID
    happened_at: datetime


Command = RecordDirectGift | RatifyDirectGift | RefuseDirectGift | WithdrawDirectGift
Ending = DirectGiftRatified | DirectGiftRefused | DirectGiftWithdrawn
Event = DirectGiftRecorded | DirectGiftLineRefused | Ending

# --- State ---


@dataclass(frozen=True, slots=True)
class NotRecorded:
    pass


@dataclass(frozen=True, slots=True)
class RecordedGift:
    gift: DirectGiftRecorded


@dataclass(frozen=True, slots=True)
class EndedGift:
    """Ratified, refused or withdrawn. `refused`: the lines that meet no need."""

    gift: DirectGiftRecorded
    ending: Ending
    refused: frozenset[UUID] = frozenset()


State = NotRecorded | RecordedGift | EndedGift

# --- Rejections ---


class DirectGiftNotRecorded(Rejection):
    code = "direct-gift-not-recorded"
    kind = "absent"
    vi = "Chưa ghi nhận việc trao trực tiếp này."
    en = "This direct gift was not recorded."


class DirectGiftRecordedOtherwise(Rejection):
    code = "direct-gift-recorded-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để ghi một việc trao trực tiếp khác."
    en = "Another direct gift was recorded under this id."


class SameNeedTwice(Rejection):
    code = "same-need-twice"
    vi = "Nhu cầu {need_id} có hai lần trong danh sách."
    en = "Need {need_id} stands twice in the list."

    def __init__(self, need_id: UUID) -> None:
        self.need_id = need_id


class NeedOfAnotherUnit(Rejection):
    code = "need-of-another-unit"
    vi = "Nhu cầu {need_id} là của trẻ em ở đơn vị khác."
    en = "Need {need_id} is of a child of another unit."

    def __init__(self, need_id: UUID) -> None:
        self.need_id = need_id


class InvolvedCannotRecord(Rejection):
    """`role` is the part they played in a need, or in the gift (contracts/two_persons.py)."""

    code = "involved-cannot-record"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được ghi việc trao trực tiếp này."
    en = "Who had a part in it ({role}) cannot record this direct gift."

    def __init__(self, role: str) -> None:
        self.role = role


class DirectGiftEndedOtherwise(Rejection):
    """`ended` is "ratified", "refused" or "withdrawn": by somebody else, or otherwise."""

    code = "direct-gift-ended-otherwise"
    kind = "conflict"
    vi = "Biên bản này đã được xác nhận, từ chối hoặc rút lại ({ended})."
    en = "These minutes were ratified, refused or withdrawn already ({ended})."

    def __init__(self, ended: str) -> None:
        self.ended = ended


class InvolvedCannotRatify(Rejection):
    """`role` is the part they played before."""

    code = "involved-cannot-ratify"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được xác nhận hay từ chối biên bản này."
    en = "Who had a part in it ({role}) can neither ratify nor refuse these minutes."

    def __init__(self, role: str) -> None:
        self.role = role


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RecordDirectGift():
            return record(command, state)
        case RatifyDirectGift() | RefuseDirectGift() | WithdrawDirectGift():
            return end(command, state)
        case _:
            assert_never(command)


def record(command: RecordDirectGift, state: State) -> list[Event]:
    recorded = DirectGiftRecorded(
        direct_gift_id=command.direct_gift_id,
        programme_id=command.programme_id,
        sponsor_id=command.sponsor_id,
        sponsored_by=command.sponsored_by,
        unit_id=command.unit_id,
        minutes=command.minutes,
        lines=command.lines,
        recorded_by=command.recorded_by,
        happened_at=command.happened_at,
    )
    if not isinstance(state, NotRecorded):
        if replace(recorded, happened_at=state.gift.happened_at) == state.gift:
            return []
        raise DirectGiftRecordedOtherwise
    met: set[UUID] = set()
    for line in command.lines:
        if line.need_id in met:
            raise SameNeedTwice(line.need_id)
        met.add(line.need_id)
        if line.unit_id not in command.hands_out_for:
            raise NeedOfAnotherUnit(line.need_id)
    before_it: list[Played] = [("gave", command.sponsored_by), *in_needs(command.lines)]
    if role := part_against(command.recorded_by, "given-directly", before_it):
        raise InvolvedCannotRecord(role)
    return [recorded]


def end(
    command: RatifyDirectGift | RefuseDirectGift | WithdrawDirectGift, state: State
) -> list[Event]:
    if isinstance(state, NotRecorded):
        raise DirectGiftNotRecorded
    ending = _ending(command, state.gift)
    if isinstance(state, EndedGift):
        if replace(ending, happened_at=state.ending.happened_at) == state.ending:
            return []
        raise DirectGiftEndedOtherwise(ENDED[type(state.ending)])
    if not isinstance(command, WithdrawDirectGift):
        gift = state.gift
        before_it: list[Played] = [
            ("gave", gift.sponsored_by),
            ("given-directly", gift.recorded_by),
            *in_needs(gift.lines),
        ]
        by = command.ratified_by if isinstance(command, RatifyDirectGift) else command.refused_by
        if role := part_against(by, "ratified", before_it):
            raise InvolvedCannotRatify(role)
    return [ending]


ENDED: dict[type[Ending], str] = {
    DirectGiftRatified: "ratified",
    DirectGiftRefused: "refused",
    DirectGiftWithdrawn: "withdrawn",
}


def _ending(
    command: RatifyDirectGift | RefuseDirectGift | WithdrawDirectGift, gift: DirectGiftRecorded
) -> Ending:
    match command:
        case RatifyDirectGift():
            return DirectGiftRatified(
                direct_gift_id=gift.direct_gift_id,
                programme_id=gift.programme_id,
                sponsor_id=gift.sponsor_id,
                unit_id=gift.unit_id,
                parts=_parts(gift.lines),
                ratified_by=command.ratified_by,
                happened_at=command.happened_at,
            )
        case RefuseDirectGift():
            return DirectGiftRefused(
                direct_gift_id=gift.direct_gift_id,
                programme_id=gift.programme_id,
                unit_id=gift.unit_id,
                reason=command.reason,
                refused_by=command.refused_by,
                happened_at=command.happened_at,
            )
        case WithdrawDirectGift():
            return DirectGiftWithdrawn(
                direct_gift_id=gift.direct_gift_id,
                programme_id=gift.programme_id,
                unit_id=gift.unit_id,
                reason=command.reason,
                withdrawn_by=command.withdrawn_by,
                happened_at=command.happened_at,
            )


def _parts(lines: Sequence[DirectGiftLine]) -> tuple[DirectGiftPart, ...]:
    kinds = sorted({(line.category, line.measure) for line in lines})
    of_kind = [
        (category, measure, [x for x in lines if (x.category, x.measure) == (category, measure)])
        for category, measure in kinds
    ]
    return tuple(
        DirectGiftPart(
            category=category,
            quantity=sum(line.quantity for line in same),
            measure=measure,
            children=different_children(same),
        )
        for category, measure, same in of_kind
    )


def in_needs(lines: Iterable[DirectGiftLine]) -> Iterator[Played]:
    for line in lines:
        yield "verified", line.need_verified_by
        yield "recorded", line.need_recorded_by
        yield "registered", line.need_registered_by


def also(
    command: Command, state: State, events: Sequence[object]
) -> Iterator[CommandFor | Together]:
    """Recorded, it rests on needs that still ask for it; ratified, it covers and meets them."""
    del command
    for event in events:
        match event, state:
            case DirectGiftRecorded(), _:
                for line in event.lines:
                    check = CheckCoverable(
                        programme_id=event.programme_id,
                        quantity=line.quantity,
                        given_on=vietnamese_day(event.happened_at),
                    )
                    yield CommandFor(need_cover, need_cover_stream(line.need_id), check)
            case DirectGiftRatified(), RecordedGift(gift):
                for line in gift.lines:
                    yield meet(gift, line, event)


def meet(gift: DirectGiftRecorded, line: DirectGiftLine, ratified: DirectGiftRatified) -> Together:
    """It reached whom it is for when it was handed over."""
    cover = CoverNeed(
        programme_id=gift.programme_id,
        allocation_id=None,
        line_id=line.line_id,
        quantity=line.quantity,
        given_on=vietnamese_day(gift.happened_at),
        happened_at=ratified.happened_at,
    )
    deliver = DeliverSupport(
        line_id=line.line_id,
        way="direct-gift",
        children=line.children,
        sponsor_id=gift.sponsor_id,
        direct_gift_id=gift.direct_gift_id,
        delivered_by=gift.recorded_by,
        checked_by=ratified.ratified_by,
        happened_at=gift.happened_at,
    )

    def refused(rejection: Rejection) -> DirectGiftLineRefused:
        return DirectGiftLineRefused(
            direct_gift_id=gift.direct_gift_id,
            programme_id=gift.programme_id,
            line_id=line.line_id,
            need_id=line.need_id,
            code=rejection.code,
            happened_at=ratified.happened_at,
        )

    stream_of_need = need_cover_stream(line.need_id)
    return Together(
        (
            CommandFor(need_cover, stream_of_need, cover),
            CommandFor(need_cover, stream_of_need, deliver),
        ),
        refused,
    )


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    if isinstance(event, DirectGiftRecorded):
        return RecordedGift(event)
    if isinstance(event, DirectGiftLineRefused):
        assert isinstance(state, EndedGift), "lines are refused when a gift is ratified"
        return replace(state, refused=state.refused | {event.line_id})
    assert isinstance(state, RecordedGift), "only a recorded gift ends, and once"
    return EndedGift(state.gift, event)


direct_gift: Decider[Command, State, Event] = Decider(NotRecorded(), decide, evolve, also)


def stream(direct_gift_id: UUID) -> str:
    return f"direct-gift-{direct_gift_id}"


def line_of(direct_gift_id: UUID, need_id: UUID) -> UUID:
    """The id of the line by which the gift meets this need: nobody chooses it."""
    return beside(direct_gift_id, mark(direct_gift_id.bytes, need_id.bytes))
