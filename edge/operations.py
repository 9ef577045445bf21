"""What those who run and check a service ask of its tables: parked, refused, digests."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Protocol
from uuid import UUID

import asyncpg
from pydantic import BaseModel, Field, StringConstraints

from contracts.every_service import ReactionRefused, RetryReason, SkipReason
from edge.bodies import Strict, Text
from eventing import parked, postgres_rows
from eventing.execute import CommandContext, Executor
from eventing.parked import ParkedStream
from eventing.progress import REFUSED_STREAMS
from eventing.read_model import ReadModel
from eventing.record import StoredRecord, decode

Name = Annotated[Text, StringConstraints(max_length=200)]


class StreamToRetry(Strict):
    consumer: Name
    source: Name
    stream: Name
    reason: RetryReason


class StreamToSkip(Strict):
    consumer: Name
    source: Name
    stream: Name
    reason: SkipReason
    up_to_position: Annotated[int, Field(gt=0, lt=2**63)]


class RefusedShown(BaseModel):
    """A reaction that a rule refused, and the event that caused it."""

    position: int
    reaction: str
    cause_service: str
    cause_position: int
    cause_event_id: UUID
    target_stream: str
    code: str
    happened_at: datetime


class Operations(Protocol):
    """What only the real tables know."""

    async def parked(self) -> Sequence[ParkedStream]: ...

    async def retry(self, body: StreamToRetry, context: CommandContext) -> int: ...

    async def skip(self, body: StreamToSkip, context: CommandContext) -> int: ...

    async def refused(self, limit: int) -> Sequence[RefusedShown]: ...

    async def digest(self, model: ReadModel[Any, Any]) -> tuple[str, Mapping[str, int]]: ...


class PostgresOperations:
    """An `Operations`."""

    def __init__(self, service: str, pool: "asyncpg.Pool[Any]", executor: Executor) -> None:
        self._service = service
        self._pool = pool
        self._parked = parked.Parked(pool, executor)

    async def parked(self) -> Sequence[ParkedStream]:
        return await self._parked.streams()

    async def retry(self, body: StreamToRetry, context: CommandContext) -> int:
        return await self._parked.retry(
            body.consumer,
            body.source,
            body.stream,
            reason=body.reason,
            context=context,
        )

    async def skip(self, body: StreamToSkip, context: CommandContext) -> int:
        return await self._parked.skip(
            body.consumer,
            body.source,
            body.stream,
            up_to_position=body.up_to_position,
            reason=body.reason,
            context=context,
        )

    async def refused(self, limit: int) -> Sequence[RefusedShown]:
        rows = await self._pool.fetch(
            "SELECT position, record FROM events WHERE stream >= $1 AND stream < $1 || '~'"
            " ORDER BY position DESC LIMIT $2",
            REFUSED_STREAMS,
            limit,
        )
        stored = [StoredRecord(self._service, row["position"], row["record"]) for row in rows]
        return [
            RefusedShown(position=recorded.position, **asdict(recorded.event))
            for recorded in map(decode, stored)
            if isinstance(recorded.event, ReactionRefused)
        ]

    async def digest(self, model: ReadModel[Any, Any]) -> tuple[str, Mapping[str, int]]:
        return await postgres_rows.digest(self._pool, model)
