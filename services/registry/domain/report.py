"""A report of a unit's figures: drafted, signed by another, sent; after that only issued anew.

Stream `report-{report_id}`; drafting also asserts that the unit is established, and sending that
the addressee is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never
from uuid import UUID

from contracts.registry import (
    Figure,
    FigureChanged,
    ReissueReason,
    ReportAccepted,
    ReportDrafted,
    ReportReissued,
    ReportReturned,
    ReportSent,
    ReportSigned,
    ReturnReason,
    TakenUpTo,
)
from eventing.decider import CommandFor, Decider, Rejection
from services.registry.domain.unit import ConfirmUnit, unit
from services.registry.domain.unit import stream as unit_stream


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftReport:
    report_id: UUID
    programme_id: UUID
    form: str
    unit_id: UUID
    period_from: date
    period_to: date
    due_on: date
    figures: tuple[Figure, ...]
    taken_up_to: tuple[TakenUpTo, ...]
    drafted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignReport:
    issue: int
    signed_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReport:
    issue: int
    addressee_id: UUID
    sent_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnReport:
    issue: int
    reason: ReturnReason
    returned_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptReport:
    issue: int
    accepted_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueReport:
    """Which figures changed is found here, never said."""

    figures: tuple[Figure, ...]
    taken_up_to: tuple[TakenUpTo, ...]
    reason: ReissueReason
    reissued_by: UUID
    happened_at: datetime


Command = DraftReport | SignReport | SendReport | ReturnReport | AcceptReport | ReissueReport
Issued = ReportDrafted | ReportReissued
Event = Issued | ReportSigned | ReportSent | ReportReturned | ReportAccepted


@dataclass(frozen=True, slots=True)
class NotDrafted:
    pass


@dataclass(frozen=True, slots=True)
class Drafted:
    """The newest issue and how far it came. `before` are the figures of the issue sent before it.

    `drafters` are those of all issues: what stayed as it was is theirs too.
    """

    issued: Issued
    drafters: frozenset[UUID]
    before: tuple[Figure, ...] = ()
    signed: ReportSigned | None = None
    sent: ReportSent | None = None
    answer: ReportReturned | ReportAccepted | None = None


State = NotDrafted | Drafted


class ReportNotDrafted(Rejection):
    code = "report-not-drafted"
    kind = "absent"
    vi = "Chưa có báo cáo này."
    en = "This report was not drafted."


class ReportDraftedOtherwise(Rejection):
    code = "report-drafted-otherwise"
    kind = "conflict"
    vi = "Mã này đã được dùng cho một báo cáo khác: khác biểu, đơn vị, kỳ hoặc hạn."
    en = "Another report has this id: of another form, unit, period or due day."


class PeriodEndsBeforeItBegins(Rejection):
    code = "period-ends-before-it-begins"
    vi = "Kỳ báo cáo kết thúc trước khi bắt đầu."
    en = "The period ends before it begins."


class FigureNamedTwice(Rejection):
    code = "figure-named-twice"
    vi = "Chỉ tiêu «{name}» có hai lần."
    en = "The figure “{name}” is there twice."

    def __init__(self, name: str) -> None:
        self.name = name


class ReportNotOfThatIssue(Rejection):
    """Another issue is the newest: what was meant for one is not done to the other."""

    code = "report-not-of-that-issue"
    kind = "conflict"
    vi = "Lần phát hành mới nhất của báo cáo là lần {newest}."
    en = "The newest issue of the report is {newest}."

    def __init__(self, newest: int) -> None:
        self.newest = newest


class DrafterCannotSign(Rejection):
    code = "drafter-cannot-sign"
    kind = "forbidden"
    vi = "Người đã lập báo cáo không được tự ký."
    en = "Who drafted the report cannot sign it."


class ReportSignedAlready(Rejection):
    code = "report-signed-already"
    kind = "conflict"
    vi = "Báo cáo đã có người khác ký."
    en = "Somebody else has signed the report."


class ReportNotSigned(Rejection):
    code = "report-not-signed"
    kind = "conflict"
    vi = "Báo cáo chưa được ký."
    en = "The report is not signed."


class ReportSentToItsOwnUnit(Rejection):
    code = "report-sent-to-its-own-unit"
    vi = "Báo cáo không gửi cho chính đơn vị lập."
    en = "A report is not sent to the unit that makes it."


class ReportSentAlready(Rejection):
    code = "report-sent-already"
    kind = "conflict"
    vi = "Báo cáo đã gửi đi: chỉ còn có thể phát hành lại."
    en = "The report was sent: it can only be issued anew."


class ReportNotSent(Rejection):
    code = "report-not-sent"
    kind = "conflict"
    vi = "Báo cáo chưa được gửi."
    en = "The report was not sent."


class CannotAnswerOwnReport(Rejection):
    code = "cannot-answer-own-report"
    kind = "forbidden"
    vi = "Người đã lập, ký hoặc gửi báo cáo không tự nhận hay trả lại báo cáo."
    en = "Who drafted, signed or sent the report neither accepts nor returns it."


class ReportAnsweredAlready(Rejection):
    code = "report-answered-already"
    kind = "conflict"
    vi = "Nơi nhận đã trả lời báo cáo này khác."
    en = "The addressee has answered this report otherwise."


class NoFigureChanged(Rejection):
    code = "no-figure-changed"
    vi = "Không có chỉ tiêu nào thay đổi so với lần đã gửi."
    en = "No figure differs from the issue that was sent."


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case DraftReport():
            return draft(command, state)
        case SignReport():
            return sign(command, _of_issue(state, command.issue))
        case SendReport():
            return send(command, _of_issue(state, command.issue))
        case ReturnReport():
            return return_report(command, _of_issue(state, command.issue))
        case AcceptReport():
            return accept(command, _of_issue(state, command.issue))
        case ReissueReport():
            return reissue(command, _drafted(state))
        case _:
            assert_never(command)


def _drafted(state: State) -> Drafted:
    if isinstance(state, NotDrafted):
        raise ReportNotDrafted
    return state


def _of_issue(state: State, issue: int) -> Drafted:
    drafted = _drafted(state)
    if drafted.issued.issue != issue:
        raise ReportNotOfThatIssue(drafted.issued.issue)
    return drafted


def draft(command: DraftReport, state: State) -> list[Event]:
    drafted = ReportDrafted(
        report_id=command.report_id,
        programme_id=command.programme_id,
        form=command.form,
        unit_id=command.unit_id,
        period_from=command.period_from,
        period_to=command.period_to,
        due_on=command.due_on,
        issue=1,
        figures=command.figures,
        taken_up_to=command.taken_up_to,
        drafted_by=command.drafted_by,
        happened_at=command.happened_at,
    )
    if isinstance(state, Drafted):
        before = state.issued
        if replace(drafted, happened_at=before.happened_at) == before:
            return []
        if _duty(drafted) != _duty(before):
            raise ReportDraftedOtherwise
        if state.sent is not None or isinstance(before, ReportReissued):
            raise ReportSentAlready
    if command.period_to < command.period_from:
        raise PeriodEndsBeforeItBegins
    _each_once(command.figures)
    return [drafted]


def _duty(issued: Issued) -> tuple[UUID, str, UUID, date, date, date]:
    """What a report is of; this is the same in every issue."""
    return (
        issued.programme_id,
        issued.form,
        issued.unit_id,
        issued.period_from,
        issued.period_to,
        issued.due_on,
    )


def _each_once(figures: Sequence[Figure]) -> None:
    seen = set()
    for figure in figures:
        if (figure.name, figure.measure) in seen:
            raise FigureNamedTwice(figure.name)
        seen.add((figure.name, figure.measure))


def sign(command: SignReport, state: Drafted) -> list[Event]:
    if command.signed_by in state.drafters:
        raise DrafterCannotSign
    if state.signed is not None:
        if state.signed.signed_by != command.signed_by:
            raise ReportSignedAlready
        return []
    return [
        ReportSigned(
            report_id=state.issued.report_id,
            programme_id=state.issued.programme_id,
            unit_id=state.issued.unit_id,
            issue=command.issue,
            signed_by=command.signed_by,
            happened_at=command.happened_at,
        )
    ]


def send(command: SendReport, state: Drafted) -> list[Event]:
    if state.signed is None:
        raise ReportNotSigned
    if command.addressee_id == state.issued.unit_id:
        raise ReportSentToItsOwnUnit
    if state.sent is not None:
        if state.sent.addressee_id != command.addressee_id:
            raise ReportSentAlready
        return []
    return [
        ReportSent(
            report_id=state.issued.report_id,
            programme_id=state.issued.programme_id,
            unit_id=state.issued.unit_id,
            issue=command.issue,
            addressee_id=command.addressee_id,
            sent_by=command.sent_by,
            happened_at=command.happened_at,
        )
    ]


def return_report(command: ReturnReport, state: Drafted) -> list[Event]:
    returned = ReportReturned(
        report_id=state.issued.report_id,
        programme_id=state.issued.programme_id,
        unit_id=state.issued.unit_id,
        issue=command.issue,
        reason=command.reason,
        returned_by=command.returned_by,
        happened_at=command.happened_at,
    )
    return _answer(returned, command.returned_by, state)


def accept(command: AcceptReport, state: Drafted) -> list[Event]:
    accepted = ReportAccepted(
        report_id=state.issued.report_id,
        programme_id=state.issued.programme_id,
        unit_id=state.issued.unit_id,
        issue=command.issue,
        accepted_by=command.accepted_by,
        happened_at=command.happened_at,
    )
    return _answer(accepted, command.accepted_by, state)


def _answer(
    answer: ReportReturned | ReportAccepted, answered_by: UUID, state: Drafted
) -> list[Event]:
    """Each issue is answered once, by nobody who had a part in it."""
    if state.signed is None or state.sent is None:
        raise ReportNotSent
    if answered_by in state.drafters | {state.signed.signed_by, state.sent.sent_by}:
        raise CannotAnswerOwnReport
    if state.answer is not None:
        if replace(answer, happened_at=state.answer.happened_at) != state.answer:
            raise ReportAnsweredAlready
        return []
    return [answer]


def reissue(command: ReissueReport, state: Drafted) -> list[Event]:
    """After it was sent: the next issue. While that waits to be sent: the same issue, bettered."""
    issued = state.issued
    if state.sent is not None:
        issue, before = issued.issue + 1, issued.figures
    elif isinstance(issued, ReportReissued):
        issue, before = issued.issue, state.before
    else:
        raise ReportNotSent
    _each_once(command.figures)
    changes = tuple(changed(before, command.figures))
    reissued = ReportReissued(
        report_id=issued.report_id,
        programme_id=issued.programme_id,
        form=issued.form,
        unit_id=issued.unit_id,
        period_from=issued.period_from,
        period_to=issued.period_to,
        due_on=issued.due_on,
        issue=issue,
        figures=command.figures,
        changes=changes,
        taken_up_to=command.taken_up_to,
        reason=command.reason,
        reissued_by=command.reissued_by,
        happened_at=command.happened_at,
    )
    if state.sent is None and replace(reissued, happened_at=issued.happened_at) == issued:
        return []
    if not changes:
        raise NoFigureChanged
    return [reissued]


def changed(before: Sequence[Figure], after: Sequence[Figure]) -> Iterator[FigureChanged]:
    """Each figure that is not what it was, one that came or went too, in the order of reading."""
    old = {(figure.name, figure.measure): figure.value for figure in before}
    new = {(figure.name, figure.measure): figure.value for figure in after}
    for name, measure in {**old, **new}:
        was, is_now = old.get((name, measure)), new.get((name, measure))
        if was != is_now:
            yield FigureChanged(name=name, measure=measure, old=was, new=is_now)


def also(command: Command, _: State, events: Sequence[Event]) -> Iterator[CommandFor]:
    if not events:
        return
    match command:
        case DraftReport():
            yield CommandFor(unit, unit_stream(command.unit_id), ConfirmUnit())
        case SendReport():
            yield CommandFor(unit, unit_stream(command.addressee_id), ConfirmUnit())


def evolve(state: State, event: Event) -> State:
    if isinstance(event, ReportDrafted):
        return Drafted(event, _drafters(state) | {event.drafted_by})
    assert isinstance(state, Drafted), "only what was drafted goes on"
    match event:
        case ReportSigned():
            return replace(state, signed=event)
        case ReportSent():
            return replace(state, sent=event)
        case ReportReturned() | ReportAccepted():
            return replace(state, answer=event)
        case ReportReissued():
            before = state.issued.figures if state.sent is not None else state.before
            return Drafted(event, _drafters(state) | {event.reissued_by}, before)
        case _:
            assert_never(event)


def _drafters(state: State) -> frozenset[UUID]:
    return state.drafters if isinstance(state, Drafted) else frozenset()


report: Decider[Command, State, Event] = Decider(NotDrafted(), decide, evolve, also)


def stream(report_id: UUID) -> str:
    return f"report-{report_id}"
