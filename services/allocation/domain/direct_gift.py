"""A direct gift: a sponsor hands over what never entered stock; it stands on its minutes alone.

Stream `direct-gift-{direct_gift_id}`. It covers the need in the same append; another person, who
had no hand in the need either, ratifies it, and then it counts as delivered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import DirectGiftRatified, DirectGiftRecorded
from contracts.field_types import CategoryCode, MeasureCode
from contracts.sealed import Sealed
from contracts.two_persons import Played, part_against
from eventing.decider import CommandFor, Decider, Rejection
from services.allocation.domain.need_cover import CoverNeed, DeliverSupport, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDirectGift:
    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    need_id: UUID
    child_id: UUID
    unit_id: UUID
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    minutes: Sealed
    need_registered_by: UUID
    need_recorded_by: UUID
    need_verified_by: UUID
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatifyDirectGift:
    ratified_by: UUID
    happened_at: datetime


Command = RecordDirectGift | RatifyDirectGift
Event = DirectGiftRecorded | DirectGiftRatified

# --- State ---


@dataclass(frozen=True, slots=True)
class NotRecorded:
    pass


@dataclass(frozen=True, slots=True)
class RecordedGift:
    gift: DirectGiftRecorded


@dataclass(frozen=True, slots=True)
class Ratified:
    gift: DirectGiftRecorded
    ratified_by: UUID


State = NotRecorded | RecordedGift | Ratified

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


class InvolvedCannotRecord(Rejection):
    """`role` is the part they played in the need (contracts/two_persons.py)."""

    code = "involved-cannot-record"
    kind = "forbidden"
    vi = "Người đã tham gia vào nhu cầu ({role}) không được ghi việc trao trực tiếp cho nhu cầu đó."
    en = "Who had a part in the need ({role}) cannot record a direct gift for it."

    def __init__(self, role: str) -> None:
        self.role = role


class DirectGiftRatifiedOtherwise(Rejection):
    code = "direct-gift-ratified-otherwise"
    kind = "conflict"
    vi = "Người khác đã xác nhận biên bản này."
    en = "Somebody else ratified these minutes."


class InvolvedCannotRatify(Rejection):
    """`role` is the part they played before."""

    code = "involved-cannot-ratify"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được xác nhận biên bản này."
    en = "Who had a part in it ({role}) cannot ratify these minutes."

    def __init__(self, role: str) -> None:
        self.role = role


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RecordDirectGift():
            return record(command, state)
        case RatifyDirectGift():
            return ratify(command, state)
        case _:
            assert_never(command)


def record(command: RecordDirectGift, state: State) -> list[Event]:
    recorded = DirectGiftRecorded(
        direct_gift_id=command.direct_gift_id,
        programme_id=command.programme_id,
        sponsor_id=command.sponsor_id,
        need_id=command.need_id,
        child_id=command.child_id,
        unit_id=command.unit_id,
        category=command.category,
        quantity=command.quantity,
        measure=command.measure,
        minutes=command.minutes,
        need_registered_by=command.need_registered_by,
        need_recorded_by=command.need_recorded_by,
        need_verified_by=command.need_verified_by,
        recorded_by=command.recorded_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotRecorded):
        if role := part_against(command.recorded_by, "given-directly", in_need(recorded)):
            raise InvolvedCannotRecord(role)
        return [recorded]
    if replace(recorded, happened_at=state.gift.happened_at) == state.gift:
        return []
    raise DirectGiftRecordedOtherwise


def ratify(command: RatifyDirectGift, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            raise DirectGiftNotRecorded
        case Ratified():
            if command.ratified_by != state.ratified_by:
                raise DirectGiftRatifiedOtherwise
            return []
        case RecordedGift(gift):
            before_it: list[Played] = [("given-directly", gift.recorded_by), *in_need(gift)]
            if role := part_against(command.ratified_by, "ratified", before_it):
                raise InvolvedCannotRatify(role)
            return [
                DirectGiftRatified(
                    direct_gift_id=gift.direct_gift_id,
                    programme_id=gift.programme_id,
                    sponsor_id=gift.sponsor_id,
                    need_id=gift.need_id,
                    unit_id=gift.unit_id,
                    category=gift.category,
                    quantity=gift.quantity,
                    measure=gift.measure,
                    ratified_by=command.ratified_by,
                    happened_at=command.happened_at,
                )
            ]
        case _:
            assert_never(state)


def in_need(gift: DirectGiftRecorded) -> Iterator[Played]:
    yield "verified", gift.need_verified_by
    yield "recorded", gift.need_recorded_by
    yield "registered", gift.need_registered_by


def also(command: Command, state: State, events: Sequence[object]) -> Iterator[CommandFor]:
    """It covers the need at once, and counts as delivered, from that day on, when ratified."""
    del command
    for event in events:
        if isinstance(event, DirectGiftRecorded):
            cover = CoverNeed(
                programme_id=event.programme_id,
                line_id=event.direct_gift_id,
                quantity=event.quantity,
                happened_at=event.happened_at,
            )
            yield CommandFor(need_cover, need_cover_stream(event.need_id), cover)
        elif isinstance(event, DirectGiftRatified) and isinstance(state, RecordedGift):
            deliver = DeliverSupport(
                line_id=event.direct_gift_id,
                way="direct-gift",
                sponsor_id=event.sponsor_id,
                direct_gift_id=event.direct_gift_id,
                delivered_by=state.gift.recorded_by,
                checked_by=event.ratified_by,
                happened_at=state.gift.happened_at,
            )
            yield CommandFor(need_cover, need_cover_stream(event.need_id), deliver)


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event:
        case DirectGiftRecorded():
            return RecordedGift(event)
        case DirectGiftRatified():
            assert isinstance(state, RecordedGift), "only a recorded gift is ratified"
            return Ratified(state.gift, event.ratified_by)
        case _:
            assert_never(event)


direct_gift: Decider[Command, State, Event] = Decider(NotRecorded(), decide, evolve, also)


def stream(direct_gift_id: UUID) -> str:
    return f"direct-gift-{direct_gift_id}"
