"""Who had which part in a line, from what its events froze."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from contracts.allocation import (
    AllocationLine,
    ApprovedLines,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryPlanned,
)
from contracts.two_persons import Played


def in_need_and_gift(line: AllocationLine) -> Iterator[Played]:
    yield "verified", line.verified_by
    yield "recorded", line.recorded_by
    yield "registered", line.registered_by
    yield "received", line.received_by
    for person in line.inspected_by:
        yield "inspected", person
    yield "accepted", line.accepted_by


def in_proposal(
    matched_by: UUID | None, proposed_by: UUID, lines: Iterable[AllocationLine]
) -> Iterator[Played]:
    yield "proposed", proposed_by
    yield "matched", matched_by
    for line in lines:
        yield from in_need_and_gift(line)


def in_approved(approval: ApprovedLines, lines: Iterable[AllocationLine]) -> Iterator[Played]:
    yield "approved", approval.approved_by
    yield "approved", approval.on_behalf_of
    yield from in_proposal(approval.matched_by, approval.proposed_by, lines)


def in_line_of(plan: DeliveryPlanned, line: AllocationLine) -> Iterator[Played]:
    """Up to its approval: a delivery may take up lines of several allocations."""
    for approval in plan.approvals:
        if approval.allocation_id == line.allocation_id:
            yield from in_approved(approval, (line,))


def in_plan(plan: DeliveryPlanned) -> Iterator[Played]:
    for line in plan.lines:
        yield from in_line_of(plan, line)


def in_hand_over(dispatch: DeliveryDispatched, handover: DeliveryHandedOver) -> Iterator[Played]:
    yield "dispatched", dispatch.dispatched_by
    yield "handed-over", handover.handed_over_by
    yield "handed-over", handover.on_behalf_of
    yield "taken-over", handover.handed_to
