"""Which needs wait for something, and how much of each is still open?

Folded from the covers that this service keeps of the registry's needs, so it needs nobody else.
"""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.allocation import (
    NeedCoverClosed,
    NeedCovered,
    NeedCoverLapsed,
    NeedCoverOpened,
    NeedCoverRenewed,
    NeedUncovered,
)
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded
from services.allocation.domain.matching import OpenNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(OpenNeed):
    """`open`: it still asks for something. A withdrawn need asks for nothing, nor a lapsed one.

    From the day `lapses_on` it is offered no more, though nobody has been told yet.
    """

    quantity: int
    lapses_on: date
    withdrawn: bool = False
    lapsed: bool = False
    open: bool = True


def _opened(of: Recorded[NeedCoverOpened]) -> Need:
    return new_need(of.event)


def new_need(event: NeedCoverOpened) -> Need:
    return Need(
        need_id=event.need_id,
        programme_id=event.programme_id,
        child_id=event.child_id,
        group_id=event.group_id,
        children=event.children,
        unit_id=event.unit_id,
        category=event.category,
        specification=event.specification,
        quantity=event.quantity,
        quantity_open=event.quantity,
        measure=event.measure,
        needed_by=event.needed_by,
        priority_band=event.priority_band,
        registered_by=event.registered_by,
        recorded_by=event.recorded_by,
        verified_by=event.verified_by,
        opened_at=event.happened_at,
        lapses_on=event.lapses_on,
    )


def _covered(row: Need, of: Recorded[NeedCovered | NeedUncovered]) -> Need:
    return reckoned(replace(row, quantity_open=of.event.quantity_open))


def _closed(row: Need, _: Recorded[NeedCoverClosed]) -> Need:
    return reckoned(replace(row, withdrawn=True))


def _lapsed(row: Need, of: Recorded[NeedCoverLapsed]) -> Need:
    return reckoned(replace(row, lapsed=True, lapses_on=of.event.lapsed_on))


def _renewed(row: Need, of: Recorded[NeedCoverRenewed]) -> Need:
    return reckoned(replace(row, lapsed=False, lapses_on=of.event.lapses_on))


def reckoned(row: Need) -> Need:
    return replace(row, open=row.quantity_open > 0 and not (row.withdrawn or row.lapsed))


open_needs: ReadModel[UUID, Need] = ReadModel(
    name="open_needs",
    version=4,
    row=Need,
    key=("need_id",),
    begun_first=True,
    handlers=(
        begins(NeedCoverOpened, _opened),
        on(NeedCovered, _covered),
        on(NeedUncovered, _covered),
        on(NeedCoverClosed, _closed),
        on(NeedCoverLapsed, _lapsed),
        on(NeedCoverRenewed, _renewed),
    ),
    indexes=(("programme_id", "category", "open"),),
)
