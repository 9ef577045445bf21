"""What was promised, and how much of it has come?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import ContributionCounted, Kind, PledgeFulfilled, PledgeMade
from contracts.field_types import CategoryCode, MeasureCode
from eventing.read_model import ReadModel
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


def _keys(event: PledgeMade | ContributionCounted | PledgeFulfilled) -> Iterator[UUID]:
    yield event.pledge_id


def _apply(row: PledgeRow | None, _: UUID, recorded: Recorded) -> PledgeRow | None:
    match recorded.event:
        case PledgeMade() as made:
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
        case ContributionCounted() as counted if row:
            return replace(row, quantity_come=counted.quantity_counted)
        case PledgeFulfilled() if row:
            return replace(row, fulfilled=True)
        case _:
            return row


pledges: ReadModel[UUID, PledgeRow] = ReadModel(
    name="pledges",
    row=PledgeRow,
    key=("pledge_id",),
    events=(PledgeMade, ContributionCounted, PledgeFulfilled),
    keys=_keys,
    apply=_apply,
)
