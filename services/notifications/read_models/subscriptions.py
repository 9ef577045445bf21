"""Who wants to hear of what, and how?"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.notifications import (
    Channel,
    Language,
    Occasion,
    SubscriptionEnded,
    SubscriptionMade,
)
from eventing.read_model import ReadModel
from eventing.record import Recorded

Key = tuple[UUID, UUID]


class SubscriptionRow(Struct, frozen=True):
    """A sponsor chooses the id, so it is one only together with the sponsor."""

    sponsor_id: UUID
    subscription_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    made_at: datetime
    ended_at: datetime | None


def _keys(event: SubscriptionMade | SubscriptionEnded) -> Iterator[Key]:
    yield event.sponsor_id, event.subscription_id


def _apply(row: SubscriptionRow | None, _: Key, recorded: Recorded) -> SubscriptionRow | None:
    match recorded.event:
        case SubscriptionMade() as made:
            return SubscriptionRow(
                sponsor_id=made.sponsor_id,
                subscription_id=made.subscription_id,
                occasion=made.occasion,
                channels=made.channels,
                language=made.language,
                made_at=made.happened_at,
                ended_at=None,
            )
        case SubscriptionEnded() as ended if row:
            return replace(row, ended_at=ended.happened_at)
        case _:
            return row


subscriptions: ReadModel[Key, SubscriptionRow] = ReadModel(
    name="subscriptions",
    row=SubscriptionRow,
    key=("sponsor_id", "subscription_id"),
    events=(SubscriptionMade, SubscriptionEnded),
    keys=_keys,
    apply=_apply,
    indexes=(("subscription_id",),),
)
