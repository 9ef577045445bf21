"""What is there to give, what of it is spoken for, and what is gone?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from contracts.allocation import LotDrawn, LotHeldApart, LotOpened, LotReleased, LotReserved
from contracts.donations import Kind
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.allocation.domain.matching import FreeLot

Event = LotOpened | LotHeldApart | LotReserved | LotReleased | LotDrawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(FreeLot):
    """`available`: something is free. Of a lot held apart nothing ever is."""

    contribution_line_id: UUID
    kind: Kind
    held_apart: bool
    available: bool
    quantity: int
    quantity_kept: int = 0
    quantity_drawn: int = 0


def keys(event: Event) -> Iterator[UUID]:
    yield event.lot_id


def apply(row: Lot | None, _: UUID, recorded: Recorded) -> Lot | None:
    event: Event = recorded.event
    if isinstance(event, LotOpened | LotHeldApart):
        return new_lot(event)
    assert row is not None, "a lot is opened before anything happens to it"
    return replace(
        row,
        quantity_free=event.quantity_free,
        quantity_kept=event.quantity_kept,
        quantity_drawn=event.quantity_drawn,
        available=event.quantity_free > 0,
    )


def new_lot(event: LotOpened | LotHeldApart) -> Lot:
    held_apart = isinstance(event, LotHeldApart)
    return Lot(
        lot_id=event.lot_id,
        programme_id=event.programme_id,
        campaign_id=event.campaign_id,
        fund_id=event.fund_id,
        contribution_id=event.contribution_id,
        contribution_line_id=event.contribution_line_id,
        sponsor_id=event.sponsor_id,
        kind=event.kind,
        category=event.category,
        specification=event.specification,
        quantity=event.quantity,
        quantity_free=0 if held_apart else event.quantity,
        measure=event.measure,
        earmark=event.earmark,
        received_by=event.received_by,
        opened_at=event.happened_at,
        held_apart=held_apart,
        available=not held_apart,
    )


lots: ReadModel[UUID, Lot] = ReadModel(
    name="lots",
    row=Lot,
    key=("lot_id",),
    events=(LotOpened, LotHeldApart, LotReserved, LotReleased, LotDrawn),
    keys=keys,
    apply=apply,
    indexes=(("programme_id", "category", "available"),),
)
