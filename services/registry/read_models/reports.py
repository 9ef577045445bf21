"""Which reports are there, in which issues, with which figures, and how far did each issue come?"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

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
from eventing.read_model import ReadModel, begins, keyed, on
from eventing.record import Recorded

Key = tuple[UUID, int]


ReportStatus = Literal["drafted", "signed", "sent", "returned", "accepted"]


class Report(Struct, frozen=True, kw_only=True):
    """One issue. Once sent, its figures stay; `followed_by` is the issue that came after it.

    `status` is drafted, signed, sent, returned or accepted. `changes` and `reissue_reason` are
    those of a re-issue. `version` is that of the stream.
    """

    report_id: UUID
    issue: int
    programme_id: UUID
    form: str
    unit_id: UUID
    period_from: date
    period_to: date
    due_on: date
    status: ReportStatus
    figures: tuple[Figure, ...]
    changes: tuple[FigureChanged, ...] = ()
    taken_up_to: tuple[TakenUpTo, ...]
    reissue_reason: ReissueReason | None = None
    drafted_by: UUID
    drafted_at: datetime
    signed_by: UUID | None = None
    signed_at: datetime | None = None
    addressee_id: UUID | None = None
    sent_by: UUID | None = None
    sent_at: datetime | None = None
    return_reason: ReturnReason | None = None
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    followed_by: int | None = None
    version: int


def _drafted(of: Recorded[ReportDrafted]) -> Report:
    return _issued(of, of.event.drafted_by)


def _both_issues(of: Recorded[ReportReissued]) -> Iterator[Key]:
    yield of.event.report_id, of.event.issue
    yield of.event.report_id, of.event.issue - 1


def _reissued(row: Report | None, key: Key, of: Recorded[ReportReissued]) -> Report | None:
    event, (_, issue) = of.event, key
    if event.issue != issue:
        return row and replace(row, followed_by=event.issue, version=of.version)
    row = _issued(of, event.reissued_by)
    return replace(row, changes=event.changes, reissue_reason=event.reason)


def _issued(of: Recorded[ReportDrafted] | Recorded[ReportReissued], by: UUID) -> Report:
    event = of.event
    return Report(
        report_id=event.report_id,
        issue=event.issue,
        programme_id=event.programme_id,
        form=event.form,
        unit_id=event.unit_id,
        period_from=event.period_from,
        period_to=event.period_to,
        due_on=event.due_on,
        status="drafted",
        figures=event.figures,
        taken_up_to=event.taken_up_to,
        drafted_by=by,
        drafted_at=event.happened_at,
        version=of.version,
    )


def _signed(row: Report, of: Recorded[ReportSigned]) -> Report:
    by, at = of.event.signed_by, of.event.happened_at
    return replace(row, status="signed", signed_by=by, signed_at=at, version=of.version)


def _sent(row: Report, of: Recorded[ReportSent]) -> Report:
    return replace(
        row,
        status="sent",
        addressee_id=of.event.addressee_id,
        sent_by=of.event.sent_by,
        sent_at=of.event.happened_at,
        version=of.version,
    )


def _returned(row: Report, of: Recorded[ReportReturned]) -> Report:
    return replace(
        row,
        status="returned",
        return_reason=of.event.reason,
        answered_by=of.event.returned_by,
        answered_at=of.event.happened_at,
        version=of.version,
    )


def _accepted(row: Report, of: Recorded[ReportAccepted]) -> Report:
    by, at = of.event.accepted_by, of.event.happened_at
    return replace(row, status="accepted", answered_by=by, answered_at=at, version=of.version)


reports: ReadModel[Key, Report] = ReadModel(
    name="reports",
    row=Report,
    key=("report_id", "issue"),
    handlers=(
        begins(ReportDrafted, _drafted),
        on(ReportSigned, _signed),
        on(ReportSent, _sent),
        on(ReportReturned, _returned),
        on(ReportAccepted, _accepted),
        keyed(ReportReissued, _reissued, keys=_both_issues),
    ),
    indexes=(("unit_id",), ("addressee_id",)),
)
