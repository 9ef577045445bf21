"""The events that notifications publishes, on `vongtay.notifications.events`, keyed by stream."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.donations import RefusalReason
from contracts.event import event
from contracts.field_types import (
    CategoryCode,
    MeasureCode,
    ReasonCode,
    ServiceName,
    SignedNote,
)
from contracts.languages import Language
from contracts.sealed import Sealed

Occasion = Literal["gift-arrived"]
Channel = Literal["email", "inbox"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedPart:
    """What arrived of one contribution; `contribution_id` is None for a direct gift."""

    contribution_id: UUID | None
    category: CategoryCode
    quantity: int
    measure: MeasureCode
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What one delivery, or a direct gift, brought of a sponsor's gifts: `arrival_id` is its id.

    A delivery may bring something again, with what was signed later: `news_id` is another then.
    """

    news_id: UUID
    arrival_id: UUID
    unit_id: UUID
    direct: bool
    parts: tuple[ArrivedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A gift of which nothing was taken in. `quantity` was looked at, 0 where nobody did."""

    news_id: UUID
    contribution_id: UUID
    quantity: int
    measure: MeasureCode
    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """How many records a log had; `note` is the signed note that says so, as it was published."""

    service: ServiceName
    size: int
    note: SignedNote


@event("subscription-made", vi="Đăng ký nhận tin", en="Subscribed", programme=False)
class SubscriptionMade:
    """A sponsor wants to hear of an occasion."""

    subscription_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    made_by: UUID
    happened_at: datetime


@event("subscription-ended", vi="Thôi nhận tin", en="Unsubscribed", programme=False)
class SubscriptionEnded:
    """No more of it."""

    subscription_id: UUID
    sponsor_id: UUID
    ended_by: UUID
    happened_at: datetime


@event("arrival-noted", vi="Ghi để báo tin", en="Arrival noted", programme=False)
class ArrivalNoted:
    """Something arrived of a sponsor's gifts. At `tell_at` they are told of all that is noted."""

    sponsor_id: UUID
    arrived: Arrived
    tell_at: datetime
    happened_at: datetime


@event("refusal-noted", vi="Ghi để báo từ chối", en="Refusal noted", programme=False)
class RefusalNoted:
    """Nothing of a sponsor's gift was taken in; it is told with what arrived."""

    sponsor_id: UUID
    not_taken: NotTaken
    tell_at: datetime
    happened_at: datetime


@event("arrivals-told", vi="Đã gộp thành một tin", en="Arrivals told", programme=False)
class ArrivalsTold:
    """What was noted for `tell_at` is one message; `message_id` None: nobody asks for it now."""

    sponsor_id: UUID
    message_id: UUID | None
    news_ids: tuple[UUID, ...]
    tell_at: datetime
    happened_at: datetime


@event("message-due", vi="Có tin cần báo", en="Message due", programme=False)
class MessageDue:
    """A message about what arrived of a sponsor's gifts is owed; the inbox shows it from now on."""

    message_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    arrivals: tuple[Arrived, ...]
    not_taken: tuple[NotTaken, ...]
    happened_at: datetime


@event("inbox-read", vi="Đã đọc hộp thư", en="Inbox read", programme=False)
class InboxRead:
    """Somebody has seen their messages up to this one, by when it was due."""

    person_id: UUID
    up_to: datetime
    happened_at: datetime


@event(
    "checkpoint-subscription-made",
    vi="Đăng ký nhận mốc ký",
    en="Checkpoints subscribed to",
    programme=False,
)
class CheckpointSubscriptionMade:
    """An auditor wants the logs' checkpoints, once a day at most; it replaces what was before.

    `address` is where letters go, None without the channel "email".
    """

    person_id: UUID
    channels: tuple[Channel, ...]
    language: Language
    address: Sealed | None
    happened_at: datetime


@event(
    "checkpoint-subscription-ended",
    vi="Thôi nhận mốc ký",
    en="Checkpoints unsubscribed from",
    programme=False,
)
class CheckpointSubscriptionEnded:
    """No more of them."""

    person_id: UUID
    happened_at: datetime


@event("checkpoint-message-due", vi="Có mốc ký cần báo", en="Checkpoints due", programme=False)
class CheckpointMessageDue:
    """The newest checkpoints are owed to an auditor. The inbox shows them from here on."""

    message_id: UUID
    person_id: UUID
    channels: tuple[Channel, ...]
    language: Language
    address: Sealed | None
    checkpoints: tuple[SignedCheckpoint, ...]
    happened_at: datetime


@event("message-sending", vi="Đang gửi thư", en="Sending", programme=False)
class MessageSending:
    """Recorded before the mail server is spoken to, so a crash can never send twice."""

    message_id: UUID
    attempt: int
    happened_at: datetime


@event("message-sent", vi="Đã gửi thư", en="Sent", programme=False)
class MessageSent:
    """The mail server took it."""

    message_id: UUID
    happened_at: datetime


@event("message-failed", vi="Chưa gửi được", en="Sending failed", programme=False)
class MessageFailed:
    """The mail server said no, or there is no address; `code` says which. It did not go out."""

    message_id: UUID
    code: ReasonCode
    happened_at: datetime


@event("message-outcome-unknown", vi="Chưa rõ đã gửi chưa", en="Outcome unknown", programme=False)
class MessageOutcomeUnknown:
    """Nobody knows whether it went out; a person decides, it is never sent again blindly."""

    message_id: UUID
    happened_at: datetime


@event(
    "message-outcome-decided", vi="Quyết định về thư chưa rõ", en="Outcome decided", programme=False
)
class MessageOutcomeDecided:
    """A person decided what follows from an unknown outcome: send it again, or leave it."""

    message_id: UUID
    again: bool
    reason: Sealed
    decided_by: UUID
    happened_at: datetime


@event("message-given-up", vi="Thôi gửi", en="Given up", programme=False)
class MessageGivenUp:
    """No further attempt."""

    message_id: UUID
    happened_at: datetime
