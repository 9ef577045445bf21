from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.programme import (
    EndsBeforeItStarts,
    ProgrammeStartedOtherwise,
    ProgrammeWithoutRules,
    StartProgramme,
    programme,
)
from tests.services.registry.samples import (
    COMMUNE,
    MONDAY,
    PROGRAMME,
    PROGRAMME_CODE,
    TUESDAY,
    programme_started,
)
from tests.support.repeating import outcomes
from tests.support.spec import Given


def start(*, name="Kế hoạch 3874", ends_on=date(2025, 12, 31), has_rules=True, happened_at=MONDAY):
    return StartProgramme(
        programme_id=PROGRAMME,
        code=PROGRAMME_CODE,
        name=name,
        starts_on=date(2019, 9, 1),
        ends_on=ends_on,
        unit_ids=(COMMUNE,),
        has_rules=has_rules,
        happened_at=happened_at,
    )


def test_a_programme_starts():
    Given(programme).when(start()).then(programme_started)


def test_starting_again_changes_nothing():
    Given(programme, programme_started).when(start(happened_at=TUESDAY)).then_nothing()


def test_another_name_is_another_programme():
    changed = start(name="Kế hoạch khác")
    Given(programme, programme_started).when(changed).then_rejected(ProgrammeStartedOtherwise)


def test_a_programme_needs_rules_and_days_in_order():
    Given(programme).when(start(has_rules=False)).then_rejected(ProgrammeWithoutRules)
    Given(programme).when(start(ends_on=date(2019, 8, 31))).then_rejected(EndsBeforeItStarts)


commands = st.builds(
    start, name=st.sampled_from(["A", "B"]), ends_on=st.dates(date(2019, 8, 30), date(2019, 9, 2))
)


@given(st.lists(commands, max_size=4), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(programme, [*history, command])
    if answers[-1] is not None:
        again = replace(command, happened_at=TUESDAY)
        assert programme.decide(again, programme.fold(events)) == []
