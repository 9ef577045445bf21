"""Contributions: announced, received, inspected line by line, accepted by another person."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.donations import ContributionLine, Earmark, Kind, PaidIn, RefusalReason
from contracts.field_types import CategoryCode, MeasureCode
from contracts.vietnamese_day import vietnamese_day
from edge.bodies import NOW, Count, Dated, Quantity, Specification, Strict
from edge.door import Accepted, Door, ListDoor, ReadDoor
from edge.listing import Page
from edge.permission import may
from edge.programmes import NoRulesInForce, ProgrammeNotKnown, programme_rules
from edge.refusals import NotAllowed
from edge.routes import Routes
from services.donations.domain.campaign import (
    CampaignForAnotherCategory,
    CampaignNotOpened,
    CampaignNotRunning,
    ReceivingClosed,
    campaign,
    opening_of,
)
from services.donations.domain.campaign import stream as campaign_stream
from services.donations.domain.contribution import (
    AcceptContribution,
    AnnounceContribution,
    ContributionAcceptedOtherwise,
    ContributionAnnouncedOtherwise,
    ContributionIsAccepted,
    ContributionIsRefused,
    ContributionNotAnnounced,
    ContributionNotReceived,
    ContributionReceivedOtherwise,
    ContributionRefusedOtherwise,
    InspectContribution,
    InspectionNotComplete,
    InvolvedCannotAccept,
    InvolvedCannotInspect,
    InvolvedCannotReceive,
    LineInspectedOtherwise,
    LinesInDifferentMeasures,
    NothingToAccept,
    ReasonDoesNotFit,
    ReceiveContribution,
    RefuseContribution,
    announcement_of,
    contribution,
    stream,
)
from services.donations.domain.inspection import (
    LineFound,
    LineListedTwice,
    LineNotAnnounced,
    MoneyIsAllGood,
)
from services.donations.domain.kinds import (
    GoodsAreNotPaid,
    MeasureNotOfTheCategory,
    MoneyIsCountedInDong,
    NotGivenFor,
    SpecificationNotOfTheCategory,
    WayOfPaymentNotSaid,
)
from services.donations.domain.pledge import NotWhatWasPledged, PledgeNotMade, pledge, promise_of
from services.donations.domain.pledge import stream as pledge_stream
from services.donations.domain.sponsor import SponsorNotRegistered
from services.donations.read_models.contributions import ContributionStatus, contributions
from services.donations.routes.earmark import EarmarkWanted
from services.donations.routes.keeping import is_kept_by, kept_funds, of_contribution, of_fund
from services.donations.routes.shown import Gift

LINES_MAX = 200


routes = Routes(tag="contributions")


class LineToAnnounce(Strict):
    line_id: UUID
    category: CategoryCode
    specification: Specification
    quantity: Quantity
    measure: MeasureCode

    def line(self) -> ContributionLine:
        return ContributionLine(
            line_id=self.line_id,
            category=self.category,
            specification=self.specification,
            quantity=self.quantity,
            measure=self.measure,
        )


class ContributionToAnnounce(Dated):
    """Without an earmark, a pledge's own holds."""

    campaign_id: UUID
    sponsor_id: UUID
    pledge_id: UUID | None = None
    kind: Kind
    lines: Annotated[list[LineToAnnounce], Field(min_length=1, max_length=LINES_MAX)]
    earmark: EarmarkWanted = EarmarkWanted()


class Reception(Dated):
    """`paid_in` is asked for of money, and refused of goods."""

    paid_in: PaidIn | None = None


HERE = Reception()


class LineLookedAt(Strict):
    """What came of it, which may be more or less than was announced."""

    line_id: UUID
    good: Count
    mendable: Count
    refused: Count

    def found(self) -> LineFound:
        return LineFound(
            line_id=self.line_id, good=self.good, mendable=self.mendable, refused=self.refused
        )


class Refusal(Dated):
    reason: RefusalReason


class Inspection(Dated):
    lines: Annotated[list[LineLookedAt], Field(min_length=1, max_length=LINES_MAX)]


@routes.command(
    "PUT",
    "/contributions/{contribution_id}",
    may=may("announce-contribution", "coordinator"),
    refuses=[
        ProgrammeNotKnown,
        NoRulesInForce,
        NotGivenFor,
        MeasureNotOfTheCategory,
        SpecificationNotOfTheCategory,
        ContributionAnnouncedOtherwise,
        CampaignNotOpened,
        CampaignNotRunning,
        CampaignForAnotherCategory,
        SponsorNotRegistered,
        PledgeNotMade,
        NotWhatWasPledged,
        MoneyIsCountedInDong,
        LineListedTwice,
        LinesInDifferentMeasures,
    ],
)
async def announce(contribution_id: UUID, body: ContributionToAnnounce, door: Door) -> Accepted:
    opening = opening_of(await door.state(campaign, campaign_stream(body.campaign_id)))
    await of_fund(opening.fund_id, door)
    happened_at = door.happened(body.happened_at)
    rules = await programme_rules(door.rows, opening.programme_id, vietnamese_day(happened_at))
    command = AnnounceContribution(
        contribution_id=contribution_id,
        programme_id=opening.programme_id,
        campaign_id=body.campaign_id,
        fund_id=opening.fund_id,
        sponsor_id=body.sponsor_id,
        pledge_id=body.pledge_id,
        kind=body.kind,
        lines=tuple(line.line() for line in body.lines),
        earmark=await earmark_of(body, door),
        rules=rules,
        announced_by=door.person,
        happened_at=happened_at,
    )
    return await door.execute(contribution, stream(contribution_id), command)


async def earmark_of(body: ContributionToAnnounce, door: Door) -> Earmark:
    """What the giver wants it for: said now, or when it was promised."""
    earmark = body.earmark.earmark()
    if earmark != Earmark() or body.pledge_id is None:
        return earmark
    return promise_of(await door.state(pledge, pledge_stream(body.pledge_id))).earmark


@routes.command(
    "POST",
    "/contributions/{contribution_id}/reception",
    judges=None,
    may=may("receive-contribution", "storekeeper", "cashier"),
    refuses=[
        ContributionNotAnnounced,
        ContributionIsRefused,
        ContributionReceivedOtherwise,
        WayOfPaymentNotSaid,
        GoodsAreNotPaid,
        ReceivingClosed,
        InvolvedCannotReceive,
    ],
)
async def receive(contribution_id: UUID, door: Door, body: Reception = HERE) -> Accepted:
    """Goods by a storekeeper, money by a cashier, who says whether it is cash or a transfer."""
    await check_handles(door, contribution_id, goods=["storekeeper"], money=["cashier"])
    command = ReceiveContribution(
        paid_in=body.paid_in,
        received_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(contribution, stream(contribution_id), command)


@routes.command(
    "POST",
    "/contributions/{contribution_id}/inspection",
    judges=None,
    may=may("inspect-contribution", "storekeeper", "cashier"),
    refuses=[
        ContributionNotAnnounced,
        ContributionNotReceived,
        ContributionIsRefused,
        LineListedTwice,
        LineNotAnnounced,
        MoneyIsAllGood,
        LineInspectedOtherwise,
        InvolvedCannotInspect,
    ],
)
async def inspect(contribution_id: UUID, body: Inspection, door: Door) -> Accepted:
    """Goods by a storekeeper; money by either. All lines at once, or some now and others later."""
    await check_handles(
        door, contribution_id, goods=["storekeeper"], money=["storekeeper", "cashier"]
    )
    command = InspectContribution(
        lines=tuple(line.found() for line in body.lines),
        inspected_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(contribution, stream(contribution_id), command)


async def check_handles(
    door: Door, contribution_id: UUID, *, goods: list[str], money: list[str]
) -> None:
    """Who keeps the store handles no cash, nor the other way round, whatever they do elsewhere.

    Raises ContributionNotAnnounced, OutsideYourUnit, NotAllowed.
    """
    state = await door.state(contribution, stream(contribution_id))
    announced = announcement_of(state)
    unit_id = await of_fund(announced.fund_id, door)
    roles = money if announced.kind == "money" else goods
    if not await door.works_within(door.person, unit_id, *roles):
        raise NotAllowed(door.may.name)


@routes.command(
    "POST",
    "/contributions/{contribution_id}/acceptance",
    judges="/contributions/{contribution_id}",
    may=may("accept-contribution", "accountant", "coordinator"),
    refuses=[
        ContributionNotAnnounced,
        ContributionNotReceived,
        ContributionIsRefused,
        InspectionNotComplete,
        NothingToAccept,
        InvolvedCannotAccept,
        ContributionAcceptedOtherwise,
    ],
)
async def accept(contribution_id: UUID, door: Door, body: Dated = NOW) -> Accepted:
    await of_contribution(contribution_id, door)
    command = AcceptContribution(
        accepted_by=door.person, happened_at=door.happened(body.happened_at)
    )
    return await door.execute(contribution, stream(contribution_id), command)


@routes.command(
    "POST",
    "/contributions/{contribution_id}/refusal",
    judges="/contributions/{contribution_id}",
    may=may("refuse-contribution", "accountant", "coordinator"),
    refuses=[
        ContributionNotAnnounced,
        ContributionIsAccepted,
        ReasonDoesNotFit,
        InvolvedCannotAccept,
        ContributionRefusedOtherwise,
    ],
)
async def refuse(contribution_id: UUID, body: Refusal, door: Door) -> Accepted:
    """As a whole, by whom might have accepted it: it never came, or it stays the giver's."""
    await of_contribution(contribution_id, door)
    command = RefuseContribution(
        reason=body.reason,
        refused_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(contribution, stream(contribution_id), command)


SEE = may(
    "see-contributions",
    "coordinator",
    "storekeeper",
    "cashier",
    "accountant",
    "leader",
    "auditor",
)


@routes.query("/contributions", may=SEE)
async def listed(
    door: ListDoor, campaign_id: UUID | None = None, status: ContributionStatus | None = None
) -> Page[Gift]:
    """Those to funds that are kept in one's own unit, or below."""
    filters = {"campaign_id": campaign_id, "status": status}
    wanted = {column: value for column, value in filters.items() if value is not None}
    funds = await kept_funds(door)
    return await door.page(contributions, Gift.of, fund_id=funds, **wanted)


@routes.query("/contributions/{contribution_id}", may=SEE, refuses=[ContributionNotAnnounced])
async def see(contribution_id: UUID, door: ReadDoor) -> Gift:
    await door.fresh(contributions)
    row = await door.rows.get(contributions, contribution_id)
    if row is None or not await is_kept_by(door, row.fund_id):
        raise ContributionNotAnnounced
    door.version(row.version)
    return Gift.of(row)
