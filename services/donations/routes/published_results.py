"""Results that other bodies published, apart from everything of ours."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.donations import ResultLine
from edge.bodies import Count, Dated, Day, Strict, Text
from edge.door import Accepted, Door, ListDoor
from edge.listing import Page
from edge.permission import anyone, may
from edge.routes import Routes
from services.donations.domain.published_result import (
    RecordPublishedResult,
    ResultRecordedOtherwise,
    published_result,
    stream,
)
from services.donations.read_models.published_results import PublishedResult, published_results

LINES_MAX = 200

routes = Routes(tag="published-results")


class ResultLineToRecord(Strict):
    """`amount` in đồng; `child_times` is lượt trẻ em."""

    label: Text
    amount: Count
    child_times: Count

    def line(self) -> ResultLine:
        return ResultLine(label=self.label, amount=self.amount, child_times=self.child_times)


class ResultToRecord(Dated):
    """`unit_id` is the unit for which it is recorded."""

    unit_id: UUID
    title: Text
    source: Text
    as_of: Day
    lines: Annotated[list[ResultLineToRecord], Field(min_length=1, max_length=LINES_MAX)]


class ResultShown(BaseModel):
    result_id: UUID
    unit_id: UUID
    title: str
    source: str
    as_of: date
    lines: list[ResultLineToRecord]
    amount: int
    child_times: int


@routes.command(
    "PUT",
    "/published-results/{result_id}",
    may=may("record-published-result", "accountant"),
    refuses=[ResultRecordedOtherwise],
)
async def record(result_id: UUID, body: ResultToRecord, door: Door) -> Accepted:
    await door.within(body.unit_id)
    command = RecordPublishedResult(
        result_id=result_id,
        unit_id=body.unit_id,
        title=body.title,
        source=body.source,
        as_of=body.as_of,
        lines=tuple(line.line() for line in body.lines),
        recorded_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(published_result, stream(result_id), command)


@routes.query("/published-results", may=anyone("list-published-results"))
async def listed(door: ListDoor) -> Page[ResultShown]:
    return await door.page(published_results, _shown)


def _shown(row: PublishedResult) -> ResultShown:
    return ResultShown.model_validate(row, from_attributes=True)
