"""The events that notifications publishes, on `vongtay.notifications.events`, keyed by stream."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import event

Occasion = Literal["gift-arrived"]
Channel = Literal["email", "inbox"]
Language = Literal["vi", "en"]


@event("subscription-made")
class SubscriptionMade:
    """A sponsor wants to hear of an occasion."""

    subscription_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    made_by: UUID
    happened_at: datetime


@event("subscription-ended")
class SubscriptionEnded:
    """No more of it."""

    subscription_id: UUID
    sponsor_id: UUID
    ended_by: UUID
    happened_at: datetime


@event("message-due")
class MessageDue:
    """A message about one gift's arrival is owed. The inbox shows it from here on.

    `facts` are what the template needs, no personal data: `unit_id`, `category`, `quantity`,
    `measure`, `children`, `activity`, `contribution_id`.
    """

    message_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    facts: dict[str, str | int]
    happened_at: datetime


@event("message-sending")
class MessageSending:
    """Recorded before the mail server is spoken to, so a crash can never send twice."""

    message_id: UUID
    attempt: int
    happened_at: datetime


@event("message-sent")
class MessageSent:
    """The mail server took it."""

    message_id: UUID
    happened_at: datetime


@event("message-failed")
class MessageFailed:
    """The mail server said no, or there is no address; `code` says which. It did not go out."""

    message_id: UUID
    code: str
    happened_at: datetime


@event("message-outcome-unknown")
class MessageOutcomeUnknown:
    """Nobody knows whether it went out; a person decides, it is never sent again blindly."""

    message_id: UUID
    happened_at: datetime


@event("message-given-up")
class MessageGivenUp:
    """No further attempt."""

    message_id: UUID
    happened_at: datetime
