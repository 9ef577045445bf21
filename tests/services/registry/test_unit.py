from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import UnitFigureDeclared
from services.registry.domain.unit import (
    ConfirmSplit,
    ConfirmUnit,
    DeclareFigure,
    EndsBeforeItWasValid,
    EndsInTheFuture,
    EstablishUnit,
    FigureOfTheFuture,
    NotOneOfItsSuccessors,
    SucceedUnit,
    UnitCannotSucceedItself,
    UnitEstablishedOtherwise,
    UnitNotEstablished,
    UnitNotInForce,
    UnitSucceededOtherwise,
    unit,
)
from tests.services.registry.samples import (
    CITY,
    COMMUNE,
    MONDAY,
    OTHER_SUCCESSOR,
    SUCCESSOR,
    TUESDAY,
    commune,
    succeeded,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given


def establish(*, name="Ba Vì", priority=True, happened_at=MONDAY):
    return EstablishUnit(
        unit_id=COMMUNE,
        code="09703",
        name=name,
        kind="commune",
        parent_id=CITY,
        district_name="Ba Vì",
        priority=priority,
        valid_from=date(2008, 8, 1),
        happened_at=happened_at,
    )


def succeed(*successor_ids, ended_on=date(2025, 7, 1), today=date(2025, 7, 2)):
    return SucceedUnit(
        unit_id=COMMUNE,
        successor_ids=successor_ids,
        ended_on=ended_on,
        decision="1656/NQ-UBTVQH15",
        today=today,
        happened_at=MONDAY,
    )


def declare(children, as_of=date(2024, 6, 30)):
    return DeclareFigure(
        unit_id=COMMUNE, as_of=as_of, children=children, source="UBND xã", happened_at=MONDAY
    )


def declared(children, as_of=date(2024, 6, 30)):
    return UnitFigureDeclared(
        unit_id=COMMUNE, as_of=as_of, children=children, source="UBND xã", happened_at=MONDAY
    )


def test_a_figure_is_of_no_day_to_come():
    established_one = Given(unit, commune)
    established_one.when(declare(650, date(2024, 10, 7))).then(declared(650, date(2024, 10, 7)))
    established_one.when(declare(650, date(2024, 10, 8))).then_rejected(FigureOfTheFuture)


def test_a_unit_is_established():
    Given(unit).when(establish()).then(commune)


def test_establishing_again_later_changes_nothing():
    Given(unit, commune).when(establish(happened_at=TUESDAY)).then_nothing()


def test_a_priority_commune_is_another_fact():
    Given(unit, commune).when(establish(priority=False)).then_rejected(UnitEstablishedOtherwise)


def test_two_units_succeed_a_split_one():
    split = succeeded(SUCCESSOR, OTHER_SUCCESSOR)
    Given(unit, commune).when(succeed(SUCCESSOR, OTHER_SUCCESSOR)).then(split)


def test_a_succession_is_decided_once():
    ended = Given(unit, commune, succeeded(SUCCESSOR))
    ended.when(succeed(SUCCESSOR)).then_nothing()
    ended.when(succeed(OTHER_SUCCESSOR)).then_rejected(UnitSucceededOtherwise)


def test_no_unit_succeeds_itself():
    Given(unit, commune).when(succeed(COMMUNE)).then_rejected(UnitCannotSucceedItself)


def test_a_unit_does_not_end_before_it_was_valid():
    early = succeed(SUCCESSOR, ended_on=date(2008, 8, 1))
    Given(unit, commune).when(early).then_rejected(EndsBeforeItWasValid)


def test_a_succession_is_recorded_from_its_day_on_and_not_before():
    ahead = succeed(SUCCESSOR, today=date(2025, 6, 30))
    Given(unit, commune).when(ahead).then_rejected(EndsInTheFuture)
    on_the_day = succeed(SUCCESSOR, today=date(2025, 7, 1))
    Given(unit, commune).when(on_the_day).then(succeeded(SUCCESSOR))


def test_what_is_not_established_has_no_figures_and_no_end():
    Given(unit).when(declare(10)).then_rejected(UnitNotEstablished)
    Given(unit).when(succeed(SUCCESSOR)).then_rejected(UnitNotEstablished)
    Given(unit).when(ConfirmUnit()).then_rejected(UnitNotEstablished)
    Given(unit).when(ConfirmSplit(into=SUCCESSOR)).then_rejected(UnitNotEstablished)


def test_a_figure_is_declared_and_corrected_by_another():
    Given(unit, commune).when(declare(650)).then(declared(650))
    Given(unit, commune, declared(650)).when(declare(650)).then_nothing()
    Given(unit, commune, declared(650)).when(declare(655)).then(declared(655))


def test_a_unit_is_in_force_from_its_first_day_until_its_last():
    ended = Given(unit, commune, succeeded(SUCCESSOR))
    ended.when(ConfirmUnit(on=date(2025, 6, 30))).then_nothing()
    ended.when(ConfirmUnit(on=date(2025, 7, 1))).then_rejected(UnitNotInForce)
    ended.when(ConfirmUnit(on=date(2008, 7, 31))).then_rejected(UnitNotInForce)


def test_households_are_placed_only_after_a_split_and_only_into_a_part():
    split = Given(unit, commune, succeeded(SUCCESSOR, OTHER_SUCCESSOR))
    split.when(ConfirmSplit(into=SUCCESSOR)).then_nothing()
    split.when(ConfirmSplit(into=CITY)).then_rejected(NotOneOfItsSuccessors)
    merged = Given(unit, commune, succeeded(SUCCESSOR))
    merged.when(ConfirmSplit(into=SUCCESSOR)).then_rejected(NotOneOfItsSuccessors)
    Given(unit, commune).when(ConfirmSplit(into=SUCCESSOR)).then_rejected(NotOneOfItsSuccessors)


commands = st.one_of(
    st.builds(establish, name=st.sampled_from(["Ba Vì", "Yên Bài"])),
    st.builds(succeed, st.sampled_from([SUCCESSOR, OTHER_SUCCESSOR, COMMUNE])),
    st.builds(declare, st.integers(0, 3), st.dates(date(2024, 1, 1), date(2024, 1, 3))),
)


@given(st.lists(commands, max_size=6), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(unit, [*history, command])
    if answers[-1] is not None:
        assert unit.decide(command, unit.fold(events)) == []


@given(st.lists(commands, max_size=8))
def test_a_unit_ends_at_most_once(history):
    events, _ = outcomes(unit, history)
    assert sum(type(event).__name__ == "UnitSucceeded" for event in events) <= 1
