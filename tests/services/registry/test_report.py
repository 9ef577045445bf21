"""A report's decider: who may sign what, and that a re-issue lists exactly what changed."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import (
    Figure,
    FigureChanged,
    ReportAccepted,
    ReportDrafted,
    ReportReissued,
    ReportReturned,
    ReportSent,
    ReportSigned,
    TakenUpTo,
)
from eventing.decider import CommandFor
from services.registry.domain.report import (
    AcceptReport,
    CannotAnswerOwnReport,
    DrafterCannotSign,
    DraftReport,
    FigureNamedTwice,
    NoFigureChanged,
    PeriodEndsBeforeItBegins,
    ReissueReport,
    ReportAnsweredAlready,
    ReportDraftedOtherwise,
    ReportNotDrafted,
    ReportNotOfThatIssue,
    ReportNotSent,
    ReportNotSigned,
    ReportSentAlready,
    ReportSentToItsOwnUnit,
    ReportSignedAlready,
    ReturnReport,
    SendReport,
    SignReport,
    changed,
    report,
)
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream
from tests.services.registry.samples import CITY, COMMUNE, MONDAY, OTHER_COMMUNE, PROGRAMME, TUESDAY
from tests.support.repeating import outcomes
from tests.support.spec import Given

REPORT = UUID(int=51)
PLANNER, OTHER_PLANNER, LEADER, OTHER_LEADER, CITY_LEADER = (UUID(int=n) for n in range(61, 66))
CHILDREN = Figure(name="Trẻ em được nhận áo ấm", measure="child", value=72)
TIMES = Figure(name="Trẻ em được nhận áo ấm", measure="child-time", value=80)
MONEY = Figure(name="Học bổng", measure="dong", value=120_000_000)
FIGURES = (CHILDREN, TIMES)
ONE_MORE = (replace(CHILDREN, value=73), TIMES)

drafted = ReportDrafted(
    report_id=REPORT,
    programme_id=PROGRAMME,
    form="Báo cáo 6 tháng, biểu 01",
    unit_id=COMMUNE,
    period_from=date(2023, 12, 15),
    period_to=date(2024, 6, 14),
    due_on=date(2024, 6, 20),
    issue=1,
    figures=FIGURES,
    taken_up_to=(TakenUpTo(service="registry", position=812),),
    drafted_by=PLANNER,
    happened_at=MONDAY,
)


def signed(issue=1, by=LEADER):
    return ReportSigned(
        report_id=REPORT,
        programme_id=PROGRAMME,
        unit_id=COMMUNE,
        issue=issue,
        signed_by=by,
        happened_at=MONDAY,
    )


def sent(issue=1):
    return ReportSent(
        report_id=REPORT,
        programme_id=PROGRAMME,
        unit_id=COMMUNE,
        issue=issue,
        addressee_id=CITY,
        sent_by=PLANNER,
        happened_at=MONDAY,
    )


returned = ReportReturned(
    report_id=REPORT,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    issue=1,
    reason="figure-wrong",
    returned_by=CITY_LEADER,
    happened_at=MONDAY,
)
accepted = ReportAccepted(
    report_id=REPORT,
    programme_id=PROGRAMME,
    unit_id=COMMUNE,
    issue=1,
    accepted_by=CITY_LEADER,
    happened_at=MONDAY,
)
SENT = (drafted, signed(), sent())


def reissued(issue=2, figures=ONE_MORE, changes=((CHILDREN, 72, 73),), by=PLANNER):
    return ReportReissued(
        report_id=REPORT,
        programme_id=PROGRAMME,
        form=drafted.form,
        unit_id=COMMUNE,
        period_from=drafted.period_from,
        period_to=drafted.period_to,
        due_on=drafted.due_on,
        issue=issue,
        figures=figures,
        changes=tuple(
            FigureChanged(name=of.name, measure=of.measure, old=old, new=new)
            for of, old, new in changes
        ),
        taken_up_to=(TakenUpTo(service="registry", position=900),),
        reason="late-fact",
        reissued_by=by,
        happened_at=MONDAY,
    )


def draft(at=MONDAY, **said):
    return DraftReport(
        **{
            "report_id": REPORT,
            "programme_id": PROGRAMME,
            "form": drafted.form,
            "unit_id": COMMUNE,
            "period_from": drafted.period_from,
            "period_to": drafted.period_to,
            "due_on": drafted.due_on,
            "figures": FIGURES,
            "taken_up_to": drafted.taken_up_to,
            "drafted_by": PLANNER,
            "happened_at": at,
        }
        | said
    )


def sign(issue=1, by=LEADER, at=MONDAY):
    return SignReport(issue=issue, signed_by=by, happened_at=at)


def send(issue=1, to=CITY, by=PLANNER, at=MONDAY):
    return SendReport(issue=issue, addressee_id=to, sent_by=by, happened_at=at)


def give_back(issue=1, reason="figure-wrong", by=CITY_LEADER, at=MONDAY):
    return ReturnReport(issue=issue, reason=reason, returned_by=by, happened_at=at)


def accept(issue=1, by=CITY_LEADER, at=MONDAY):
    return AcceptReport(issue=issue, accepted_by=by, happened_at=at)


def reissue(figures=ONE_MORE, by=PLANNER, at=MONDAY):
    return ReissueReport(
        figures=figures,
        taken_up_to=(TakenUpTo(service="registry", position=900),),
        reason="late-fact",
        reissued_by=by,
        happened_at=at,
    )


# --- the first issue ---


def test_it_goes_from_draft_to_acceptance():
    Given(report).when(draft()).then(drafted)
    Given(report, drafted).when(sign()).then(signed())
    Given(report, drafted, signed()).when(send()).then(sent())
    Given(report, *SENT).when(accept()).then(accepted)
    Given(report, *SENT).when(give_back()).then(returned)


def test_what_was_done_is_not_done_again():
    Given(report, drafted).when(draft(at=TUESDAY)).then_nothing()
    Given(report, drafted, signed()).when(sign(at=TUESDAY)).then_nothing()
    Given(report, *SENT).when(send(at=TUESDAY)).then_nothing()
    Given(report, *SENT, accepted).when(accept(at=TUESDAY)).then_nothing()
    Given(report, *SENT, returned).when(give_back(at=TUESDAY)).then_nothing()


def test_a_draft_may_change_until_it_is_sent_and_then_needs_signing_again():
    other = replace(drafted, figures=ONE_MORE)
    Given(report, drafted).when(draft(figures=ONE_MORE)).then(other)
    Given(report, drafted, signed()).when(draft(figures=ONE_MORE)).then(other)
    Given(report, drafted, signed(), other).when(send()).then_rejected(ReportNotSigned)
    Given(report, *SENT).when(draft(figures=ONE_MORE)).then_rejected(ReportSentAlready)
    late = Given(report, *SENT, reissued())
    late.when(draft(figures=(MONEY,))).then_rejected(ReportSentAlready)


def test_an_id_means_one_duty():
    for other in (
        {"form": "Biểu 02"},
        {"unit_id": OTHER_COMMUNE},
        {"due_on": date(2024, 7, 1)},
        {"period_to": date(2024, 12, 14)},
    ):
        Given(report, drafted).when(draft(**other)).then_rejected(ReportDraftedOtherwise)


def test_a_draft_that_cannot_be():
    backwards = draft(period_to=date(2023, 12, 14))
    Given(report).when(backwards).then_rejected(PeriodEndsBeforeItBegins)
    twice = draft(figures=(CHILDREN, TIMES, replace(CHILDREN, value=1)))
    Given(report).when(twice).then_rejected(FigureNamedTwice)


def test_nobody_signs_what_they_drafted():
    Given(report, drafted).when(sign(by=PLANNER)).then_rejected(DrafterCannotSign)
    by_another = replace(drafted, figures=ONE_MORE, drafted_by=OTHER_PLANNER)
    for drafter in (PLANNER, OTHER_PLANNER):
        case = Given(report, drafted, by_another)
        case.when(sign(by=drafter)).then_rejected(DrafterCannotSign)


def test_one_person_signs():
    case = Given(report, drafted, signed())
    case.when(sign(by=OTHER_LEADER)).then_rejected(ReportSignedAlready)


def test_only_what_is_signed_is_sent_and_elsewhere_once():
    Given(report, drafted).when(send()).then_rejected(ReportNotSigned)
    Given(report, drafted, signed()).when(send(to=COMMUNE)).then_rejected(ReportSentToItsOwnUnit)
    Given(report, *SENT).when(send(to=OTHER_COMMUNE)).then_rejected(ReportSentAlready)


def test_only_what_was_sent_is_answered_once_and_by_others():
    for answer in (accept, give_back):
        Given(report, drafted, signed()).when(answer()).then_rejected(ReportNotSent)
        for own in (PLANNER, LEADER):
            Given(report, *SENT).when(answer(by=own)).then_rejected(CannotAnswerOwnReport)
    sender = Given(report, drafted, signed(), replace(sent(), sent_by=OTHER_PLANNER))
    sender.when(accept(by=OTHER_PLANNER)).then_rejected(CannotAnswerOwnReport)
    Given(report, *SENT, accepted).when(give_back()).then_rejected(ReportAnsweredAlready)
    Given(report, *SENT, returned).when(accept()).then_rejected(ReportAnsweredAlready)
    other = give_back(reason="figure-missing")
    Given(report, *SENT, returned).when(other).then_rejected(ReportAnsweredAlready)


def test_nothing_is_done_to_what_is_not_there():
    for command in (sign(), send(), accept(), give_back(), reissue()):
        Given(report).when(command).then_rejected(ReportNotDrafted)


# --- issued anew ---


def test_after_it_was_sent_it_is_issued_anew():
    for past in (SENT, (*SENT, returned), (*SENT, accepted)):
        Given(report, *past).when(reissue()).then(reissued())


def test_before_it_was_sent_there_is_nothing_to_issue_anew():
    Given(report, drafted).when(reissue()).then_rejected(ReportNotSent)
    Given(report, drafted, signed()).when(reissue()).then_rejected(ReportNotSent)


def test_what_came_and_what_went_is_a_change_too_and_the_order_is_none():
    case = Given(report, *SENT)
    case.when(reissue((MONEY, CHILDREN))).then(
        reissued(figures=(MONEY, CHILDREN), changes=((TIMES, 80, None), (MONEY, None, 120_000_000)))
    )
    case.when(reissue((TIMES, CHILDREN))).then_rejected(NoFigureChanged)
    case.when(reissue(FIGURES)).then_rejected(NoFigureChanged)
    case.when(reissue((TIMES, TIMES))).then_rejected(FigureNamedTwice)


def test_the_next_issue_is_signed_and_sent_again():
    again = (*SENT, returned, reissued())
    Given(report, *again).when(send(2)).then_rejected(ReportNotSigned)
    Given(report, *again).when(accept(2)).then_rejected(ReportNotSent)
    Given(report, *again).when(sign(2)).then(signed(2))
    Given(report, *again, signed(2)).when(send(2)).then(sent(2))
    of_two = replace(accepted, issue=2)
    Given(report, *again, signed(2), sent(2)).when(accept(2)).then(of_two)


def test_what_was_meant_for_one_issue_is_not_done_to_another():
    case = Given(report, *SENT, reissued())
    for command in (sign(1), send(1), accept(1), give_back(1), sign(3)):
        case.when(command).then_rejected(ReportNotOfThatIssue)


def test_who_drafted_an_earlier_issue_does_not_sign_a_later_one():
    case = Given(report, *SENT, reissued(by=OTHER_PLANNER))
    for drafter in (PLANNER, OTHER_PLANNER):
        case.when(sign(2, by=drafter)).then_rejected(DrafterCannotSign)


def test_until_it_is_sent_the_new_issue_is_bettered_and_compared_with_what_was_sent():
    past = (*SENT, reissued(), signed(2))
    Given(report, *SENT, reissued()).when(reissue(at=TUESDAY)).then_nothing()
    two_more = (replace(CHILDREN, value=74), TIMES)
    bettered = reissued(figures=two_more, changes=((CHILDREN, 72, 74),))
    Given(report, *past).when(reissue(two_more)).then(bettered)
    Given(report, *past, bettered).when(send(2)).then_rejected(ReportNotSigned)
    Given(report, *past, bettered).when(reissue()).then(reissued())
    Given(report, *past).when(reissue(FIGURES)).then_rejected(NoFigureChanged)


def test_the_third_issue_is_compared_with_the_second():
    past = (*SENT, reissued(), signed(2), sent(2))
    third = reissued(3, figures=FIGURES, changes=((CHILDREN, 73, 72),))
    Given(report, *past).when(reissue(FIGURES)).then(third)
    Given(report, *past).when(reissue(ONE_MORE)).then_rejected(NoFigureChanged)


# --- the units that it rests on ---


def test_the_unit_and_the_addressee_are_asserted():
    nothing = report.initial
    assert [*report.also(draft(), nothing, [drafted])] == [
        CommandFor(unit, unit_stream(COMMUNE), ConfirmUnit())
    ]
    assert [*report.also(send(), nothing, [sent()])] == [
        CommandFor(unit, unit_stream(CITY), ConfirmUnit())
    ]
    assert [*report.also(sign(), nothing, [signed()])] == []
    assert [*report.also(draft(), nothing, [])] == []


# --- properties ---

figures = st.lists(
    st.builds(
        Figure,
        name=st.sampled_from(["A", "B", "C"]),
        measure=st.sampled_from(["child", "child-time"]),
        value=st.integers(0, 2),
    ),
    max_size=5,
    unique_by=lambda figure: (figure.name, figure.measure),
).map(tuple)


@given(figures, figures)
def test_the_changes_lead_from_the_old_figures_to_the_new_and_none_is_idle(old, new):
    changes = list(changed(old, new))
    assert all(change.old != change.new for change in changes)
    kept = {(figure.name, figure.measure): figure.value for figure in old}
    for change in changes:
        key = change.name, change.measure
        assert kept.pop(key, None) == change.old
        if change.new is not None:
            kept[key] = change.new
    assert kept == {(figure.name, figure.measure): figure.value for figure in new}


people = st.sampled_from([PLANNER, LEADER, CITY_LEADER])
issues = st.integers(1, 3)
commands = st.one_of(
    st.builds(draft, figures=figures, drafted_by=people),
    st.builds(sign, issues, people),
    st.builds(send, issues, st.just(CITY), people),
    st.builds(accept, issues, people),
    st.builds(give_back, issues, st.just("figure-wrong"), people),
    st.builds(reissue, figures, people),
)


@given(st.lists(commands, max_size=20))
def test_whatever_is_tried_what_is_sent_was_signed_by_another_and_issues_count_on(tried):
    events, _ = outcomes(report, tried)
    drafters, signer, issue, was_sent = set(), None, 0, False
    for event in events:
        match event:
            case ReportDrafted():
                assert not was_sent
                drafters.add(event.drafted_by)
                signer, issue = None, 1
            case ReportReissued():
                assert event.issue == issue + 1 if was_sent else issue > 1
                assert event.changes
                drafters.add(event.reissued_by)
                signer, issue, was_sent = None, event.issue, False
            case ReportSigned():
                assert event.signed_by not in drafters
                signer = event.signed_by
            case ReportSent():
                assert signer is not None
                was_sent = True
            case ReportAccepted() | ReportReturned():
                assert was_sent
        assert event.issue == issue


@given(st.lists(commands, max_size=12), commands)
def test_repeating_an_accepted_command_changes_nothing(history, command):
    events, answers = outcomes(report, [*history, command])
    if answers[-1] is not None:
        again = replace(command, happened_at=TUESDAY)
        assert report.decide(again, report.fold(events)) == []
