"""A unit of area or organisation, from its first day until others succeed it.

Stream `unit-{unit_id}`; a parent and successors are asserted to be established. To one successor
the roles that are held in the unit pass in the same append.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import UnitEstablished, UnitFigureDeclared, UnitKind, UnitSucceeded
from contracts.vietnamese_day import vietnamese_day
from eventing.decider import CommandFor, Decider, Rejection
from services.registry.domain.unit_roles import PassRoles, unit_roles
from services.registry.domain.unit_roles import stream as unit_roles_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishUnit:
    unit_id: UUID
    code: str
    name: str
    kind: UnitKind
    parent_id: UUID | None
    district_name: str | None
    priority: bool
    valid_from: date
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SucceedUnit:
    """Recorded from the day on: what takes over opens names, and must not do so ahead of time."""

    unit_id: UUID
    successor_ids: tuple[UUID, ...]
    ended_on: date
    decision: str
    today: date
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareFigure:
    unit_id: UUID
    as_of: date
    children: int
    source: str
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmUnit:
    """Refuses when the unit is not there, or not in force on the day that is named.

    `commune`: and when it is no commune. Events never place a child below one.
    """

    on: date | None = None
    commune: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSplit:
    """Refuses when the unit was not split, or not into this one among others."""

    into: UUID


Command = EstablishUnit | SucceedUnit | DeclareFigure | ConfirmUnit | ConfirmSplit
Event = UnitEstablished | UnitSucceeded | UnitFigureDeclared


@dataclass(frozen=True, slots=True)
class NotEstablished:
    pass


@dataclass(frozen=True, slots=True)
class Established:
    """`figures` holds the last declared of each date."""

    fact: UnitEstablished
    succeeded: UnitSucceeded | None = None
    figures: dict[date, UnitFigureDeclared] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        return self.fact.valid_from <= on and not self.has_ended(on)

    def has_ended(self, on: date) -> bool:
        return self.succeeded is not None and self.succeeded.ended_on <= on


State = NotEstablished | Established


class UnitNotEstablished(Rejection):
    code = "unit-not-established"
    kind = "absent"
    vi = "Chưa có đơn vị này."
    en = "This unit is not established."


class UnitEstablishedOtherwise(Rejection):
    code = "unit-established-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một đơn vị với thông tin khác."
    en = "A unit was established under this id with other details."


class UnitSucceededOtherwise(Rejection):
    code = "unit-succeeded-otherwise"
    kind = "conflict"
    vi = "Việc sắp xếp đơn vị này đã được ghi khác."
    en = "The succession of this unit was recorded otherwise."


class UnitCannotSucceedItself(Rejection):
    code = "unit-cannot-succeed-itself"
    vi = "Một đơn vị không thể kế thừa chính nó."
    en = "A unit cannot succeed itself."


class SuccessionInACircle(Rejection):
    code = "succession-in-a-circle"
    kind = "conflict"
    vi = "Đơn vị kế thừa này lại do chính đơn vị đó, trực tiếp hoặc qua đơn vị khác, kế thừa."
    en = "The unit itself, or one that it was succeeded by, comes before this successor."


class EndsBeforeItWasValid(Rejection):
    code = "ends-before-it-was-valid"
    vi = "Ngày kết thúc không sau ngày có hiệu lực."
    en = "It ends before it was valid."


class EndsInTheFuture(Rejection):
    code = "ends-in-the-future"
    vi = "Ngày kết thúc chưa tới: việc sắp xếp được ghi từ ngày đó."
    en = "The day on which it ends has not come: a succession is recorded from that day on."


class UnitIsNoCommune(Rejection):
    code = "unit-is-no-commune"
    vi = "Hộ gia đình thuộc một xã; thôn được ghi riêng và niêm phong."
    en = "A household belongs to a commune; its village is recorded apart, and sealed."


class FigureOfTheFuture(Rejection):
    code = "figure-of-the-future"
    vi = "Ngày của số liệu ở phía trước."
    en = "The day of the figure is still to come."


class VillageIsNotTold(Rejection):
    code = "village-is-not-told"
    vi = "Số liệu được khai cho cả xã: một thôn có khi chỉ có vài trẻ em."
    en = "Figures are of a commune: in a village there may be a few children only."


class UnitNotInForce(Rejection):
    code = "unit-not-in-force"
    kind = "conflict"
    vi = "Đơn vị không còn hoặc chưa có hiệu lực vào ngày đó."
    en = "The unit is not in force on that day."


class NotOneOfItsSuccessors(Rejection):
    code = "not-one-of-its-successors"
    kind = "conflict"
    vi = "Chỉ xếp hộ vào một trong các xã kế thừa của xã đã chia."
    en = "A household is placed only in one of the successors of a split commune."


class TerritoryToBeSaid(Rejection):
    """The commune took others over; on land of none of these, it names itself."""

    code = "territory-to-be-said"
    vi = "Xã này đã tiếp nhận địa bàn xã khác: hãy cho biết thuộc địa bàn xã cũ hoặc thôn nào."
    en = "This commune took others over: say of which of them, or of their villages, it is."

    def __init__(self, former_ids: tuple[UUID, ...]) -> None:
        self.former_ids = former_ids


class NotOfItsTerritory(Rejection):
    code = "not-of-its-territory"
    vi = "Địa bàn đã ghi không phải của xã này: không phải xã cũ hay thôn mà xã tiếp nhận."
    en = "The territory is not the commune's: it took over no such commune or village."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case EstablishUnit():
            return establish(command, state)
        case SucceedUnit():
            return succeed(command, state)
        case DeclareFigure():
            return declare_figure(command, state)
        case ConfirmUnit():
            return confirm(command, state)
        case ConfirmSplit():
            return confirm_split(command, state)
        case _:
            assert_never(command)


def establish(command: EstablishUnit, state: State) -> list[Event]:
    established = UnitEstablished(
        unit_id=command.unit_id,
        code=command.code,
        name=command.name,
        kind=command.kind,
        parent_id=command.parent_id,
        district_name=command.district_name,
        priority=command.priority,
        valid_from=command.valid_from,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotEstablished):
        return [established]
    if replace(established, happened_at=state.fact.happened_at) != state.fact:
        raise UnitEstablishedOtherwise
    return []


def succeed(command: SucceedUnit, state: State) -> list[Event]:
    if isinstance(state, NotEstablished):
        raise UnitNotEstablished
    succeeded = UnitSucceeded(
        unit_id=command.unit_id,
        successor_ids=command.successor_ids,
        ended_on=command.ended_on,
        decision=command.decision,
        happened_at=command.happened_at,
    )
    if state.succeeded is not None:
        if replace(succeeded, happened_at=state.succeeded.happened_at) != state.succeeded:
            raise UnitSucceededOtherwise
        return []
    if command.unit_id in command.successor_ids:
        raise UnitCannotSucceedItself
    if command.ended_on <= state.fact.valid_from:
        raise EndsBeforeItWasValid
    if command.ended_on > command.today:
        raise EndsInTheFuture
    return [succeeded]


def declare_figure(command: DeclareFigure, state: State) -> list[Event]:
    if isinstance(state, NotEstablished):
        raise UnitNotEstablished
    if state.fact.kind == "village":
        raise VillageIsNotTold
    declared = UnitFigureDeclared(
        unit_id=command.unit_id,
        as_of=command.as_of,
        children=command.children,
        source=command.source,
        happened_at=command.happened_at,
    )
    before = state.figures.get(command.as_of)
    if before is not None and replace(declared, happened_at=before.happened_at) == before:
        return []
    if vietnamese_day(command.happened_at) < command.as_of:
        raise FigureOfTheFuture
    return [declared]


def confirm(command: ConfirmUnit, state: State) -> list[Event]:
    if isinstance(state, NotEstablished):
        raise UnitNotEstablished
    if command.on is not None and not state.in_force(command.on):
        raise UnitNotInForce
    if command.commune and state.fact.kind != "commune":
        raise UnitIsNoCommune
    return []


def confirm_split(command: ConfirmSplit, state: State) -> list[Event]:
    if isinstance(state, NotEstablished):
        raise UnitNotEstablished
    successors = state.succeeded.successor_ids if state.succeeded else ()
    if len(successors) == 1 or command.into not in successors:
        raise NotOneOfItsSuccessors
    return []


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    match command:
        case EstablishUnit(parent_id=UUID() as parent_id):
            yield CommandFor(unit, stream(parent_id), ConfirmUnit())
        case SucceedUnit():
            for successor_id in command.successor_ids:
                yield CommandFor(unit, stream(successor_id), ConfirmUnit(on=command.ended_on))
            if len(command.successor_ids) == 1:
                pass_on = PassRoles(
                    unit_id=command.unit_id,
                    successor_id=command.successor_ids[0],
                    passed_on=command.ended_on,
                    happened_at=command.happened_at,
                )
                yield CommandFor(unit_roles, unit_roles_stream(command.unit_id), pass_on)


def evolve(state: State, event: Event) -> State:
    match event:
        case UnitEstablished():
            return Established(event)
        case UnitSucceeded():
            assert isinstance(state, Established), "only an established unit ends"
            return replace(state, succeeded=event)
        case UnitFigureDeclared():
            assert isinstance(state, Established), "only an established unit has figures"
            return replace(state, figures=state.figures | {event.as_of: event})
        case _:
            assert_never(event)


unit: Decider[Command, State, Event] = Decider(NotEstablished(), decide, evolve, also)


def stream(unit_id: UUID) -> str:
    return f"unit-{unit_id}"
