"""Which funds are there?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.donations import FundOpened
from eventing.read_model import ReadModel
from eventing.record import Recorded


class Fund(Struct, frozen=True, kw_only=True):
    fund_id: UUID
    programme_id: UUID
    name: str


def keys(event: FundOpened) -> Iterator[UUID]:
    yield event.fund_id


def apply(_: Fund | None, __: UUID, recorded: Recorded) -> Fund:
    opening: FundOpened = recorded.event
    return Fund(fund_id=opening.fund_id, programme_id=opening.programme_id, name=opening.name)


funds: ReadModel[UUID, Fund] = ReadModel(
    name="funds",
    row=Fund,
    key=("fund_id",),
    events=(FundOpened,),
    keys=keys,
    apply=apply,
)
