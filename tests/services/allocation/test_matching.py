from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import UnmatchedNeed
from contracts.donations import Earmark
from contracts.field_types import CategoryCode, MeasureCode
from contracts.registry import Specification
from programmes import packs
from services.allocation.domain import matching
from services.allocation.domain.line import LotDoesNotFitTheNeed, chosen_by_hand
from services.allocation.domain.matching import (
    FreeLot,
    Matching,
    OpenNeed,
    Rule,
    fit_of,
    match_up,
)
from tests.services.allocation.examples import (
    ACCEPTER,
    CAMPAIGN,
    CHILD,
    COMMUNE,
    CONTRIBUTION,
    FUND,
    INSPECTOR,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OTHER_COMMUNE,
    OTHER_LOT,
    OTHER_NEED,
    PROGRAMME,
    RECEIVER,
    RECORDER,
    REGISTRAR,
    SPONSOR,
    TUESDAY,
    VERIFIER,
)
from tests.services.allocation.naive_checker import faults

RUN = UUID(int=50)
RULES = packs.installed().of_the_register.versions[-1]
SIZES = tuple(step.label for step in RULES.sizes)
RULE = Rule(rules=RULES, areas={})

girl_s_jacket = OpenNeed(
    need_id=NEED,
    programme_id=PROGRAMME,
    child_id=CHILD,
    group_id=None,
    children=1,
    unit_id=COMMUNE,
    category="warm-clothes",
    specification={"size": "H110", "gender": "female"},
    quantity_open=1,
    measure="piece",
    needed_by=date(2024, 12, 1),
    priority_band=3,
    registered_by=REGISTRAR,
    recorded_by=RECORDER,
    verified_by=VERIFIER,
    opened_at=MONDAY,
)
jackets = FreeLot(
    lot_id=LOT,
    programme_id=PROGRAMME,
    campaign_id=CAMPAIGN,
    fund_id=FUND,
    contribution_id=CONTRIBUTION,
    sponsor_id=SPONSOR,
    category="warm-clothes",
    specification={"size": "H110", "gender": "female"},
    quantity_free=1,
    measure="piece",
    earmark=Earmark(),
    received_by=RECEIVER,
    inspected_by=(INSPECTOR,),
    accepted_by=ACCEPTER,
    opened_at=MONDAY,
)


def need(**changed: Any) -> OpenNeed:
    return replace(girl_s_jacket, **changed)


def lot(**changed: Any) -> FreeLot:
    return replace(jackets, **changed)


def matched(needs: list[OpenNeed], lots: list[FreeLot], rule: Rule = RULE) -> Matching:
    return match_up(RUN, TUESDAY, needs, lots, rule)


def pairs(result: Matching) -> list[tuple[UUID, UUID, int]]:
    return [(line.need_id, line.lot_id, line.quantity) for line in result.lines]


def test_what_fits_is_given_with_the_reasons() -> None:
    (line,) = matched([need()], [lot()]).lines
    assert (line.need_id, line.lot_id, line.quantity) == (NEED, LOT, 1)
    assert line.reasons == ("band-3", "size-exact", "gender-same")
    assert line.runner_up_need_id is None


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"size": "H100"}, "size-smaller"),
        ({"size": "H130"}, "size-too-large"),
        ({"size": "one for all"}, "size-not-known"),
        ({"size": "H110", "gender": "male"}, "other-gender"),
    ],
)
def test_a_jacket_that_does_not_fit_stays_in_stock(held: Specification, reason: str) -> None:
    assert fit_of(need(), lot(specification=held), RULE) == matching.Misfit(reason)
    result = matched([need()], [lot(specification=held)])
    assert result.lines == ()
    assert result.unmatched == (UnmatchedNeed(need_id=NEED, reason="nothing-fits"),)


def test_a_jacket_may_be_one_label_larger_and_for_anyone() -> None:
    (line,) = matched([need()], [lot(specification={"size": "H120", "gender": "unisex"})]).lines
    assert line.reasons == ("band-3", "size-one-larger", "gender-any")


def test_the_exact_size_goes_first() -> None:
    larger = lot(lot_id=OTHER_LOT, specification={"size": "H120"}, opened_at=MONDAY)
    exact = lot(opened_at=TUESDAY)
    assert pairs(matched([need()], [larger, exact])) == [(NEED, LOT, 1)]


def test_of_equal_lots_the_older_goes_first() -> None:
    lots = [lot(opened_at=TUESDAY), lot(lot_id=OTHER_LOT)]
    assert pairs(matched([need()], lots)) == [(NEED, OTHER_LOT, 1)]


@pytest.mark.parametrize(
    "less_pressing",
    [
        {"priority_band": 4},
        {"needed_by": date(2024, 12, 2)},
        {"opened_at": TUESDAY},
        {},
    ],
)
def test_the_more_pressing_need_goes_first_and_the_next_is_named(
    less_pressing: dict[str, Any],
) -> None:
    later = need(need_id=OTHER_NEED, **less_pressing)
    result = matched([later, need()], [lot()])
    assert [(line.need_id, line.runner_up_need_id) for line in result.lines] == [(NEED, OTHER_NEED)]
    assert result.unmatched == (UnmatchedNeed(need_id=OTHER_NEED, reason="fitting-lots-used-up"),)


def test_what_is_meant_for_a_need_or_a_commune_goes_only_there() -> None:
    mine, ours = Earmark(need_id=NEED), Earmark(unit_id=COMMUNE)
    for earmark, reason in ((mine, "earmark-need"), (ours, "earmark-unit")):
        (line,) = matched([need()], [lot(earmark=earmark)]).lines
        assert reason in line.reasons
    other = need(need_id=OTHER_NEED, unit_id=OTHER_COMMUNE)
    assert matched([other], [lot(earmark=mine), lot(earmark=ours)]).lines == ()


def test_what_is_meant_for_one_is_used_before_what_is_free_for_all() -> None:
    free, ours = lot(), lot(lot_id=OTHER_LOT, earmark=Earmark(unit_id=COMMUNE), opened_at=TUESDAY)
    assert pairs(matched([need()], [free, ours])) == [(NEED, OTHER_LOT, 1)]


def test_a_gift_for_the_successor_reaches_who_was_recorded_before_the_merger() -> None:
    rule = Rule(rules=RULES, areas={OTHER_COMMUNE: frozenset({OTHER_COMMUNE, COMMUNE})})
    assert matched([need()], [lot(earmark=Earmark(unit_id=OTHER_COMMUNE))], rule).lines


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ({"grade": 4}, "grade-same"),
        ({"grade_from": 1, "grade_to": 5}, "grade-in-band"),
        ({}, "grade-any"),
    ],
)
def test_books_are_for_the_grade(held: Specification, reason: str) -> None:
    books: dict[str, Any] = {"category": "school-supplies", "measure": "set"}
    pupil = need(specification={"grade": 4}, **books)
    (line,) = matched([pupil], [lot(specification=held, **books)]).lines
    assert line.reasons == ("band-3", reason)


@pytest.mark.parametrize("held", [{"grade": 5}, {"grade_from": 6, "grade_to": 9}])
def test_books_of_another_grade_are_for_others(held: Specification) -> None:
    books: dict[str, Any] = {"category": "school-supplies", "measure": "set"}
    pupil = need(specification={"grade": 4}, **books)
    assert matched([pupil], [lot(specification=held, **books)]).lines == ()


def test_a_scholarship_is_given_whole_or_not_at_all() -> None:
    money: dict[str, Any] = {"category": "scholarship", "measure": "dong", "specification": {}}
    pupil = need(quantity_open=2_000_000, **money)
    other = need(need_id=OTHER_NEED, quantity_open=1_000_000, **money)
    lots = [lot(quantity_free=1_500_000, **money)]
    result = matched([pupil, other], lots)
    assert pairs(result) == [(OTHER_NEED, LOT, 1_000_000)]
    assert result.unmatched == (UnmatchedNeed(need_id=NEED, reason="fitting-lots-used-up"),)


def test_two_givers_may_share_an_operation() -> None:
    money: dict[str, Any] = {"category": "surgery", "measure": "dong", "specification": {}}
    operation = need(quantity_open=46_500_000, **money)
    mine = Earmark(need_id=NEED)
    lots = [
        lot(quantity_free=30_000_000, earmark=mine, **money),
        lot(lot_id=OTHER_LOT, quantity_free=20_000_000, earmark=mine, **money),
    ]
    assert pairs(matched([operation], lots)) == [
        (NEED, LOT, 30_000_000),
        (NEED, OTHER_LOT, 16_500_000),
    ]


def test_another_category_or_measure_never_fits() -> None:
    assert fit_of(need(), lot(category="surgery"), RULE) == matching.Misfit("other-category")
    assert fit_of(need(), lot(measure="set"), RULE) == matching.Misfit("other-measure")


def test_a_run_is_bounded_and_says_whom_it_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "LINES_MAX", 2)
    monkeypatch.setattr(matching, "NEEDS_LOOKED_AT_MAX", 3)
    needs = [need(need_id=UUID(int=100 + n)) for n in range(5)]
    result = matched(needs, [lot(quantity_free=9)])
    assert [line.need_id.int for line in result.lines] == [100, 101]
    assert result.unmatched == (UnmatchedNeed(need_id=UUID(int=102), reason="run-is-full"),)
    assert result.left_out == 2


def test_a_person_chooses_among_what_fits() -> None:
    chosen = chosen_by_hand(LINE, 1, need(), lot(), RULE)
    assert chosen.reasons[0] == "chosen-by-hand"
    with pytest.raises(LotDoesNotFitTheNeed) as refusal:
        chosen_by_hand(LINE, 1, need(), lot(specification={"size": "H100"}), RULE)
    assert vars(refusal.value) == {"line_id": LINE, "reason": "size-smaller"}


genders = st.sampled_from(["female", "male"])
specifications: dict[
    CategoryCode, tuple[MeasureCode, st.SearchStrategy[Any], st.SearchStrategy[Any]]
] = {
    "warm-clothes": (
        "piece",
        st.fixed_dictionaries({"size": st.sampled_from(SIZES), "gender": genders}),
        st.fixed_dictionaries(
            {"size": st.sampled_from(SIZES)},
            optional={"gender": st.sampled_from(["female", "male", "unisex"])},
        ),
    ),
    "school-supplies": (
        "set",
        st.fixed_dictionaries({"grade": st.integers(1, 4)}),
        st.one_of(
            st.just({}),
            st.fixed_dictionaries({"grade": st.integers(1, 4)}),
            st.fixed_dictionaries({"grade_from": st.integers(1, 2), "grade_to": st.integers(2, 4)}),
        ),
    ),
    "scholarship": ("dong", st.just({}), st.just({})),
    "medical-care": ("dong", st.just({}), st.just({})),
}
communes = st.sampled_from([COMMUNE, OTHER_COMMUNE])


@st.composite
def needs_and_lots(draw: st.DrawFn) -> tuple[list[OpenNeed], list[FreeLot]]:
    category = draw(st.sampled_from(sorted(specifications)))
    measure, asked, held = specifications[category]
    needs = [
        need(
            need_id=UUID(int=1000 + number),
            unit_id=draw(communes),
            category=category,
            measure=measure,
            specification=draw(asked),
            quantity_open=draw(st.integers(1, 3)),
            priority_band=draw(st.integers(1, 3)),
            needed_by=date(2024, 12, 1) + timedelta(days=draw(st.integers(0, 1))),
            opened_at=MONDAY + timedelta(hours=draw(st.integers(0, 1))),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    earmarks = st.one_of(
        st.just(Earmark()),
        st.builds(Earmark, unit_id=communes),
        st.builds(Earmark, need_id=st.sampled_from([one.need_id for one in needs] or [NEED])),
    )
    lots = [
        lot(
            lot_id=UUID(int=2000 + number),
            category=category,
            measure=measure,
            specification=draw(held),
            quantity_free=draw(st.integers(1, 4)),
            earmark=draw(earmarks),
            opened_at=MONDAY + timedelta(hours=draw(st.integers(0, 1))),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return needs, lots


@given(needs_and_lots())
def test_nobody_who_fits_is_passed_over(inputs: tuple[list[OpenNeed], list[FreeLot]]) -> None:
    needs, lots = inputs
    result = matched(needs, lots)
    assert list(faults(needs, lots, result.lines, SIZES)) == []
    asked = {one.need_id: one.quantity_open for one in needs}
    for line in result.lines:
        asked[line.need_id] -= line.quantity
    still_asking = {need_id for need_id, left in asked.items() if left}
    assert {one.need_id for one in result.unmatched} == still_asking


@given(needs_and_lots(), st.randoms(use_true_random=False))
def test_the_same_inputs_in_any_order_give_the_same_result(
    inputs: tuple[list[OpenNeed], list[FreeLot]], random: Any
) -> None:
    needs, lots = inputs
    before = matched(needs, lots)
    random.shuffle(needs)
    random.shuffle(lots)
    assert matched(needs, lots) == before


def planted(needs: list[OpenNeed], lots: list[FreeLot]) -> Iterator[Matching]:
    """Results that break a promise: the checker must see each."""
    good = matched(needs, lots)
    (line,) = good.lines
    yield replace(good, lines=())
    yield replace(good, lines=(replace(line, need_id=OTHER_NEED),))
    yield replace(good, lines=(replace(line, quantity=2),))
    yield replace(good, lines=(line, replace(line, need_id=OTHER_NEED)))


def test_the_checker_sees_planted_faults() -> None:
    needs = [need(), need(need_id=OTHER_NEED, priority_band=4)]
    for wrong in planted(needs, [lot()]):
        assert list(faults(needs, [lot()], wrong.lines, SIZES)) != []
    small = [lot(specification={"size": "H100"})]
    wrong_size = matched(needs, [lot()]).lines
    assert list(faults(needs, small, wrong_size, SIZES)) != []
