"""A child on the register: measures, school years, circumstances. All that identifies is sealed.

Stream `child-{child_id}`; where a rule rests on the household, its stream is asserted too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import (
    ChildEnrolled,
    ChildMeasured,
    ChildRegistered,
    CircumstanceAssessed,
    Gender,
)
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.rules import Rules
from services.registry.domain.household import ConfirmHousehold, household
from services.registry.domain.household import Registered as Household
from services.registry.domain.household import stream as household_stream
from services.registry.domain.standing import Circumstance, History, household_status, lapses
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChild:
    """`unit_id` is the household's unit on that day; `born_on` is what `birth_date` seals."""

    child_id: UUID
    home: Household
    unit_id: UUID
    born_on: date
    gender: Gender
    name: Sealed
    birth_date: Sealed
    guardian: Sealed
    ethnicity: Sealed
    rules: Rules
    registered_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureChild:
    """`height` seals `height_cm`."""

    child_id: UUID
    height_cm: int
    height: Sealed
    measured_on: date
    rules: Rules
    measured_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolChild:
    child_id: UUID
    school_year: str
    grade: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessCircumstance:
    """`circumstance` seals `assessed`; `told` was opened from `seen` and `home`."""

    child_id: UUID
    circumstance: Sealed
    assessed: Circumstance
    told: History
    seen: "State"
    home: Household
    rules: Rules
    assessed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmChild:
    """Refuses when the child's record is no longer as it was seen."""

    seen: "State"


Command = RegisterChild | MeasureChild | EnrolChild | AssessCircumstance | ConfirmChild
Event = ChildRegistered | ChildMeasured | ChildEnrolled | CircumstanceAssessed


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`measures` by the day of measuring, `enrolments` by school year: the last said of each."""

    fact: ChildRegistered
    measures: Mapping[date, ChildMeasured] = field(default_factory=dict)
    enrolments: Mapping[str, ChildEnrolled] = field(default_factory=dict)
    assessments: tuple[CircumstanceAssessed, ...] = ()

    def measure(self, on: date) -> ChildMeasured | None:
        """The newest measure taken by that day."""
        days = [measured_on for measured_on in self.measures if measured_on <= on]
        return self.measures[max(days)] if days else None


State = NotRegistered | Registered


class ChildNotRegistered(Rejection):
    code = "child-not-registered"
    kind = "absent"
    vi = "Chưa có trẻ em này trong sổ."
    en = "This child is not registered."


class ChildRegisteredOtherwise(Rejection):
    code = "child-registered-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho trẻ em với thông tin khác."
    en = "A child was registered under this id with other details."


class ChildChangedMeanwhile(Rejection):
    code = "child-changed-meanwhile"
    kind = "conflict"
    vi = "Thông tin trẻ em vừa thay đổi; hãy thử lại."
    en = "The child's record has just changed; please try again."


class AgedOut(Rejection):
    code = "aged-out"
    vi = "Vào ngày đó người này không còn là trẻ em theo chương trình."
    en = "On that day this person is no longer a child under the programme."


class NotYetBorn(Rejection):
    code = "not-yet-born"
    vi = "Ngày sinh ở phía trước."
    en = "The birth date is still to come."


class MeasuredInTheFuture(Rejection):
    code = "measured-in-the-future"
    vi = "Ngày đo ở phía trước."
    en = "The day of the measure is still to come."


class HeightOutsideTheTable(Rejection):
    code = "height-outside-the-table"
    vi = "Bảng cỡ chỉ có chiều cao từ {height_cm_min} đến {height_cm_max} cm."
    en = "The table of sizes goes from {height_cm_min} to {height_cm_max} cm."

    def __init__(self, height_cm_min: int, height_cm_max: int) -> None:
        self.height_cm_min = height_cm_min
        self.height_cm_max = height_cm_max


class CircumstanceNotKnown(Rejection):
    code = "circumstance-not-known"
    vi = "Không có nhóm hoàn cảnh hay nguy cơ nào mang mã này."
    en = "No group or reason of being at risk has this code."


class SpecialExcludesAtRisk(Rejection):
    code = "special-excludes-at-risk"
    kind = "conflict"
    vi = "Cùng một ngày, trẻ em không thể vừa có hoàn cảnh đặc biệt vừa được ghi là có nguy cơ."
    en = "A child in special circumstances is not at risk besides, on whatever day."


class HouseholdNotPoorEnough(Rejection):
    code = "household-not-poor-enough"
    vi = "Nhóm này chỉ dành cho trẻ em thuộc hộ nghèo hoặc cận nghèo vào ngày đó."
    en = "This group is only for a household that is poor or near-poor on that day."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case RegisterChild():
            return register(command, state)
        case MeasureChild():
            return measure(command, state)
        case EnrolChild():
            return enrol(command, state)
        case AssessCircumstance():
            return assess(command, state)
        case ConfirmChild():
            return confirm(command, state)
        case _:
            assert_never(command)


def register(command: RegisterChild, state: State) -> list[Event]:
    registered = ChildRegistered(
        child_id=command.child_id,
        household_id=command.home.fact.household_id,
        unit_id=command.unit_id,
        birth_month=f"{command.born_on:%Y-%m}",
        gender=command.gender,
        name=command.name,
        birth_date=command.birth_date,
        guardian=command.guardian,
        ethnicity=command.ethnicity,
        rules=command.rules.named,
        registered_by=command.registered_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Registered):
        first = state.fact
        same = replace(
            registered, happened_at=first.happened_at, unit_id=first.unit_id, rules=first.rules
        )
        if same != first:
            raise ChildRegisteredOtherwise
        return []
    today = vietnamese_day(command.happened_at)
    if today < command.born_on:
        raise NotYetBorn
    if not command.rules.is_child(command.born_on, today):
        raise AgedOut
    return [registered]


def measure(command: MeasureChild, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    if vietnamese_day(command.happened_at) < command.measured_on:
        raise MeasuredInTheFuture
    label = command.rules.label(command.height_cm)
    if label is None:
        sizes = command.rules.sizes
        raise HeightOutsideTheTable(sizes[0].height_cm_min or 0, sizes[-1].height_cm_max or 0)
    measured = ChildMeasured(
        child_id=command.child_id,
        height_label=label,
        height=command.height,
        measured_on=command.measured_on,
        rules=command.rules.named,
        measured_by=command.measured_by,
        happened_at=command.happened_at,
    )
    before = state.measures.get(command.measured_on)
    if before is not None:
        same = replace(measured, happened_at=before.happened_at, rules=before.rules)
        if same == before:
            return []
    return [measured]


def enrol(command: EnrolChild, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    enrolled = ChildEnrolled(
        child_id=command.child_id,
        school_year=command.school_year,
        grade=command.grade,
        happened_at=command.happened_at,
    )
    before = state.enrolments.get(command.school_year)
    if before is not None and replace(enrolled, happened_at=before.happened_at) == before:
        return []
    return [enrolled]


def assess(command: AssessCircumstance, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    assessed = CircumstanceAssessed(
        child_id=command.child_id,
        circumstance=command.circumstance,
        rules=command.rules.named,
        assessed_by=command.assessed_by,
        happened_at=command.happened_at,
    )
    if state.assessments:
        last = state.assessments[-1]
        if replace(assessed, happened_at=last.happened_at, rules=last.rules) == last:
            return []
    if command.seen != state:
        raise ChildChangedMeanwhile
    _check_circumstance(command.assessed, command.told, command.rules)
    return [assessed]


def _check_circumstance(assessed: Circumstance, told: History, rules: Rules) -> None:
    """On its own day, and on each day of which the register has been told already."""
    match assessed.kind:
        case "special":
            group = rules.group(assessed.code)
            if group is None:
                raise CircumstanceNotKnown
            if lapses(group.only_if_household, household_status(told.periods, assessed.on)):
                raise HouseholdNotPoorEnough
        case "at-risk":
            if assessed.code not in {reason.code for reason in rules.at_risk}:
                raise CircumstanceNotKnown
        case "none":
            if assessed.code:
                raise CircumstanceNotKnown
        case _:
            assert_never(assessed.kind)
    then = replace(told, circumstances=(*told.circumstances, assessed))
    if then.at_risk_in_vain(rules) - told.at_risk_in_vain(rules):
        raise SpecialExcludesAtRisk


def confirm(command: ConfirmChild, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    if command.seen != state:
        raise ChildChangedMeanwhile
    return []


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    match command:
        case RegisterChild(home=home):
            yield CommandFor(
                household, household_stream(home.fact.household_id), ConfirmHousehold(seen=home)
            )
            in_force = ConfirmUnit(on=vietnamese_day(command.happened_at))
            yield CommandFor(unit, unit_stream(command.unit_id), in_force)
        case AssessCircumstance(home=home):
            yield CommandFor(
                household, household_stream(home.fact.household_id), ConfirmHousehold(seen=home)
            )


def evolve(state: State, event: Event) -> State:
    if isinstance(event, ChildRegistered):
        return Registered(event)
    assert isinstance(state, Registered), "only a registered child has a record"
    match event:
        case ChildMeasured():
            return replace(state, measures={**state.measures, event.measured_on: event})
        case ChildEnrolled():
            return replace(state, enrolments={**state.enrolments, event.school_year: event})
        case CircumstanceAssessed():
            return replace(state, assessments=(*state.assessments, event))
        case _:
            assert_never(event)


child: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(child_id: UUID) -> str:
    return f"child-{child_id}"
