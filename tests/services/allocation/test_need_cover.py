from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    NeedCoverClosed,
    NeedCovered,
    NeedCoverLapsed,
    NeedCoverRenewed,
    NeedUncovered,
    SupportDelivered,
)
from contracts.vietnamese_day import begins
from eventing.decider import Rejection
from services.allocation.domain.need_cover import (
    CloseCover,
    CoverNeed,
    CoverOpenedOtherwise,
    DeliverSupport,
    LapseCover,
    NeedCoveredAlready,
    NeedCoveredOtherwise,
    NeedHasLapsed,
    NeedIsWithdrawn,
    NeedNotOpen,
    OpenCover,
    OpenedCover,
    RenewCover,
    UncoverNeed,
    need_cover,
)
from tests.services.allocation.examples import (
    ALLOCATION,
    LINE,
    MONDAY,
    NEED,
    OFFICER,
    OTHER_LINE,
    PROGRAMME,
    SPONSOR,
    TUESDAY,
    cover_opened,
    covered,
    facts,
    uncovered,
)
from tests.support.delivered import direct_gift_delivered
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

closed = NeedCoverClosed(need_id=NEED, programme_id=PROGRAMME, left=(), happened_at=MONDAY)


ITS_DAY, NEXT_DAY = cover_opened.lapses_on, date(2025, 10, 7)
lapsed = NeedCoverLapsed(
    need_id=NEED, programme_id=PROGRAMME, lapsed_on=ITS_DAY, happened_at=MONDAY
)
renewed = NeedCoverRenewed(
    need_id=NEED, programme_id=PROGRAMME, lapses_on=NEXT_DAY, happened_at=MONDAY
)


def lapse(lapsed_on: date = ITS_DAY) -> LapseCover:
    return LapseCover(lapsed_on=lapsed_on, happened_at=MONDAY)


def renew(lapses_on: date = NEXT_DAY) -> RenewCover:
    return RenewCover(lapses_on=lapses_on, happened_at=MONDAY)


def open_cover(**changed: object) -> OpenCover:
    return OpenCover(**(facts(cover_opened) | changed))


def cover(quantity: int = 1, line_id: UUID = LINE, **changed: Any) -> CoverNeed:
    command = CoverNeed(
        programme_id=PROGRAMME,
        allocation_id=ALLOCATION,
        line_id=line_id,
        quantity=quantity,
        happened_at=MONDAY,
    )
    return replace(command, **changed)


def uncover(line_id: UUID = LINE) -> UncoverNeed:
    return UncoverNeed(line_id=line_id, happened_at=MONDAY)


def deliver(line_id: UUID = LINE) -> DeliverSupport:
    return DeliverSupport(
        line_id=line_id,
        way="direct-gift",
        children=1,
        sponsor_id=SPONSOR,
        direct_gift_id=line_id,
        delivered_by=OFFICER,
        happened_at=MONDAY,
    )


def close(happened_at: datetime = MONDAY) -> CloseCover:
    return CloseCover(happened_at=happened_at)


def test_a_need_may_be_covered_from_when_registry_opens_it() -> None:
    Given(need_cover).when(open_cover()).then(cover_opened)


def test_opening_it_again_later_changes_nothing() -> None:
    Given(need_cover, cover_opened).when(open_cover(happened_at=TUESDAY)).then_nothing()


def test_another_quantity_is_another_need() -> None:
    Given(need_cover, cover_opened).when(open_cover(quantity=2)).then_rejected(CoverOpenedOtherwise)


def test_a_line_covers_it() -> None:
    Given(need_cover, cover_opened).when(cover()).then(covered())


def test_two_lines_cover_it_together() -> None:
    need = open_cover(quantity=5)
    assert after(need_cover, [need, cover(2), cover(3, OTHER_LINE)])[1:] == [
        covered(2, asked=5),
        covered(3, OTHER_LINE, asked=5, before=2),
    ]


def test_nothing_is_covered_twice_and_the_refusal_says_by_what() -> None:
    with pytest.raises(NeedCoveredAlready) as refusal:
        need_cover.decide(cover(1, OTHER_LINE), need_cover.fold([cover_opened, covered()]))
    assert vars(refusal.value) == {"quantity_open": 0, "covered_by": (LINE,)}


def test_no_more_than_is_asked_for() -> None:
    Given(need_cover, cover_opened).when(cover(2)).then_rejected(NeedCoveredAlready)


@pytest.mark.parametrize("quantity", [1, 2])
def test_one_id_never_stands_for_two_things_that_cover_it(quantity: int) -> None:
    """Another line's, or a direct gift's: as much or not, it is not what covers it already."""
    past = (open_cover(quantity=3), cover())
    state = need_cover.fold(after(need_cover, past))
    with pytest.raises(NeedCoveredOtherwise):
        need_cover.decide(cover(quantity), state)


def test_an_id_that_no_longer_covers_it_may_cover_it_again() -> None:
    past = (cover_opened, covered(), uncovered())
    Given(need_cover, *past).when(cover()).then(covered())


def test_what_no_longer_covers_it_leaves_room() -> None:
    Given(need_cover, cover_opened, covered()).when(uncover()).then(uncovered())
    past = (cover_opened, covered(), uncovered())
    Given(need_cover, *past).when(uncover()).then_nothing()
    Given(need_cover, *past).when(cover(1, OTHER_LINE)).then(covered(1, OTHER_LINE))


def test_nothing_covers_a_need_that_is_not_open() -> None:
    Given(need_cover).when(cover()).then_rejected(NeedNotOpen)
    Given(need_cover).when(uncover()).then_rejected(NeedNotOpen)


def test_a_withdrawn_need_is_covered_by_nothing_new() -> None:
    Given(need_cover, cover_opened).when(close()).then(closed)
    Given(need_cover, cover_opened, closed).when(close(TUESDAY)).then_nothing()
    Given(need_cover, cover_opened, closed).when(cover()).then_rejected(NeedIsWithdrawn)


def test_what_covers_a_withdrawn_need_can_be_taken_back() -> None:
    Given(need_cover, cover_opened, covered(), closed).when(uncover()).then(uncovered())


def test_a_need_withdrawn_before_it_was_opened_has_no_cover_to_close() -> None:
    Given(need_cover).when(close()).then_nothing()


def delivered(line_id: UUID = LINE, **changed: Any) -> SupportDelivered:
    """From hand to hand, for the need that is opened above."""
    return direct_gift_delivered(
        line_id,
        need_id=NEED,
        programme_id=PROGRAMME,
        child_id=cover_opened.child_id,
        unit_id=cover_opened.unit_id,
        sponsor_id=SPONSOR,
        need_recorded_by=cover_opened.recorded_by,
        need_verified_by=cover_opened.verified_by,
        delivered_by=OFFICER,
        happened_at=MONDAY,
        **changed,
    )


def test_what_covers_the_need_reaches_the_child_once() -> None:
    Given(need_cover, cover_opened, covered()).when(deliver()).then(delivered())
    Given(need_cover, cover_opened, covered(), delivered()).when(deliver()).then_nothing()


def test_it_says_how_much_of_the_need_has_arrived_by_now() -> None:
    past = [open_cover(quantity=5), cover(2), cover(3, OTHER_LINE), deliver()]
    state = need_cover.fold(after(need_cover, past))
    assert need_cover.decide(deliver(OTHER_LINE), state) == [
        delivered(OTHER_LINE, quantity=3, quantity_covered=5, quantity_delivered=5)
    ]


def test_it_may_reach_the_child_after_the_need_was_withdrawn() -> None:
    Given(need_cover, cover_opened, covered(), closed).when(deliver()).then(delivered())


def test_what_is_with_the_child_is_not_taken_back() -> None:
    Given(need_cover, cover_opened, covered(), delivered()).when(uncover()).then_nothing()


lines = st.sampled_from([UUID(int=100 + n) for n in range(4)])
commands = st.one_of(
    st.builds(cover, st.integers(1, 3), lines), st.builds(uncover, lines), st.just(close())
)
need = open_cover(quantity=5)


@given(st.lists(commands, max_size=12), commands.filter(lambda one: not isinstance(one, CoverNeed)))
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    assert_repeating_changes_nothing(need_cover, [need, *history], command)


@given(st.lists(commands, max_size=12), st.builds(cover, st.integers(1, 3), lines))
def test_what_covers_it_is_counted_each_time_or_refused(
    history: list[object], command: CoverNeed
) -> None:
    """Never taken for what is there: who reads an acceptance may rely on a cover of its own."""
    state = need_cover.fold(after(need_cover, [need, *history]))
    assert isinstance(state, OpenedCover)
    try:
        events = need_cover.decide(command, state)
    except Rejection:
        return
    before = state.quantity_covered
    assert events == [covered(command.quantity, command.line_id, asked=5, before=before)]


@given(st.lists(st.one_of(commands, st.builds(deliver, lines)), max_size=30))
def test_what_arrived_is_never_more_than_what_covers_it(history: list[Any]) -> None:
    events: list[Any] = []
    for command in [need, *history]:
        state = need_cover.fold(events)
        covers = state.covers if isinstance(state, OpenedCover) else {}
        if isinstance(command, DeliverSupport) and command.line_id not in covers:
            continue  # Only what covers the need is delivered for it.
        try:
            events += need_cover.decide(command, state)
        except Rejection:
            continue
    arrived = 0
    for event in events:
        if isinstance(event, SupportDelivered):
            arrived += event.quantity
            assert event.quantity_delivered == arrived <= event.quantity_covered <= need.quantity


@given(st.lists(commands, max_size=30))
def test_it_is_never_covered_beyond_what_it_asks_nor_after_its_end(history: list[object]) -> None:
    covers: dict[UUID, int] = {}
    ended = False
    for event in after(need_cover, [need, *history]):
        match event:
            case NeedCovered():
                assert event.line_id not in covers
                assert not ended
                covers[event.line_id] = event.quantity
            case NeedUncovered():
                assert covers.pop(event.line_id) == event.quantity
            case NeedCoverClosed():
                assert not ended
                ended = True
                continue
            case _:
                continue
        assert sum(covers.values()) <= need.quantity
        assert event.quantity_covered == sum(covers.values())
        assert event.quantity_open == need.quantity - sum(covers.values())


def test_a_lapsed_need_is_not_covered_until_it_is_reconfirmed() -> None:
    Given(need_cover, cover_opened).when(lapse()).then(lapsed)
    Given(need_cover, cover_opened, lapsed).when(lapse()).then_nothing()
    Given(need_cover, cover_opened, lapsed).when(cover()).then_rejected(NeedHasLapsed)
    Given(need_cover, cover_opened, lapsed).when(renew()).then(renewed)
    Given(need_cover, cover_opened, lapsed, renewed).when(cover()).then(covered())


def test_on_its_day_a_need_is_covered_no_more_though_nobody_was_told_yet() -> None:
    its_day = begins(ITS_DAY)
    evening_before = its_day - timedelta(seconds=1)
    Given(need_cover, cover_opened).when(cover(happened_at=its_day)).then_rejected(NeedHasLapsed)
    in_time = replace(covered(), happened_at=evening_before)
    Given(need_cover, cover_opened).when(cover(happened_at=evening_before)).then(in_time)
    # Told that it has lapsed, nobody dates an approval back into the days before.
    told = Given(need_cover, cover_opened, lapsed)
    told.when(cover(happened_at=evening_before)).then_rejected(NeedHasLapsed)


def test_what_was_given_in_time_covers_a_need_that_has_lapsed_since() -> None:
    last_day = ITS_DAY - timedelta(days=1)
    told = Given(need_cover, cover_opened, lapsed)
    told.when(cover(given_on=last_day)).then(covered())
    told.when(cover(given_on=ITS_DAY)).then_rejected(NeedHasLapsed)


def test_what_covers_a_need_stays_when_it_lapses_and_may_be_let_go() -> None:
    Given(need_cover, cover_opened, covered()).when(lapse()).then(lapsed)
    Given(need_cover, cover_opened, covered(), lapsed).when(uncover()).then(uncovered())


def test_whichever_comes_first_the_later_day_wins() -> None:
    Given(need_cover, cover_opened, renewed).when(lapse()).then_nothing()
    Given(need_cover, cover_opened, renewed).when(renew()).then_nothing()
    Given(need_cover, cover_opened, lapsed, renewed).when(lapse()).then_nothing()
    Given(need_cover, cover_opened, renewed).when(lapse(NEXT_DAY)).then(
        NeedCoverLapsed(
            need_id=NEED, programme_id=PROGRAMME, lapsed_on=NEXT_DAY, happened_at=MONDAY
        )
    )


def test_a_closed_cover_neither_lapses_nor_is_renewed() -> None:
    Given(need_cover, cover_opened, closed).when(lapse()).then_nothing()
    Given(need_cover, cover_opened, closed).when(renew()).then_nothing()
    Given(need_cover).when(lapse()).then_rejected(NeedNotOpen)
    Given(need_cover).when(renew()).then_rejected(NeedNotOpen)
