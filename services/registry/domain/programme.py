"""A programme: what owns needs, campaigns, funds and lots, between its first and last day.

Stream `programme-{programme_id}`; starting also asserts that its units are established.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import ProgrammeStarted
from eventing.decider import CommandFor, Decider, Rejection
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StartProgramme:
    programme_id: UUID
    code: str
    name: str
    starts_on: date
    ends_on: date
    unit_ids: tuple[UUID, ...]
    has_rules: bool
    happened_at: datetime


Command = StartProgramme
Event = ProgrammeStarted


@dataclass(frozen=True, slots=True)
class NotStarted:
    pass


@dataclass(frozen=True, slots=True)
class Started:
    fact: ProgrammeStarted


State = NotStarted | Started


class ProgrammeNotStarted(Rejection):
    code = "programme-not-started"
    kind = "absent"
    vi = "Chưa có chương trình này."
    en = "This programme is not started."


class ProgrammeStartedOtherwise(Rejection):
    code = "programme-started-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một chương trình với nội dung khác."
    en = "A programme was started under this id with other details."


class ProgrammeWithoutRules(Rejection):
    code = "programme-without-rules"
    vi = "Chưa cài bộ quy tắc nào cho chương trình có mã số này."
    en = "No rules are installed for a programme with this code."


class EndsBeforeItStarts(Rejection):
    code = "ends-before-it-starts"
    vi = "Ngày kết thúc trước ngày bắt đầu."
    en = "It ends before it starts."


def decide(command: Command, state: State) -> list[Event]:
    return start(command, state)


def start(command: StartProgramme, state: State) -> list[Event]:
    started = ProgrammeStarted(
        programme_id=command.programme_id,
        code=command.code,
        name=command.name,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        unit_ids=command.unit_ids,
        happened_at=command.happened_at,
    )
    match state:
        case Started(fact):
            if replace(started, happened_at=fact.happened_at) != fact:
                raise ProgrammeStartedOtherwise
            return []
        case NotStarted():
            if not command.has_rules:
                raise ProgrammeWithoutRules
            if command.ends_on < command.starts_on:
                raise EndsBeforeItStarts
            return [started]
        case _:
            assert_never(state)


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if events:
        for unit_id in command.unit_ids:
            yield CommandFor(unit, unit_stream(unit_id), ConfirmUnit())


def evolve(_: State, event: Event) -> State:
    return Started(event)


programme: Decider[Command, State, Event] = Decider(NotStarted(), decide, evolve, also)


def stream(programme_id: UUID) -> str:
    return f"programme-{programme_id}"
