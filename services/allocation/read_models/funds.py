"""In whose keeping is what a fund's gifts became? Donations opens funds, each in a unit."""

from uuid import UUID

from msgspec import Struct

from contracts.donations import FundOpened
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class Fund(Struct, frozen=True):
    fund_id: UUID
    unit_id: UUID


def _opened(of: Recorded[FundOpened]) -> Fund:
    return Fund(of.event.fund_id, of.event.unit_id)


funds: ReadModel[UUID, Fund] = ReadModel(
    name="funds",
    row=Fund,
    key=("fund_id",),
    handlers=(begins(FundOpened, _opened),),
    indexes=(("unit_id",),),
)
