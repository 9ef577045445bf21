"""A child on the register: measures, school years, circumstances. All that identifies is sealed.

Stream `child-{child_id}`; where a rule rests on the household, its stream is asserted too. What was
recorded wrongly is corrected by a further event, which takes the place of the one it corrects.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import (
    ChildCorrected,
    ChildEnrolled,
    ChildEnrolmentCorrected,
    ChildFactRetracted,
    ChildField,
    ChildLeft,
    ChildMeasureCorrected,
    ChildMeasured,
    ChildMerged,
    ChildMoved,
    ChildRegistered,
    ChildrenToldApart,
    ChildReturned,
    ChildUnmerged,
    CircumstanceAssessed,
    CircumstanceCorrected,
    Gender,
    NeedLetGo,
    RegisterCorrectionReason,
)
from contracts.sealed import Sealed
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from programmes.days import Birth
from programmes.rules import Rules
from services.registry.domain.household import ConfirmHousehold, household
from services.registry.domain.household import Registered as Household
from services.registry.domain.household import stream as household_stream
from services.registry.domain.standing import Circumstance, History, household_status, lapses
from services.registry.domain.told import (
    FactDoesNotStand,
    NothingIsCorrected,
    Told,
    corrected,
    same_as,
    standing_at,
)
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChild:
    """`unit_id` is the household's unit on that day; `born` is what `birth_date` seals."""

    child_id: UUID
    home: Household
    unit_id: UUID
    born: Birth
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
class MoveChild:
    """`home` is where it lives from then on, in `unit_id`."""

    child_id: UUID
    home: Household
    unit_id: UUID
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    moved_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveChild:
    """The child is no longer here; `how` seals whether it moved away or died."""

    child_id: UUID
    how: Sealed
    note: Sealed
    lets_go: tuple[NeedLetGo, ...]
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnChild:
    """`died` was opened from what `seen` says of its leaving."""

    child_id: UUID
    note: Sealed
    died: bool
    seen: "State"
    recorded_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeChild:
    """`into` is the record that owns what comes later, as seen."""

    child_id: UUID
    into: "Registered"
    note: Sealed
    merged_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeChild:
    child_id: UUID
    note: Sealed
    unmerged_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TellApart:
    child_id: UUID
    other_child_id: UUID
    note: Sealed
    told_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectChild:
    """All that identifies the child, as it is right. `home` is its household, `unit_id` its unit.

    `home` None: the household in which it was registered is right. `corrects` is the version of the
    event that said it until now.
    """

    child_id: UUID
    corrects: int
    home: Household | None
    unit_id: UUID
    born: Birth | None
    gender: Gender
    name: Sealed
    birth_date: Sealed
    guardian: Sealed
    ethnicity: Sealed
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectMeasure:
    child_id: UUID
    corrects: int
    height_cm: int
    height: Sealed
    measured_on: date
    rules: Rules
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectEnrolment:
    child_id: UUID
    corrects: int
    school_year: str
    grade: int
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectCircumstance:
    """`told` was opened from `seen` and `home`; `then` is the same with the correction."""

    child_id: UUID
    corrects: int
    circumstance: Sealed
    assessed: Circumstance
    told: History
    then: History
    seen: "State"
    home: Household
    rules: Rules
    reason: RegisterCorrectionReason
    note: Sealed
    corrected_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractFact:
    """Of a measure, a grade or a circumstance; `told` and `then` as of a correction."""

    child_id: UUID
    corrects: int
    told: History
    then: History
    seen: "State"
    home: Household
    rules: Rules
    reason: RegisterCorrectionReason
    note: Sealed
    retracted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmChild:
    """Refuses when the child's record is no longer as it was seen."""

    seen: "State"


Correction = CorrectChild | CorrectMeasure | CorrectEnrolment | CorrectCircumstance | RetractFact
Life = MoveChild | LeaveChild | ReturnChild
Sameness = MergeChild | UnmergeChild | TellApart
Written = (
    RegisterChild
    | MeasureChild
    | EnrolChild
    | AssessCircumstance
    | Life
    | Correction
    | ConfirmChild
)
Command = Written | Sameness
Profile = ChildRegistered | ChildCorrected
Measure = ChildMeasured | ChildMeasureCorrected
Enrolment = ChildEnrolled | ChildEnrolmentCorrected
Assessment = CircumstanceAssessed | CircumstanceCorrected
Correcting = (
    ChildCorrected
    | ChildMeasureCorrected
    | ChildEnrolmentCorrected
    | CircumstanceCorrected
    | ChildFactRetracted
)
Lived = ChildMoved | ChildLeft | ChildReturned
Twice = ChildMerged | ChildUnmerged | ChildrenToldApart
Event = (
    ChildRegistered
    | ChildMeasured
    | ChildEnrolled
    | CircumstanceAssessed
    | Lived
    | Twice
    | Correcting
)


@dataclass(frozen=True, slots=True)
class NotRegistered:
    pass


@dataclass(frozen=True, slots=True)
class Registered:
    """`fact` is the registration as it was first said, `profile` what is so by all that is known.

    `measured`, `enrolled`, `assessed` and `lived` are what stands, in the order of its first
    recording.
    `merged` says into which record, `apart` from which others it was told apart.
    `corrected_by` are those who corrected anything. `version` is that of the stream.
    """

    fact: ChildRegistered
    profile: Told[Profile]
    measured: tuple[Told[Measure], ...] = ()
    enrolled: tuple[Told[Enrolment], ...] = ()
    assessed: tuple[Told[Assessment], ...] = ()
    lived: tuple[Told[Lived], ...] = ()
    merged: ChildMerged | None = None
    apart: frozenset[UUID] = frozenset()
    retracted: tuple[ChildFactRetracted, ...] = ()
    corrected_by: frozenset[UUID] = frozenset()
    version: int = 1

    @property
    def now(self) -> Profile:
        """Who the child is, as corrected."""
        return self.profile.event

    @property
    def household_id(self) -> UUID:
        """Where it lives, by the newest of its moves."""
        moves = [told.event for told in self.lived if isinstance(told.event, ChildMoved)]
        newest = max(reversed(moves), key=lambda moved: moved.happened_at, default=None)
        return newest.household_id if newest else self.now.household_id

    def left(self, on: date) -> ChildLeft | None:
        """How it had left by that day; None: it was here."""
        told = [
            each.event
            for each in self.lived
            if not isinstance(each.event, ChildMoved)
            and vietnamese_day(each.event.happened_at) <= on
        ]
        newest = max(reversed(told), key=lambda event: event.happened_at, default=None)
        return newest if isinstance(newest, ChildLeft) else None

    @property
    def measures(self) -> Mapping[date, Measure]:
        """By the day of measuring: the last said of each."""
        return {told.event.measured_on: told.event for told in self.measured}

    @property
    def enrolments(self) -> Mapping[str, Enrolment]:
        """By school year: the last said of each."""
        return {told.event.school_year: told.event for told in self.enrolled}

    @property
    def assessments(self) -> tuple[Assessment, ...]:
        return tuple(told.event for told in self.assessed)

    def measure(self, on: date) -> Measure | None:
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


class ChildIsMerged(Rejection):
    """What comes later belongs to the other record."""

    code = "child-is-merged"
    kind = "conflict"
    vi = "Hồ sơ này đã được gộp vào hồ sơ khác; hãy ghi vào hồ sơ đó."
    en = "This record was merged into another: what is new belongs there."


class ChildNotMerged(Rejection):
    code = "child-not-merged"
    kind = "conflict"
    vi = "Hồ sơ này không gộp vào hồ sơ nào."
    en = "This record is merged into no other."


class ChildIsItself(Rejection):
    code = "child-is-itself"
    vi = "Hai hồ sơ phải khác nhau."
    en = "They are to be two records."


class ChildHasLeft(Rejection):
    code = "child-has-left"
    kind = "conflict"
    vi = "Sổ ghi trẻ em này không còn ở địa bàn vào ngày đó."
    en = "By the register the child was not here any more on that day."


class ChildIsHere(Rejection):
    code = "child-is-here"
    kind = "conflict"
    vi = "Sổ ghi trẻ em này vẫn đang ở địa bàn vào ngày đó."
    en = "By the register the child was here on that day."


class ChildHasDied(Rejection):
    """Only a retraction of what was recorded in error says otherwise."""

    code = "child-has-died"
    kind = "conflict"
    vi = "Sổ ghi trẻ em này đã qua đời. Nếu ghi nhầm, hãy bỏ điều đã ghi trong hồ sơ."
    en = "The register says that the child has died. If in error, take that back in its file."


class ChildLivesThere(Rejection):
    code = "child-lives-there"
    kind = "conflict"
    vi = "Trẻ em này đang ở trong hộ đó."
    en = "The child lives in that household already."


class AgedOut(Rejection):
    code = "aged-out"
    vi = "Vào ngày đó người này không còn là trẻ em theo chương trình."
    en = "On that day this person is no longer a child under the programme."


class AgeDependsOnTheDay(Rejection):
    """The birth date is not known precisely enough to say it: a person finds it out."""

    code = "age-depends-on-the-day"
    kind = "conflict"
    vi = "Ngày sinh chưa rõ nên chưa biết trẻ em còn thuộc chương trình không."
    en = "The birth date is not known well enough to say whether the child is of the programme."


class NotYetBorn(Rejection):
    code = "not-yet-born"
    vi = "Ngày sinh ở phía trước."
    en = "The birth date is still to come."


class MeasuredInTheFuture(Rejection):
    code = "measured-in-the-future"
    vi = "Ngày đo ở phía trước."
    en = "The day of the measure is still to come."


class AssessedInTheFuture(Rejection):
    code = "assessed-in-the-future"
    vi = "Ngày bắt đầu hoàn cảnh ở phía trước."
    en = "The day from which on it is so is still to come."


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
    if isinstance(command, MergeChild | UnmergeChild | TellApart):
        return tell_sameness(command, state)
    if isinstance(state, Registered) and state.merged is not None:
        return decide_merged(command, state)
    return decide_standing(command, state)


def decide_standing(command: Written, state: State) -> list[Event]:
    match command:
        case RegisterChild():
            return register(command, state)
        case MeasureChild():
            return measure(command, state)
        case EnrolChild():
            return enrol(command, state)
        case AssessCircumstance():
            return assess(command, state)
        case MoveChild() | LeaveChild() | ReturnChild():
            return live(command, state)
        case _:
            return correct_or_confirm(command, state)


def decide_merged(command: Command, state: Registered) -> list[Event]:
    """The record rests: it is looked at, and registered again by the same words, and no more."""
    match command:
        case RegisterChild():
            return register(command, state)
        case ConfirmChild():
            return confirm(command, state)
    raise ChildIsMerged


def tell_sameness(command: Sameness, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    match command:
        case MergeChild():
            return merge(command, state)
        case UnmergeChild():
            if state.merged is None:
                raise ChildNotMerged
            return [
                ChildUnmerged(
                    child_id=command.child_id,
                    from_child_id=state.merged.into_child_id,
                    note=command.note,
                    unmerged_by=command.unmerged_by,
                    happened_at=command.happened_at,
                )
            ]
        case TellApart():
            return tell_apart(command, state)
        case _:
            assert_never(command)


def merge(command: MergeChild, state: Registered) -> list[Event]:
    into = command.into.fact.child_id
    if state.merged is not None:
        if state.merged.into_child_id == into:
            return []
        raise ChildIsMerged
    if into == command.child_id:
        raise ChildIsItself
    if command.into.merged is not None:
        raise ChildIsMerged
    return [
        ChildMerged(
            child_id=command.child_id,
            into_child_id=into,
            note=command.note,
            merged_by=command.merged_by,
            happened_at=command.happened_at,
        )
    ]


def tell_apart(command: TellApart, state: Registered) -> list[Event]:
    if command.other_child_id == command.child_id:
        raise ChildIsItself
    if command.other_child_id in state.apart:
        return []
    return [
        ChildrenToldApart(
            child_id=command.child_id,
            other_child_id=command.other_child_id,
            note=command.note,
            told_by=command.told_by,
            happened_at=command.happened_at,
        )
    ]


def correct_or_confirm(command: Correction | ConfirmChild, state: State) -> list[Event]:
    if isinstance(command, ConfirmChild):
        return confirm(command, state)
    return correct(command, state)


def live(command: Life, state: State) -> list[Event]:
    """Where the child lives from then on, or that it is no longer here."""
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    event = _lived(command, state)
    if any(type(told.event) is type(event) and told.event == event for told in state.lived):
        return []
    left = state.left(vietnamese_day(command.happened_at))
    match command:
        case MoveChild() | LeaveChild() if left is not None:
            raise ChildHasLeft
        case MoveChild(home=home) if home.fact.household_id == state.household_id:
            raise ChildLivesThere
        case ReturnChild() if left is None:
            raise ChildIsHere
        case ReturnChild(died=died, seen=seen):
            if seen != state:
                raise ChildChangedMeanwhile
            if died:
                raise ChildHasDied
    return [event]


def _lived(command: Life, state: Registered) -> Lived:
    match command:
        case MoveChild():
            return ChildMoved(
                child_id=command.child_id,
                from_household_id=state.household_id,
                household_id=command.home.fact.household_id,
                unit_id=command.unit_id,
                note=command.note,
                lets_go=command.lets_go,
                moved_by=command.moved_by,
                happened_at=command.happened_at,
            )
        case LeaveChild():
            return ChildLeft(
                child_id=command.child_id,
                household_id=state.household_id,
                how=command.how,
                note=command.note,
                lets_go=command.lets_go,
                recorded_by=command.recorded_by,
                happened_at=command.happened_at,
            )
        case ReturnChild():
            return ChildReturned(
                child_id=command.child_id,
                household_id=state.household_id,
                note=command.note,
                recorded_by=command.recorded_by,
                happened_at=command.happened_at,
            )
        case _:
            assert_never(command)


def correct(command: Correction, state: State) -> list[Event]:
    match command:
        case CorrectChild():
            return correct_child(command, state)
        case CorrectMeasure():
            return correct_measure(command, state)
        case CorrectEnrolment():
            return correct_enrolment(command, state)
        case CorrectCircumstance():
            return correct_circumstance(command, state)
        case RetractFact():
            return retract(command, state)
        case _:
            assert_never(command)


def register(command: RegisterChild, state: State) -> list[Event]:
    registered = ChildRegistered(
        child_id=command.child_id,
        household_id=command.home.fact.household_id,
        unit_id=command.unit_id,
        birth_month=command.born.month,
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
    if today < command.born.earliest:
        raise NotYetBorn
    # Where it depends the child is registered, and a person finds out.
    if command.rules.is_child_by(command.born, today) == "no":
        raise AgedOut
    return [registered]


def measure(command: MeasureChild, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    measured = ChildMeasured(
        child_id=command.child_id,
        height_label=_label(command),
        height=command.height,
        measured_on=command.measured_on,
        rules=command.rules.named,
        measured_by=command.measured_by,
        happened_at=command.happened_at,
    )
    before = state.measures.get(command.measured_on)
    if isinstance(before, ChildMeasured):
        same = replace(measured, happened_at=before.happened_at, rules=before.rules)
        if same == before:
            return []
    return [measured]


def _label(command: MeasureChild | CorrectMeasure) -> str:
    """The size for the height. Raises MeasuredInTheFuture, HeightOutsideTheTable."""
    if vietnamese_day(command.happened_at) < command.measured_on:
        raise MeasuredInTheFuture
    label = command.rules.label(command.height_cm)
    if label is None:
        sizes = command.rules.sizes
        raise HeightOutsideTheTable(sizes[0].height_cm_min or 0, sizes[-1].height_cm_max or 0)
    return label


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
    if isinstance(before, ChildEnrolled) and same_as(before, enrolled):
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
    last = state.assessments[-1] if state.assessments else None
    if isinstance(last, CircumstanceAssessed) and same_as(
        last, replace(assessed, rules=last.rules)
    ):
        return []
    if command.seen != state:
        raise ChildChangedMeanwhile
    told, assessed_now = command.told, command.assessed
    then = replace(told, circumstances=(*told.circumstances, assessed_now))
    _check_circumstance(assessed_now, told, command.rules)
    _check_history(told, then, command.rules)
    return [assessed]


def _check_circumstance(assessed: Circumstance, told: History, rules: Rules) -> None:
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


def _check_history(told: History, then: History, rules: Rules) -> None:
    """On each day of which the register has been told already. Raises SpecialExcludesAtRisk."""
    if _in_vain(then, rules) - _in_vain(told, rules):
        raise SpecialExcludesAtRisk


def _in_vain(history: History, rules: Rules) -> Counter[Circumstance]:
    return Counter(history.circumstances[place] for place in history.at_risk_in_vain(rules))


FIELDS: Mapping[ChildField, str] = {
    "household": "household_id",
    "name": "name",
    "birth-date": "birth_date",
    "gender": "gender",
    "guardian": "guardian",
    "ethnicity": "ethnicity",
}


def correct_child(command: CorrectChild, state: State) -> list[Event]:
    """Whoever is no child by the right birth date stays on the register, and is counted no more."""
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    now = state.now
    right = ChildCorrected(
        child_id=command.child_id,
        corrects=command.corrects,
        corrected=(),
        household_id=command.home.fact.household_id if command.home else now.household_id,
        unit_id=command.unit_id,
        birth_month=command.born.month if command.born else now.birth_month,
        gender=command.gender,
        name=command.name,
        birth_date=command.birth_date,
        guardian=command.guardian,
        ethnicity=command.ethnicity,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if isinstance(now, ChildCorrected) and same_as(now, replace(right, corrected=now.corrected)):
        return []
    if state.profile.version != command.corrects:
        raise FactDoesNotStand
    if command.born and vietnamese_day(state.fact.happened_at) < command.born.earliest:
        raise NotYetBorn
    differing = tuple(
        field for field, name in FIELDS.items() if getattr(right, name) != getattr(now, name)
    )
    if not differing:
        raise NothingIsCorrected
    return [replace(right, corrected=differing)]


def correct_measure(command: CorrectMeasure, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    right = ChildMeasureCorrected(
        child_id=command.child_id,
        corrects=command.corrects,
        height_label=_label(command),
        height=command.height,
        measured_on=command.measured_on,
        rules=command.rules.named,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if _said_before(right, state.measured):
        return []
    wrong = standing_at(state.measured, command.corrects).event
    if (wrong.height, wrong.measured_on) == (right.height, right.measured_on):
        raise NothingIsCorrected
    return [right]


def correct_enrolment(command: CorrectEnrolment, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    right = ChildEnrolmentCorrected(
        child_id=command.child_id,
        corrects=command.corrects,
        school_year=command.school_year,
        grade=command.grade,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if _said_before(right, state.enrolled):
        return []
    wrong = standing_at(state.enrolled, command.corrects).event
    if (wrong.school_year, wrong.grade) == (right.school_year, right.grade):
        raise NothingIsCorrected
    return [right]


def correct_circumstance(command: CorrectCircumstance, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    right = CircumstanceCorrected(
        child_id=command.child_id,
        corrects=command.corrects,
        circumstance=command.circumstance,
        assessed_on=command.assessed.on,
        rules=command.rules.named,
        reason=command.reason,
        note=command.note,
        corrected_by=command.corrected_by,
        happened_at=command.happened_at,
    )
    if _said_before(right, state.assessed):
        return []
    wrong = standing_at(state.assessed, command.corrects).event
    if (wrong.circumstance, day_of(wrong)) == (right.circumstance, right.assessed_on):
        raise NothingIsCorrected
    if command.seen != state:
        raise ChildChangedMeanwhile
    if vietnamese_day(command.happened_at) < command.assessed.on:
        raise AssessedInTheFuture
    _check_circumstance(command.assessed, command.told, command.rules)
    _check_history(command.told, command.then, command.rules)
    return [right]


def retract(command: RetractFact, state: State) -> list[Event]:
    if isinstance(state, NotRegistered):
        raise ChildNotRegistered
    retracted = ChildFactRetracted(
        child_id=command.child_id,
        corrects=command.corrects,
        reason=command.reason,
        note=command.note,
        retracted_by=command.retracted_by,
        happened_at=command.happened_at,
    )
    if any(same_as(before, retracted) for before in state.retracted):
        return []
    every: tuple[Told[Measure | Enrolment | Assessment | Lived], ...] = (
        *state.measured,
        *state.enrolled,
        *state.assessed,
        *state.lived,
    )
    standing_at(every, command.corrects)
    if command.seen != state:
        raise ChildChangedMeanwhile
    _check_history(command.told, command.then, command.rules)
    return [retracted]


def _said_before(
    right: ChildMeasureCorrected | ChildEnrolmentCorrected | CircumstanceCorrected,
    told: Sequence[Told[Measure]] | Sequence[Told[Enrolment]] | Sequence[Told[Assessment]],
) -> bool:
    """Does the same correction stand there already?"""
    return any(type(each.event) is type(right) and same_as(each.event, right) for each in told)


def day_of(assessed: Assessment) -> date:
    """The day from which on a circumstance is so."""
    if isinstance(assessed, CircumstanceCorrected):
        return assessed.assessed_on
    return vietnamese_day(assessed.happened_at)


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
        case MergeChild(into=into):
            yield CommandFor(child, stream(into.fact.child_id), ConfirmChild(seen=into))
        case RegisterChild(home=home) | MoveChild(home=home):
            yield CommandFor(
                household, household_stream(home.fact.household_id), ConfirmHousehold(seen=home)
            )
            in_force = ConfirmUnit(on=vietnamese_day(command.happened_at))
            yield CommandFor(unit, unit_stream(command.unit_id), in_force)
        case (
            AssessCircumstance(home=home)
            | CorrectChild(home=Household() as home)
            | CorrectCircumstance(home=home)
            | RetractFact(home=home)
        ):
            yield CommandFor(
                household, household_stream(home.fact.household_id), ConfirmHousehold(seen=home)
            )


def evolve(state: State, event: Event) -> State:
    if isinstance(event, ChildRegistered):
        return Registered(event, Told(1, event))
    assert isinstance(state, Registered), "only a registered child has a record"
    version = state.version + 1
    then = replace(_then(state, event, version), version=version)
    match event:
        case ChildFactRetracted(retracted_by=by):
            return replace(then, corrected_by=then.corrected_by | {by})
        case (
            ChildMeasured()
            | ChildEnrolled()
            | CircumstanceAssessed()
            | ChildMoved()
            | ChildLeft()
            | ChildReturned()
            | ChildMerged()
            | ChildUnmerged()
            | ChildrenToldApart()
        ):
            return then
        case _:
            return replace(then, corrected_by=then.corrected_by | {event.corrected_by})


def _then(state: Registered, event: Event, version: int) -> Registered:
    match event:
        case ChildMeasured():
            return replace(state, measured=(*state.measured, Told(version, event)))
        case ChildEnrolled():
            return replace(state, enrolled=(*state.enrolled, Told(version, event)))
        case CircumstanceAssessed():
            return replace(state, assessed=(*state.assessed, Told(version, event)))
        case ChildMoved() | ChildLeft() | ChildReturned():
            return replace(state, lived=(*state.lived, Told(version, event)))
        case ChildMerged() | ChildUnmerged() | ChildrenToldApart() | ChildRegistered():
            return _twice(state, event)
        case _:
            return _corrected(state, event, version)


def _twice(state: Registered, event: Twice | ChildRegistered) -> Registered:
    match event:
        case ChildMerged():
            return replace(state, merged=event)
        case ChildUnmerged():
            return replace(state, merged=None)
        case ChildrenToldApart():
            return replace(state, apart=state.apart | {event.other_child_id})
        case ChildRegistered():
            return state
        case _:
            assert_never(event)


def _corrected(state: Registered, event: Correcting, version: int) -> Registered:
    match event:
        case ChildCorrected():
            return replace(state, profile=Told(version, event))
        case ChildMeasureCorrected(corrects=wrong):
            return replace(state, measured=corrected(state.measured, wrong, Told(version, event)))
        case ChildEnrolmentCorrected(corrects=wrong):
            return replace(state, enrolled=corrected(state.enrolled, wrong, Told(version, event)))
        case CircumstanceCorrected(corrects=wrong):
            return replace(state, assessed=corrected(state.assessed, wrong, Told(version, event)))
        case ChildFactRetracted(corrects=wrong):
            return replace(
                state,
                measured=corrected(state.measured, wrong, None),
                enrolled=corrected(state.enrolled, wrong, None),
                assessed=corrected(state.assessed, wrong, None),
                lived=corrected(state.lived, wrong, None),
                retracted=(*state.retracted, event),
            )
        case _:
            assert_never(event)


child: Decider[Command, State, Event] = Decider(NotRegistered(), decide, evolve, also)


def stream(child_id: UUID) -> str:
    return f"child-{child_id}"
