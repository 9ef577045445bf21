"""What has been promised, and how much of it has not arrived yet?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import ContributionCounted, Earmark, PledgeFulfilled, PledgeMade
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = PledgeMade | ContributionCounted | PledgeFulfilled


class Pledge(Struct, frozen=True, kw_only=True):
    """`quantity_counted` may exceed `quantity`: more came than was promised."""

    pledge_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: str
    category: str
    quantity: int
    measure: str
    earmark: Earmark
    quantity_counted: int
    fulfilled: bool

    @property
    def quantity_outstanding(self) -> int:
        return max(self.quantity - self.quantity_counted, 0)


def keys(event: Event) -> Iterator[UUID]:
    yield event.pledge_id


def apply(row: Pledge | None, _: UUID, recorded: Recorded) -> Pledge | None:
    match recorded.event:
        case PledgeMade() as made:
            return Pledge(
                pledge_id=made.pledge_id,
                campaign_id=made.campaign_id,
                sponsor_id=made.sponsor_id,
                kind=made.kind,
                category=made.category,
                quantity=made.quantity,
                measure=made.measure,
                earmark=made.earmark,
                quantity_counted=0,
                fulfilled=False,
            )
        case ContributionCounted() as counted if row:
            return replace(row, quantity_counted=counted.quantity_counted)
        case PledgeFulfilled() if row:
            return replace(row, fulfilled=True)
        case _:
            return row


pledges: ReadModel[UUID, Pledge] = ReadModel(
    name="pledges",
    row=Pledge,
    key=("pledge_id",),
    events=(PledgeMade, ContributionCounted, PledgeFulfilled),
    keys=keys,
    apply=apply,
    indexes=(("campaign_id",), ("sponsor_id",)),
)
