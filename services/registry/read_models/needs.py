"""Which needs are there, how pressing, and how far is each covered? Pseudonyms and ciphertext."""

from collections.abc import Iterator
from datetime import date, datetime
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
from eventing.read_model import ReadModel
from eventing.record import Recorded

Event = (
    NeedRecorded
    | NeedVerified
    | NeedOpened
    | NeedReturned
    | NeedWithdrawn
    | NeedLapsed
    | NeedReconfirmed
    | NeedReserved
    | NeedReleased
    | NeedPartlyMet
    | NeedMet
)


class Need(Struct, frozen=True, kw_only=True):
    """Quantities, `reserved` and `met` too, are in `measure`.

    `status` is recorded, returned, open, reserved, partly-met, met, lapsed or withdrawn. `reason`
    is that of the return or the withdrawal. A need lapses on the day `lapses_on` unless it is
    reconfirmed. `version` is that of the stream.
    """

    need_id: UUID
    programme_id: UUID
    child_id: UUID
    household_id: UUID
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
    status: str
    verified_by: UUID | None = None
    priority_band: int | None = None
    priority_rule: str | None = None
    priority_reasons: Sealed | None = None
    reason: Sealed | None = None
    lapses_on: date | None = None
    reserved: int
    met: int
    version: int


def keys(event: Event) -> Iterator[UUID]:
    yield event.need_id


def apply(row: Need | None, _: UUID, recorded: Recorded) -> Need | None:
    if isinstance(recorded.event, NeedRecorded):
        return _recorded(recorded.event, recorded.version)
    if row is None:
        return None
    return replace(_changed(row, recorded.event), version=recorded.version)


def _recorded(event: NeedRecorded, version: int) -> Need:
    return Need(
        need_id=event.need_id,
        programme_id=event.programme_id,
        child_id=event.child_id,
        household_id=event.household_id,
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
        version=version,
    )


def _changed(row: Need, event: object) -> Need:
    match event:
        case NeedVerified():
            return replace(row, verified_by=event.verified_by)
        case NeedOpened():
            return replace(
                row,
                status="open",
                eligible_under=event.eligible_under,
                priority_band=event.priority_band,
                priority_rule=event.priority_rule,
                priority_reasons=event.priority_reasons,
                lapses_on=event.lapses_on,
            )
        case NeedReturned() | NeedWithdrawn():
            status = "returned" if isinstance(event, NeedReturned) else "withdrawn"
            return replace(row, status=status, reason=event.reason)
        case NeedReserved() | NeedReleased() | NeedPartlyMet() | NeedMet():
            return _supported(row, event.quantity_reserved, event.quantity_met)
        case NeedLapsed() | NeedReconfirmed():
            return _offered(row, event)
        case _:
            return row


def _offered(row: Need, event: NeedLapsed | NeedReconfirmed) -> Need:
    if isinstance(event, NeedLapsed):
        return replace(row, status="lapsed")
    status = _status(row.quantity, row.reserved, row.met)
    return replace(row, status=status, lapses_on=event.lapses_on)


def _supported(row: Need, reserved: int, met: int) -> Need:
    status = row.status
    if status != "withdrawn" and not (status == "lapsed" and met < row.quantity):
        status = _status(row.quantity, reserved, met)
    return replace(row, reserved=reserved, met=met, status=status)


def _status(quantity: int, reserved: int, met: int) -> str:
    """Reserved: all that is still lacking has its source."""
    if met >= quantity:
        return "met"
    if met > 0:
        return "partly-met"
    return "reserved" if reserved >= quantity else "open"


needs: ReadModel[UUID, Need] = ReadModel(
    name="needs",
    version=2,
    row=Need,
    key=("need_id",),
    events=(
        NeedRecorded,
        NeedVerified,
        NeedOpened,
        NeedReturned,
        NeedWithdrawn,
        NeedLapsed,
        NeedReconfirmed,
        NeedReserved,
        NeedReleased,
        NeedPartlyMet,
        NeedMet,
    ),
    keys=keys,
    apply=apply,
    indexes=(("unit_id",), ("child_id",), ("status",)),
)
