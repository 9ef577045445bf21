from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    AllocationLine,
    DeliveryCompleted,
    DeliveryDispatched,
    DeliveryHandedOver,
    DeliveryLineAbsent,
    DeliveryLineSigned,
    DeliveryPlanned,
    GiftArrived,
    GiftsArrived,
)
from contracts.sealed import Sealed
from eventing.decider import CommandFor, Rejection
from services.allocation.domain.allocation import PlanLines, allocation
from services.allocation.domain.allocation import stream as allocation_stream
from services.allocation.domain.delivery import (
    Absence,
    DeliveryDispatchedOtherwise,
    DeliveryHandedOverOtherwise,
    DeliveryNotDispatched,
    DeliveryNotHandedOver,
    DeliveryNotPlanned,
    DeliveryPlannedOtherwise,
    DispatchDelivery,
    HandOver,
    InvolvedCannotAcknowledge,
    LineNotInTheDelivery,
    LineOfAnotherUnit,
    LineSignedAlready,
    LineSignedOtherwise,
    NoteAbsences,
    PlanDelivery,
    Signature,
    SignLines,
    delivery,
    gifts_arrived,
)
from services.allocation.domain.lot import DrawLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import DeliverSupport, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from tests.services.allocation.examples import (
    ALLOCATION,
    CAMPAIGN,
    COMMUNE,
    CONTRIBUTION,
    COORDINATOR,
    DELIVERY,
    FUND,
    HOLDER,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_ALLOCATION,
    OTHER_COMMUNE,
    OTHER_LINE,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    RULES,
    SPONSOR,
    STOREKEEPER,
    TUESDAY,
    approved_lines,
    facts,
    line,
    other_line,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

PROXY = Sealed(UUID(int=70), "a name and how they are related")
GIFT_DAY, LIST_CLOSES_ON = date(2024, 10, 12), date(2024, 10, 21)

planned = DeliveryPlanned(
    rules=RULES,
    two_persons=(),
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    activity=Sealed(UUID(int=9), "Áo ấm mùa đông"),
    planned_for=GIFT_DAY,
    lines=(line, other_line),
    approvals=(approved_lines,),
    planned_by=COORDINATOR,
    happened_at=MONDAY,
)
dispatched = DeliveryDispatched(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    waybill="XK-1",
    dispatched_by=STOREKEEPER,
    happened_at=MONDAY,
)
handed_over = DeliveryHandedOver(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    handed_to=HOLDER,
    handed_over_by=STOREKEEPER,
    list_closes_on=LIST_CLOSES_ON,
    happened_at=MONDAY,
)
there = (planned, dispatched, handed_over)
arrived = GiftsArrived(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    line_ids=(LINE, OTHER_LINE),
    gifts=(
        GiftArrived(
            contribution_id=CONTRIBUTION,
            sponsor_id=SPONSOR,
            category="warm-clothes",
            quantity=2,
            measure="piece",
            children=2,
        ),
    ),
    happened_at=MONDAY,
)
completed = DeliveryCompleted(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    lines_signed=2,
    lines_closed=0,
    happened_at=MONDAY,
)


def signed(
    of: AllocationLine = line, signatory: Sealed | None = None, count: int = 1
) -> DeliveryLineSigned:
    return DeliveryLineSigned(
        delivery_id=DELIVERY,
        programme_id=PROGRAMME,
        line_id=of.line_id,
        lot_id=of.lot_id,
        need_id=of.need_id,
        child_id=of.child_id,
        group_id=None,
        children=1,
        unit_id=of.unit_id,
        category=of.category,
        quantity=of.quantity,
        measure=of.measure,
        campaign_id=of.campaign_id,
        fund_id=of.fund_id,
        contribution_id=of.contribution_id,
        sponsor_id=of.sponsor_id,
        signed_as="guardian" if signatory is None else "proxy",
        signatory=signatory,
        lines_signed=count,
        acknowledged_by=OFFICER,
        happened_at=MONDAY,
    )


def absent(kept_until: date = GIFT_DAY) -> DeliveryLineAbsent:
    return DeliveryLineAbsent(
        delivery_id=DELIVERY,
        programme_id=PROGRAMME,
        line_id=LINE,
        need_id=NEED,
        kept_until=kept_until,
        happened_at=MONDAY,
    )


def plan(**changed: object) -> PlanDelivery:
    hands_out_for = {"hands_out_for": frozenset({COMMUNE})}
    return PlanDelivery(**(facts(planned) | hands_out_for | changed))


def dispatch(waybill: str = "XK-1", by: UUID = STOREKEEPER) -> DispatchDelivery:
    return DispatchDelivery(waybill=waybill, dispatched_by=by, happened_at=MONDAY)


def hand_over(to: UUID = HOLDER) -> HandOver:
    return HandOver(
        handed_to=to,
        handed_over_by=STOREKEEPER,
        list_closes_on=LIST_CLOSES_ON,
        happened_at=MONDAY,
    )


def guardian(line_id: UUID) -> Signature:
    return Signature(line_id=line_id, signed_as="guardian", signatory=None)


def sign(
    *signatures: Signature | UUID, by: UUID = OFFICER, happened_at: datetime = MONDAY
) -> SignLines:
    return SignLines(
        signatures=tuple(
            one if isinstance(one, Signature) else guardian(one) for one in signatures or (LINE,)
        ),
        acknowledged_by=by,
        happened_at=happened_at,
    )


def note_absent(kept_until: date = GIFT_DAY, line_id: UUID = LINE) -> NoteAbsences:
    return NoteAbsences(
        absences=(Absence(line_id=line_id, kept_until=kept_until),), happened_at=MONDAY
    )


def test_a_delivery_is_planned() -> None:
    Given(delivery).when(plan()).then(planned)


def test_planning_it_again_later_changes_nothing() -> None:
    Given(delivery, planned).when(plan(happened_at=TUESDAY)).then_nothing()
    Given(delivery, *there).when(plan()).then_nothing()


def test_another_day_or_list_is_another_plan() -> None:
    Given(delivery, planned).when(plan(lines=(line,))).then_rejected(DeliveryPlannedOtherwise)


def test_a_unit_hands_out_for_its_own_children() -> None:
    stranger = replace(other_line, unit_id=OTHER_COMMUNE)
    Given(delivery).when(plan(lines=(line, stranger))).then_rejected(LineOfAnotherUnit)


def test_a_successor_hands_out_what_was_meant_for_the_commune_before_it() -> None:
    after_the_merger = plan(unit_id=OTHER_COMMUNE, hands_out_for=frozenset({COMMUNE}))
    Given(delivery).when(after_the_merger).then(replace(planned, unit_id=OTHER_COMMUNE))


def test_each_allocation_agrees_to_its_lines_being_taken_up() -> None:
    stranger = replace(other_line, allocation_id=OTHER_ALLOCATION)
    other_approval = replace(approved_lines, allocation_id=OTHER_ALLOCATION)
    event = replace(planned, lines=(line, stranger), approvals=(approved_lines, other_approval))

    def taken(of: AllocationLine) -> PlanLines:
        approval = approved_lines if of == line else other_approval
        return PlanLines(delivery_id=DELIVERY, lines=(of,), approval=approval, happened_at=MONDAY)

    assert list(delivery.also(plan(), delivery.initial, [event])) == [
        CommandFor(allocation, allocation_stream(ALLOCATION), taken(line)),
        CommandFor(allocation, allocation_stream(OTHER_ALLOCATION), taken(stranger)),
    ]


def test_it_leaves_the_store_with_a_waybill() -> None:
    Given(delivery, planned).when(dispatch()).then(dispatched)
    Given(delivery, *there).when(dispatch()).then_nothing()
    Given(delivery, *there).when(dispatch("XK-2")).then_rejected(DeliveryDispatchedOtherwise)


def test_the_commune_takes_it_over() -> None:
    Given(delivery, planned, dispatched).when(hand_over()).then(handed_over)
    Given(delivery, *there).when(hand_over()).then_nothing()
    Given(delivery, *there).when(hand_over(RECORDER)).then_rejected(DeliveryHandedOverOtherwise)


def test_no_step_is_left_out() -> None:
    for command in (dispatch(), hand_over(), sign(), note_absent()):
        Given(delivery).when(command).then_rejected(DeliveryNotPlanned)
    Given(delivery, planned).when(hand_over()).then_rejected(DeliveryNotDispatched)
    Given(delivery, planned).when(sign()).then_rejected(DeliveryNotHandedOver)
    Given(delivery, planned, dispatched).when(note_absent()).then_rejected(DeliveryNotHandedOver)


def test_a_guardian_signs() -> None:
    Given(delivery, *there).when(sign()).then(signed())


def test_a_proxy_signs() -> None:
    proxy = Signature(line_id=LINE, signed_as="proxy", signatory=PROXY)
    Given(delivery, *there).when(sign(proxy)).then(signed(signatory=PROXY))


def test_with_the_last_signature_it_says_what_arrived() -> None:
    Given(delivery, *there, signed()).when(sign(LINE, OTHER_LINE)).then(
        signed(other_line, count=2), arrived, completed
    )


def test_a_line_is_signed_once() -> None:
    Given(delivery, *there, signed()).when(sign(happened_at=TUESDAY)).then_nothing()
    everything = (*there, signed(), signed(other_line, count=2), arrived, completed)
    Given(delivery, *everything).when(sign(LINE, OTHER_LINE)).then_nothing()


def test_another_signature_for_it_is_refused() -> None:
    fingerprint = Signature(line_id=LINE, signed_as="fingerprint", signatory=None)
    Given(delivery, *there, signed()).when(sign(fingerprint)).then_rejected(LineSignedOtherwise)
    Given(delivery, *there, signed()).when(sign(by=STOREKEEPER)).then_rejected(LineSignedOtherwise)


def test_who_recorded_the_need_does_not_acknowledge() -> None:
    Given(delivery, *there).when(sign(by=RECORDER)).then_rejected(InvolvedCannotAcknowledge)


def test_a_line_of_another_delivery_is_not_signed_here() -> None:
    Given(delivery, *there).when(sign(NEED)).then_rejected(LineNotInTheDelivery)
    Given(delivery, *there).when(note_absent(line_id=NEED)).then_rejected(LineNotInTheDelivery)


handed_out = DeliverSupport(
    line_id=LINE,
    way="signed-line",
    children=1,
    sponsor_id=SPONSOR,
    contribution_id=CONTRIBUTION,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    lot_id=LOT,
    delivery_id=DELIVERY,
    received_by=RECEIVER,
    delivered_by=OFFICER,
    happened_at=MONDAY,
)


def test_what_is_signed_for_is_drawn_from_its_lot_and_delivered_for_its_need() -> None:
    assert list(delivery.also(sign(), delivery.fold(there), [signed(), arrived, completed])) == [
        CommandFor(lot, lot_stream(LOT), DrawLot(line_id=LINE, happened_at=MONDAY)),
        CommandFor(need_cover, need_cover_stream(NEED), handed_out),
    ]


def test_an_absent_child_s_line_is_kept() -> None:
    Given(delivery, *there).when(note_absent()).then(absent())
    Given(delivery, *there, absent()).when(note_absent()).then_nothing()


def test_it_may_be_kept_longer_and_still_be_signed() -> None:
    longer = date(2024, 12, 31)
    Given(delivery, *there, absent()).when(note_absent(longer)).then(absent(longer))
    Given(delivery, *there, absent()).when(sign()).then(signed())


def test_nobody_is_absent_whose_line_is_signed() -> None:
    Given(delivery, *there, signed()).when(note_absent()).then_rejected(LineSignedAlready)


def test_children_are_counted_once_and_gifts_apart() -> None:
    second = UUID(int=77)
    lines = [
        line,
        replace(other_line, child_id=line.child_id, quantity=3),
        replace(line, line_id=UUID(int=78), contribution_id=second),
    ]
    arrived = gifts_arrived([signed(one) for one in lines])
    assert [(gift.contribution_id, gift.quantity, gift.children) for gift in arrived] == [
        (CONTRIBUTION, 4, 1),
        (second, 1, 1),
    ]


lines = st.sampled_from([LINE, OTHER_LINE])
commands = st.one_of(
    st.just(plan()),
    st.builds(dispatch, st.sampled_from(["XK-1", "XK-2"])),
    st.builds(hand_over, st.sampled_from([OFFICER, RECORDER])),
    st.builds(sign, lines, by=st.sampled_from([OFFICER, RECORDER])),
    st.builds(sign, lines, lines),
    st.builds(note_absent, st.sampled_from([GIFT_DAY, date(2024, 12, 31)]), lines),
)
histories = st.lists(commands, max_size=10)


@given(histories, commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    past = [plan(), dispatch(), hand_over(), *history]
    assert_repeating_changes_nothing(delivery, past, command)


@given(histories)
def test_it_completes_once_when_all_is_signed_and_nothing_follows(history: list[object]) -> None:
    events = after(delivery, [plan(), *history, dispatch(), hand_over(), *history])
    ends = [at for at, event in enumerate(events) if isinstance(event, DeliveryCompleted)]
    assert bool(ends) == ({LINE, OTHER_LINE} == signed_in(events))
    assert ends in ([], [len(events) - 1])


def signed_in(events: Iterable[object]) -> set[UUID]:
    return {event.line_id for event in events if isinstance(event, DeliveryLineSigned)}


def test_a_rejected_list_is_rejected_whole() -> None:
    with pytest.raises(Rejection):
        delivery.decide(sign(LINE, NEED), delivery.fold(there))
