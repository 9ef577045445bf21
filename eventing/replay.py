"""Fold read models from their sources alone, in memory, up to given positions.

What this gives and what a service serves at the same positions must have the same digest: the
proof that nothing in a read model comes from elsewhere.
"""

import asyncio
from collections import defaultdict
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
from eventing.record import StoredRecord, UndecodableRecord, type_names
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
        items: Sequence[LookedAt] = records
        if records and records[-1].stored.position > self._upto(records[-1]):
            items = [item for item in records if item.stored.position <= self._upto(item)]
        while items := self._not_left_out(items):
            try:
                parked = await self._folding.fold(self.memory, items)
            except RowNotStorable:
                parked = await self._folding.fold(self.memory, items, one_by_one=True)
            items = [item for item, error in parked if self._goes_on_after(item, error)]

    def _not_left_out(self, items: Sequence[LookedAt]) -> Sequence[LookedAt]:
        if not self._left_out:
            return items
        return [item for item in items if not self._is_left_out(item)]

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
    replayed = await replay_all({own_service: models}, make_source, {own_service: upto})
    return replayed[own_service]


async def replay_all(
    models: Mapping[str, Sequence[ReadModel[Any, Any]]],
    make_source: MakeSource,
    upto: Mapping[str, Mapping[str, Mapping[str, int]]],
) -> dict[str, dict[str, Replayed]]:
    """The same for several services, reading each source once; by service and by model.

    Raises NotThatFar, HoleInTheLog.
    """
    replays: dict[str, list[_Replay]] = {}
    readers: defaultdict[str, list[_Replay]] = defaultdict(list)
    for service, its_models in models.items():
        skips = await _skips(service, its_models, make_source)
        replays[service] = [
            _Replay(model, upto[service][model.name], skips[model.name]) for model in its_models
        ]
        for one in replays[service]:
            for source in sources_of(one.memory.model, service) & one.upto.keys():
                readers[source].append(one)
    for source, its_readers in sorted(readers.items()):
        await _read(source, its_readers, make_source)
    return {
        service: {one.memory.model.name: one.done() for one in its_replays}
        for service, its_replays in replays.items()
    }


async def _read(source: str, readers: Sequence[_Replay], make_source: MakeSource) -> None:
    by_type: defaultdict[str, list[_Replay]] = defaultdict(list)
    for one in readers:
        for name in type_names(one.memory.model.events):
            by_type[name].append(one)
    end = max(one.upto[source] for one in readers)
    async for records in _records(source, make_source, end):
        batches: dict[int, list[LookedAt]] = {id(one): [] for one in readers}
        for item in map(look_at, records):
            # Nobody can tell what an unreadable record is of: it is given to all.
            wanted = readers if item.envelope is None else by_type.get(item.envelope.type, ())
            for one in wanted:
                batches[id(one)].append(item)
        for one in readers:
            await one.feed(batches[id(one)])


_SKIPPED = type_names((ParkedStreamSkipped,))
_SKIPPED_IN_RECORD = tuple(f'"{name}"'.encode() for name in _SKIPPED)


async def _skips(
    own_service: str, models: Sequence[ReadModel[Any, Any]], make_source: MakeSource
) -> dict[str, dict[tuple[str, str], int]]:
    """Up to where a person had streams left out, by model; events of its service say so."""
    skips: dict[str, dict[tuple[str, str], int]] = {model.name: {} for model in models}
    async for records in _records(own_service, make_source, None):
        for stored in records:
            # They are few, and to look at every record takes longer than all the rest.
            if not any(name in stored.record for name in _SKIPPED_IN_RECORD):
                continue
            item = look_at(stored)
            if item.envelope is not None and item.may_be(_SKIPPED):
                try:
                    skip: ParkedStreamSkipped = item.decode().event
                except UndecodableRecord:
                    continue
                if skip.consumer in skips:
                    place = (skip.source_service, skip.parked_stream)
                    skips[skip.consumer][place] = skip.up_to_position
    return skips


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
