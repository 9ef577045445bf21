"""Which funds are there?"""

from uuid import UUID

from msgspec import Struct

from contracts.donations import FundOpened
from eventing.read_model import ReadModel, begins
from eventing.record import Recorded


class Fund(Struct, frozen=True, kw_only=True):
    fund_id: UUID
    programme_id: UUID
    unit_id: UUID
    name: str


def _opened(of: Recorded[FundOpened]) -> Fund:
    return Fund(
        fund_id=of.event.fund_id,
        programme_id=of.event.programme_id,
        unit_id=of.event.unit_id,
        name=of.event.name,
    )


funds: ReadModel[UUID, Fund] = ReadModel(
    name="funds",
    row=Fund,
    key=("fund_id",),
    handlers=(begins(FundOpened, _opened),),
    version=2,
)
