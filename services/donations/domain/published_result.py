"""A result that another body published: its totals as they stand there, never added to ours.

Stream `published-result-{result_id}`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from contracts.donations import PublishedResultRecorded, ResultLine
from eventing.decider import Decider, Rejection

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPublishedResult:
    result_id: UUID
    unit_id: UUID
    title: str
    source: str
    as_of: date
    lines: tuple[ResultLine, ...]
    recorded_by: UUID
    happened_at: datetime


Command = RecordPublishedResult
Event = PublishedResultRecorded

# --- State ---


@dataclass(frozen=True, slots=True)
class NotRecorded:
    pass


@dataclass(frozen=True, slots=True)
class RecordedResult:
    result: PublishedResultRecorded


State = NotRecorded | RecordedResult

# --- Rejections ---


class ResultRecordedOtherwise(Rejection):
    code = "result-recorded-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng để ghi một kết quả khác."
    en = "Another result was recorded under this id."


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    result = PublishedResultRecorded(
        result_id=command.result_id,
        unit_id=command.unit_id,
        title=command.title,
        source=command.source,
        as_of=command.as_of,
        lines=command.lines,
        amount=sum(line.amount for line in command.lines),
        child_times=sum(line.child_times for line in command.lines),
        recorded_by=command.recorded_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotRecorded):
        return [result]
    if replace(result, happened_at=state.result.happened_at) == state.result:
        return []
    raise ResultRecordedOtherwise


# --- Evolve ---


def evolve(_: State, event: Event) -> State:
    return RecordedResult(event)


published_result: Decider[Command, State, Event] = Decider(NotRecorded(), decide, evolve)


def stream(result_id: UUID) -> str:
    return f"published-result-{result_id}"
