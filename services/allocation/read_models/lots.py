"""What is there to give, what of it is spoken for, and what is gone?"""

from dataclasses import dataclass, replace
from uuid import UUID

from contracts.allocation import (
    LotCorrected,
    LotDrawn,
    LotHeldApart,
    LotOpened,
    LotReleased,
    LotReserved,
)
from contracts.donations import Kind
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from services.allocation.domain.matching import FreeLot


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot(FreeLot):
    """`available`: something is free. Of a lot held apart nothing ever is.

    `quantity_free` is below zero where more is promised or gone than had come.
    """

    contribution_line_id: UUID
    kind: Kind
    held_apart: bool
    available: bool
    quantity: int
    quantity_kept: int = 0
    quantity_drawn: int = 0


def _opened(of: Recorded[LotOpened | LotHeldApart]) -> Lot:
    return new_lot(of.event)


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
        inspected_by=event.inspected_by,
        accepted_by=event.accepted_by,
        opened_at=event.happened_at,
        held_apart=held_apart,
        available=not held_apart,
    )


def _changed(row: Lot, of: Recorded[LotCorrected | LotReserved | LotReleased | LotDrawn]) -> Lot:
    return replace(
        row,
        quantity_free=of.event.quantity_free,
        quantity_kept=of.event.quantity_kept,
        quantity_drawn=of.event.quantity_drawn,
        available=of.event.quantity_free > 0,
    )


def _corrected(row: Lot, of: Recorded[LotCorrected]) -> Lot:
    return replace(_changed(row, of), quantity=of.event.quantity)


lots: ReadModel[UUID, Lot] = ReadModel(
    name="lots",
    row=Lot,
    key=("lot_id",),
    begun_first=True,
    handlers=(
        begins(LotOpened, _opened),
        begins(LotHeldApart, _opened),
        on(LotCorrected, _corrected),
        on(LotReserved, _changed),
        on(LotReleased, _changed),
        on(LotDrawn, _changed),
    ),
    indexes=(("programme_id", "category", "available"),),
)
