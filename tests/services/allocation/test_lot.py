from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import (
    LotCorrected,
    LotDrawn,
    LotHeldApart,
    LotOpened,
    LotReleased,
    LotReserved,
)
from contracts.donations import Earmark
from services.allocation.domain.lot import (
    CorrectLot,
    DrawLot,
    HoldApart,
    LineDrawnAlready,
    LineReservedOtherwise,
    LotIsHeldApart,
    LotNotOpened,
    LotOpenedOtherwise,
    MoreThanTheLotHolds,
    NothingKeptForTheLine,
    OpenLot,
    ReleaseLot,
    ReserveLot,
    lot,
)
from tests.services.allocation.examples import (
    ALLOCATION,
    LINE,
    MONDAY,
    NEED,
    OTHER_ALLOCATION,
    OTHER_LINE,
    PROGRAMME,
    TUESDAY,
    drawn,
    facts,
    opened,
    released,
    reserved,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

held = LotHeldApart(**facts(opened))


def open_lot(**changed: object) -> OpenLot:
    return OpenLot(**(facts(opened) | changed))


def hold_apart(**changed: object) -> HoldApart:
    return HoldApart(**(facts(opened) | changed))


def correct(
    quantity: int, number: int = 1, *, opens: bool = False, apart: bool = False
) -> CorrectLot:
    stock = hold_apart(quantity=quantity) if apart else open_lot(quantity=quantity)
    return CorrectLot(stock=stock, opens=opens, correction=number, happened_at=TUESDAY)


def corrected(quantity: int, free: int, kept: int = 0, drawn: int = 0) -> LotCorrected:
    return LotCorrected(
        lot_id=opened.lot_id,
        programme_id=PROGRAMME,
        contribution_id=opened.contribution_id,
        correction=1,
        quantity=quantity,
        quantity_free=free,
        quantity_kept=kept,
        quantity_drawn=drawn,
        happened_at=TUESDAY,
    )


def reserve(
    quantity: int = 1, line_id: UUID = LINE, allocation_id: UUID = ALLOCATION
) -> ReserveLot:
    return ReserveLot(
        programme_id=PROGRAMME,
        allocation_id=allocation_id,
        line_id=line_id,
        need_id=NEED,
        quantity=quantity,
        happened_at=MONDAY,
    )


def release(line_id: UUID = LINE) -> ReleaseLot:
    return ReleaseLot(line_id=line_id, happened_at=MONDAY)


def draw(line_id: UUID = LINE) -> DrawLot:
    return DrawLot(line_id=line_id, happened_at=MONDAY)


def test_a_lot_is_opened() -> None:
    Given(lot).when(open_lot()).then(opened)


def test_opening_it_again_later_changes_nothing() -> None:
    Given(lot, opened).when(open_lot(happened_at=TUESDAY)).then_nothing()


def test_another_quantity_or_earmark_is_another_lot() -> None:
    Given(lot, opened).when(open_lot(quantity=11)).then_rejected(LotOpenedOtherwise)
    earmark = Earmark(unit_id=UUID(int=7))
    Given(lot, opened).when(open_lot(earmark=earmark)).then_rejected(LotOpenedOtherwise)


def test_what_waits_to_be_mended_is_held_apart() -> None:
    Given(lot).when(hold_apart()).then(held)
    Given(lot, held).when(hold_apart(happened_at=TUESDAY)).then_nothing()
    Given(lot, held).when(hold_apart(quantity=11)).then_rejected(LotOpenedOtherwise)


def test_nothing_is_both_open_and_held_apart() -> None:
    Given(lot, opened).when(hold_apart()).then_rejected(LotOpenedOtherwise)
    Given(lot, held).when(open_lot()).then_rejected(LotOpenedOtherwise)


def test_nobody_gets_what_is_held_apart() -> None:
    Given(lot, held).when(reserve()).then_rejected(LotIsHeldApart)


def test_nothing_is_reserved_released_or_drawn_before_there_is_a_lot() -> None:
    Given(lot).when(reserve()).then_rejected(LotNotOpened)
    Given(lot).when(release()).then_rejected(LotNotOpened)
    Given(lot).when(draw()).then_rejected(LotNotOpened)


def test_a_line_reserves_its_part() -> None:
    both = reserved(6, OTHER_LINE, kept_before=4)
    Given(lot, opened, reserved(4)).when(reserve(6, OTHER_LINE)).then(both)


def test_no_more_is_reserved_than_it_holds() -> None:
    Given(lot, opened, reserved(4)).when(reserve(7, OTHER_LINE)).then_rejected(MoreThanTheLotHolds)


def test_the_refusal_names_what_is_left() -> None:
    with pytest.raises(MoreThanTheLotHolds) as refusal:
        lot.decide(reserve(7, OTHER_LINE), lot.fold([opened, reserved(4)]))
    assert refusal.value.quantity_free == 6


def test_the_same_line_reserves_once() -> None:
    Given(lot, opened, reserved(4)).when(reserve(4)).then_nothing()
    Given(lot, opened, reserved(4), drawn(4)).when(reserve(4)).then_nothing()


def test_a_line_of_that_id_belongs_to_another_allocation() -> None:
    other = reserve(4, allocation_id=OTHER_ALLOCATION)
    Given(lot, opened, reserved(4)).when(other).then_rejected(LineReservedOtherwise)
    Given(lot, opened, reserved(4)).when(reserve(5)).then_rejected(LineReservedOtherwise)


def test_what_is_released_is_free_again() -> None:
    Given(lot, opened, reserved(4)).when(release()).then(released(4))
    past = (opened, reserved(4), released(4))
    Given(lot, *past).when(reserve(10, OTHER_LINE)).then(reserved(10, OTHER_LINE))


def test_releasing_what_is_not_kept_changes_nothing() -> None:
    Given(lot, opened).when(release()).then_nothing()


def test_what_was_kept_is_drawn() -> None:
    Given(lot, opened, reserved(4)).when(draw()).then(drawn(4))


def test_it_is_drawn_once() -> None:
    Given(lot, opened, reserved(4), drawn(4)).when(draw()).then_nothing()


def test_nothing_is_drawn_for_a_line_that_kept_nothing() -> None:
    Given(lot, opened).when(draw()).then_rejected(NothingKeptForTheLine)


def test_what_is_gone_is_not_free() -> None:
    past = (opened, reserved(4), drawn(4))
    Given(lot, *past).when(release()).then_rejected(LineDrawnAlready)
    Given(lot, *past).when(reserve(7, OTHER_LINE)).then_rejected(MoreThanTheLotHolds)


# --- what had come was recorded wrongly ---


def test_it_holds_what_had_come() -> None:
    Given(lot, opened).when(correct(12)).then(corrected(12, 12))
    Given(lot, opened, reserved(4)).when(correct(8)).then(corrected(8, 4, kept=4))
    Given(lot, opened).when(correct(10)).then_nothing()


def test_of_what_is_promised_and_did_not_come_nothing_more_is_promised() -> None:
    short = (opened, reserved(4), drawn(4), replace(reserved(6, OTHER_LINE), quantity_drawn=4))
    fact = corrected(7, -3, kept=6, drawn=4)
    Given(lot, *short).when(correct(7)).then(fact)
    with pytest.raises(MoreThanTheLotHolds) as refusal:
        lot.decide(reserve(1, UUID(int=9)), lot.fold([*short, fact]))
    assert refusal.value.quantity_free == 0
    (freed,) = lot.decide(release(OTHER_LINE), lot.fold([*short, fact]))
    assert isinstance(freed, LotReleased)
    assert freed.quantity_free == 3


def test_the_highest_correction_holds_whichever_comes_first() -> None:
    Given(lot, opened, corrected(8, 8)).when(correct(9, 1)).then_nothing()
    after_it = Given(lot, opened, corrected(8, 8)).when(correct(9, 2))
    after_it.then(replace(corrected(9, 9), correction=2))


def test_what_had_nothing_is_opened_and_what_will_come_is_waited_for() -> None:
    Given(lot).when(correct(10, opens=True)).then(opened)
    Given(lot).when(correct(10)).then_rejected(LotNotOpened)


def test_what_is_held_apart_is_corrected_too() -> None:
    Given(lot, held).when(correct(3, apart=True)).then(corrected(3, 0))
    Given(lot).when(correct(10, opens=True, apart=True)).then(held)


lines = st.sampled_from([UUID(int=100 + n) for n in range(4)])
quantities = st.integers(1, 6)
commands = st.one_of(
    st.just(open_lot()),
    st.builds(reserve, quantities, lines),
    st.builds(release, lines),
    st.builds(draw, lines),
    st.builds(correct, st.integers(0, 14), st.integers(1, 4)),
)


@given(st.lists(commands, max_size=12), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    assert_repeating_changes_nothing(lot, [open_lot(), *history], command)


@given(st.lists(commands, max_size=30))
def test_it_never_promises_or_gives_more_than_it_holds(history: list[object]) -> None:
    """Counted from the events alone, after each of them; and each says what is so after it."""
    kept: dict[UUID, int] = {}
    given_away, holds = 0, opened.quantity
    for event in after(lot, [open_lot(), *history]):
        match event:
            case LotReserved():
                assert event.line_id not in kept
                kept[event.line_id] = event.quantity
            case LotReleased():
                assert kept.pop(event.line_id) == event.quantity
            case LotDrawn():
                assert kept.pop(event.line_id) == event.quantity
                given_away += event.quantity
            case LotCorrected():
                holds = event.quantity
            case LotOpened():
                continue
        if isinstance(event, LotReserved):
            assert sum(kept.values()) + given_away <= holds
        assert event.quantity_kept == sum(kept.values())
        assert event.quantity_drawn == given_away
        assert event.quantity_free == holds - sum(kept.values()) - given_away


@given(st.lists(commands, max_size=12))
def test_what_is_held_apart_stays_so(history: list[object]) -> None:
    events = after(lot, [hold_apart(), *history])
    assert {type(event) for event in events} <= {LotHeldApart, LotCorrected}
