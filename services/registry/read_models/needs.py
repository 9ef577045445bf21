"""Which needs are there, how pressing, and how far is each covered? Pseudonyms and ciphertext."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import (
    NeedLapsed,
    NeedMet,
    NeedOpened,
    NeedPartlyMet,
    NeedReconfirmed,
    NeedRecorded,
    NeedReleased,
    NeedReserved,
    NeedReturned,
    NeedVerified,
    NeedWithdrawn,
    Specification,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

NeedStatus = Literal[
    "recorded", "returned", "open", "reserved", "partly-met", "met", "lapsed", "withdrawn"
]


class Need(Struct, frozen=True, kw_only=True):
    """Quantities, `reserved` and `met` too, are in `measure`.

    `status` is recorded, returned, open, reserved, partly-met, met, lapsed or withdrawn. `reason`
    is that of the return or the withdrawal. A need lapses on the day `lapses_on` unless it is
    reconfirmed. It was judged last at the position `judged_at`. `version` is that of the stream.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID | None
    household_id: UUID | None
    group_id: UUID | None
    children: int
    unit_id: UUID
    category: str
    specification: Specification
    detail: Sealed | None
    quantity: int
    measure: str
    needed_by: date
    eligible_under: str
    recorded_by: UUID
    recorded_at: datetime
    status: NeedStatus
    verified_by: UUID | None = None
    priority_band: int | None = None
    priority_rule: str | None = None
    priority_reasons: Sealed | None = None
    reason: Sealed | None = None
    lapses_on: date | None = None
    judged_at: int = 0
    reserved: int
    met: int
    version: int


def _recorded(of: Recorded[NeedRecorded]) -> Need:
    event = of.event
    return Need(
        need_id=event.need_id,
        programme_id=event.programme_id,
        child_id=event.child_id,
        household_id=event.household_id,
        group_id=event.group_id,
        children=event.children,
        unit_id=event.unit_id,
        category=event.category,
        specification=event.specification,
        detail=event.detail,
        quantity=event.quantity,
        measure=event.measure,
        needed_by=event.needed_by,
        eligible_under=event.eligible_under,
        recorded_by=event.recorded_by,
        recorded_at=event.happened_at,
        status="recorded",
        reserved=0,
        met=0,
        version=of.version,
    )


def _verified(row: Need, of: Recorded[NeedVerified]) -> Need:
    return replace(row, verified_by=of.event.verified_by, version=of.version)


def _opened(row: Need, of: Recorded[NeedOpened]) -> Need:
    event = of.event
    return replace(
        row,
        status="open",
        eligible_under=event.eligible_under,
        priority_band=event.priority_band,
        priority_rule=event.priority_rule,
        priority_reasons=event.priority_reasons,
        lapses_on=event.lapses_on,
        judged_at=of.position,
        version=of.version,
    )


def _returned(row: Need, of: Recorded[NeedReturned]) -> Need:
    return replace(row, status="returned", reason=of.event.reason, version=of.version)


def _withdrawn(row: Need, of: Recorded[NeedWithdrawn]) -> Need:
    return replace(row, status="withdrawn", reason=of.event.reason, version=of.version)


def _lapsed(row: Need, of: Recorded[NeedLapsed]) -> Need:
    return replace(row, status="lapsed", version=of.version)


def _reconfirmed(row: Need, of: Recorded[NeedReconfirmed]) -> Need:
    status = _status(row.quantity, row.reserved, row.met)
    return replace(
        row,
        status=status,
        lapses_on=of.event.lapses_on,
        judged_at=of.position,
        version=of.version,
    )


def _supported(
    row: Need, of: Recorded[NeedReserved | NeedReleased | NeedPartlyMet | NeedMet]
) -> Need:
    reserved, met = of.event.quantity_reserved, of.event.quantity_met
    status = row.status
    if status != "withdrawn" and not (status == "lapsed" and met < row.quantity):
        status = _status(row.quantity, reserved, met)
    return replace(row, reserved=reserved, met=met, status=status, version=of.version)


def _status(quantity: int, reserved: int, met: int) -> NeedStatus:
    """Reserved: all that is still lacking has its source."""
    if met >= quantity:
        return "met"
    if met > 0:
        return "partly-met"
    return "reserved" if reserved >= quantity else "open"


needs: ReadModel[UUID, Need] = ReadModel(
    name="needs",
    version=4,
    row=Need,
    key=("need_id",),
    handlers=(
        begins(NeedRecorded, _recorded),
        on(NeedVerified, _verified),
        on(NeedOpened, _opened),
        on(NeedReturned, _returned),
        on(NeedWithdrawn, _withdrawn),
        on(NeedLapsed, _lapsed),
        on(NeedReconfirmed, _reconfirmed),
        on(NeedReserved, _supported),
        on(NeedReleased, _supported),
        on(NeedPartlyMet, _supported),
        on(NeedMet, _supported),
    ),
    indexes=(("unit_id",), ("child_id",), ("status",), ("recorded_by",)),
)
