"""Which needs wait for something, and how much of each is still open?

Folded from the covers that this service keeps of the registry's needs, so it needs nobody else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from contracts.allocation import (
    NeedCoverClosed,
    NeedCovered,
    NeedCoverLapsed,
    NeedCoverOpened,
    NeedCoverRenewed,
    NeedUncovered,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.allocation.domain.matching import OpenNeed

Event = (
    NeedCoverOpened
    | NeedCovered
    | NeedUncovered
    | NeedCoverClosed
    | NeedCoverLapsed
    | NeedCoverRenewed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(OpenNeed):
    """`open`: it still asks for something. A withdrawn need asks for nothing, nor a lapsed one."""

    quantity: int
    withdrawn: bool = False
    lapsed: bool = False
    open: bool = True


def keys(event: Event) -> Iterator[UUID]:
    yield event.need_id


def apply(row: Need | None, _: UUID, recorded: Recorded) -> Need | None:
    event: Event = recorded.event
    if isinstance(event, NeedCoverOpened):
        return new_need(event)
    assert row is not None, "a cover is opened before anything happens to it"
    match event:
        case NeedCovered() | NeedUncovered():
            return reckoned(replace(row, quantity_open=event.quantity_open))
        case NeedCoverClosed():
            return reckoned(replace(row, withdrawn=True))
        case NeedCoverLapsed():
            return reckoned(replace(row, lapsed=True))
        case NeedCoverRenewed():
            return reckoned(replace(row, lapsed=False))
        case _:
            assert_never(event)


def new_need(event: NeedCoverOpened) -> Need:
    return Need(
        need_id=event.need_id,
        programme_id=event.programme_id,
        child_id=event.child_id,
        unit_id=event.unit_id,
        category=event.category,
        specification=event.specification,
        quantity=event.quantity,
        quantity_open=event.quantity,
        measure=event.measure,
        needed_by=event.needed_by,
        priority_band=event.priority_band,
        recorded_by=event.recorded_by,
        verified_by=event.verified_by,
        opened_at=event.happened_at,
    )


def reckoned(row: Need) -> Need:
    return replace(row, open=row.quantity_open > 0 and not (row.withdrawn or row.lapsed))


open_needs: ReadModel[UUID, Need] = ReadModel(
    name="open_needs",
    version=2,
    row=Need,
    key=("need_id",),
    events=(
        NeedCoverOpened,
        NeedCovered,
        NeedUncovered,
        NeedCoverClosed,
        NeedCoverLapsed,
        NeedCoverRenewed,
    ),
    keys=keys,
    apply=apply,
    indexes=(("programme_id", "category", "open"),),
)
