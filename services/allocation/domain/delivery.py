"""A delivery: approved lines of one commune, handed out together on one day.

Stream `delivery-{delivery_id}`: planned, dispatched, handed over, then signed line by line; which
of these are never one person's stands in `contracts/two_persons.py`. What is signed for is drawn
from its lot in the same append, and arrives for its need; what reaches nobody is closed and given
back (ending.py). With its last line, and when its list closes, the delivery says what arrived of
whose gift. A line may be given to another child: then the cover moves
from the one need to the other in the same append.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    AllocationLine,
    ApprovedLines,
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryLineAbsent,
    DeliveryLineClosed,
    DeliveryLineReturned,
    DeliveryLineSigned,
    DeliveryLineSubstituted,
    DeliveryLineSubstitutionRatified,
    DeliveryLineSubstitutionRefused,
    DeliveryPlanned,
    GiftArrived,
    GiftsArrived,
    SignedAs,
    Way,
)
from contracts.rules_in_force import RulesInForce
from contracts.sealed import Sealed
from contracts.subjects import different_children
from contracts.two_persons import Played, TwoPersons, part_against
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from services.allocation.domain.allocation import PlanLines, allocation
from services.allocation.domain.allocation import stream as allocation_stream
from services.allocation.domain.ending import (
    NONE_ENDED,
    CloseLines,
    Ended,
    EveryLineIsClosed,
    LineIsClosed,
    ReturnLines,
    close,
    end,
    let_go,
    put_back,
    take_back,
)
from services.allocation.domain.lot import DrawLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import (
    CoverNeed,
    DeliverSupport,
    UncoverNeed,
    need_cover,
)
from services.allocation.domain.need_cover import stream as need_cover_stream
from services.allocation.domain.parts import in_hand_over, in_line_of, in_plan
from services.allocation.domain.recipients import check_signatory, children_given
from services.allocation.domain.substitution import (
    RatifySubstitution,
    RefuseSubstitution,
    SubstituteLine,
    Substitution,
    check_substitute,
    judge,
    substituted,
)

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDelivery:
    """`hands_out_for`: the units whose lines this unit may hand out, loaded by us.

    `two_persons`: the pairs that the rules add.
    """

    delivery_id: UUID
    programme_id: UUID
    unit_id: UUID
    activity: Sealed
    planned_for: date
    lines: tuple[AllocationLine, ...]
    approvals: tuple[ApprovedLines, ...]
    rules: RulesInForce
    two_persons: tuple[TwoPersons, ...]
    hands_out_for: frozenset[UUID]
    planned_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchDelivery:
    waybill: str
    dispatched_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """`list_closes_on`: up to when its list is signed, as the rules in force say."""

    handed_to: UUID
    handed_over_by: UUID
    list_closes_on: date
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """`children`: how many of a group got it, said of a group alone."""

    line_id: UUID
    signed_as: SignedAs
    signatory: Sealed | None
    children: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignLines:
    signatures: tuple[Signature, ...]
    acknowledged_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    line_id: UUID
    kept_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAbsences:
    absences: tuple[Absence, ...]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseList:
    """Given by a timer, when the day is over up to which the list may be signed."""

    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseKept:
    """Given by a timer: nobody came for the absent child by that day."""

    line_id: UUID
    kept_until: date
    happened_at: datetime


OfLines = (
    SignLines
    | NoteAbsences
    | CloseList
    | CloseKept
    | SubstituteLine
    | RatifySubstitution
    | RefuseSubstitution
)
Command = PlanDelivery | DispatchDelivery | HandOver | CloseLines | ReturnLines | OfLines
Event = (
    DeliveryPlanned
    | DeliveryDispatched
    | DeliveryHandedOver
    | DeliveryLineSigned
    | DeliveryLineAbsent
    | DeliveryLineSubstituted
    | DeliveryLineSubstitutionRatified
    | DeliveryLineSubstitutionRefused
    | DeliveryLineClosed
    | DeliveryLineReturned
    | GiftsArrived
    | DeliveryCompleted
)

# --- State ---


@dataclass(frozen=True, slots=True)
class NotPlanned:
    pass


@dataclass(frozen=True, slots=True)
class Planned:
    plan: DeliveryPlanned
    ended: Ended = NONE_ENDED


@dataclass(frozen=True, slots=True)
class Dispatched:
    plan: DeliveryPlanned
    dispatch: DeliveryDispatched
    ended: Ended = NONE_ENDED


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Complete when every line is signed or closed. `absent`: until when a line is kept.

    `signed`, and `given_to_another`, by the id of the line; what came of `told` was said.
    """

    plan: DeliveryPlanned
    dispatch: DeliveryDispatched
    handover: DeliveryHandedOver
    ended: Ended = NONE_ENDED
    signed: Mapping[UUID, DeliveryLineSigned] = field(default_factory=dict)
    absent: Mapping[UUID, date] = field(default_factory=dict)
    given_to_another: Mapping[UUID, Substitution] = field(default_factory=dict)
    told: frozenset[UUID] = frozenset()

    def line(self, line_id: UUID) -> AllocationLine:
        """Raises LineNotInTheDelivery."""
        return line_in(self.plan, line_id)

    def open_line(self, line_id: UUID) -> AllocationLine:
        """Raises LineNotInTheDelivery, LineIsClosed."""
        if line_id in self.ended.closed:
            raise LineIsClosed(line_id)
        return self.line(line_id)


State = NotPlanned | Planned | Dispatched | HandedOver

# --- Rejections ---


class DeliveryNotPlanned(Rejection):
    code = "delivery-not-planned"
    kind = "absent"
    vi = "Chưa có đợt trao này."
    en = "This delivery was not planned."


class DeliveryPlannedOtherwise(Rejection):
    code = "delivery-planned-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một đợt trao khác."
    en = "Another delivery was planned under this id."


class LineOfAnotherUnit(Rejection):
    code = "line-of-another-unit"
    vi = "Dòng {line_id} là của trẻ em ở đơn vị khác."
    en = "Line {line_id} is for a child of another unit."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class DeliveryNotDispatched(Rejection):
    code = "delivery-not-dispatched"
    kind = "conflict"
    vi = "Đợt trao chưa xuất kho."
    en = "The delivery has not left the store yet."


class DeliveryDispatchedOtherwise(Rejection):
    code = "delivery-dispatched-otherwise"
    kind = "conflict"
    vi = "Đợt trao đã xuất kho theo phiếu khác hoặc bởi người khác."
    en = "The delivery left under another waybill, or somebody else dispatched it."


class DeliveryNotHandedOver(Rejection):
    code = "delivery-not-handed-over"
    kind = "conflict"
    vi = "Đợt trao chưa được bàn giao."
    en = "The delivery has not been handed over yet."


class DeliveryHandedOverOtherwise(Rejection):
    code = "delivery-handed-over-otherwise"
    kind = "conflict"
    vi = "Đợt trao đã được bàn giao cho người khác hoặc bởi người khác."
    en = "The delivery was handed to somebody else, or by somebody else."


class LineNotInTheDelivery(Rejection):
    code = "line-not-in-the-delivery"
    vi = "Đợt trao không có dòng {line_id}."
    en = "The delivery has no line {line_id}."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineSignedOtherwise(Rejection):
    code = "line-signed-otherwise"
    kind = "conflict"
    vi = "Dòng {line_id} đã được ký nhận khác."
    en = "Line {line_id} was signed for otherwise."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class LineSignedAlready(Rejection):
    """Nobody is absent whose line is signed."""

    code = "line-signed-already"
    kind = "conflict"
    vi = "Dòng {line_id} đã ký nhận, không thể ghi vắng mặt."
    en = "Line {line_id} is signed for: nobody was absent."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


class InvolvedCannotAcknowledge(Rejection):
    """`role` is the part they played before (contracts/two_persons.py)."""

    code = "involved-cannot-acknowledge"
    kind = "forbidden"
    vi = "Dòng {line_id}: người đã tham gia ({role}) không được là người xác nhận ký nhận."
    en = "Line {line_id}: who had a part in it ({role}) cannot acknowledge its delivery."

    def __init__(self, line_id: UUID, role: str) -> None:
        self.line_id = line_id
        self.role = role


class InvolvedCannotDispatch(Rejection):
    """`role` is the part they played before."""

    code = "involved-cannot-dispatch"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được xuất kho đợt trao này."
    en = "Who had a part in it ({role}) cannot dispatch this delivery."

    def __init__(self, role: str) -> None:
        self.role = role


class InvolvedCannotHandOver(Rejection):
    """`role` is the part they played before."""

    code = "involved-cannot-hand-over"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được bàn giao đợt trao này."
    en = "Who had a part in it ({role}) cannot hand this delivery over."

    def __init__(self, role: str) -> None:
        self.role = role


class InvolvedCannotTakeOver(Rejection):
    """`role` is the part they played before, handing it over included."""

    code = "involved-cannot-take-over"
    kind = "forbidden"
    vi = "Người đã tham gia ({role}) không được nhận bàn giao đợt trao này."
    en = "Who had a part in it ({role}) cannot take this delivery over."

    def __init__(self, role: str) -> None:
        self.role = role


# --- Decide ---


def line_in(plan: DeliveryPlanned, line_id: UUID) -> AllocationLine:
    """Raises LineNotInTheDelivery."""
    for line in plan.lines:
        if line.line_id == line_id:
            return line
    raise LineNotInTheDelivery(line_id)


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case CloseLines():
            return close_lines(command, state)
        case ReturnLines():
            return return_lines(command, state)
        case PlanDelivery():
            return plan(command, state)
        case DispatchDelivery():
            return dispatch(command, state)
        case HandOver():
            return hand_over(command, state)
        case _:
            return line_by_line(command, _handed_over(state))


def line_by_line(command: OfLines, there: HandedOver) -> list[Event]:
    match command:
        case SignLines():
            return sign(command, there)
        case NoteAbsences():
            return note_absences(command, there)
        case CloseList() | CloseKept():
            return close_what_is_over(command, there)
        case SubstituteLine():
            return substitute(command, there)
        case RatifySubstitution() | RefuseSubstitution():
            return judge_substitution(command, there)
        case _:
            assert_never(command)


def plan(command: PlanDelivery, state: State) -> list[Event]:
    planned = DeliveryPlanned(
        delivery_id=command.delivery_id,
        programme_id=command.programme_id,
        unit_id=command.unit_id,
        activity=command.activity,
        planned_for=command.planned_for,
        lines=command.lines,
        approvals=command.approvals,
        rules=command.rules,
        two_persons=command.two_persons,
        planned_by=command.planned_by,
        happened_at=command.happened_at,
    )
    if not isinstance(state, NotPlanned):
        before = state.plan
        again = replace(planned, rules=before.rules, two_persons=before.two_persons)
        if replace(again, happened_at=before.happened_at) == before:
            return []
        raise DeliveryPlannedOtherwise
    for line in command.lines:
        if line.unit_id not in command.hands_out_for:
            raise LineOfAnotherUnit(line.line_id)
    return [planned]


def dispatch(command: DispatchDelivery, state: State) -> list[Event]:
    match state:
        case NotPlanned():
            raise DeliveryNotPlanned
        case Planned():
            plan, person = state.plan, command.dispatched_by
            if role := part_against(person, "dispatched", in_plan(plan), plan.two_persons):
                raise InvolvedCannotDispatch(role)
            check_something_is_left(state)
            return [
                DeliveryDispatched(
                    delivery_id=state.plan.delivery_id,
                    programme_id=state.plan.programme_id,
                    waybill=command.waybill,
                    dispatched_by=command.dispatched_by,
                    happened_at=command.happened_at,
                )
            ]
        case Dispatched() | HandedOver():
            before = state.dispatch
            if (command.waybill, command.dispatched_by) != (before.waybill, before.dispatched_by):
                raise DeliveryDispatchedOtherwise
            return []
        case _:
            assert_never(state)


def hand_over(command: HandOver, state: State) -> list[Event]:
    match state:
        case NotPlanned():
            raise DeliveryNotPlanned
        case Planned():
            raise DeliveryNotDispatched
        case Dispatched():
            check_hand_over(command, state)
            check_something_is_left(state)
            return [
                DeliveryHandedOver(
                    delivery_id=state.plan.delivery_id,
                    programme_id=state.plan.programme_id,
                    handed_to=command.handed_to,
                    handed_over_by=command.handed_over_by,
                    list_closes_on=command.list_closes_on,
                    happened_at=command.happened_at,
                )
            ]
        case HandedOver():
            before = state.handover
            if (command.handed_to, command.handed_over_by) != (
                before.handed_to,
                before.handed_over_by,
            ):
                raise DeliveryHandedOverOtherwise
            return []
        case _:
            assert_never(state)


def check_something_is_left(state: Planned | Dispatched) -> None:
    """Raises EveryLineIsClosed."""
    if len(state.ended.closed) == len(state.plan.lines):
        raise EveryLineIsClosed


def check_hand_over(command: HandOver, state: Dispatched) -> None:
    """Raises InvolvedCannotHandOver, InvolvedCannotTakeOver."""
    before_it: list[Played] = [
        ("dispatched", state.dispatch.dispatched_by),
        *in_plan(state.plan),
    ]
    added = state.plan.two_persons
    if role := part_against(command.handed_over_by, "handed-over", before_it, added):
        raise InvolvedCannotHandOver(role)
    before_it.append(("handed-over", command.handed_over_by))
    if role := part_against(command.handed_to, "taken-over", before_it, added):
        raise InvolvedCannotTakeOver(role)


def sign(command: SignLines, there: HandedOver) -> list[Event]:
    signed = dict(there.signed)
    events: list[Event] = []
    for signature in command.signatures:
        line = there.open_line(signature.line_id)
        event = line_signed(there.plan, line, signature, command, len(signed) + 1)
        if before := signed.get(line.line_id):
            if not says_the_same(event, before):
                raise LineSignedOtherwise(line.line_id)
            continue
        check_acknowledges(command.acknowledged_by, line, there)
        signed[line.line_id] = event
        events.append(event)
    if events:
        events += completed(there, signed, there.ended.closed, command.happened_at)
    return events


def check_acknowledges(person: UUID, line: AllocationLine, there: HandedOver) -> None:
    """Raises InvolvedCannotAcknowledge."""
    before_it = (*in_hand_over(there.dispatch, there.handover), *in_line_of(there.plan, line))
    if role := part_against(person, "acknowledged", before_it, there.plan.two_persons):
        raise InvolvedCannotAcknowledge(line.line_id, role)


def says_the_same(signed: DeliveryLineSigned, before: DeliveryLineSigned) -> bool:
    """But for when, and after how many others."""
    at, count = before.happened_at, before.lines_signed
    return replace(signed, happened_at=at, lines_signed=count) == before


def completed(
    state: Planned | Dispatched | HandedOver,
    signed: Mapping[UUID, DeliveryLineSigned],
    closed: Iterable[UUID],
    happened_at: datetime,
) -> list[Event]:
    plan, closed_count = state.plan, len(set(closed))
    if len(signed) + closed_count < len(plan.lines):
        return []
    done = DeliveryCompleted(
        delivery_id=plan.delivery_id,
        programme_id=plan.programme_id,
        unit_id=plan.unit_id,
        lines_signed=len(signed),
        lines_closed=closed_count,
        happened_at=happened_at,
    )
    told = state.told if isinstance(state, HandedOver) else frozenset()
    return [*say_what_came(plan, signed, told, happened_at), done]


def say_what_came(
    plan: DeliveryPlanned,
    signed: Mapping[UUID, DeliveryLineSigned],
    told: frozenset[UUID],
    happened_at: datetime,
) -> list[Event]:
    new = {line_id: line for line_id, line in signed.items() if line_id not in told}
    if not new:
        return []
    return [
        GiftsArrived(
            delivery_id=plan.delivery_id,
            programme_id=plan.programme_id,
            unit_id=plan.unit_id,
            line_ids=tuple(new),
            gifts=gifts_arrived(new.values()),
            happened_at=happened_at,
        )
    ]


def close_lines(command: CloseLines, state: State) -> list[Event]:
    if isinstance(state, NotPlanned):
        raise DeliveryNotPlanned
    signed = state.signed if isinstance(state, HandedOver) else {}
    lines = [line_in(state.plan, line_id) for line_id in dict.fromkeys(command.line_ids)]
    out = not isinstance(state, Planned)
    closes = close(command, state.plan, lines, signed, state.ended, out=out)
    return ended_by(closes, state, signed, command.happened_at)


def close_what_is_over(command: CloseList | CloseKept, there: HandedOver) -> list[Event]:
    match command:
        case CloseKept():
            return close_kept(command, there)
        case CloseList():
            return close_list(command, there)


def close_kept(command: CloseKept, there: HandedOver) -> list[Event]:
    """Unless it is kept until another day meanwhile."""
    if there.absent.get(command.line_id) != command.kept_until:
        return []
    return close_lines(not_collected([command.line_id], command.happened_at), there)


def close_list(command: CloseList, there: HandedOver) -> list[Event]:
    """What nobody signed for is closed, and who gave the rest is told; who is absent may come."""
    waits = [line.line_id for line in there.plan.lines if line.line_id not in there.absent]
    events = close_lines(not_collected(waits, command.happened_at), there)
    if any(isinstance(event, DeliveryCompleted) for event in events):
        return events
    return events + say_what_came(there.plan, there.signed, there.told, command.happened_at)


def not_collected(line_ids: Sequence[UUID], happened_at: datetime) -> CloseLines:
    """Which of them are signed for or closed already stay as they are."""
    return CloseLines(
        line_ids=tuple(line_ids), reason="not-collected", closed_by=None, happened_at=happened_at
    )


def ended_by(
    closes: Sequence[DeliveryLineClosed],
    state: Planned | Dispatched | HandedOver,
    signed: Mapping[UUID, DeliveryLineSigned],
    happened_at: datetime,
) -> list[Event]:
    if not closes:
        return []
    closed = [*state.ended.closed, *(one.line_id for one in closes)]
    return [*closes, *completed(state, signed, closed, happened_at)]


def return_lines(command: ReturnLines, state: State) -> list[Event]:
    if isinstance(state, NotPlanned):
        raise DeliveryNotPlanned
    handed_to = state.handover.handed_to if isinstance(state, HandedOver) else None
    return [*take_back(command, state.ended, handed_to)]


def line_signed(
    plan: DeliveryPlanned,
    line: AllocationLine,
    signature: Signature,
    command: SignLines,
    lines_signed: int,
) -> DeliveryLineSigned:
    """Raises SignatoryDoesNotFit, ChildrenCountedOtherwise."""
    check_signatory(line.line_id, line.child_id, signature.signed_as)
    return DeliveryLineSigned(
        delivery_id=plan.delivery_id,
        programme_id=plan.programme_id,
        line_id=line.line_id,
        lot_id=line.lot_id,
        need_id=line.need_id,
        child_id=line.child_id,
        group_id=line.group_id,
        children=children_given(line.line_id, line.group_id, line.children, signature.children),
        unit_id=line.unit_id,
        category=line.category,
        quantity=line.quantity,
        measure=line.measure,
        campaign_id=line.campaign_id,
        fund_id=line.fund_id,
        contribution_id=line.contribution_id,
        sponsor_id=line.sponsor_id,
        signed_as=signature.signed_as,
        signatory=signature.signatory,
        lines_signed=lines_signed,
        acknowledged_by=command.acknowledged_by,
        happened_at=command.happened_at,
    )


def gifts_arrived(lines: Iterable[DeliveryLineSigned]) -> tuple[GiftArrived, ...]:
    """What the lines bring of each contribution, to how many different children."""
    of_gift: defaultdict[tuple[UUID, str, str], list[DeliveryLineSigned]] = defaultdict(list)
    for line in lines:
        of_gift[line.contribution_id, line.category, line.measure].append(line)
    return tuple(
        GiftArrived(
            contribution_id=first.contribution_id,
            sponsor_id=first.sponsor_id,
            category=first.category,
            quantity=sum(line.quantity for line in (first, *others)),
            measure=first.measure,
            children=different_children((first, *others)),
        )
        for _, (first, *others) in sorted(of_gift.items())
    )


def substitute(command: SubstituteLine, there: HandedOver) -> list[Event]:
    """Another child's line is signed for in its stead."""
    listed = there.open_line(command.line.line_id)
    line_id = listed.line_id
    given = substituted(there.plan, listed, command)
    signature = Signature(line_id=line_id, signed_as=command.signed_as, signatory=command.signatory)
    sign = SignLines(
        signatures=(signature,),
        acknowledged_by=command.substituted_by,
        happened_at=command.happened_at,
    )
    signed = line_signed(there.plan, command.line, signature, sign, len(there.signed) + 1)
    if before := there.signed.get(line_id):
        substitution = there.given_to_another.get(line_id)
        at = before.happened_at
        again = False
        if substitution is not None:
            first = substitution.given
            again = replace(given, happened_at=at, rules=first.rules) == first
        if not again or not says_the_same(signed, before):
            raise LineSignedOtherwise(line_id)
        return []
    check_substitute(listed, command)
    check_acknowledges(command.substituted_by, command.line, there)
    return [
        given,
        signed,
        *completed(
            there, {**there.signed, line_id: signed}, there.ended.closed, command.happened_at
        ),
    ]


def judge_substitution(
    command: RatifySubstitution | RefuseSubstitution, there: HandedOver
) -> list[Event]:
    substitution = there.given_to_another.get(command.line_id)
    before_it = [*in_hand_over(there.dispatch, there.handover)]
    if substitution is not None:
        # Of the first child's need nobody had a part in giving the gift to another.
        given = replace(
            there.line(command.line_id),
            registered_by=substitution.given.need_registered_by,
            recorded_by=substitution.given.need_recorded_by,
            verified_by=substitution.given.need_verified_by,
        )
        before_it += in_line_of(there.plan, given)
    return [*judge(command, substitution, before_it, there.plan.two_persons)]


def note_absences(command: NoteAbsences, there: HandedOver) -> list[Event]:
    absent = dict(there.absent)
    events: list[Event] = []
    for absence in command.absences:
        line = there.open_line(absence.line_id)
        if line.line_id in there.signed:
            raise LineSignedAlready(line.line_id)
        if absent.get(line.line_id) != absence.kept_until:
            absent[line.line_id] = absence.kept_until
            events.append(
                DeliveryLineAbsent(
                    delivery_id=there.plan.delivery_id,
                    programme_id=there.plan.programme_id,
                    line_id=line.line_id,
                    need_id=line.need_id,
                    kept_until=absence.kept_until,
                    happened_at=command.happened_at,
                )
            )
    return events


def _handed_over(state: State) -> HandedOver:
    match state:
        case NotPlanned():
            raise DeliveryNotPlanned
        case Planned() | Dispatched():
            raise DeliveryNotHandedOver
        case HandedOver():
            return state
        case _:
            assert_never(state)


def also(command: Command, state: State, events: Sequence[object]) -> Iterator[CommandFor]:
    """Taking lines up is theirs to agree to; what was signed for leaves its lot, for its need.

    Of a line given to another child the first need is let go before the other is covered.
    """
    del command
    for event in events:
        match event:
            case DeliveryPlanned():
                yield from take_up(event)
            case DeliveryLineSubstituted():
                yield from cover_instead(event, allocation_of(event, state))
            case DeliveryLineClosed():
                yield from let_go(event)
            case DeliveryLineReturned():
                yield put_back(event)
            case DeliveryLineSigned():
                assert isinstance(state, HandedOver), "only what was handed over is signed for"
                instead = any(isinstance(one, DeliveryLineSubstituted) for one in events)
                yield from hand_out(event, state, "substituted-line" if instead else "signed-line")


def take_up(planned: DeliveryPlanned) -> Iterator[CommandFor]:
    of_allocation: defaultdict[UUID, list[AllocationLine]] = defaultdict(list)
    for line in planned.lines:
        of_allocation[line.allocation_id].append(line)
    approvals = {one.allocation_id: one for one in planned.approvals}
    for allocation_id, lines in of_allocation.items():
        take = PlanLines(
            delivery_id=planned.delivery_id,
            lines=tuple(lines),
            approval=approvals[allocation_id],
            happened_at=planned.happened_at,
        )
        yield CommandFor(allocation, allocation_stream(allocation_id), take)


def allocation_of(given: DeliveryLineSubstituted, state: State) -> UUID:
    assert isinstance(state, HandedOver), "only what was handed over is given to another"
    return state.line(given.line_id).allocation_id


def cover_instead(given: DeliveryLineSubstituted, allocation_id: UUID) -> Iterator[CommandFor]:
    line_id, happened_at = given.line_id, given.happened_at
    uncover = UncoverNeed(line_id=line_id, happened_at=happened_at)
    cover = CoverNeed(
        programme_id=given.programme_id,
        allocation_id=allocation_id,
        line_id=line_id,
        quantity=given.quantity,
        given_on=vietnamese_day(happened_at),
        happened_at=happened_at,
    )
    yield CommandFor(need_cover, need_cover_stream(given.replaced_need_id), uncover)
    yield CommandFor(need_cover, need_cover_stream(given.need_id), cover)


def hand_out(signed: DeliveryLineSigned, there: HandedOver, way: Way) -> Iterator[CommandFor]:
    draw = DrawLot(line_id=signed.line_id, happened_at=signed.happened_at)
    deliver = DeliverSupport(
        line_id=signed.line_id,
        way=way,
        children=signed.children,
        sponsor_id=signed.sponsor_id,
        contribution_id=signed.contribution_id,
        campaign_id=signed.campaign_id,
        fund_id=signed.fund_id,
        lot_id=signed.lot_id,
        delivery_id=signed.delivery_id,
        received_by=there.line(signed.line_id).received_by,
        delivered_by=signed.acknowledged_by,
        on_behalf_of=signed.on_behalf_of,
        entered_by=signed.entered_by,
        happened_at=signed.happened_at,
    )
    yield CommandFor(lot, lot_stream(signed.lot_id), draw)
    yield CommandFor(need_cover, need_cover_stream(signed.need_id), deliver)


# --- Evolve ---


def evolve(state: State, event: Event) -> State:
    match event, state:
        case DeliveryPlanned(), _:
            return Planned(event)
        case DeliveryDispatched(), Planned(planned, ended):
            return Dispatched(planned, event, ended)
        case DeliveryHandedOver(), Dispatched(planned, dispatched, ended):
            return HandedOver(planned, dispatched, event, ended)
        case DeliveryLineClosed() | DeliveryLineReturned(), Planned() | Dispatched() | HandedOver():
            return replace(state, ended=end(state.ended, event))
        case DeliveryCompleted(), Planned() | Dispatched() | HandedOver():
            return state
        case _, HandedOver():
            return evolve_line(state, event)
        case _:
            raise AssertionError(f"{type(event).__name__} never follows {type(state).__name__}")


def evolve_line(there: HandedOver, event: Event) -> HandedOver:
    others = there.given_to_another
    match event:
        case DeliveryLineSigned():
            return replace(there, signed={**there.signed, event.line_id: event})
        case DeliveryLineAbsent():
            return replace(there, absent={**there.absent, event.line_id: event.kept_until})
        case DeliveryLineSubstituted():
            given = Substitution(event)
            return replace(there, given_to_another={**others, event.line_id: given})
        case DeliveryLineSubstitutionRatified() | DeliveryLineSubstitutionRefused():
            judged = replace(others[event.line_id], judgement=event)
            return replace(there, given_to_another={**others, event.line_id: judged})
        case GiftsArrived():
            return replace(there, told=there.told | set(event.line_ids))
        case _:
            raise AssertionError(f"{type(event).__name__} never follows a handing-over")


delivery: Decider[Command, State, Event] = Decider(NotPlanned(), decide, evolve, also)


def stream(delivery_id: UUID) -> str:
    return f"delivery-{delivery_id}"
