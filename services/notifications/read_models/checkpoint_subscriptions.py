"""Which auditors want the logs' checkpoints, and of which were they told last, on which day?"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.languages import Language
from contracts.notifications import (
    Channel,
    CheckpointMessageDue,
    CheckpointSubscriptionEnded,
    CheckpointSubscriptionMade,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, keyed, on
from eventing.record import Recorded


class CheckpointSubscriptionRow(Struct, frozen=True):
    """`told`: the size of each log that was told last; `told_on` is a day in Hanoi."""

    person_id: UUID
    channels: tuple[Channel, ...]
    language: Language
    running: bool
    made_at: datetime
    told_on: date | None
    told: dict[str, int]


def _made(
    row: CheckpointSubscriptionRow | None, key: UUID, of: Recorded[CheckpointSubscriptionMade]
) -> CheckpointSubscriptionRow:
    return CheckpointSubscriptionRow(
        person_id=key,
        channels=of.event.channels,
        language=of.event.language,
        running=True,
        made_at=of.event.happened_at,
        told_on=row.told_on if row else None,
        told=row.told if row else {},
    )


def _told(
    row: CheckpointSubscriptionRow, of: Recorded[CheckpointMessageDue]
) -> CheckpointSubscriptionRow:
    return replace(
        row,
        told_on=vietnamese_day(of.event.happened_at),
        told={each.service: each.size for each in of.event.checkpoints},
    )


checkpoint_subscriptions: ReadModel[UUID, CheckpointSubscriptionRow] = ReadModel(
    name="checkpoint_subscriptions",
    row=CheckpointSubscriptionRow,
    key=("person_id",),
    handlers=(
        keyed(CheckpointSubscriptionMade, _made),
        on(CheckpointSubscriptionEnded, lambda row, _: replace(row, running=False)),
        on(CheckpointMessageDue, _told),
    ),
)
