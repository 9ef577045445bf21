"""Which gifts went from hand to hand, and which of them wait to be ratified?"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.allocation import (
    DirectGiftLine,
    DirectGiftLineRefused,
    DirectGiftRatified,
    DirectGiftRecorded,
    DirectGiftRefused,
    DirectGiftWithdrawn,
)
from contracts.sealed import Sealed
from eventing.read_model import ReadModel, at_version, begins, on
from eventing.record import Recorded

DirectGiftStatus = Literal["recorded", "ratified", "refused", "withdrawn"]


class DirectGift(Struct, frozen=True, kw_only=True):
    """`refused_lines` are those that met no need; `reason` says why it was refused or withdrawn.

    `version` is that of the stream.
    """

    direct_gift_id: UUID
    programme_id: UUID
    sponsor_id: UUID
    unit_id: UUID
    minutes: Sealed
    lines: tuple[DirectGiftLine, ...]
    recorded_by: UUID
    handed_over_at: datetime
    status: DirectGiftStatus
    refused_lines: tuple[UUID, ...]
    ended_by: UUID | None
    reason: Sealed | None
    version: int


def _recorded(of: Recorded[DirectGiftRecorded]) -> DirectGift:
    event = of.event
    return DirectGift(
        direct_gift_id=event.direct_gift_id,
        programme_id=event.programme_id,
        sponsor_id=event.sponsor_id,
        unit_id=event.unit_id,
        minutes=event.minutes,
        lines=event.lines,
        recorded_by=event.recorded_by,
        handed_over_at=event.happened_at,
        status="recorded",
        refused_lines=(),
        ended_by=None,
        reason=None,
        version=of.version,
    )


def _ratified(row: DirectGift, of: Recorded[DirectGiftRatified]) -> DirectGift:
    return replace(row, status="ratified", ended_by=of.event.ratified_by)


def _line_refused(row: DirectGift, of: Recorded[DirectGiftLineRefused]) -> DirectGift:
    return replace(row, refused_lines=(*row.refused_lines, of.event.line_id))


def _refused(row: DirectGift, of: Recorded[DirectGiftRefused]) -> DirectGift:
    return replace(row, status="refused", ended_by=of.event.refused_by, reason=of.event.reason)


def _withdrawn(row: DirectGift, of: Recorded[DirectGiftWithdrawn]) -> DirectGift:
    event = of.event
    return replace(row, status="withdrawn", ended_by=event.withdrawn_by, reason=event.reason)


direct_gifts: ReadModel[UUID, DirectGift] = ReadModel(
    name="direct_gifts",
    row=DirectGift,
    key=("direct_gift_id",),
    begun_first=True,
    handlers=(
        begins(DirectGiftRecorded, _recorded),
        on(DirectGiftRatified, at_version(_ratified)),
        on(DirectGiftLineRefused, at_version(_line_refused)),
        on(DirectGiftRefused, at_version(_refused)),
        on(DirectGiftWithdrawn, at_version(_withdrawn)),
    ),
    indexes=(("unit_id",),),
    version=2,
)
