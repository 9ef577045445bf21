"""What did other bodies publish? Kept apart: no query adds it to what is ours."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from contracts.donations import PublishedResultRecorded, ResultLine
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class PublishedResult(Struct, frozen=True, kw_only=True):
    """`amount` in đồng and `child_times` are the sums over the lines."""

    result_id: UUID
    unit_id: UUID
    title: str
    source: str
    as_of: date
    lines: tuple[ResultLine, ...]
    amount: int
    child_times: int


def _recorded(of: Recorded[PublishedResultRecorded]) -> PublishedResult:
    result = of.event
    return PublishedResult(
        result_id=result.result_id,
        unit_id=result.unit_id,
        title=result.title,
        source=result.source,
        as_of=result.as_of,
        lines=result.lines,
        amount=result.amount,
        child_times=result.child_times,
    )


published_results: ReadModel[UUID, PublishedResult] = ReadModel(
    name="published_results",
    row=PublishedResult,
    key=("result_id",),
    handlers=(begins(PublishedResultRecorded, _recorded),),
    version=2,
)
