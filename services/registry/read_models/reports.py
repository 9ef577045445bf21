"""Which reports are there, in which issues, with which figures, and how far did each issue come?"""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

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
from eventing.read_model import ReadModel
from eventing.record import Recorded

Issued = ReportDrafted | ReportReissued
Event = Issued | ReportSigned | ReportSent | ReportReturned | ReportAccepted
Key = tuple[UUID, int]


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
    status: str
    figures: tuple[Figure, ...]
    changes: tuple[FigureChanged, ...] = ()
    taken_up_to: tuple[TakenUpTo, ...]
    reissue_reason: str | None = None
    drafted_by: UUID
    drafted_at: datetime
    signed_by: UUID | None = None
    signed_at: datetime | None = None
    addressee_id: UUID | None = None
    sent_by: UUID | None = None
    sent_at: datetime | None = None
    return_reason: str | None = None
    answered_by: UUID | None = None
    answered_at: datetime | None = None
    followed_by: int | None = None
    version: int


def keys(event: Event) -> Iterator[Key]:
    yield event.report_id, event.issue
    if isinstance(event, ReportReissued):
        yield event.report_id, event.issue - 1


def apply(row: Report | None, key: Key, recorded: Recorded) -> Report | None:
    event, (_, issue) = recorded.event, key
    if isinstance(event, ReportReissued) and event.issue != issue:
        return row and replace(row, followed_by=event.issue, version=recorded.version)
    if isinstance(event, ReportDrafted | ReportReissued):
        return _issued(event, recorded.version)
    if row is None:
        return None
    return replace(_changed(row, event), version=recorded.version)


def _issued(event: Issued, version: int) -> Report:
    row = Report(
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
        drafted_by=event.drafted_by if isinstance(event, ReportDrafted) else event.reissued_by,
        drafted_at=event.happened_at,
        version=version,
    )
    if isinstance(event, ReportDrafted):
        return row
    return replace(row, changes=event.changes, reissue_reason=event.reason)


def _changed(row: Report, event: object) -> Report:
    match event:
        case ReportSigned():
            return replace(
                row, status="signed", signed_by=event.signed_by, signed_at=event.happened_at
            )
        case ReportSent():
            return replace(
                row,
                status="sent",
                addressee_id=event.addressee_id,
                sent_by=event.sent_by,
                sent_at=event.happened_at,
            )
        case ReportReturned():
            return replace(
                row,
                status="returned",
                return_reason=event.reason,
                answered_by=event.returned_by,
                answered_at=event.happened_at,
            )
        case ReportAccepted():
            return replace(
                row,
                status="accepted",
                answered_by=event.accepted_by,
                answered_at=event.happened_at,
            )
        case _:
            return row


reports: ReadModel[Key, Report] = ReadModel(
    name="reports",
    row=Report,
    key=("report_id", "issue"),
    events=(
        ReportDrafted,
        ReportSigned,
        ReportSent,
        ReportReturned,
        ReportAccepted,
        ReportReissued,
    ),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",), ("addressee_id",)),
)
