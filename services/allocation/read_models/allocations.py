"""Which allocations wait for approval, and which were approved by whom?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import AllocationApproved, AllocationLineRefused, AllocationProposed
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = AllocationProposed | AllocationApproved | AllocationLineRefused


class Allocation(Struct, frozen=True, kw_only=True):
    """`unit_ids`: whose children the lines are for. Counts are of lines."""

    allocation_id: UUID
    programme_id: UUID
    run_id: UUID | None
    unit_ids: tuple[UUID, ...]
    line_count: int
    refused_count: int
    status: Literal["proposed", "approved"]
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None


def keys(event: Event) -> Iterator[UUID]:
    yield event.allocation_id


def apply(row: Allocation | None, _: UUID, recorded: Recorded) -> Allocation | None:
    event: Event = recorded.event
    if isinstance(event, AllocationProposed):
        return Allocation(
            allocation_id=event.allocation_id,
            programme_id=event.programme_id,
            run_id=event.run_id,
            unit_ids=tuple(sorted({line.unit_id for line in event.lines})),
            line_count=len(event.lines),
            refused_count=0,
            status="proposed",
            proposed_by=event.proposed_by,
            proposed_at=event.happened_at,
            approved_by=None,
            approved_at=None,
        )
    assert row is not None, "an allocation is proposed before anything happens to it"
    match event:
        case AllocationApproved():
            return replace(
                row,
                status="approved",
                approved_by=event.approved_by,
                approved_at=event.happened_at,
            )
        case AllocationLineRefused():
            return replace(row, refused_count=row.refused_count + 1)
        case _:
            assert_never(event)


allocations: ReadModel[UUID, Allocation] = ReadModel(
    name="allocations",
    row=Allocation,
    key=("allocation_id",),
    events=(AllocationProposed, AllocationApproved, AllocationLineRefused),
    keys=keys,
    apply=apply,
    indexes=(("status",),),
)
