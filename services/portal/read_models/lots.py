"""What of a gift became available, or is held apart to be mended?"""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import LotCorrected, LotHeldApart, LotOpened
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from services.portal.steps import Step, step


class LotRow(Struct, frozen=True):
    lot_id: UUID
    contribution_id: UUID
    contribution_line_id: UUID
    quantity: int
    held_apart: bool
    opened: Step


def _opened(of: Recorded[LotOpened | LotHeldApart]) -> LotRow:
    event = of.event
    return LotRow(
        lot_id=event.lot_id,
        contribution_id=event.contribution_id,
        contribution_line_id=event.contribution_line_id,
        quantity=event.quantity,
        held_apart=isinstance(event, LotHeldApart),
        opened=step(of),
    )


lots: ReadModel[UUID, LotRow] = ReadModel(
    name="lots",
    row=LotRow,
    key=("lot_id",),
    handlers=(
        begins(LotOpened, _opened),
        begins(LotHeldApart, _opened),
        on(LotCorrected, lambda row, of: replace(row, quantity=of.event.quantity)),
    ),
    indexes=(("contribution_id",),),
)
