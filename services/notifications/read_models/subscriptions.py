"""Who wants to hear of what, and how?"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.languages import Language
from contracts.notifications import (
    Channel,
    Occasion,
    SubscriptionEnded,
    SubscriptionMade,
)
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded

Key = tuple[UUID, UUID]


class SubscriptionRow(Struct, frozen=True):
    """A sponsor chooses the id, so it is one only together with the sponsor."""

    sponsor_id: UUID
    subscription_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    made_by: UUID
    made_at: datetime
    ended_at: datetime | None


def _made(of: Recorded[SubscriptionMade]) -> SubscriptionRow:
    made = of.event
    return SubscriptionRow(
        sponsor_id=made.sponsor_id,
        subscription_id=made.subscription_id,
        occasion=made.occasion,
        channels=made.channels,
        language=made.language,
        made_by=made.made_by,
        made_at=made.happened_at,
        ended_at=None,
    )


subscriptions: ReadModel[Key, SubscriptionRow] = ReadModel(
    name="subscriptions",
    row=SubscriptionRow,
    key=("sponsor_id", "subscription_id"),
    handlers=(
        begins(SubscriptionMade, _made),
        on(SubscriptionEnded, lambda row, of: replace(row, ended_at=of.event.happened_at)),
    ),
    indexes=(("subscription_id",),),
    version=2,
)
