"""One row for each issue: what was sent stays as it was, whatever comes after it."""

from dataclasses import replace
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.registry.read_models.reports import reports
from tests.services.registry.samples import CITY
from tests.services.registry.test_read_models import stream_of
from tests.services.registry.test_report import (
    CHILDREN,
    FIGURES,
    LEADER,
    ONE_MORE,
    REPORT,
    SENT,
    accepted,
    drafted,
    reissued,
    returned,
    sent,
    signed,
)
from tests.support.interleaving import interleavings


def issues(*events):
    rows = reports.fold({}, stream_of("one", events)).values()
    return sorted(rows, key=lambda row: row.issue)


def test_how_far_an_issue_is():
    for events, status in (
        ((drafted,), "drafted"),
        ((drafted, signed()), "signed"),
        ((drafted, signed(), replace(drafted, figures=ONE_MORE)), "drafted"),
        (SENT, "sent"),
        ((*SENT, returned), "returned"),
        ((*SENT, accepted), "accepted"),
    ):
        (row,) = issues(*events)
        assert (row.issue, row.status, row.version) == (1, status, len(events))


def test_drafted_again_it_has_the_new_figures_and_no_signature():
    (row,) = issues(drafted, signed(), replace(drafted, figures=ONE_MORE))
    assert (row.figures, row.signed_by) == (ONE_MORE, None)


def test_an_issue_that_was_sent_stays_and_names_the_next():
    first, second = issues(*SENT, accepted, reissued(), signed(2), sent(2))
    (alone,) = issues(*SENT, accepted)
    assert first == msgspec.structs.replace(alone, followed_by=2, version=5)
    assert (first.figures, first.status, first.changes) == (FIGURES, "accepted", ())
    assert (second.figures, second.status) == (ONE_MORE, "sent")
    assert [(change.old, change.new) for change in second.changes] == [(72, 73)]
    assert (second.reissue_reason, second.signed_by, second.addressee_id) == (
        "late-fact",
        LEADER,
        CITY,
    )


def test_a_bettered_issue_has_the_new_changes_alone():
    two_more = (replace(CHILDREN, value=74), *ONE_MORE[1:])
    bettered = reissued(figures=two_more, changes=((CHILDREN, 72, 74),))
    first, second = issues(*SENT, reissued(), signed(2), bettered)
    assert (second.status, second.signed_by, second.changes) == ("drafted", None, bettered.changes)
    assert first.followed_by == 2


def of_number(number, *events):
    ids = {"report_id": UUID(int=REPORT.int + 1000 * number)}
    return stream_of(f"report-{number}", [replace(event, **ids) for event in events])


STORIES = [
    of_number(1, *SENT, returned, reissued(), signed(2), sent(2)),
    of_number(2, drafted, signed(), drafted),
    of_number(3, *SENT, accepted, reissued()),
]


@given(interleavings(STORIES), st.integers(1, 4))
def test_neither_interleaving_nor_batching_matters(log, batch_size):
    found, apart = {}, {}
    for start in range(0, len(log), batch_size):
        found |= reports.fold(found, log[start : start + batch_size])
    for story in STORIES:
        apart |= reports.fold({}, story)
    assert found == apart
