"""Streams that a consumer could not go on with: kept in order, the rest flows on.

A person retries a stream, or skips its records up to a position; the reason is an event. First
the event, then the mark that the consumer acts on: the same command again marks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

import asyncpg

from contracts.every_service import (
    ParkedStreamRetried,
    ParkedStreamSkipped,
    RetryReason,
    SkipReason,
)
from eventing.decider import Decider, Rejection
from eventing.execute import CommandContext, Executor
from eventing.looked_at import LookedAt
from eventing.record import StoredRecord, UnknownType

WAITS = "waits for its stream"


class NothingIsParked(Rejection):
    """The consumer has no record of this stream parked."""

    code = "nothing-is-parked"
    kind = "absent"
    vi = "Không có gì của luồng này đang chờ xử lý."
    en = "Nothing of this stream is parked."


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedStream:
    """`error` is that of the first record; the `records - 1` after it wait."""

    consumer: str
    source: str
    stream: str
    first_position: int
    last_position: int
    records: int
    error: str
    attempts: int
    parked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryParkedStream:
    consumer: str
    source: str
    stream: str
    parked: bool
    by: UUID
    reason: RetryReason
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipParkedStream:
    consumer: str
    source: str
    stream: str
    parked: bool
    up_to_position: int
    by: UUID
    reason: SkipReason
    at: datetime


Command = RetryParkedStream | SkipParkedStream
Event = ParkedStreamRetried | ParkedStreamSkipped


def decide(command: Command, _state: None) -> list[Event]:
    if not command.parked:
        raise NothingIsParked
    match command:
        case RetryParkedStream():
            return [
                ParkedStreamRetried(
                    consumer=command.consumer,
                    source_service=command.source,
                    parked_stream=command.stream,
                    retried_by=command.by,
                    reason=command.reason,
                    happened_at=command.at,
                )
            ]
        case SkipParkedStream():
            return [
                ParkedStreamSkipped(
                    consumer=command.consumer,
                    source_service=command.source,
                    parked_stream=command.stream,
                    up_to_position=command.up_to_position,
                    skipped_by=command.by,
                    reason=command.reason,
                    happened_at=command.at,
                )
            ]
        case _:
            assert_never(command)


parked_stream: Decider[Command, None, Event] = Decider(
    initial=None, decide=decide, evolve=lambda _state, _event: None
)


class Parked:
    """What a service's consumers have parked, for those who look after it."""

    def __init__(self, pool: "asyncpg.Pool[Any]", executor: Executor) -> None:
        self._pool = pool
        self._executor = executor

    async def streams(self) -> Sequence[ParkedStream]:
        found = await self._pool.fetch(
            """
            SELECT consumer, source, stream, min(position) AS first_position,
                max(position) AS last_position, count(*) AS records,
                (array_agg(error ORDER BY position))[1] AS error,
                max(attempts) AS attempts, min(parked_at) AS parked_at
            FROM parked WHERE fate IS DISTINCT FROM 'skipped'
            GROUP BY consumer, generation, source, stream
            ORDER BY consumer, source, min(position)
            """
        )
        return [ParkedStream(**row) for row in found]

    async def retry(
        self,
        consumer: str,
        source: str,
        stream: str,
        *,
        reason: RetryReason,
        context: CommandContext,
    ) -> int:
        """Give the stream to its consumer again. Raises what `Executor.execute` raises."""
        command = RetryParkedStream(
            consumer=consumer,
            source=source,
            stream=stream,
            parked=await self._is_parked(consumer, source, stream),
            by=context.why.actor,
            reason=reason,
            at=self._executor.clock(),
        )
        return await self._ask(command, 0, context)

    async def skip(
        self,
        consumer: str,
        source: str,
        stream: str,
        *,
        up_to_position: int,
        reason: SkipReason,
        context: CommandContext,
    ) -> int:
        """Leave records out of the consumer, and go on with what waits behind them."""
        command = SkipParkedStream(
            consumer=consumer,
            source=source,
            stream=stream,
            parked=await self._is_parked(consumer, source, stream),
            up_to_position=up_to_position,
            by=context.why.actor,
            reason=reason,
            at=self._executor.clock(),
        )
        return await self._ask(command, up_to_position, context)

    async def _ask(self, command: Command, skip_up_to: int, context: CommandContext) -> int:
        about = f"parked-{command.consumer}-{command.source}-{command.stream}"
        position = await self._executor.execute(parked_stream, about, command, context)
        await self._pool.execute(
            "UPDATE parked SET fate = CASE WHEN position <= $4 THEN 'skip' ELSE 'retry' END"
            " WHERE consumer = $1 AND source = $2 AND stream = $3"
            " AND fate IS DISTINCT FROM 'skipped'",
            command.consumer,
            command.source,
            command.stream,
            skip_up_to,
        )
        return position

    async def _is_parked(self, consumer: str, source: str, stream: str) -> bool:
        return bool(
            await self._pool.fetchval(
                "SELECT EXISTS (SELECT FROM parked WHERE consumer = $1 AND source = $2"
                " AND stream = $3 AND fate IS DISTINCT FROM 'skipped')",
                consumer,
                source,
                stream,
            )
        )


@dataclass(slots=True)
class Parking:
    """The parked streams of one consumer, as its leader knows them: no other changes them."""

    consumer: str
    generation: int
    streams: set[tuple[str, str]] = field(default_factory=set)
    skipped: set[tuple[str, int]] = field(default_factory=set)

    async def learn(self, connection: Any) -> None:
        # What was skipped in any generation is skipped in all, so that a rebuild is the same.
        found = await connection.fetch(
            "SELECT generation, source, stream, position, fate FROM parked WHERE consumer = $1",
            self.consumer,
        )
        self.skipped = {
            (row["source"], row["position"]) for row in found if row["fate"] == "skipped"
        }
        self.streams = {
            (row["source"], row["stream"])
            for row in found
            if row["fate"] != "skipped" and row["generation"] == self.generation
        }

    def holds(self, item: LookedAt) -> bool:
        return (item.stored.service, item.stream) in self.streams

    def skips(self, item: LookedAt) -> bool:
        return (item.stored.service, item.stored.position) in self.skipped

    async def park(self, connection: Any, items: Sequence[tuple[LookedAt, str]]) -> None:
        """Keep records with what is wrong with each; part of the transaction of the cursor."""
        await connection.executemany(
            "INSERT INTO parked (consumer, generation, source, stream, position, record, error)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)"
            " ON CONFLICT (consumer, generation, source, position)"
            " DO UPDATE SET fate = NULL, error = excluded.error, attempts = parked.attempts + 1",
            [
                (
                    self.consumer,
                    self.generation,
                    item.stored.service,
                    item.stream,
                    item.stored.position,
                    item.stored.record,
                    error,
                )
                for item, error in items
            ],
        )

    async def forget(self, connection: Any) -> None:
        """All that is parked will come again."""
        await connection.execute(
            "DELETE FROM parked WHERE consumer = $1 AND generation = $2"
            " AND fate IS DISTINCT FROM 'skipped'",
            self.consumer,
            self.generation,
        )
        self.streams.clear()

    async def take_up(self, connection: Any, source: str, stream: str) -> list[StoredRecord]:
        """Skip what is to be skipped; return the rest of the stream in order."""
        found = await connection.fetch(
            "SELECT position, record, fate FROM parked"
            " WHERE consumer = $1 AND generation = $2 AND source = $3 AND stream = $4"
            " AND fate IS DISTINCT FROM 'skipped' ORDER BY position",
            self.consumer,
            self.generation,
            source,
            stream,
        )
        skip = [row["position"] for row in found if row["fate"] == "skip"]
        await connection.execute(
            "UPDATE parked SET fate = 'skipped' WHERE consumer = $1 AND generation = $2"
            " AND source = $3 AND position = ANY($4)",
            self.consumer,
            self.generation,
            source,
            skip,
        )
        self.skipped |= {(source, position) for position in skip}
        return [
            StoredRecord(source, row["position"], row["record"])
            for row in found
            if row["fate"] != "skip"
        ]

    async def let_go(self, connection: Any, source: str, positions: Sequence[int]) -> None:
        """These records have been applied after all."""
        await connection.execute(
            "DELETE FROM parked WHERE consumer = $1 AND generation = $2 AND source = $3"
            " AND position = ANY($4)",
            self.consumer,
            self.generation,
            source,
            positions,
        )


async def asked_for(pool: "asyncpg.Pool[Any]", consumers: Sequence[str]) -> Sequence[Any]:
    """Consumer, generation, source and stream of what somebody wants retried or skipped."""
    found: Sequence[Any] = await pool.fetch(
        "SELECT DISTINCT consumer, generation, source, stream FROM parked"
        " WHERE consumer = ANY($1) AND fate IN ('retry', 'skip')",
        consumers,
    )
    return found


async def retry_what_was_unknown(connection: Any, consumers: Sequence[str]) -> None:
    """Newer code leads now: what stopped at a type or version that was unknown may go on."""
    await connection.execute(
        "UPDATE parked SET fate = 'retry' WHERE consumer = ANY($1) AND fate IS NULL"
        " AND error LIKE $2",
        consumers,
        f"{UnknownType.__name__} %",
    )
