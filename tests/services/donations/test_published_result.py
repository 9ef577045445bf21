from dataclasses import replace
from datetime import date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.donations import PublishedResultRecorded, ResultLine
from services.donations.domain.published_result import (
    RecordPublishedResult,
    ResultRecordedOtherwise,
    published_result,
)
from tests.services.donations.examples import ACCOUNTANT, COMMUNE, CONTRIBUTION, MONDAY, TUESDAY
from tests.support.repeating import assert_repeating_changes_nothing
from tests.support.spec import Given

LINES = (ResultLine(label="Học bổng", amount=400_000_000, child_times=200),)


def record(at: datetime = MONDAY, **changes: Any) -> RecordPublishedResult:
    command = RecordPublishedResult(
        result_id=CONTRIBUTION,
        unit_id=COMMUNE,
        title="Trung thu 2024",
        source="Quỹ Bảo trợ trẻ em Hà Nội",
        as_of=date(2024, 9, 17),
        lines=LINES,
        recorded_by=ACCOUNTANT,
        happened_at=at,
    )
    return replace(command, **changes)


recorded = PublishedResultRecorded(
    result_id=CONTRIBUTION,
    unit_id=COMMUNE,
    title="Trung thu 2024",
    source="Quỹ Bảo trợ trẻ em Hà Nội",
    as_of=date(2024, 9, 17),
    lines=LINES,
    amount=sum(line.amount for line in LINES),
    child_times=sum(line.child_times for line in LINES),
    recorded_by=ACCOUNTANT,
    happened_at=MONDAY,
)


def test_it_is_recorded_as_it_stands_there() -> None:
    Given(published_result).when(record()).then(recorded)


def test_recording_it_again_changes_nothing() -> None:
    Given(published_result, recorded).when(record(at=TUESDAY)).then_nothing()


def test_other_totals_are_another_result() -> None:
    other = record(lines=(replace(LINES[0], amount=1),))
    Given(published_result, recorded).when(other).then_rejected(ResultRecordedOtherwise)


commands = st.builds(record, st.sampled_from([MONDAY, TUESDAY]), title=st.sampled_from(["a", "b"]))


@given(st.lists(commands, max_size=3), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[RecordPublishedResult], command: RecordPublishedResult
) -> None:
    assert_repeating_changes_nothing(published_result, history, command)
