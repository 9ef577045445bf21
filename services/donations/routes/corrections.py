"""Corrections of what was accepted: one person proposes, another confirms."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.donations import CorrectionReason, PaidIn
from edge.bodies import NUMBER_IN_ADDRESS, Dated
from edge.door import Accepted, Door
from edge.permission import may
from edge.routes import Routes
from services.donations.domain.contribution import (
    ContributionIsRefused,
    ContributionNotAccepted,
    ContributionNotAnnounced,
    ReceiptStands,
    contribution,
    stream,
)
from services.donations.domain.correction import (
    AnotherCorrectionWaits,
    ConfirmCorrection,
    CorrectionJudgedOtherwise,
    CorrectionNotProposed,
    InvolvedCannotConfirmCorrection,
    InvolvedCannotProposeCorrection,
    NothingIsCorrected,
    ProposeCorrection,
    RefuseCorrection,
)
from services.donations.domain.inspection import LineListedTwice, LineNotAnnounced, MoneyIsAllGood
from services.donations.domain.kinds import GoodsAreNotPaid
from services.donations.routes.contributions import LINES_MAX, LineLookedAt
from services.donations.routes.keeping import of_contribution

routes = Routes(tag="corrections")

Number = Annotated[int, NUMBER_IN_ADDRESS]


class CorrectionToPropose(Dated):
    """`lines` are those that were recorded wrongly, as they had been right."""

    lines: Annotated[list[LineLookedAt], Field(max_length=LINES_MAX)]
    paid_in: PaidIn | None = None
    reason: CorrectionReason


@routes.command(
    "POST",
    "/contributions/{contribution_id}/corrections",
    judges="/contributions/{contribution_id}",
    may=may("propose-correction", "accountant", "coordinator", "storekeeper", "cashier"),
    refuses=[
        ContributionNotAnnounced,
        ContributionNotAccepted,
        ContributionIsRefused,
        ReceiptStands,
        LineListedTwice,
        LineNotAnnounced,
        MoneyIsAllGood,
        GoodsAreNotPaid,
        NothingIsCorrected,
        AnotherCorrectionWaits,
        InvolvedCannotProposeCorrection,
    ],
)
async def propose(contribution_id: UUID, body: CorrectionToPropose, door: Door) -> Accepted:
    """Its receipt, if it has one, is cancelled before: it says the amount as it is."""
    await of_contribution(contribution_id, door)
    command = ProposeCorrection(
        lines=tuple(line.found() for line in body.lines),
        paid_in=body.paid_in,
        reason=body.reason,
        proposed_by=door.person,
        happened_at=door.happened(body.happened_at),
    )
    return await door.execute(contribution, stream(contribution_id), command)


JUDGED = [
    ContributionNotAnnounced,
    ContributionNotAccepted,
    ContributionIsRefused,
    ReceiptStands,
    CorrectionNotProposed,
    CorrectionJudgedOtherwise,
]


@routes.command(
    "POST",
    "/contributions/{contribution_id}/corrections/{number}/confirmation",
    judges="/contributions/{contribution_id}",
    may=may("confirm-correction", "accountant", "coordinator"),
    refuses=[*JUDGED, InvolvedCannotConfirmCorrection],
)
async def confirm(contribution_id: UUID, number: Number, door: Door) -> Accepted:
    """From here on it is what this says: fund, pledge and lots follow."""
    await of_contribution(contribution_id, door)
    command = ConfirmCorrection(number=number, confirmed_by=door.person, happened_at=door.now)
    return await door.execute(contribution, stream(contribution_id), command)


@routes.command(
    "POST",
    "/contributions/{contribution_id}/corrections/{number}/refusal",
    judges="/contributions/{contribution_id}",
    may=may("refuse-correction", "accountant", "coordinator"),
    refuses=JUDGED,
)
async def refuse(contribution_id: UUID, number: Number, door: Door) -> Accepted:
    """Its proposer may take it back by this too: it stays as it was recorded."""
    await of_contribution(contribution_id, door)
    command = RefuseCorrection(number=number, refused_by=door.person, happened_at=door.now)
    return await door.execute(contribution, stream(contribution_id), command)
