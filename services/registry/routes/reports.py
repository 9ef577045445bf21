"""Reports: drafted, signed by another, sent, answered by the addressee, issued anew."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, Field

from contracts.field_types import MeasureCode
from contracts.registry import (
    Figure,
    FigureChanged,
    ReissueReason,
    ReportSource,
    ReturnReason,
    TakenUpTo,
)
from edge.bodies import NOW, NUMBER_IN_ADDRESS, Dated, Day, Strict, Text
from edge.door import Accepted, CommandDoor, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.routes import Routes
from services.registry.domain import programme as programmes
from services.registry.domain.programme import ProgrammeNotStarted
from services.registry.domain.report import (
    AcceptReport,
    CannotAnswerOwnReport,
    Drafted,
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
    report,
    stream,
)
from services.registry.domain.unit import UnitNotEstablished
from services.registry.read_models.reports import Report, ReportStatus, reports

FIGURES_MAX = 200
VALUE_MAX = 10**15
POSITION_MAX = 2**63 - 1
ISSUES_MAX = 1000

routes = Routes(tag="reports")

Issue = Annotated[int, NUMBER_IN_ADDRESS, Path(ge=1, le=ISSUES_MAX)]
Positions = Annotated[
    dict[ReportSource, Annotated[int, Field(ge=0, le=POSITION_MAX)]], Field(min_length=1)
]


class FigureSaid(Strict):
    """`child-time` counts a child again each time it was reached (lượt)."""

    name: Text
    measure: MeasureCode
    value: Annotated[int, Field(ge=0, le=VALUE_MAX)]

    def figure(self) -> Figure:
        return Figure(name=self.name, measure=self.measure, value=self.value)


def taken(said: Mapping[ReportSource, int]) -> tuple[TakenUpTo, ...]:
    """The same positions are the same, in whatever order they were said."""
    return tuple(TakenUpTo(service=service, position=said[service]) for service in sorted(said))


Figures = Annotated[list[FigureSaid], Field(min_length=1, max_length=FIGURES_MAX)]


class ReportToDraft(Dated):
    """Both days of the period belong to it. `taken_up_to`: positions that the figures rest on."""

    programme_id: UUID
    form: Text
    unit_id: UUID
    period_from: Day
    period_to: Day
    due_on: Day
    figures: Figures
    taken_up_to: Positions


class ReportToReissue(Dated):
    """All figures of the next issue, those that stay too."""

    figures: Figures
    taken_up_to: Positions
    reason: ReissueReason


class ReportToSend(Dated):
    addressee_id: UUID


class ReportToReturn(Dated):
    reason: ReturnReason


class ReportShown(BaseModel):
    """One issue. `changes` list each figure that differs from the issue sent before it."""

    report_id: UUID
    issue: int
    programme_id: UUID
    form: str
    unit_id: UUID
    period_from: date
    period_to: date
    due_on: date
    status: ReportStatus
    figures: list[Figure]
    changes: list[FigureChanged]
    taken_up_to: dict[ReportSource, int]
    reissue_reason: ReissueReason | None
    drafted_by: UUID
    drafted_at: datetime
    signed_by: UUID | None
    signed_at: datetime | None
    addressee_id: UUID | None
    sent_by: UUID | None
    sent_at: datetime | None
    return_reason: ReturnReason | None
    answered_by: UUID | None
    answered_at: datetime | None
    followed_by: int | None
    version: int

    @classmethod
    def of(cls, row: Report) -> Self:
        taken_up_to = {each.service: each.position for each in row.taken_up_to}
        return cls.model_validate(
            {name: getattr(row, name) for name in cls.model_fields} | {"taken_up_to": taken_up_to}
        )


@routes.command(
    "PUT",
    "/reports/{report_id}",
    judges="/reports/{report_id}",
    may=may("draft-report", "planner", "leader"),
    refuses=[
        ProgrammeNotStarted,
        UnitNotEstablished,
        ReportDraftedOtherwise,
        ReportSentAlready,
        PeriodEndsBeforeItBegins,
        FigureNamedTwice,
    ],
)
async def draft(report_id: UUID, body: ReportToDraft, door: Door) -> Accepted:
    """Again, with other figures, until it is sent: then whoever signed it signs again."""
    await door.within(body.unit_id)
    started = await door.state(programmes.programme, programmes.stream(body.programme_id))
    if not isinstance(started, programmes.Started):
        raise ProgrammeNotStarted
    command = DraftReport(
        report_id=report_id,
        programme_id=body.programme_id,
        form=body.form,
        unit_id=body.unit_id,
        period_from=body.period_from,
        period_to=body.period_to,
        due_on=body.due_on,
        figures=tuple(said.figure() for said in body.figures),
        taken_up_to=taken(body.taken_up_to),
        drafted_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(report, stream(report_id), command)


async def drafted(report_id: UUID, door: CommandDoor) -> Drafted:
    state = await door.state(report, stream(report_id))
    if not isinstance(state, Drafted):
        raise ReportNotDrafted
    return state


async def of_ones_unit(report_id: UUID, door: CommandDoor) -> None:
    """Raises ReportNotDrafted, OutsideYourUnit."""
    await door.within((await drafted(report_id, door)).issued.unit_id)


async def sent_to_ones_unit(report_id: UUID, door: CommandDoor) -> None:
    """Raises ReportNotDrafted, ReportNotSent, OutsideYourUnit."""
    sent = (await drafted(report_id, door)).sent
    if sent is None:
        raise ReportNotSent
    await door.within(sent.addressee_id)


@routes.command(
    "POST",
    "/reports/{report_id}/issues/{issue}/signature",
    judges="/reports/{report_id}",
    may=may("sign-report", "leader", "approver"),
    refuses=[ReportNotDrafted, ReportNotOfThatIssue, DrafterCannotSign, ReportSignedAlready],
)
async def sign(report_id: UUID, issue: Issue, door: Door, body: Dated = NOW) -> Accepted:
    await of_ones_unit(report_id, door)
    command = SignReport(
        issue=issue, signed_by=door.person, happened_at=door.happened(body.happened_at)
    )
    return await door.execute(report, stream(report_id), command)


@routes.command(
    "POST",
    "/reports/{report_id}/issues/{issue}/sending",
    judges="/reports/{report_id}",
    may=may("send-report", "planner", "leader"),
    refuses=[
        ReportNotDrafted,
        ReportNotOfThatIssue,
        ReportNotSigned,
        ReportSentToItsOwnUnit,
        ReportSentAlready,
        UnitNotEstablished,
    ],
)
async def send(report_id: UUID, issue: Issue, body: ReportToSend, door: Door) -> Accepted:
    await of_ones_unit(report_id, door)
    command = SendReport(
        issue=issue,
        addressee_id=body.addressee_id,
        sent_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(report, stream(report_id), command)


ANSWER_REFUSES = [
    ReportNotDrafted,
    ReportNotOfThatIssue,
    ReportNotSent,
    CannotAnswerOwnReport,
    ReportAnsweredAlready,
]


@routes.command(
    "POST",
    "/reports/{report_id}/issues/{issue}/return",
    judges="/reports/{report_id}",
    may=may("return-report", "leader", "approver"),
    refuses=ANSWER_REFUSES,
)
async def return_report(
    report_id: UUID, issue: Issue, body: ReportToReturn, door: Door
) -> Accepted:
    """By the addressee. What follows is a re-issue."""
    await sent_to_ones_unit(report_id, door)
    command = ReturnReport(
        issue=issue,
        reason=body.reason,
        returned_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(report, stream(report_id), command)


@routes.command(
    "POST",
    "/reports/{report_id}/issues/{issue}/acceptance",
    judges="/reports/{report_id}",
    may=may("accept-report", "leader", "approver"),
    refuses=ANSWER_REFUSES,
)
async def accept(report_id: UUID, issue: Issue, door: Door, body: Dated = NOW) -> Accepted:
    """By the addressee."""
    await sent_to_ones_unit(report_id, door)
    command = AcceptReport(
        issue=issue, accepted_by=door.person, happened_at=door.happened(body.happened_at)
    )
    return await door.execute(report, stream(report_id), command)


@routes.command(
    "POST",
    "/reports/{report_id}/reissue",
    judges="/reports/{report_id}",
    may=may("reissue-report", "planner", "leader"),
    refuses=[ReportNotDrafted, ReportNotSent, FigureNamedTwice, NoFigureChanged],
)
async def reissue(report_id: UUID, body: ReportToReissue, door: Door) -> Accepted:
    """The next issue, to be signed and sent again; again, with other figures, until it is sent."""
    await of_ones_unit(report_id, door)
    command = ReissueReport(
        figures=tuple(said.figure() for said in body.figures),
        taken_up_to=taken(body.taken_up_to),
        reason=body.reason,
        reissued_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(report, stream(report_id), command)


SEEN_BY = ("planner", "leader", "approver", "auditor")


@routes.query("/reports", may=may("see-reports", *SEEN_BY))
async def listed(
    door: ListDoor,
    unit_id: UUID | None = None,
    addressee_id: UUID | None = None,
    report_id: UUID | None = None,
    status: ReportStatus | None = None,
) -> Page[ReportShown]:
    """Each issue of those that units of one's area make, or that were sent to one's unit."""
    filters = {"report_id": report_id, "status": status, "unit_id": unit_id}
    wanted = {column: value for column, value in filters.items() if value is not None}
    if addressee_id is not None:
        await door.within(addressee_id)
        return await door.page(reports, ReportShown.of, addressee_id=addressee_id, **wanted)
    if unit_id is not None:
        await door.within(unit_id)
        return await door.page(reports, ReportShown.of, **wanted)
    return await door.page(reports, ReportShown.of, unit_id=[*await door.area()], **wanted)


@routes.query(
    "/reports/{report_id}",
    may=may("see-newest-issue", *SEEN_BY),
    refuses=[ReportNotDrafted],
)
async def see_newest(report_id: UUID, door: ReadDoor) -> ReportShown:
    """The newest issue, by those of the unit that makes it, and of the one it was sent to."""
    await door.fresh(reports)
    newest = await door.rows.where(reports, report_id=report_id, order=("-issue",), limit=1)
    return await shown(newest[0] if newest else None, door)


@routes.query(
    "/reports/{report_id}/issues/{issue}",
    may=may("see-report", *SEEN_BY),
    refuses=[ReportNotDrafted],
)
async def see(report_id: UUID, issue: Issue, door: ReadDoor) -> ReportShown:
    """By those of the unit that makes it, and of the one that it was sent to."""
    await door.fresh(reports)
    row = await door.rows.get(reports, (report_id, issue))
    return await shown(row, door)


async def shown(row: Report | None, door: ReadDoor) -> ReportShown:
    """Raises ReportNotDrafted, OutsideYourUnit."""
    if row is None:
        raise ReportNotDrafted
    if row.addressee_id is None or not await door.is_within(row.addressee_id):
        await door.within(row.unit_id)
    door.version(row.version)
    return ReportShown.of(row)
