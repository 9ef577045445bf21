"""A matching run: the lines that the rule gave for the needs and lots of one moment.

Stream `matching-run-{run_id}`. It is made once; it reserves nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.allocation import MatchedLine, MatchingRunMade
from contracts.field_types import CategoryCode
from contracts.rules_in_force import RulesInForce
from eventing.decider import Decider, Rejection
from services.allocation.domain.matching import RULE, Matching

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRun:
    run_id: UUID
    programme_id: UUID
    category: CategoryCode
    unit_ids: tuple[UUID, ...]
    matching: Matching
    rules: RulesInForce
    made_by: UUID
    happened_at: datetime


# --- State ---


@dataclass(frozen=True, slots=True)
class NotMade:
    pass


@dataclass(frozen=True, slots=True)
class Made:
    run: MatchingRunMade

    def choose(self, line_ids: tuple[UUID, ...]) -> list[MatchedLine]:
        """Those of its lines in its order, or all when none is named. Raises LineNotInTheRun."""
        wanted = set(line_ids)
        unknown = wanted - {line.line_id for line in self.run.lines}
        if unknown:
            raise LineNotInTheRun(min(unknown))
        return [line for line in self.run.lines if line.line_id in wanted or not wanted]


State = NotMade | Made

# --- Rejections ---


class RunNotMade(Rejection):
    code = "run-not-made"
    kind = "absent"
    vi = "Chưa lập phương án phân bổ này."
    en = "This matching run was not made."


class RunMadeOtherwise(Rejection):
    code = "run-made-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một phương án phân bổ khác."
    en = "Another matching run was made under this id."


class NothingInTheRun(Rejection):
    code = "nothing-in-the-run"
    vi = "Phương án này không xếp được dòng nào."
    en = "This run matched nothing."


class LineNotInTheRun(Rejection):
    code = "line-not-in-the-run"
    vi = "Phương án phân bổ không có dòng {line_id}."
    en = "The matching run has no line {line_id}."

    def __init__(self, line_id: UUID) -> None:
        self.line_id = line_id


# --- Decide ---


def decide(command: MakeRun, state: State) -> list[MatchingRunMade]:
    match state:
        case NotMade():
            return [make(command)]
        case Made(run):
            # Needs and lots have moved on since; what was asked for is what makes it the same run.
            asked = (command.programme_id, command.category, command.unit_ids, command.made_by)
            if asked != (run.programme_id, run.category, run.unit_ids, run.made_by):
                raise RunMadeOtherwise
            return []
        case _:
            assert_never(state)


def make(command: MakeRun) -> MatchingRunMade:
    return MatchingRunMade(
        run_id=command.run_id,
        programme_id=command.programme_id,
        category=command.category,
        unit_ids=command.unit_ids,
        rule=RULE,
        rules=command.rules,
        inputs_digest=command.matching.inputs_digest,
        lines=command.matching.lines,
        unmatched=command.matching.unmatched,
        left_out=command.matching.left_out,
        made_by=command.made_by,
        happened_at=command.happened_at,
    )


# --- Evolve ---


def evolve(state: State, event: MatchingRunMade) -> State:
    del state
    return Made(event)


matching_run: Decider[MakeRun, State, MatchingRunMade] = Decider(NotMade(), decide, evolve)


def stream(run_id: UUID) -> str:
    return f"matching-run-{run_id}"
