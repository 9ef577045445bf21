"""What of a gift became available, or is held apart to be mended?"""

from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct

from contracts.allocation import LotHeldApart, LotOpened
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.portal.steps import Step, step


class LotRow(Struct, frozen=True):
    lot_id: UUID
    contribution_id: UUID
    contribution_line_id: UUID
    quantity: int
    held_apart: bool
    opened: Step


def _keys(event: LotOpened | LotHeldApart) -> Iterator[UUID]:
    yield event.lot_id


def _apply(_row: LotRow | None, key: UUID, recorded: Recorded) -> LotRow:
    event: LotOpened | LotHeldApart = recorded.event
    return LotRow(
        lot_id=key,
        contribution_id=event.contribution_id,
        contribution_line_id=event.contribution_line_id,
        quantity=event.quantity,
        held_apart=isinstance(event, LotHeldApart),
        opened=step(recorded),
    )


lots: ReadModel[UUID, LotRow] = ReadModel(
    name="lots",
    row=LotRow,
    key=("lot_id",),
    events=(LotOpened, LotHeldApart),
    keys=_keys,
    apply=_apply,
    indexes=(("contribution_id",),),
)
