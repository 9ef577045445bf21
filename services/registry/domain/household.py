"""A household of a commune, its status by decision of the commune, and where a split placed it.

Stream `household-{household_id}`; registering and placing also assert the unit's stream.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.field_types import StandardCode
from contracts.registry import HouseholdPlaced, HouseholdRegistered, HouseholdStatusRecorded
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules
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
class ConfirmHousehold:
    """Refuses when the household is no longer as it was seen."""

    seen: "State"


Command = RegisterHousehold | RecordStatus | PlaceHousehold | ConfirmHousehold
Event = HouseholdRegistered | HouseholdStatusRecorded | HouseholdPlaced


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`statuses` are in the order of their recording."""

    fact: HouseholdRegistered
    unit_id: UUID
    statuses: tuple[HouseholdStatusRecorded, ...] = ()
    placed: HouseholdPlaced | None = None


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
    if state.statuses:
        last = state.statuses[-1]
        if replace(recorded, happened_at=last.happened_at, rules=last.rules) == last:
            return []
    if not under.valid_from <= command.valid_from < under.valid_until:
        raise StandardNotInForce
    if recorded.valid_until <= recorded.valid_from:
        raise StatusEndsBeforeItBegins
    if recorded.valid_until > under.valid_until:
        raise StatusOutlivesItsStandard(under.valid_until)
    return [recorded]


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
            case HouseholdStatusRecorded():
                pass
            case _:
                assert_never(event)


def evolve(state: State, event: Event) -> State:
    match event:
        case HouseholdRegistered():
            return Registered(event, event.unit_id)
        case HouseholdStatusRecorded():
            assert isinstance(state, Registered), "only a registered household has a status"
            return replace(state, statuses=(*state.statuses, event))
        case HouseholdPlaced():
            assert isinstance(state, Registered), "only a registered household is placed"
            return replace(state, unit_id=event.unit_id, placed=event)
        case _:
            assert_never(event)


household: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(household_id: UUID) -> str:
    return f"household-{household_id}"
