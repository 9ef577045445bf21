"""What does not happen ends too, and gives back what it held: from wherever it had come to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    AllocationLineGivenUp,
    AllocationLineReleased,
    ClosingReason,
    DeliveryCompleted,
    DeliveryLineClosed,
    DeliveryLineReturned,
    GiftsArrived,
    LineLeft,
    NeedCoverClosed,
)
from eventing.decider import CommandFor, Rejection
from services.allocation.domain.allocation import GiveUpLine, ReleaseLines, allocation
from services.allocation.domain.delivery import (
    CloseKept,
    CloseList,
    DeliveryNotPlanned,
    LineNotInTheDelivery,
    delivery,
)
from services.allocation.domain.delivery import stream as delivery_stream
from services.allocation.domain.ending import (
    CloseLines,
    EveryLineIsClosed,
    InvolvedCannotTakeBack,
    LineIsClosed,
    LineNotClosed,
    ReturnLines,
    SignedLineIsNotClosed,
)
from services.allocation.domain.lot import ReleaseLot, lot
from services.allocation.domain.lot import stream as lot_stream
from services.allocation.domain.need_cover import CloseCover, UncoverNeed, need_cover
from services.allocation.domain.need_cover import stream as need_cover_stream
from services.allocation.reactions import close_its_line, give_up_what_covered
from services.allocation.timers import TIMERS
from tests.services.allocation.examples import (
    ALLOCATION,
    DELIVERY,
    HOLDER,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_LINE,
    PROGRAMME,
    RECEIVER,
    STOREKEEPER,
    TUESDAY,
    approved,
    cover_opened,
    covered,
    line,
    opened,
    other_line,
    proposed,
)
from tests.services.allocation.test_allocation import approve
from tests.services.allocation.test_delivery import (
    GIFT_DAY,
    LIST_CLOSES_ON,
    absent,
    arrived,
    dispatch,
    dispatched,
    hand_over,
    note_absent,
    plan,
    planned,
    sign,
    signed,
    there,
)
from tests.support.house import happened
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given


def close(
    *line_ids: UUID, reason: ClosingReason = "child-left", by: UUID | None = OFFICER
) -> CloseLines:
    return CloseLines(
        line_ids=line_ids or (LINE,), reason=reason, closed_by=by, happened_at=TUESDAY
    )


def take_back(*line_ids: UUID, by: UUID = STOREKEEPER) -> ReturnLines:
    return ReturnLines(line_ids=line_ids or (LINE,), returned_by=by, happened_at=TUESDAY)


def closed(
    of: Any = line, *, out: bool, reason: ClosingReason = "child-left", by: UUID | None = OFFICER
) -> DeliveryLineClosed:
    return DeliveryLineClosed(
        delivery_id=DELIVERY,
        programme_id=PROGRAMME,
        line_id=of.line_id,
        lot_id=of.lot_id,
        need_id=of.need_id,
        unit_id=of.unit_id,
        contribution_id=of.contribution_id,
        sponsor_id=of.sponsor_id,
        category=of.category,
        quantity=of.quantity,
        measure=of.measure,
        reason=reason,
        out=out,
        closed_by=by,
        happened_at=TUESDAY,
    )


returned = DeliveryLineReturned(
    delivery_id=DELIVERY,
    programme_id=PROGRAMME,
    line_id=LINE,
    lot_id=LOT,
    need_id=NEED,
    quantity=1,
    returned_by=STOREKEEPER,
    happened_at=TUESDAY,
)


def completed(lines_signed: int, lines_closed: int) -> DeliveryCompleted:
    return DeliveryCompleted(
        delivery_id=DELIVERY,
        programme_id=PROGRAMME,
        unit_id=planned.unit_id,
        lines_signed=lines_signed,
        lines_closed=lines_closed,
        happened_at=TUESDAY,
    )


# --- lines of a delivery ---


@pytest.mark.parametrize(
    "past", [(planned,), (planned, dispatched), there], ids=["in the store", "on the way", "there"]
)
def test_a_line_is_closed_wherever_the_goods_are(past: tuple[Any, ...]) -> None:
    out = dispatched in past
    Given(delivery, *past).when(close()).then(closed(out=out))
    Given(delivery, *past, closed(out=out)).when(close()).then_nothing()


def test_what_never_left_is_free_at_once_and_what_is_out_when_it_is_back() -> None:
    release = ReleaseLot(line_id=LINE, happened_at=TUESDAY)
    free = CommandFor(lot, lot_stream(LOT), release)
    uncover = UncoverNeed(line_id=LINE, happened_at=TUESDAY)
    let_go = CommandFor(need_cover, need_cover_stream(NEED), uncover)
    here, out = closed(out=False), closed(out=True)
    assert list(delivery.also(close(), delivery.fold([planned]), [here])) == [let_go, free]
    assert list(delivery.also(close(), delivery.fold(there), [out])) == [let_go]
    back = delivery.also(take_back(), delivery.fold([*there, out]), [returned])
    assert list(back) == [free]


def test_what_is_closed_is_neither_signed_for_nor_kept_nor_closed_for_another_reason() -> None:
    past = Given(delivery, *there, closed(out=True))
    past.when(sign()).then_rejected(LineIsClosed)
    past.when(note_absent()).then_rejected(LineIsClosed)
    past.when(close(reason="not-collected")).then_rejected(LineIsClosed)
    past.when(close(reason="need-withdrawn", by=None)).then_nothing()


def test_what_is_signed_for_is_not_closed_by_anybody_and_left_alone_by_itself() -> None:
    past = Given(delivery, *there, signed())
    past.when(close()).then_rejected(SignedLineIsNotClosed)
    past.when(close(by=None)).then_nothing()


def test_only_lines_of_a_planned_delivery_are_closed() -> None:
    Given(delivery).when(close()).then_rejected(DeliveryNotPlanned)
    Given(delivery).when(take_back()).then_rejected(DeliveryNotPlanned)
    Given(delivery, planned).when(close(UUID(int=5))).then_rejected(LineNotInTheDelivery)


def test_a_delivery_that_does_not_take_place_is_over() -> None:
    all_of_it = close(LINE, OTHER_LINE, reason="delivery-cancelled")
    ends = [closed(one, out=False, reason="delivery-cancelled") for one in (line, other_line)]
    Given(delivery, planned).when(all_of_it).then(*ends, completed(0, 2))
    over = Given(delivery, planned, *ends, completed(0, 2))
    over.when(dispatch()).then_rejected(EveryLineIsClosed)
    failed = [closed(one, out=True, reason="hand-over-failed") for one in (line, other_line)]
    on_the_road = Given(delivery, planned, dispatched, *failed, completed(0, 2))
    on_the_road.when(hand_over()).then_rejected(EveryLineIsClosed)
    on_the_road.when(take_back()).then(returned)


def test_one_line_that_is_closed_completes_the_others_and_who_gave_them_is_told() -> None:
    came = replace(arrived, line_ids=(OTHER_LINE,), happened_at=TUESDAY)
    (gift,) = arrived.gifts
    came = replace(came, gifts=(replace(gift, quantity=1, children=1),))
    Given(delivery, *there, signed(other_line)).when(close()).then(
        closed(out=True), came, completed(1, 1)
    )


def test_only_who_had_no_part_takes_back_what_is_out_and_once() -> None:
    past = Given(delivery, *there, closed(out=True))
    past.when(take_back()).then(returned)
    past.when(take_back(by=OFFICER)).then_rejected(InvolvedCannotTakeBack)
    past.when(take_back(by=HOLDER)).then_rejected(InvolvedCannotTakeBack)
    past.when(take_back(OTHER_LINE)).then_rejected(LineNotClosed)
    Given(delivery, *there, closed(out=True), returned).when(take_back()).then_nothing()
    Given(delivery, planned, closed(out=False)).when(take_back()).then_rejected(LineNotClosed)


# --- by themselves ---


def test_when_its_list_closes_nobody_is_silenced_by_a_line_that_nobody_signed() -> None:
    over = CloseList(happened_at=TUESDAY)
    ends = closed(out=True, reason="not-collected", by=None)
    (*_, came, done) = delivery.decide(over, delivery.fold([*there, signed(other_line)]))
    assert isinstance(came, GiftsArrived)
    assert (came.line_ids, done) == ((OTHER_LINE,), completed(1, 1))
    # An absent child may still come; what came is told meanwhile, and not again.
    waits: list[Any] = [*there, signed(other_line), absent()]
    (told,) = delivery.decide(over, delivery.fold(waits))
    assert isinstance(told, GiftsArrived)
    Given(delivery, *waits, told).when(over).then_nothing()
    late = delivery.decide(sign(), delivery.fold([*waits, told]))
    assert [event.line_ids for event in late if isinstance(event, GiftsArrived)] == [(LINE,)]
    kept = CloseKept(line_id=LINE, kept_until=GIFT_DAY, happened_at=TUESDAY)
    Given(delivery, *waits, told).when(kept).then(ends, completed(1, 1))


def test_who_is_expected_until_a_later_day_is_waited_for() -> None:
    kept = CloseKept(line_id=LINE, kept_until=GIFT_DAY, happened_at=TUESDAY)
    longer = absent(date(2024, 12, 31))
    Given(delivery, *there, absent(), longer).when(kept).then_nothing()
    Given(delivery, *there, absent(), signed()).when(kept).then_nothing()


def test_timers_close_what_is_kept_and_lists_when_their_last_day_is_over() -> None:
    kept, lists = TIMERS.by_name["kept-no-longer"], TIMERS.by_name["list-closes"]
    (was_absent, handed) = happened(absent(), there[2])
    assert (kept.due(was_absent.event) - lists.due(handed.event)).days == (
        GIFT_DAY - LIST_CLOSES_ON
    ).days
    assert kept.due(was_absent.event).isoformat() == "2024-10-13T00:00:00+07:00"
    for timer, cause in ((kept, was_absent), (lists, handed)):
        (give,) = timer.give(cause.event, cause)
        assert give.stream == delivery_stream(DELIVERY)
    assert list(kept.parts(was_absent.event)) == [str(LINE)]


# --- a need that is withdrawn ---


def test_a_withdrawn_need_names_what_still_covers_it() -> None:
    command = CloseCover(happened_at=MONDAY)
    left = (LineLeft(allocation_id=ALLOCATION, line_id=LINE),)
    fact = NeedCoverClosed(need_id=NEED, programme_id=PROGRAMME, left=left, happened_at=MONDAY)
    Given(need_cover, cover_opened, covered()).when(command).then(fact)
    (recorded,) = happened(fact)
    (give,) = give_up_what_covered(fact, recorded)
    assert give.command == GiveUpLine(line_id=LINE, happened_at=MONDAY)


def give_up(line_id: UUID = LINE) -> GiveUpLine:
    return GiveUpLine(line_id=line_id, happened_at=MONDAY)


def test_its_line_is_given_back_at_once_or_closed_by_the_delivery_that_has_it() -> None:
    both = proposed(line, other_line)
    past = (both, approved)
    (freed,) = allocation.decide(give_up(), allocation.fold(past))
    assert isinstance(freed, AllocationLineReleased)
    assert freed.released_by is None
    Given(allocation, *past, freed).when(give_up()).then_nothing()
    (plans,) = allocation.decide(
        next(iter(delivery.also(plan(), delivery.initial, [planned]))).command,  # type: ignore[union-attr]
        allocation.fold(past),
    )
    (ends,) = allocation.decide(give_up(), allocation.fold([*past, plans]))
    assert isinstance(ends, AllocationLineGivenUp)
    Given(allocation, *past, plans, ends).when(give_up()).then_nothing()
    (recorded,) = happened(ends)
    (give,) = close_its_line(ends, recorded)
    assert (give.stream, give.command.reason) == (delivery_stream(DELIVERY), "need-withdrawn")
    (closing,) = delivery.decide(give.command, delivery.fold(there))
    assert isinstance(closing, DeliveryLineClosed)


# --- from wherever it has come to ---


def release(line_id: UUID) -> ReleaseLines:
    return ReleaseLines(line_ids=(line_id,), released_by=OFFICER, happened_at=TUESDAY)


lines = st.sampled_from([LINE, OTHER_LINE])
deeds = st.one_of(
    st.just(plan()),
    st.builds(dispatch),
    st.builds(hand_over),
    st.builds(sign, lines),
    st.builds(note_absent, st.just(GIFT_DAY), lines),
    st.builds(close, lines),
    st.builds(take_back, lines),
    st.builds(give_up, lines),
    st.builds(CloseList, happened_at=st.just(TUESDAY)),
    st.builds(release, lines),
)


class Streams:
    """All streams of one allocation and one delivery, with what reactions give."""

    def __init__(self) -> None:
        self.events: defaultdict[str, list[Any]] = defaultdict(list)
        self.deciders: dict[str, Any] = {}
        of = f"allocation-{ALLOCATION}"
        self.deciders |= {of: allocation, delivery_stream(DELIVERY): delivery}
        self.events[of] += [proposed(line, other_line), approved]
        for each in (line, other_line):
            cover, own_lot = need_cover_stream(each.need_id), lot_stream(each.lot_id)
            self.deciders |= {cover: need_cover, own_lot: lot}
            self.events[own_lot] = self.events[own_lot] or [replace(opened, lot_id=each.lot_id)]
            self.events[cover].append(replace(cover_opened, need_id=each.need_id))
            from_proposal = next(
                give
                for give in allocation.also(
                    approve(), allocation.fold([proposed(each)]), [approved]
                )
            )
            for give in from_proposal.commands:  # type: ignore[union-attr]
                self.give(give)

    def do(self, command: Any) -> bool:
        """Whether it was accepted."""
        of_allocation = isinstance(command, GiveUpLine | ReleaseLines)
        stream = f"allocation-{ALLOCATION}" if of_allocation else delivery_stream(DELIVERY)
        before = {name: list(events) for name, events in self.events.items()}
        try:
            self.give(CommandFor(self.deciders[stream], stream, command))
        except Rejection:
            self.events = defaultdict(list, before)
            return False
        return True

    def give(self, give: CommandFor) -> None:
        self.deciders.setdefault(give.stream, give.decider)
        state = give.decider.fold(self.events[give.stream])
        new = give.decider.decide(give.command, state)
        self.events[give.stream] += new
        for more in give.decider.also(give.command, state, new):
            assert isinstance(more, CommandFor)
            self.give(more)
        for event in new:
            if isinstance(event, AllocationLineGivenUp):
                (recorded,) = happened(event)
                for reaction in close_its_line(event, recorded):
                    self.give(reaction)

    def state(self, stream: str) -> Any:
        return self.deciders[stream].fold(self.events[stream])

    def held(self) -> int:
        """What is kept in lots and covers needs, and has not arrived."""
        kept: int = self.state(lot_stream(LOT)).quantity_kept
        for one in (line, other_line):
            cover = self.state(need_cover_stream(one.need_id))
            kept += cover.quantity_covered - cover.quantity_delivered
        return kept


def all_ends() -> Iterable[Any]:
    """What ends everything, whatever happened: closed, back in the store, given back."""
    for one in (LINE, OTHER_LINE):
        yield close(one, reason="not-collected", by=RECEIVER)
        yield take_back(one)
        yield release(one)


@given(st.lists(deeds, max_size=12))
def test_from_wherever_it_has_come_to_all_is_given_back_or_arrived(history: list[Any]) -> None:
    streams = Streams()
    assert streams.held() > 0
    for command in history:
        streams.do(command)
    for command in all_ends():
        streams.do(command)
    assert streams.held() == 0
    in_lot = streams.state(lot_stream(LOT))
    assert in_lot.quantity_free + in_lot.quantity_drawn == opened.quantity
    delivered = sum(
        streams.state(need_cover_stream(one.need_id)).quantity_delivered
        for one in (line, other_line)
    )
    assert in_lot.quantity_drawn == delivered


@given(st.lists(deeds, max_size=8), st.one_of(st.builds(close, lines), st.builds(take_back, lines)))
def test_repeating_an_ending_changes_nothing(history: list[Any], command: Any) -> None:
    of_delivery = [one for one in history if not isinstance(one, GiveUpLine | ReleaseLines)]
    past = [plan(), dispatch(), hand_over(), *of_delivery]
    assert_repeating_changes_nothing(delivery, past, command)
