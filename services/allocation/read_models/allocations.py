"""Which allocations wait for approval, and which were approved by whom?"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    AllocationApproved,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationLinesPlanned,
    AllocationProposed,
)
from eventing.read_model import ReadModel, at_version, begins, on
from eventing.record import Recorded

AllocationStatus = Literal["proposed", "approved"]


class Allocation(Struct, frozen=True, kw_only=True):
    """`unit_ids`: whose children the lines are for. Counts are of lines.

    `version` is that of the stream.
    """

    allocation_id: UUID
    programme_id: UUID
    run_id: UUID | None
    unit_ids: tuple[UUID, ...]
    line_count: int
    refused_count: int
    status: AllocationStatus
    proposed_by: UUID
    proposed_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    version: int


def _proposed(of: Recorded[AllocationProposed]) -> Allocation:
    event = of.event
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
        version=of.version,
    )


def _approved(row: Allocation, of: Recorded[AllocationApproved]) -> Allocation:
    by, at = of.event.approved_by, of.event.happened_at
    return replace(row, status="approved", approved_by=by, approved_at=at)


def _line_refused(row: Allocation, _: Recorded[AllocationLineRefused]) -> Allocation:
    return replace(row, refused_count=row.refused_count + 1)


allocations: ReadModel[UUID, Allocation] = ReadModel(
    name="allocations",
    row=Allocation,
    key=("allocation_id",),
    begun_first=True,
    handlers=(
        begins(AllocationProposed, _proposed),
        on(AllocationApproved, at_version(_approved)),
        on(AllocationLineRefused, at_version(_line_refused)),
        on(AllocationLinesPlanned, at_version()),
        on(AllocationLineReleased, at_version()),
    ),
    indexes=(("status",),),
    version=2,
)
