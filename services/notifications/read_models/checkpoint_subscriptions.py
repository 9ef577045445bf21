"""Which auditors want the logs' checkpoints, and of which were they told last, on which day?"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.notifications import (
    Channel,
    CheckpointMessageDue,
    CheckpointSubscriptionEnded,
    CheckpointSubscriptionMade,
    Language,
)
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel
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


def _keys(event: Any) -> Iterator[UUID]:
    yield event.person_id


def _apply(
    row: CheckpointSubscriptionRow | None, key: UUID, recorded: Recorded
) -> CheckpointSubscriptionRow | None:
    match recorded.event:
        case CheckpointSubscriptionMade() as made:
            return CheckpointSubscriptionRow(
                person_id=key,
                channels=made.channels,
                language=made.language,
                running=True,
                made_at=made.happened_at,
                told_on=row.told_on if row else None,
                told=row.told if row else {},
            )
        case CheckpointSubscriptionEnded() if row:
            return replace(row, running=False)
        case CheckpointMessageDue() as due if row:
            return replace(
                row,
                told_on=vietnamese_day(due.happened_at),
                told={each.service: each.size for each in due.checkpoints},
            )
        case _:
            return row


checkpoint_subscriptions: ReadModel[UUID, CheckpointSubscriptionRow] = ReadModel(
    name="checkpoint_subscriptions",
    row=CheckpointSubscriptionRow,
    key=("person_id",),
    events=(CheckpointSubscriptionMade, CheckpointSubscriptionEnded, CheckpointMessageDue),
    keys=_keys,
    apply=_apply,
)
