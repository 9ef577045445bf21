"""A need: recorded, verified by another person, open, and met by what arrives.

Stream `need-{need_id}`; recording and verifying also assert the streams of whom it is for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.field_types import MeasureCode
from contracts.registry import (
    NeedLapsed,
    NeedOpened,
    NeedReconfirmed,
    NeedRecorded,
    NeedReleased,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
    Specification,
)
from contracts.sealed import Sealed
from contracts.two_persons import Played, part_against
from contracts.vietnamese_day import begins, vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.days import season_of
from services.registry.domain.child_share import FreeShare, TakeShare, of_share
from services.registry.domain.need_detail import Detail
from services.registry.domain.need_facts import Facts
from services.registry.domain.need_specification import DetailMissing, category_of, check_measure
from services.registry.domain.need_support import (
    Count,
    CountArrived,
    Counted,
    CountReleased,
    CountReserved,
    Support,
    count,
)
from services.registry.domain.need_support import evolve as evolve_support
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNeed:
    """What `specification` leaves out is taken from the register. `detail` seals `told`."""

    need_id: UUID
    told: Detail
    specification: Specification
    detail: Sealed
    quantity: int
    measure: MeasureCode
    needed_by: date
    facts: Facts
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyNeed:
    """`told` is the need's detail, opened; `priority_reasons` seals why the band is what it is."""

    told: Detail
    facts: Facts
    priority_reasons: Sealed
    verified_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnNeed:
    reason: Sealed
    returned_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNeed:
    reason: Sealed
    withdrawn_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LetNeedGo:
    """Whom it is for lives elsewhere: it ends, if it has not ended already."""

    reason: Sealed
    withdrawn_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconfirmNeed:
    """Somebody saw at another visit that the need is still so."""

    told: Detail
    facts: Facts
    reconfirmed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseNeed:
    """Given by a timer on the day that was told when the need was last confirmed."""

    lapsed_on: date


Command = (
    RecordNeed
    | VerifyNeed
    | ReturnNeed
    | WithdrawNeed
    | LetNeedGo
    | ReconfirmNeed
    | LapseNeed
    | Count
)
Event = (
    NeedRecorded
    | NeedVerified
    | NeedOpened
    | NeedReturned
    | NeedWithdrawn
    | NeedLapsed
    | NeedReconfirmed
    | Counted
)


@dataclass(frozen=True, slots=True)
class NotRecorded:
    pass


@dataclass(frozen=True, slots=True)
class RecordedNeed:
    record: NeedRecorded


@dataclass(frozen=True, slots=True)
class Returned:
    record: NeedRecorded
    returned: NeedReturned


@dataclass(frozen=True, slots=True)
class Open:
    """Verified. Support is counted on, even after the need was withdrawn: it came.

    `confirmed` says who saw last that it is so, when, and until when that holds.
    """

    record: NeedRecorded
    verified_by: UUID
    confirmed: NeedOpened | NeedReconfirmed | None = None
    lapsed: bool = False
    support: Support = field(default_factory=Support)
    withdrawn: NeedWithdrawn | None = None


@dataclass(frozen=True, slots=True)
class WithdrawnUnverified:
    record: NeedRecorded
    withdrawn: NeedWithdrawn


State = NotRecorded | RecordedNeed | Returned | Open | WithdrawnUnverified


class NeedNotRecorded(Rejection):
    code = "need-not-recorded"
    kind = "absent"
    vi = "Chưa có nhu cầu này."
    en = "This need was not recorded."


class NeedNotOpened(Rejection):
    code = "need-not-opened"
    kind = "absent"
    vi = "Nhu cầu này chưa được xác minh."
    en = "The need is not verified yet."


class NeedRecordedOtherwise(Rejection):
    code = "need-recorded-otherwise"
    kind = "conflict"
    vi = "Nhu cầu mang mã này đã được ghi với nội dung khác."
    en = "A need was recorded under this id with other details."


class OnlyTheRecorderCompletes(Rejection):
    code = "only-the-recorder-completes"
    kind = "forbidden"
    vi = "Chỉ người đã lập mới bổ sung nhu cầu bị trả lại."
    en = "Only who recorded a returned need completes it."


class RecorderCannotVerify(Rejection):
    code = "recorder-cannot-verify"
    kind = "forbidden"
    vi = "Người lập nhu cầu, ghi trẻ em hay nhóm vào sổ hoặc đính chính không được tự xác minh."
    en = "Who recorded the need, registered or corrected the child or group cannot verify it."


class NeedReturnedFirst(Rejection):
    """The recorder completes it before anybody verifies it."""

    code = "need-returned-first"
    kind = "conflict"
    vi = "Nhu cầu đang chờ người lập bổ sung."
    en = "The need waits for its recorder to complete it."


class NeedReturnedOtherwise(Rejection):
    code = "need-returned-otherwise"
    kind = "conflict"
    vi = "Nhu cầu đã được trả lại với lý do khác."
    en = "The need was returned for another reason."


class NeedVerifiedAlready(Rejection):
    code = "need-verified-already"
    kind = "conflict"
    vi = "Nhu cầu đã được xác minh."
    en = "The need has been verified already."


class NeedWithdrawnAlready(Rejection):
    code = "need-withdrawn-already"
    kind = "conflict"
    vi = "Nhu cầu đã được rút."
    en = "The need has been withdrawn already."


class NeedConfirmedSince(Rejection):
    """Somebody saw the need on that day, or later."""

    code = "need-confirmed-since"
    kind = "conflict"
    vi = "Nhu cầu đã được xác nhận vào ngày {confirmed_on}; lần xác nhận sau phải sau ngày đó."
    en = "The need was confirmed on {confirmed_on}; it is reconfirmed on a later day."

    def __init__(self, confirmed_on: date) -> None:
        self.confirmed_on = confirmed_on


class NeedMetAlready(Rejection):
    code = "need-met-already"
    kind = "conflict"
    vi = "Nhu cầu đã được hỗ trợ đủ."
    en = "The need has been met already."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RecordNeed():
            return record(command, state)
        case VerifyNeed():
            return verify(command, state)
        case ReturnNeed():
            return return_need(command, state)
        case WithdrawNeed() | LetNeedGo():
            return withdraw(command, state)
        case ReconfirmNeed() | LapseNeed():
            return reconfirm_or_lapse(command, state)
        case CountReserved() | CountReleased() | CountArrived():
            return count_support(command, state)
        case _:
            assert_never(command)


def record(command: RecordNeed, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            return [_recorded(command)]
        case Returned(before):
            if command.recorded_by != before.recorded_by:
                raise OnlyTheRecorderCompletes
            if not _for_the_same(command, before):
                raise NeedRecordedOtherwise
            return [_recorded(command)]
        case RecordedNeed(before) | Open(before) | WithdrawnUnverified(before):
            if not _says_the_same(command, before):
                raise NeedRecordedOtherwise
            return []
        case _:
            assert_never(state)


def _recorded(command: RecordNeed) -> NeedRecorded:
    facts, today = command.facts, vietnamese_day(command.happened_at)
    facts.check_in_scope(today)
    category = category_of(facts.rules, command.told.category)
    check_measure(category, command.measure)
    if category.detail_required and not command.told.text:
        raise DetailMissing
    recorded = NeedRecorded(
        need_id=command.need_id,
        programme_id=facts.programme.programme_id,
        child_id=facts.subject.child_id,
        household_id=facts.subject.household_id,
        group_id=facts.subject.group_id,
        children=facts.subject.children,
        unit_id=facts.unit.unit_id,
        category=facts.rules.travels_as(category),
        specification=facts.specification(category, command.specification, today),
        detail=command.detail,
        quantity=command.quantity,
        measure=command.measure,
        needed_by=command.needed_by,
        eligible_under=facts.eligible_under(category.code),
        rules=facts.rules.named,
        recorded_by=command.recorded_by,
        happened_at=command.happened_at,
    )
    # What could not be opened today is not recorded either.
    facts.lapses_on(category, recorded, today)
    return recorded


def _for_the_same(command: RecordNeed, before: NeedRecorded) -> bool:
    facts, unit_itself = command.facts, before.child_id is None and before.group_id is None
    return (
        facts.programme.programme_id == before.programme_id
        and facts.subject.child_id == before.child_id
        and facts.subject.group_id == before.group_id
        and (not unit_itself or facts.unit.unit_id == before.unit_id)
    )


def _says_the_same(command: RecordNeed, before: NeedRecorded) -> bool:
    return (
        _for_the_same(command, before)
        and command.detail == before.detail
        and _open_part(command).items() <= before.specification.items()
        and command.quantity == before.quantity
        and command.measure == before.measure
        and command.needed_by == before.needed_by
        and command.recorded_by == before.recorded_by
    )


def _open_part(command: RecordNeed) -> Specification:
    sealed = command.told.facts.keys()
    return {name: said for name, said in command.specification.items() if name not in sealed}


def verify(command: VerifyNeed, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            raise NeedNotRecorded
        case Returned():
            raise NeedReturnedFirst
        case WithdrawnUnverified():
            raise NeedWithdrawnAlready
        case Open(verified_by=verified_by):
            if verified_by != command.verified_by:
                raise NeedVerifiedAlready
            return []
        case RecordedNeed(before):
            return _opened(command, before)
        case _:
            assert_never(state)


def _opened(command: VerifyNeed, before: NeedRecorded) -> list[Event]:
    facts, today = command.facts, vietnamese_day(command.happened_at)
    before_it: list[Played] = [
        ("recorded", before.recorded_by),
        ("registered", facts.subject.registered_by),
        *(("registered", who) for who in facts.subject.corrected_by),
    ]
    if part_against(command.verified_by, "verified", before_it):
        raise RecorderCannotVerify
    facts.check_in_scope(today)
    category = category_of(facts.rules, command.told.category)
    priority = facts.priority(category.code, before.needed_by, today)
    verified = NeedVerified(
        need_id=before.need_id,
        programme_id=before.programme_id,
        verified_by=command.verified_by,
        happened_at=command.happened_at,
    )
    opened = NeedOpened(
        need_id=before.need_id,
        programme_id=before.programme_id,
        child_id=before.child_id,
        group_id=before.group_id,
        children=before.children,
        unit_id=before.unit_id,
        category=before.category,
        specification=before.specification,
        quantity=before.quantity,
        measure=before.measure,
        needed_by=before.needed_by,
        birth_month=facts.subject.birth_month,
        gender=facts.subject.gender,
        eligible_under=facts.eligible_under(category.code),
        priority_band=priority.band,
        priority_rule=priority.rule,
        priority_reasons=command.priority_reasons,
        rules=facts.rules.named,
        lapses_on=facts.lapses_on(category, before, today),
        registered_by=facts.subject.registered_by,
        recorded_by=before.recorded_by,
        verified_by=command.verified_by,
        happened_at=command.happened_at,
    )
    return [verified, opened]


def return_need(command: ReturnNeed, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            raise NeedNotRecorded
        case Open():
            raise NeedVerifiedAlready
        case WithdrawnUnverified():
            raise NeedWithdrawnAlready
        case Returned(_, before):
            if (command.reason, command.returned_by) != (before.reason, before.returned_by):
                raise NeedReturnedOtherwise
            return []
        case RecordedNeed(before_return):
            return [
                NeedReturned(
                    need_id=before_return.need_id,
                    programme_id=before_return.programme_id,
                    returned_by=command.returned_by,
                    reason=command.reason,
                    happened_at=command.happened_at,
                )
            ]
        case _:
            assert_never(state)


def withdraw(command: WithdrawNeed | LetNeedGo, state: State) -> list[Event]:
    if isinstance(command, LetNeedGo) and _has_ended(state):
        return []
    match state:
        case NotRecorded():
            raise NeedNotRecorded
        case Open(withdrawn=NeedWithdrawn() as before) | WithdrawnUnverified(_, before):
            if (command.reason, command.withdrawn_by) != (before.reason, before.withdrawn_by):
                raise NeedWithdrawnAlready
            return []
        case Open(asked) if state.support.quantity_met >= asked.quantity:
            raise NeedMetAlready
        case RecordedNeed(asked) | Returned(asked) | Open(asked):
            return [
                NeedWithdrawn(
                    need_id=asked.need_id,
                    programme_id=asked.programme_id,
                    withdrawn_by=command.withdrawn_by,
                    reason=command.reason,
                    happened_at=command.happened_at,
                )
            ]
        case _:
            assert_never(state)


def _has_ended(state: State) -> bool:
    match state:
        case Open(asked, withdrawn=withdrawn, support=support):
            return withdrawn is not None or support.quantity_met >= asked.quantity
        case NotRecorded() | WithdrawnUnverified():
            return True
    return False


def reconfirm_or_lapse(command: ReconfirmNeed | LapseNeed, state: State) -> list[Event]:
    if isinstance(command, LapseNeed):
        return lapse(command, state)
    return reconfirm(command, state)


def reconfirm(command: ReconfirmNeed, state: State) -> list[Event]:
    match state:
        case NotRecorded():
            raise NeedNotRecorded
        case RecordedNeed() | Returned():
            raise NeedNotOpened
        case Open(withdrawn=NeedWithdrawn()) | WithdrawnUnverified():
            raise NeedWithdrawnAlready
        case Open(asked) if state.support.quantity_met >= asked.quantity:
            raise NeedMetAlready
        case Open(asked, confirmed=NeedOpened() | NeedReconfirmed() as confirmed):
            return _reconfirmed(command, asked, confirmed)
        case Open():
            raise NeedNotOpened
        case _:
            assert_never(state)


def _reconfirmed(
    command: ReconfirmNeed, asked: NeedRecorded, confirmed: NeedOpened | NeedReconfirmed
) -> list[Event]:
    facts, today = command.facts, vietnamese_day(command.happened_at)
    confirmed_on = vietnamese_day(confirmed.happened_at)
    if today <= confirmed_on:
        if (today, command.reconfirmed_by) == (confirmed_on, _by(confirmed)):
            return []
        raise NeedConfirmedSince(confirmed_on)
    facts.check_in_scope(today)
    category = category_of(facts.rules, command.told.category)
    facts.eligible_under(category.code)
    return [
        NeedReconfirmed(
            need_id=asked.need_id,
            programme_id=asked.programme_id,
            unit_id=asked.unit_id,
            rules=facts.rules.named,
            lapses_on=facts.lapses_on(category, asked, today),
            reconfirmed_by=command.reconfirmed_by,
            happened_at=command.happened_at,
        )
    ]


def _by(confirmed: NeedOpened | NeedReconfirmed) -> UUID:
    if isinstance(confirmed, NeedOpened):
        return confirmed.verified_by
    return confirmed.reconfirmed_by


def lapse(command: LapseNeed, state: State) -> list[Event]:
    """What was reconfirmed, withdrawn or met meanwhile does not lapse."""
    if not isinstance(state, Open) or state.confirmed is None:
        return []
    asked, on = state.record, state.confirmed.lapses_on
    is_over = state.withdrawn or state.lapsed or state.support.quantity_met >= asked.quantity
    if is_over or on != command.lapsed_on:
        return []
    return [
        NeedLapsed(
            need_id=asked.need_id,
            programme_id=asked.programme_id,
            unit_id=asked.unit_id,
            lapsed_on=on,
            happened_at=begins(on),
        )
    ]


def count_support(command: Count, state: State) -> list[Event]:
    if not isinstance(state, Open):
        raise NeedNotOpened
    return [*count(state.record, command, state.support)]


def also(command: Command, state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    for event in events:
        yield from share(command, state, event)
    match command:
        case RecordNeed(facts=facts) | VerifyNeed(facts=facts) | ReconfirmNeed(facts=facts):
            yield from facts.subject.confirmed()
    if isinstance(command, RecordNeed):
        in_force = ConfirmUnit(on=vietnamese_day(command.happened_at))
        yield CommandFor(unit, unit_stream(command.facts.unit.unit_id), in_force)


def share(command: Command, state: State, event: Event) -> Iterator[CommandFor]:
    """What the need takes of its child's share, or gives back. Of groups nobody knows who gets it.

    What is kept for a withdrawn need when it is withdrawn may still arrive, so it is given back
    only when its line is released.
    """
    match command, state, event:
        case VerifyNeed(facts=facts), _, NeedOpened(child_id=UUID() as child_id):
            at_most = category_of(facts.rules, command.told.category).at_most_in_a_season
            if at_most is None:
                return
            take = TakeShare(
                child_id=child_id,
                category=event.category,
                season=season_of(event.needed_by),
                need_id=event.need_id,
                programme_id=event.programme_id,
                quantity=event.quantity,
                at_most=at_most,
                happened_at=event.happened_at,
            )
            yield of_share(child_id, event.category, event.needed_by, take)
        case _, Open(asked, support=support), NeedWithdrawn():
            kept = support.quantity_reserved + support.quantity_met
            yield from give_back(asked, asked.quantity - kept, event.happened_at)
        case _, Open(asked, withdrawn=NeedWithdrawn()), NeedReleased():
            yield from give_back(asked, event.quantity, event.happened_at)


def give_back(asked: NeedRecorded, quantity: int, happened_at: datetime) -> Iterator[CommandFor]:
    if asked.child_id is not None:
        free = FreeShare(need_id=asked.need_id, quantity=quantity, happened_at=happened_at)
        yield of_share(asked.child_id, asked.category, asked.needed_by, free)


def evolve(state: State, event: Event) -> State:
    if isinstance(event, NeedRecorded):
        return RecordedNeed(event)
    assert not isinstance(state, NotRecorded), "a need begins by being recorded"
    match event:
        case NeedVerified():
            return Open(state.record, event.verified_by)
        case NeedReturned():
            return Returned(state.record, event)
        case NeedWithdrawn() if not isinstance(state, Open):
            return WithdrawnUnverified(state.record, event)
        case _:
            assert isinstance(state, Open), "only a verified need is opened, kept for and met"
            return _evolve_open(state, event)


def _evolve_open(
    state: Open, event: NeedOpened | NeedReconfirmed | NeedLapsed | NeedWithdrawn | Counted
) -> Open:
    match event:
        case NeedOpened() | NeedReconfirmed():
            return replace(state, confirmed=event, lapsed=False)
        case NeedLapsed():
            return replace(state, lapsed=True)
        case NeedWithdrawn():
            return replace(state, withdrawn=event)
        case _:
            return replace(state, support=evolve_support(state.support, event))


need: Decider[Command, State, Event] = Decider(NotRecorded(), decide, evolve, also)


def stream(need_id: UUID) -> str:
    return f"need-{need_id}"
