"""What any service may publish about its own running, on its own topic."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import event
from contracts.field_types import (
    ConsumerName,
    QueryPath,
    RejectionCode,
    ServiceName,
    StreamName,
)

RetryReason = Literal["code-mended", "data-mended", "fault-passed"]
"""Why it may go on now: the program was mended, what it asks for is there, a fault has passed."""
SkipReason = Literal["record-is-wrong", "done-by-hand", "of-no-effect-any-more"]
"""Why it is left out for good: it should never have been, a person did what follows from it, or
nothing follows from it any more. No words: they could name somebody."""

OpeningPurpose = Literal[
    "keep-register",
    "judge-need",
    "keep-organisation",
    "link-accounts",
    "reach-sponsor",
    "follow-own-gifts",
    "print-receipt",
    "make-payment",
    "carry-out-delivery",
    "judge-substitution",
    "judge-direct-gift",
]
"""What somebody reads for who is shown what is sealed, or a name: each query has one."""
ExportReason = Literal["report", "cross-check", "meeting", "inspection", "request-of-authority"]
"""What a list is wanted as a file for. No words: they could name somebody."""


@event("reaction-refused", vi="Phản ứng bị từ chối", en="Reaction refused", programme=False)
class ReactionRefused:
    """A rule said no to what a reaction asked for; a person must look. The reader moved on."""

    reaction: ConsumerName
    cause_service: ServiceName
    cause_position: int
    cause_event_id: UUID
    target_stream: StreamName
    code: RejectionCode
    happened_at: datetime


@event(
    "parked-stream-retried",
    vi="Xử lý lại chuỗi đang chờ",
    en="Parked stream retried",
    programme=False,
)
class ParkedStreamRetried:
    """Events of a stream that a consumer could not apply were given to it again."""

    consumer: ConsumerName
    source_service: ServiceName
    parked_stream: StreamName
    retried_by: UUID
    reason: RetryReason
    happened_at: datetime


@event(
    "parked-stream-skipped", vi="Bỏ qua chuỗi đang chờ", en="Parked stream skipped", programme=False
)
class ParkedStreamSkipped:
    """Events of a stream, up to a position, were left out of one consumer for a stated reason."""

    consumer: ConsumerName
    source_service: ServiceName
    parked_stream: StreamName
    up_to_position: int
    skipped_by: UUID
    reason: SkipReason
    happened_at: datetime


@event("personal-data-opened", vi="Mở dữ liệu cá nhân", en="Personal data opened", programme=False)
class PersonalDataOpened:
    """Somebody was shown what is sealed, or names. Recorded before a byte of it left.

    `subject_ids`: whose it is, each once, in order: persons, children, households, or the thing
    under whose key a text is sealed. The same person who is shown the same for the same purpose
    again within ten minutes is recorded once.
    """

    opening_id: UUID
    purpose: OpeningPurpose
    subject_ids: tuple[UUID, ...]
    subjects: int
    opened_by: UUID
    happened_at: datetime


@event("list-exported", vi="Xuất danh sách ra tệp", en="List exported", programme=False)
class ListExported:
    """Somebody takes a list away as a file. Recorded before the first of its rows is read."""

    export_id: UUID
    query: QueryPath
    reason: ExportReason
    exported_by: UUID
    happened_at: datetime
