"""What did each matching run propose, and why?"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from contracts.allocation import MatchedLine, MatchingRunMade, UnmatchedNeed
from contracts.field_types import CategoryCode
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class MatchingRun(Struct, frozen=True, kw_only=True):
    run_id: UUID
    programme_id: UUID
    category: CategoryCode
    unit_ids: tuple[UUID, ...]
    rule: str
    inputs_digest: str
    lines: tuple[MatchedLine, ...]
    unmatched: tuple[UnmatchedNeed, ...]
    left_out: int
    made_by: UUID
    made_at: datetime


def _made(of: Recorded[MatchingRunMade]) -> MatchingRun:
    event = of.event
    return MatchingRun(
        run_id=event.run_id,
        programme_id=event.programme_id,
        category=event.category,
        unit_ids=event.unit_ids,
        rule=event.rule,
        inputs_digest=event.inputs_digest,
        lines=event.lines,
        unmatched=event.unmatched,
        left_out=event.left_out,
        made_by=event.made_by,
        made_at=event.happened_at,
    )


matching_runs: ReadModel[UUID, MatchingRun] = ReadModel(
    name="matching_runs",
    row=MatchingRun,
    key=("run_id",),
    handlers=(begins(MatchingRunMade, _made),),
)
