"""What is there to give, what of it is spoken for, and what is gone?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never
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
    quantity_reserved: int = 0
    quantity_drawn: int = 0


def keys(event: Event) -> Iterator[UUID]:
    yield event.lot_id


def apply(row: Lot | None, _: UUID, recorded: Recorded) -> Lot | None:
    event: Event = recorded.event
    if isinstance(event, LotOpened | LotHeldApart):
        return new_lot(event)
    assert row is not None, "a lot is opened before anything happens to it"
    match event:
        case LotReserved():
            return moved(row, free=-event.quantity, reserved=event.quantity)
        case LotReleased():
            return moved(row, free=event.quantity, reserved=-event.quantity)
        case LotDrawn():
            return moved(row, reserved=-event.quantity, drawn=event.quantity)
        case _:
            assert_never(event)


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


def moved(row: Lot, *, free: int = 0, reserved: int = 0, drawn: int = 0) -> Lot:
    quantity_free = row.quantity_free + free
    return replace(
        row,
        quantity_free=quantity_free,
        available=quantity_free > 0,
        quantity_reserved=row.quantity_reserved + reserved,
        quantity_drawn=row.quantity_drawn + drawn,
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
