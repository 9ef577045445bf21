from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.allocation import MatchedLine, MatchingRunMade
from services.allocation.domain.matching import RULE, Matching
from services.allocation.domain.matching_run import (
    LineNotInTheRun,
    Made,
    MakeRun,
    RunMadeOtherwise,
    matching_run,
)
from tests.services.allocation.examples import (
    COMMUNE,
    COORDINATOR,
    LINE,
    LOT,
    MONDAY,
    NEED,
    OTHER_LINE,
    PROGRAMME,
    RULES,
    TUESDAY,
)
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given

RUN = UUID(int=50)


def matched(line_id: UUID) -> MatchedLine:
    return MatchedLine(
        line_id=line_id,
        need_id=NEED,
        lot_id=LOT,
        quantity=1,
        reasons=("size-exact",),
        runner_up_need_id=None,
    )


made = MatchingRunMade(
    run_id=RUN,
    programme_id=PROGRAMME,
    category="warm-clothes",
    unit_ids=(COMMUNE,),
    rule=RULE,
    rules=RULES,
    inputs_digest="digest",
    lines=(matched(LINE), matched(OTHER_LINE)),
    unmatched=(),
    left_out=0,
    made_by=COORDINATOR,
    happened_at=MONDAY,
)


def make(**changed: object) -> MakeRun:
    matching = Matching(inputs_digest="digest", lines=made.lines, unmatched=(), left_out=0)
    command: dict[str, object] = {
        "run_id": RUN,
        "programme_id": PROGRAMME,
        "category": "warm-clothes",
        "unit_ids": (COMMUNE,),
        "matching": matching,
        "rules": RULES,
        "made_by": COORDINATOR,
        "happened_at": MONDAY,
    }
    return MakeRun(**(command | changed))  # type: ignore[arg-type]


def test_a_run_is_made() -> None:
    Given(matching_run).when(make()).then(made)


def test_a_run_is_made_once_though_stock_has_moved_on() -> None:
    moved_on = Matching(inputs_digest="another", lines=(), unmatched=(), left_out=0)
    again = make(matching=moved_on, happened_at=TUESDAY)
    Given(matching_run, made).when(again).then_nothing()


@pytest.mark.parametrize(
    "changed", [{"unit_ids": ()}, {"category": "surgery"}, {"made_by": UUID(int=99)}]
)
def test_another_question_is_another_run(changed: dict[str, object]) -> None:
    Given(matching_run, made).when(make(**changed)).then_rejected(RunMadeOtherwise)


def test_its_lines_are_chosen_by_id_or_all_together() -> None:
    assert Made(made).choose(()) == list(made.lines)
    assert Made(made).choose((OTHER_LINE,)) == [matched(OTHER_LINE)]
    with pytest.raises(LineNotInTheRun):
        Made(made).choose((LINE, NEED))


commands = st.builds(make, made_by=st.sampled_from([COORDINATOR, UUID(int=99)]))


@given(st.lists(commands, max_size=3), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[object], command: object
) -> None:
    assert_repeating_changes_nothing(matching_run, history, command)
