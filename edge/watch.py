"""Looks at what `/readyz` and `/metrics` tell: the service's tables, Kafka's door, our parts."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from edge.connected import Connected
from edge.readiness import Consumer, Part, Process, Readiness
from eventing.kept_file import KeptFile
from eventing.lasting_connection import FAILURES
from eventing.progress import Progress, progress

DATABASE_WITHIN_S = 2.0
KAFKA_WITHIN_S = 1.0
KAFKA_LOOK_AGAIN_S = 5.0
RUNNING = "running"


class Watch:
    """A `Look`."""

    def __init__(
        self,
        it: Connected,
        process: Process,
        files: Sequence[KeptFile[Any]],
        parts: Callable[[], tuple[Part, ...]] = tuple,
        given_until: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._service = it.settings.service
        self._process: Process = process
        self._pool = it.pool
        self._kafka = it.settings.kafka_access
        self._clock = it.house.clock
        self._passed_over = it.passed_over
        self._roles_heard = it.house.roles_heard
        self._files = files
        self._parts = parts
        self._given_until = given_until
        self._kafka_answers = False
        self._kafka_look_again = 0.0

    async def __call__(self) -> Readiness:
        seen, kafka = await asyncio.gather(self._database(), self._kafka_door())
        parts = self._parts()
        if seen is None:
            return self._say(ready=False, database=False, kafka=kafka, parts=parts)
        working = all(part.status == RUNNING for part in parts)
        # A web process takes commands while Kafka is away: the log is the outbox.
        reading = not (seen.holes or seen.silent or seen.ahead)
        sound = reading and seen.notary_trouble is None
        held = all(file.trouble() is None or file.is_held for file in self._files)
        able = self._process == "web" or (kafka and working and sound)
        roles = await self._roles()
        ready = held and able and seen.closed is None and roles is None
        return self._say(
            ready=ready,
            database=True,
            kafka=kafka,
            parts=parts,
            head=seen.head,
            closed=seen.closed,
            published=seen.published,
            oldest_unpublished_s=self._waited_s(seen.oldest_unpublished_at),
            relay_trouble=seen.relay_trouble,
            signed=seen.signed,
            oldest_unsigned_s=self._waited_s(seen.oldest_unsigned_at),
            notary_alarm=seen.notary_trouble,
            consumers=tuple(
                Consumer(
                    name=follower.name,
                    source=follower.source,
                    position=follower.position,
                    status=follower.status,
                    trouble=follower.trouble,
                    # Another service's head is in its own database: its own process tells it.
                    lag=seen.head - follower.position if follower.source == self._service else None,
                )
                for follower in seen.followers
            ),
            parked=seen.parked,
            refused=seen.refused,
            holes=tuple(seen.holes),
            silent=tuple(seen.silent),
            ahead=tuple(seen.ahead),
            false_records=seen.false_records,
            vouched=seen.vouched,
            unknown=seen.unknown,
            roles=roles,
            given_until=self._given_until(),
        )

    def _say(self, *, ready: bool, database: bool, kafka: bool, **more: Any) -> Readiness:
        return Readiness(
            ready=ready,
            service=self._service,
            process=self._process,
            now=self._clock(),
            database=database,
            kafka=kafka,
            passed_over=dict(self._passed_over.counts),
            files=tuple(trouble for file in self._files if (trouble := file.trouble())),
            **more,
        )

    def _waited_s(self, since: datetime | None) -> float:
        """By the clock that recorded it, which in development may not be the database's."""
        return 0.0 if since is None else max(0.0, (self._clock() - since).total_seconds())

    async def _database(self) -> Progress | None:
        try:
            async with asyncio.timeout(DATABASE_WITHIN_S):
                return await progress(self._pool)
        except (TimeoutError, *FAILURES):
            return None

    async def _roles(self) -> str | None:
        if self._roles_heard is None:
            return None
        try:
            async with asyncio.timeout(DATABASE_WITHIN_S):
                return await self._roles_heard.trouble()
        except (TimeoutError, *FAILURES):
            return None

    async def _kafka_door(self) -> bool:
        """Does one of the brokers take a connection? Asked every few seconds at most."""
        tick = time.monotonic()
        if tick >= self._kafka_look_again:
            self._kafka_look_again = tick + KAFKA_LOOK_AGAIN_S
            self._kafka_answers = await _any_opens(self._kafka.brokers.split(","))
        return self._kafka_answers


async def _any_opens(addresses: list[str]) -> bool:
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            async with asyncio.timeout(KAFKA_WITHIN_S):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError):
            continue
        writer.close()
        return True
    return False
