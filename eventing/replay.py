"""Fold read models from their sources alone, in memory, up to given positions.

What this gives and what a service serves at the same positions must have the same digest: the
proof that nothing in a read model comes from elsewhere.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from contracts.every_service import ParkedStreamSkipped
from eventing.follower import Folding, RowNotStorable, sources_of
from eventing.following import MakeSource
from eventing.looked_at import LookedAt, look_at
from eventing.parked import WAITS, Parking
from eventing.read_model import ReadModel
from eventing.record import StoredRecord, type_names
from eventing.row_tables import refuse_unstorable

BATCH_RECORDS = 10_000
SILENT_FOR_S_MAX = 15.0
WAIT_S = 2.0


class NotThatFar(Exception):
    """A source ended, or fell silent, before the position asked for."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`parked` counts the records that could not be folded, with those that wait behind them."""

    digest: str
    positions: Mapping[str, int]
    parked: int


@dataclass
class _Memory:
    """Rows in memory, where a follower expects a table and a connection."""

    model: ReadModel[Any, Any]
    rows: dict[Any, Any] = field(default_factory=dict)

    async def load(self, _connection: Any, keys: Iterable[Any]) -> dict[Any, Any]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    async def write(self, _connection: Any, changed: Mapping[Any, Any]) -> None:
        refuse_unstorable(row for row in changed.values() if row is not None)
        for key, row in changed.items():
            if row is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield


class _Replay:
    """One read model. `skips`: up to where a person had streams left out, by source and stream."""

    def __init__(
        self,
        model: ReadModel[Any, Any],
        upto: Mapping[str, int],
        skips: Mapping[tuple[str, str], int],
    ) -> None:
        self.upto = upto
        self.memory = _Memory(model)
        self.parked = 0
        self._folding = Folding(model, self.memory, Parking(model.name, 0))
        self._skips = skips
        self._left_out: dict[tuple[str, str], int] = {}

    async def feed(self, records: Sequence[LookedAt]) -> None:
        items = [item for item in records if item.stored.position <= self._upto(item)]
        while items := [item for item in items if not self._is_left_out(item)]:
            try:
                parked = await self._folding.fold(self.memory, items)
            except RowNotStorable:
                parked = await self._folding.fold(self.memory, items, one_by_one=True)
            items = [item for item, error in parked if self._goes_on_after(item, error)]

    def _upto(self, item: LookedAt) -> int:
        return self.upto.get(item.stored.service, 0)

    def _is_left_out(self, item: LookedAt) -> bool:
        place = (item.stored.service, item.stream)
        return item.stored.position <= self._left_out.get(place, 0)

    def _goes_on_after(self, item: LookedAt, error: str) -> bool:
        place = (item.stored.service, item.stream)
        if error != WAITS and self._skips.get(place, 0) >= item.stored.position:
            self._left_out[place] = self._skips[place]
        elif error != WAITS:
            self._folding.parking.streams.add(place)
        if place in self._folding.parking.streams:
            self.parked += 1
            return False
        return True

    def done(self) -> Replayed:
        model = self.memory.model
        return Replayed(model.digest(self.memory.rows.values()), self.upto, self.parked)


async def replay(
    own_service: str,
    models: Sequence[ReadModel[Any, Any]],
    make_source: MakeSource,
    upto: Mapping[str, Mapping[str, int]],
) -> dict[str, Replayed]:
    """Replay a service's read models, each up to its own positions; by the models' names.

    Raises NotThatFar, HoleInTheLog.
    """
    skips: dict[str, dict[tuple[str, str], int]] = {model.name: {} for model in models}
    async for records in _records(own_service, make_source, None):
        for item in map(look_at, records):
            if item.envelope is not None and item.may_be(_SKIPPED):
                skip: ParkedStreamSkipped = item.decode().event
                if skip.consumer in skips:
                    place = (skip.source_service, skip.parked_stream)
                    skips[skip.consumer][place] = skip.up_to_position
    replays = [_Replay(model, upto[model.name], skips[model.name]) for model in models]
    for source in sorted({name for model in models for name in sources_of(model, own_service)}):
        end = max(one.upto.get(source, 0) for one in replays)
        async for records in _records(source, make_source, end):
            items = [look_at(stored) for stored in records]
            for one in replays:
                if source in one.upto:
                    await one.feed(items)
    return {one.memory.model.name: one.done() for one in replays}


_SKIPPED = type_names((ParkedStreamSkipped,))


async def _records(
    service: str, make_source: MakeSource, end: int | None
) -> AsyncIterator[Sequence[StoredRecord]]:
    """The records of a source up to a position; without one, all that are there."""
    source = make_source(service)
    await source.start(0)
    try:
        loop = asyncio.get_running_loop()
        position, heard_s = 0, loop.time()
        while end is None or position < end:
            left = BATCH_RECORDS if end is None else min(BATCH_RECORDS, end - position)
            if records := await source.next(left, WAIT_S):
                position, heard_s = records[-1].position, loop.time()
                yield records
            elif end is None:
                return
            elif loop.time() - heard_s > SILENT_FOR_S_MAX:
                raise NotThatFar(f"{service} gave nothing after position {position} of {end}")
    finally:
        await source.stop()
