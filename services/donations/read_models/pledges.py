"""What has been promised, and how much of it has not arrived yet?"""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.donations import (
    ContributionCounted,
    Earmark,
    Kind,
    PledgeFulfilled,
    PledgeMade,
    PledgeOpenAgain,
)
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Pledge(Struct, frozen=True, kw_only=True):
    """`quantity_counted` may exceed `quantity`: more came than was promised."""

    pledge_id: UUID
    campaign_id: UUID
    sponsor_id: UUID
    kind: Kind
    category: str
    quantity: int
    measure: str
    earmark: Earmark
    quantity_counted: int
    fulfilled: bool
    version: int

    @property
    def quantity_outstanding(self) -> int:
        return max(self.quantity - self.quantity_counted, 0)


def _made(of: Recorded[PledgeMade]) -> Pledge:
    made = of.event
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
        version=of.version,
    )


def _counted(row: Pledge, of: Recorded[ContributionCounted]) -> Pledge:
    return replace(row, quantity_counted=of.event.quantity_counted, version=of.version)


pledges: ReadModel[UUID, Pledge] = ReadModel(
    name="pledges",
    row=Pledge,
    key=("pledge_id",),
    version=2,
    handlers=(
        begins(PledgeMade, _made),
        on(ContributionCounted, _counted),
        on(
            PledgeFulfilled,
            lambda row, of: replace(row, fulfilled=True, version=of.version),
        ),
        on(
            PledgeOpenAgain,
            lambda row, of: replace(row, fulfilled=False, version=of.version),
        ),
    ),
    indexes=(("campaign_id",), ("sponsor_id",)),
)
