from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    AllocationLine,
    AllocationLineRefused,
    AllocationLineReleased,
    AllocationLinesPlanned,
)
from eventing.decider import CommandFor, Together
from services.allocation.domain.allocation import (
    AllocationApprovedOtherwise,
    AllocationNotApproved,
    AllocationNotProposed,
    AllocationProposedOtherwise,
    ApproveAllocation,
    InvolvedCannotApprove,
    LineInADelivery,
    LineNotApproved,
    PlanLines,
    ProposeAllocation,
    ReleaseLines,
    SameLineTwice,
    allocation,
)
from services.allocation.domain.lot import MoreThanTheLotHolds, ReleaseLot, ReserveLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import CoverNeed, UncoverNeed, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from tests.services.allocation.examples import (
    ACCEPTER,
    ALLOCATION,
    APPROVER,
    COORDINATOR,
    DELIVERY,
    INSPECTOR,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OTHER_DELIVERY,
    OTHER_LINE,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    REGISTRAR,
    TUESDAY,
    VERIFIER,
    approved,
    approved_lines,
    facts,
    line,
    other_line,
    proposed,
)
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given

both = proposed(line, other_line)
refused = AllocationLineRefused(
    allocation_id=ALLOCATION,
    programme_id=PROGRAMME,
    line_id=LINE,
    need_id=NEED,
    code="more-than-the-lot-holds",
    happened_at=MONDAY,
)
released = AllocationLineReleased(
    allocation_id=ALLOCATION,
    programme_id=PROGRAMME,
    line_id=LINE,
    lot_id=LOT,
    need_id=NEED,
    quantity=1,
    released_by=COORDINATOR,
    happened_at=MONDAY,
)


def planned(*line_ids: UUID, delivery_id: UUID = DELIVERY) -> AllocationLinesPlanned:
    return AllocationLinesPlanned(
        allocation_id=ALLOCATION,
        programme_id=PROGRAMME,
        delivery_id=delivery_id,
        line_ids=line_ids or (LINE,),
        happened_at=MONDAY,
    )


def propose(*lines: AllocationLine, **changed: object) -> ProposeAllocation:
    return ProposeAllocation(**(facts(proposed(*lines)) | changed))


def approve(by: UUID = APPROVER, happened_at: datetime = MONDAY) -> ApproveAllocation:
    return ApproveAllocation(approved_by=by, happened_at=happened_at)


def release(*line_ids: UUID) -> ReleaseLines:
    return ReleaseLines(line_ids=line_ids or (LINE,), released_by=COORDINATOR, happened_at=MONDAY)


def plan(*lines: AllocationLine, delivery_id: UUID = DELIVERY) -> PlanLines:
    return PlanLines(
        delivery_id=delivery_id,
        lines=lines or (line,),
        approval=approved_lines,
        happened_at=MONDAY,
    )


def test_an_allocation_is_proposed() -> None:
    Given(allocation).when(propose()).then(proposed())


def test_proposing_it_again_later_changes_nothing() -> None:
    Given(allocation, proposed()).when(propose(happened_at=TUESDAY)).then_nothing()
    Given(allocation, proposed(), approved).when(propose()).then_nothing()


def test_other_lines_are_another_proposal() -> None:
    Given(allocation, proposed()).when(propose(other_line)).then_rejected(
        AllocationProposedOtherwise
    )


def test_a_line_stands_in_it_once() -> None:
    Given(allocation).when(propose(line, replace(line, quantity=2))).then_rejected(SameLineTwice)


def test_another_person_approves() -> None:
    Given(allocation, proposed()).when(approve()).then(approved)


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (COORDINATOR, "proposed"),
        (RECORDER, "recorded"),
        (VERIFIER, "verified"),
        (RECEIVER, "received"),
        (REGISTRAR, "registered"),
        (INSPECTOR, "inspected"),
        (ACCEPTER, "accepted"),
    ],
)
def test_who_had_a_hand_in_any_line_never_approves(person: UUID, role: str) -> None:
    nobody = UUID(int=99)
    stranger = replace(
        line,
        registered_by=nobody,
        recorded_by=nobody,
        verified_by=nobody,
        received_by=nobody,
        inspected_by=(),
        accepted_by=nobody,
    )
    past = allocation.fold([proposed(stranger, other_line)])
    with pytest.raises(InvolvedCannotApprove) as refusal:
        allocation.decide(approve(person), past)
    assert refusal.value.role == role


def test_it_is_approved_once() -> None:
    Given(allocation, proposed(), approved).when(approve(happened_at=TUESDAY)).then_nothing()


def test_a_second_approver_is_told_so() -> None:
    Given(allocation, proposed(), approved).when(approve(UUID(int=99))).then_rejected(
        AllocationApprovedOtherwise
    )


def test_nothing_is_approved_before_it_is_proposed() -> None:
    Given(allocation).when(approve()).then_rejected(AllocationNotProposed)


def test_approving_reserves_and_covers_each_line_by_itself() -> None:
    state = allocation.fold([both])
    first, second = allocation.also(approve(), state, [approved])
    assert isinstance(first, Together)
    assert isinstance(second, Together)
    assert first.commands == (
        CommandFor(
            lot,
            lot_stream(LOT),
            ReserveLot(
                programme_id=PROGRAMME,
                allocation_id=ALLOCATION,
                line_id=LINE,
                need_id=NEED,
                quantity=1,
                happened_at=MONDAY,
            ),
        ),
        CommandFor(
            need_cover,
            need_cover_stream(NEED),
            CoverNeed(
                programme_id=PROGRAMME,
                allocation_id=ALLOCATION,
                line_id=LINE,
                quantity=1,
                happened_at=MONDAY,
            ),
        ),
    )
    assert first.otherwise(MoreThanTheLotHolds(0)) == refused
    assert second.commands[1].stream == need_cover_stream(other_line.need_id)


def test_approving_again_reserves_nothing_more() -> None:
    state = allocation.fold([both, approved])
    assert list(allocation.also(approve(), state, [])) == []


def test_a_line_that_nobody_delivers_yet_is_given_back() -> None:
    Given(allocation, both, approved).when(release(LINE, LINE)).then(released)
    Given(allocation, both, approved, released).when(release()).then_nothing()


def test_giving_back_frees_the_lot_and_the_need() -> None:
    state = allocation.fold([both, approved])
    assert list(allocation.also(release(), state, [released])) == [
        CommandFor(lot, lot_stream(LOT), ReleaseLot(line_id=LINE, happened_at=MONDAY)),
        CommandFor(
            need_cover, need_cover_stream(NEED), UncoverNeed(line_id=LINE, happened_at=MONDAY)
        ),
    ]


def test_what_a_delivery_took_up_is_not_given_back() -> None:
    past = (both, approved, planned())
    Given(allocation, *past).when(release()).then_rejected(LineInADelivery)


def test_only_approved_lines_are_given_back() -> None:
    Given(allocation).when(release()).then_rejected(AllocationNotProposed)
    Given(allocation, both).when(release()).then_rejected(AllocationNotApproved)
    Given(allocation, both, approved, refused).when(release()).then_rejected(LineNotApproved)
    Given(allocation, both, approved).when(release(NEED)).then_rejected(LineNotApproved)


def test_a_delivery_takes_lines_up() -> None:
    Given(allocation, both, approved).when(plan(line, other_line)).then(planned(LINE, OTHER_LINE))
    Given(allocation, both, approved, planned()).when(plan()).then_nothing()
    Given(allocation, both, approved, planned()).when(plan(line, other_line)).then(
        planned(OTHER_LINE)
    )


def test_a_line_is_never_in_two_deliveries() -> None:
    past = (both, approved, planned())
    Given(allocation, *past).when(plan(delivery_id=OTHER_DELIVERY)).then_rejected(LineInADelivery)


def test_only_approved_lines_are_delivered() -> None:
    Given(allocation).when(plan()).then_rejected(AllocationNotProposed)
    Given(allocation, both).when(plan()).then_rejected(AllocationNotApproved)
    Given(allocation, both, approved, refused).when(plan()).then_rejected(LineNotApproved)
    Given(allocation, both, approved, released).when(plan()).then_rejected(LineNotApproved)


def test_a_line_is_delivered_as_it_was_approved() -> None:
    Given(allocation, both, approved).when(plan(replace(line, quantity=2))).then_rejected(
        LineNotApproved
    )


commands = st.one_of(
    st.just(propose(line, other_line)),
    st.builds(approve, st.sampled_from([APPROVER, COORDINATOR, VERIFIER])),
    st.builds(release, st.sampled_from([LINE, OTHER_LINE])),
    st.builds(
        plan,
        st.sampled_from([line, other_line]),
        delivery_id=st.sampled_from([DELIVERY, OTHER_DELIVERY]),
    ),
)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    past = [propose(line, other_line), approve(), *history]
    assert_repeating_changes_nothing(allocation, past, command)
