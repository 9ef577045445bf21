"""What was promised, and how much of it has come?"""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionCounted,
    Kind,
    PledgeFulfilled,
    PledgeMade,
    PledgeOpenAgain,
)
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class PledgeRow(Struct, frozen=True):
    pledge_id: UUID
    programme_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: CategoryCode
    measure: MeasureCode
    quantity: int
    quantity_come: int
    fulfilled: bool


def _made(of: Recorded[PledgeMade]) -> PledgeRow:
    made = of.event
    return PledgeRow(
        pledge_id=made.pledge_id,
        programme_id=made.programme_id,
        campaign_id=made.campaign_id,
        sponsor_id=made.sponsor_id,
        kind=made.kind,
        category=made.category,
        measure=made.measure,
        quantity=made.quantity,
        quantity_come=0,
        fulfilled=False,
    )


def _counted(row: PledgeRow, of: Recorded[ContributionCounted]) -> PledgeRow:
    return replace(row, quantity_come=of.event.quantity_counted)


pledges: ReadModel[UUID, PledgeRow] = ReadModel(
    name="pledges",
    row=PledgeRow,
    key=("pledge_id",),
    handlers=(
        begins(PledgeMade, _made),
        on(ContributionCounted, _counted),
        on(PledgeFulfilled, lambda row, _: replace(row, fulfilled=True)),
        on(PledgeOpenAgain, lambda row, _: replace(row, fulfilled=False)),
    ),
)
