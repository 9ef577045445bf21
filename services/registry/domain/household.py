"""A household of a commune, its status by decision of the commune, and where a split placed it.

Stream `household-{household_id}`; registering and placing also assert the unit's stream.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.field_types import StandardCode
from contracts.registry import (
    HouseholdCorrected,
    HouseholdField,
    HouseholdLeft,
    HouseholdMoved,
    HouseholdPlaced,
    HouseholdRegistered,
    HouseholdReturned,
    HouseholdStatusCorrected,
    HouseholdStatusRecorded,
    HouseholdStatusRetracted,
    NeedLetGo,
    RegisterCorrectionReason,
)
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules, Standard
from services.registry.domain.told import (
    FactDoesNotStand,
    NothingIsCorrected,
    Told,
    corrected,
    same_as,
    standing_at,
)
from services.registry.domain.unit import ConfirmSplit, ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterHousehold:
    household_id: UUID
    unit_id: UUID
    territory: Sealed
    head: Sealed
    village: Sealed
    registered_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStatus:
    """Without `valid_until` it holds as long as its standard."""

    household_id: UUID
    status: Sealed
    standard: StandardCode
    decision: Sealed
    valid_from: date
    valid_until: date | None
    rules: Rules
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceHousehold:
    household_id: UUID
    unit_id: UUID
    decision: Sealed
    placed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveHousehold:
    """`unit_id` is the commune where it lives from then on, on the land of `territory`."""

    household_id: UUID
    unit_id: UUID
    territory: Sealed
    village: Sealed
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    moved_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveHousehold:
    household_id: UUID
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnHousehold:
    household_id: UUID
    note: Sealed
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectHousehold:
    """All that was said of it, as it is right. `corrects` is the version that said it until now."""

    household_id: UUID
    corrects: int
    territory: Sealed
    head: Sealed
    village: Sealed
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectStatus:
    household_id: UUID
    corrects: int
    status: Sealed
    standard: StandardCode
    decision: Sealed
    valid_from: date
    valid_until: date | None
    rules: Rules
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractStatus:
    household_id: UUID
    corrects: int
    reason: RegisterCorrectionReason
    note: Sealed
    retracted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmHousehold:
    """Refuses when the household is no longer as it was seen."""

    seen: "State"


Correction = CorrectHousehold | CorrectStatus | RetractStatus
Life = MoveHousehold | LeaveHousehold | ReturnHousehold
Command = RegisterHousehold | RecordStatus | PlaceHousehold | Life | Correction | ConfirmHousehold
Profile = HouseholdRegistered | HouseholdCorrected
Status = HouseholdStatusRecorded | HouseholdStatusCorrected
Lived = HouseholdMoved | HouseholdLeft | HouseholdReturned
Event = Profile | Status | HouseholdStatusRetracted | HouseholdPlaced | Lived


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`fact` is the registration as it was first said, `profile` what is so by all that is known.

    `decided` is what stands, in the order of its first recording. `version` is that of the stream.
    """

    fact: HouseholdRegistered
    unit_id: UUID
    profile: Told[Profile]
    decided: tuple[Told[Status], ...] = ()
    retracted: tuple[HouseholdStatusRetracted, ...] = ()
    placed: HouseholdPlaced | None = None
    lived: tuple[Lived, ...] = ()
    version: int = 1

    @property
    def now(self) -> Profile:
        """What is said of it, as corrected."""
        return self.profile.event

    @property
    def territory(self) -> Sealed:
        """On whose land it lives: where it moved to, or as it was registered."""
        moves = [event for event in self.lived if isinstance(event, HouseholdMoved)]
        return moves[-1].territory if moves else self.now.territory

    @property
    def units(self) -> frozenset[UUID]:
        """Of whose territory it is: it was registered there, placed there, or moved there."""
        moved = any(isinstance(event, HouseholdMoved) for event in self.lived)
        return frozenset({self.unit_id} if moved else {self.fact.unit_id, self.unit_id})

    def has_left(self, on: date) -> bool:
        """Had it left by that day?"""
        told = [
            event
            for event in self.lived
            if not isinstance(event, HouseholdMoved) and vietnamese_day(event.happened_at) <= on
        ]
        newest = max(reversed(told), key=lambda event: event.happened_at, default=None)
        return isinstance(newest, HouseholdLeft)

    @property
    def statuses(self) -> tuple[Status, ...]:
        return tuple(told.event for told in self.decided)


State = NotRegistered | Registered


class HouseholdNotRegistered(Rejection):
    code = "household-not-registered"
    kind = "absent"
    vi = "Chưa có hộ gia đình này trong sổ."
    en = "This household is not registered."


class HouseholdRegisteredOtherwise(Rejection):
    code = "household-registered-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho hộ gia đình với thông tin khác."
    en = "A household was registered under this id with other details."


class HouseholdChangedMeanwhile(Rejection):
    code = "household-changed-meanwhile"
    kind = "conflict"
    vi = "Thông tin hộ gia đình vừa thay đổi; hãy thử lại."
    en = "The household has just changed; please try again."


class HouseholdHasLeft(Rejection):
    code = "household-has-left"
    kind = "conflict"
    vi = "Sổ ghi hộ này không còn ở địa bàn vào ngày đó."
    en = "By the register the household was not here any more on that day."


class HouseholdIsHere(Rejection):
    code = "household-is-here"
    kind = "conflict"
    vi = "Sổ ghi hộ này vẫn đang ở địa bàn vào ngày đó."
    en = "By the register the household was here on that day."


class HouseholdMovedNowhere(Rejection):
    code = "household-moved-nowhere"
    vi = "Nơi ở mới giống hệt nơi ở đang có trong sổ."
    en = "Where it is said to move to is where it lives."


class HouseholdMovedLater(Rejection):
    """Moves are told in their order: where it lives is what the last one says."""

    code = "household-moved-later"
    kind = "conflict"
    vi = "Sổ đã ghi hộ này chuyển nơi ở sau ngày đó."
    en = "The register has a move of this household after that day."


class HouseholdToBePlaced(Rejection):
    """Its commune was split: first a person decides to which successor it belongs."""

    code = "household-to-be-placed"
    kind = "conflict"
    vi = "Xã của hộ này đã được chia: cần xếp hộ vào xã mới trước."
    en = "The household's commune was split: it must be placed in a new one first."


class StandardNotKnown(Rejection):
    code = "standard-not-known"
    vi = "Không có chuẩn nghèo nào mang mã này."
    en = "No poverty standard has this code."


class StandardNotInForce(Rejection):
    code = "standard-not-in-force"
    vi = "Chuẩn nghèo này không áp dụng cho ngày bắt đầu đã ghi."
    en = "This poverty standard is not in force on the first day given."


class StatusOutlivesItsStandard(Rejection):
    code = "status-outlives-its-standard"
    vi = "Chuẩn nghèo này chỉ áp dụng đến trước ngày {valid_until}; diện hộ không giữ được lâu hơn."
    en = "This poverty standard ends before {valid_until}; no status under it holds longer."

    def __init__(self, valid_until: date) -> None:
        self.valid_until = valid_until


class StatusEndsBeforeItBegins(Rejection):
    code = "status-ends-before-it-begins"
    vi = "Diện hộ kết thúc trước khi bắt đầu."
    en = "The status ends before it begins."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RegisterHousehold():
            return register(command, state)
        case RecordStatus():
            return record_status(command, state)
        case PlaceHousehold():
            return place(command, state)
        case ConfirmHousehold():
            return confirm(command, state)
        case MoveHousehold() | LeaveHousehold() | ReturnHousehold():
            return live(command, state)
        case _:
            return correct(command, state)


def live(command: Life, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    event = _lived(command, state)
    if event in state.lived or _moved_so(event, state):
        return []
    left = state.has_left(vietnamese_day(command.happened_at))
    if isinstance(command, ReturnHousehold):
        if not left:
            raise HouseholdIsHere
        return [event]
    if left:
        raise HouseholdHasLeft
    if isinstance(command, MoveHousehold):
        _check_move(command, state)
    return [event]


def _moved_so(event: Lived, state: Registered) -> bool:
    """Was this move told before? Since then it lives there."""
    return any(
        isinstance(before, HouseholdMoved)
        and isinstance(event, HouseholdMoved)
        and replace(event, from_unit_id=before.from_unit_id) == before
        for before in state.lived
    )


def _check_move(command: MoveHousehold, state: Registered) -> None:
    """Raises HouseholdMovedLater, HouseholdMovedNowhere."""
    moves = [event for event in state.lived if isinstance(event, HouseholdMoved)]
    if moves and command.happened_at < moves[-1].happened_at:
        raise HouseholdMovedLater
    village = moves[-1].village if moves else state.now.village
    there = state.unit_id, state.territory, village
    if (command.unit_id, command.territory, command.village) == there:
        raise HouseholdMovedNowhere


def _lived(command: Life, state: Registered) -> Lived:
    match command:
        case MoveHousehold():
            return HouseholdMoved(
                household_id=command.household_id,
                from_unit_id=state.unit_id,
                unit_id=command.unit_id,
                territory=command.territory,
                village=command.village,
                note=command.note,
                lets_go=command.lets_go,
                moved_by=command.moved_by,
                happened_at=command.happened_at,
            )
        case LeaveHousehold():
            return HouseholdLeft(
                household_id=command.household_id,
                unit_id=state.unit_id,
                note=command.note,
                lets_go=command.lets_go,
                recorded_by=command.recorded_by,
                happened_at=command.happened_at,
            )
        case ReturnHousehold():
            return HouseholdReturned(
                household_id=command.household_id,
                unit_id=state.unit_id,
                note=command.note,
                recorded_by=command.recorded_by,
                happened_at=command.happened_at,
            )
        case _:
            assert_never(command)


def correct(command: Correction, state: State) -> list[Event]:
    match command:
        case CorrectHousehold():
            return correct_household(command, state)
        case CorrectStatus():
            return correct_status(command, state)
        case RetractStatus():
            return retract_status(command, state)
        case _:
            assert_never(command)


def register(command: RegisterHousehold, state: State) -> list[Event]:
    registered = HouseholdRegistered(
        household_id=command.household_id,
        unit_id=command.unit_id,
        territory=command.territory,
        head=command.head,
        village=command.village,
        registered_by=command.registered_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotRegistered):
        return [registered]
    if replace(registered, happened_at=state.fact.happened_at) != state.fact:
        raise HouseholdRegisteredOtherwise
    return []


def record_status(command: RecordStatus, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    under = command.rules.standard(command.standard)
    if under is None:
        raise StandardNotKnown
    recorded = HouseholdStatusRecorded(
        household_id=command.household_id,
        status=command.status,
        standard=command.standard,
        decision=command.decision,
        valid_from=command.valid_from,
        valid_until=command.valid_until or under.valid_until,
        rules=command.rules.named,
        recorded_by=command.recorded_by,
        happened_at=command.happened_at,
    )
    last = state.statuses[-1] if state.statuses else None
    if isinstance(last, HouseholdStatusRecorded) and same_as(
        last, replace(recorded, rules=last.rules)
    ):
        return []
    _check_period(recorded, under)
    return [recorded]


def _check_period(recorded: Status, under: Standard) -> None:
    """Raises StandardNotInForce, StatusEndsBeforeItBegins, StatusOutlivesItsStandard."""
    if not under.valid_from <= recorded.valid_from < under.valid_until:
        raise StandardNotInForce
    if recorded.valid_until <= recorded.valid_from:
        raise StatusEndsBeforeItBegins
    if recorded.valid_until > under.valid_until:
        raise StatusOutlivesItsStandard(under.valid_until)


FIELDS: Mapping[HouseholdField, str] = {
    "territory": "territory",
    "head": "head",
    "village": "village",
}


def correct_household(command: CorrectHousehold, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    now = state.now
    right = HouseholdCorrected(
        household_id=command.household_id,
        corrects=command.corrects,
        corrected=(),
        territory=command.territory,
        head=command.head,
        village=command.village,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if isinstance(now, HouseholdCorrected) and same_as(
        now, replace(right, corrected=now.corrected)
    ):
        return []
    if state.profile.version != command.corrects:
        raise FactDoesNotStand
    differing = tuple(
        field for field, name in FIELDS.items() if getattr(right, name) != getattr(now, name)
    )
    if not differing:
        raise NothingIsCorrected
    return [replace(right, corrected=differing)]


def correct_status(command: CorrectStatus, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    under = command.rules.standard(command.standard)
    if under is None:
        raise StandardNotKnown
    right = HouseholdStatusCorrected(
        household_id=command.household_id,
        corrects=command.corrects,
        status=command.status,
        standard=command.standard,
        decision=command.decision,
        valid_from=command.valid_from,
        valid_until=command.valid_until or under.valid_until,
        rules=command.rules.named,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if any(same_as(each, replace(right, rules=each.rules)) for each in state.statuses):
        return []
    wrong = standing_at(state.decided, command.corrects).event
    if _decision(wrong) == _decision(right):
        raise NothingIsCorrected
    _check_period(right, under)
    return [right]


def _decision(status: Status) -> tuple[object, ...]:
    days = status.valid_from, status.valid_until
    return status.status, status.standard, status.decision, *days


def retract_status(command: RetractStatus, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    retracted = HouseholdStatusRetracted(
        household_id=command.household_id,
        corrects=command.corrects,
        reason=command.reason,
        note=command.note,
        retracted_by=command.retracted_by,
        happened_at=command.happened_at,
    )
    if any(same_as(before, retracted) for before in state.retracted):
        return []
    standing_at(state.decided, command.corrects)
    return [retracted]


def place(command: PlaceHousehold, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    placed = HouseholdPlaced(
        household_id=command.household_id,
        from_unit_id=state.unit_id,
        unit_id=command.unit_id,
        decision=command.decision,
        placed_by=command.placed_by,
        happened_at=command.happened_at,
    )
    if before := state.placed:
        same = replace(placed, from_unit_id=before.from_unit_id, happened_at=before.happened_at)
        if same == before:
            return []
    return [placed]


def confirm(command: ConfirmHousehold, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise HouseholdNotRegistered
    if command.seen != state:
        raise HouseholdChangedMeanwhile
    return []


def also(_command: Command, _state: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    for event in events:
        match event:
            case HouseholdRegistered() | HouseholdMoved():
                in_force = ConfirmUnit(on=vietnamese_day(event.happened_at), commune=True)
                yield CommandFor(unit, unit_stream(event.unit_id), in_force)
            case HouseholdPlaced():
                split = ConfirmSplit(into=event.unit_id)
                yield CommandFor(unit, unit_stream(event.from_unit_id), split)
            case (
                HouseholdStatusRecorded()
                | HouseholdCorrected()
                | HouseholdStatusCorrected()
                | HouseholdStatusRetracted()
                | HouseholdLeft()
                | HouseholdReturned()
            ):
                pass
            case _:
                assert_never(event)


def evolve(state: State, event: Event) -> State:
    if isinstance(event, HouseholdRegistered):
        return Registered(event, event.unit_id, Told(1, event))
    assert isinstance(state, Registered), "only a registered household has a record"
    version = state.version + 1
    return replace(_then(state, event, version), version=version)


def _then(state: Registered, event: Event, version: int) -> Registered:
    match event:
        case HouseholdRegistered() | HouseholdCorrected():
            return replace(state, profile=Told(version, event))
        case HouseholdStatusRecorded():
            return replace(state, decided=(*state.decided, Told(version, event)))
        case HouseholdStatusCorrected(corrects=wrong):
            return replace(state, decided=corrected(state.decided, wrong, Told(version, event)))
        case HouseholdStatusRetracted(corrects=wrong):
            return replace(
                state,
                decided=corrected(state.decided, wrong, None),
                retracted=(*state.retracted, event),
            )
        case HouseholdPlaced():
            return replace(state, unit_id=event.unit_id, placed=event)
        case HouseholdMoved() | HouseholdLeft() | HouseholdReturned():
            return replace(state, unit_id=event.unit_id, lived=(*state.lived, event))
        case _:
            assert_never(event)


household: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(household_id: UUID) -> str:
    return f"household-{household_id}"
