"""What any service may publish about its own running, on its own topic."""

from datetime import datetime
from uuid import UUID

from contracts.event import event


@event("reaction-refused")
class ReactionRefused:
    """A rule said no to what a reaction asked for; a person must look. The reader moved on."""

    reaction: str
    cause_service: str
    cause_position: int
    cause_event_id: UUID
    target_stream: str
    code: str
    happened_at: datetime


@event("parked-stream-retried")
class ParkedStreamRetried:
    """Events of a stream that a consumer could not apply were given to it again."""

    consumer: str
    source_service: str
    parked_stream: str
    retried_by: UUID
    reason: str
    happened_at: datetime


@event("parked-stream-skipped")
class ParkedStreamSkipped:
    """Events of a stream, up to a position, were left out of one consumer for a stated reason."""

    consumer: str
    source_service: str
    parked_stream: str
    up_to_position: int
    skipped_by: UUID
    reason: str
    happened_at: datetime
