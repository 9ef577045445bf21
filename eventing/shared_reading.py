"""Many consumers of one source: one reader feeds all that are level, each other reads for itself.

So a consumer that is new, or lags, is brought level without keeping anybody waiting, and then
costs no reading of its own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from eventing.following import Cursor, Follow, MakeSource
from eventing.record import StoredRecord

LOOK_AGAIN_S = 0.5

C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)


@dataclass(slots=True, eq=False)
class Place(Generic[C]):
    """Where a consumer is in the source, and whether that is where all others are."""

    consumer: C
    cursor: Cursor
    is_level: bool = False


class Advance(Protocol[C_contra]):
    async def __call__(
        self, consumers: Sequence[C_contra], records: Sequence[StoredRecord], hint: str | None
    ) -> None:
        """Give the records to the consumers and move their cursors, in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """How many records are read at once: by the level ones, and by one that is not yet."""

    level: int
    catching_up: int


class SharedReading(Generic[C]):
    """`at` is where those are that read together. `trouble` is told what keeps the reader.

    `heard` is told who is at the end, whether something new was there or not.
    """

    def __init__(
        self,
        source: str,
        at: Cursor,
        make_source: MakeSource,
        advance: Advance[C],
        trouble: Callable[[str | None], Awaitable[None]],
        batches: Batches,
        heard: Callable[[Sequence[C]], Awaitable[None]] | None = None,
    ) -> None:
        self.source = source
        self.at = at
        self._make_source = make_source
        self._advance = advance
        self._trouble = trouble
        self._batches = batches
        self._heard = heard
        self._places: list[Place[C]] = []
        # Who becomes level does so between two batches, never in the middle of one.
        self._turn = asyncio.Lock()

    async def add(self, place: Place[C]) -> None:
        """One that is not level has to be brought level by `catch_up`."""
        async with self._turn:
            place.is_level = place.cursor.position == self.at.position
            if place.is_level and self.at.hint is None:
                self.at.hint = place.cursor.hint
            self._places.append(place)

    def remove(self, place: Place[C]) -> None:
        if place in self._places:
            self._places.remove(place)

    async def feed(self) -> None:
        """Feed all that are level, for ever. Raises what `advance` raises."""
        follow = Follow(
            service=self.source,
            make_source=self._make_source,
            cursor=lambda: self.at,
            take=self._take_together,
            trouble=self._trouble,
            limit=lambda: self._batches.level,
            goes_on=lambda: bool(self._level()),
            heard=self._hear,
        )
        while True:
            await follow.run()
            await asyncio.sleep(LOOK_AGAIN_S)

    async def catch_up(self, place: Place[C]) -> None:
        """Read for one alone until it is level, or removed. Raises what `advance` raises."""

        async def take(records: Sequence[StoredRecord], hint: str | None) -> None:
            await self._advance([place.consumer], records, hint)
            place.cursor = Cursor(records[-1].position, hint)
            if place.cursor.position == self.at.position:
                async with self._turn:
                    place.is_level = place.cursor.position == self.at.position

        await Follow(
            service=self.source,
            make_source=self._make_source,
            cursor=lambda: place.cursor,
            take=take,
            trouble=self._trouble,
            limit=lambda: min(self._batches.catching_up, self.at.position - place.cursor.position),
            goes_on=lambda: place in self._places and not place.is_level,
        ).run()

    async def _hear(self) -> None:
        if self._heard is not None:
            await self._heard([place.consumer for place in self._level()])

    def _level(self) -> list[Place[C]]:
        return [place for place in self._places if place.is_level]

    async def _take_together(self, records: Sequence[StoredRecord], hint: str | None) -> None:
        async with self._turn:
            if not (level := self._level()):
                return
            await self._advance([place.consumer for place in level], records, hint)
            for place in level:
                place.cursor = Cursor(records[-1].position, hint)
            self.at = Cursor(records[-1].position, hint)
