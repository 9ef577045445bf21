"""Follow a source for ever: what every consumer does alike, whatever it does with the records."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from eventing.back_off import BackOff
from eventing.leadership import BACK_OFF_S_MAX, BACK_OFF_S_MIN
from eventing.progress import AHEAD, HOLE, NOT_VOUCHED, OTHER_TOPIC, SILENT, UNTRUE
from eventing.record import StoredRecord
from eventing.sources import (
    AheadOfItsSource,
    HoleInTheLog,
    NothingIsTrue,
    NotTheTopicWeRead,
    NotVouchedFor,
    Source,
)

IDLE_WAIT_S = 1.0

log = logging.getLogger(__name__)

KINDS: Mapping[type[Exception], str] = {
    AheadOfItsSource: AHEAD,
    HoleInTheLog: HOLE,
    NotTheTopicWeRead: OTHER_TOPIC,
    NothingIsTrue: UNTRUE,
    NotVouchedFor: NOT_VOUCHED,
}

MakeSource = Callable[[str], Source]
"""From a service's name. Who asks for a source starts and stops it."""


@dataclass(slots=True)
class Cursor:
    """How far a consumer has come in one source, and where that source should look first."""

    position: int
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """`run` gives `take` what comes after `cursor()`, while `goes_on()`.

    `limit` says how many at most; `trouble` is told what keeps it, and None when that has passed;
    `heard` each time that there is no more to read.
    """

    service: str
    make_source: MakeSource
    cursor: Callable[[], Cursor]
    take: Callable[[Sequence[StoredRecord], str | None], Awaitable[None]]
    trouble: Callable[[str | None], Awaitable[None]]
    limit: Callable[[], int]
    goes_on: Callable[[], bool] = lambda: True
    heard: Callable[[], Awaitable[None]] | None = None

    async def run(self) -> None:
        """Wait out whatever the source has; all else, as what `take` raises, ends it."""
        back_off = BackOff(BACK_OFF_S_MIN, BACK_OFF_S_MAX)
        trouble: str | None = None
        while self.goes_on():
            source = self.make_source(self.service)
            try:
                cursor = self.cursor()
                await source.start(cursor.position, cursor.hint)
                await self._see_that_it_is_not_ahead(source, cursor.position)
                if trouble and not trouble.startswith(HOLE):
                    trouble = None
                    await self.trouble(None)
                while self.goes_on():
                    if await self._take_next(source):
                        if trouble:
                            await self.trouble(None)
                        back_off.reset()
                        trouble = None
            except (
                AheadOfItsSource,
                HoleInTheLog,
                NotTheTopicWeRead,
                NothingIsTrue,
                NotVouchedFor,
            ) as alarm:
                log.error("%s cannot be followed: %s", self.service, alarm)  # noqa: TRY400
                trouble = f"{KINDS[type(alarm)]}: {alarm}"
            except UnknownTopicOrPartitionError as error:
                # Its service has not started yet: nothing is wrong here.
                trouble = type(error).__name__
            except (KafkaError, TimeoutError) as error:
                log.warning("%s: begins again at Kafka after %r", self.service, error)
                trouble = f"{SILENT}: {type(error).__name__}"
            else:
                return
            finally:
                await source.stop()
            await self.trouble(trouble)
            await asyncio.sleep(back_off.pause_s())

    async def _take_next(self, source: Source) -> bool:
        """Whether there was something."""
        limit = self.limit()
        if records := await source.next(limit, IDLE_WAIT_S):
            await self.take(records, source.hint())
        if self.heard is not None and len(records) < limit:
            await self.heard()
        return bool(records)

    async def _see_that_it_is_not_ahead(self, source: Source, position: int) -> None:
        """Raises AheadOfItsSource; what the source raises."""
        if position and (end := await source.end(position)) < position:
            raise AheadOfItsSource(self.service, position, end)
