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
    HouseholdPlaced,
    HouseholdRegistered,
    HouseholdStatusCorrected,
    HouseholdStatusRecorded,
    HouseholdStatusRetracted,
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
Command = RegisterHousehold | RecordStatus | PlaceHousehold | Correction | ConfirmHousehold
Profile = HouseholdRegistered | HouseholdCorrected
Status = HouseholdStatusRecorded | HouseholdStatusCorrected
Event = Profile | Status | HouseholdStatusRetracted | HouseholdPlaced


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
    version: int = 1

    @property
    def now(self) -> Profile:
        """What is said of it, as corrected."""
        return self.profile.event

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
        case _:
            return correct(command, state)


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
            case HouseholdRegistered():
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
        case _:
            assert_never(event)


household: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(household_id: UUID) -> str:
    return f"household-{household_id}"
