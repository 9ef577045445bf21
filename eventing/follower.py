"""How a batch is folded into a read model's rows, and where each generation of one is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

import asyncpg

from contracts.event import declarations
from eventing.looked_at import LookedAt, what_of
from eventing.parked import WAITS, Parking
from eventing.read_model import ReadModel
from eventing.record import Recorded, type_names
from eventing.row_tables import RowTable
from eventing.sealing import NotOpenable, Sealer
from eventing.shared_reading import Place

UNSTORABLE = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, ValueError)
"""What the database, or its client, says of a value that no column can hold."""

Sound = list[tuple[LookedAt, Recorded]]
Parked = list[tuple[LookedAt, str]]


class RowNotStorable(Exception):
    """A folded row holds what its table cannot: the batch must be taken apart."""


def sources_of(model: ReadModel[Any, Any], own_service: str) -> set[str]:
    """The services whose events the model folds; what any service may publish means its own."""
    return {declarations[event].service or own_service for event in model.events}


class Table(Protocol):
    async def load(self, connection: Any, keys: Iterable[Any]) -> dict[Any, Any]:
        """Return the rows that are there. Raises one of UNSTORABLE."""

    async def write(self, connection: Any, changed: Mapping[Any, Any]) -> None:
        """Keep the rows, remove those that are None. Raises one of UNSTORABLE."""


T = TypeVar("T", bound=Table)


@dataclass(eq=False)
class Folding(Generic[T]):
    """A read model, where its rows are, and what it could not fold."""

    model: ReadModel[Any, Any]
    table: T
    parking: Parking
    sealer: Sealer | None = field(default=None, kw_only=True)

    @property
    def name(self) -> str:
        return self.model.name

    @cached_property
    def types(self) -> Mapping[str, type]:
        return type_names(self.model.events)

    async def fold(
        self, connection: Any, items: Sequence[LookedAt], *, one_by_one: bool = False
    ) -> Parked:
        """Fold records into the table, in the caller's transaction; return what must be parked.

        Raises RowNotStorable, which spoils the transaction, unless `one_by_one`.
        """
        sorted_out, parked = self._sort_out(items)
        sound = await self._open(sorted_out, parked)
        if not sound:
            return parked
        changed = None if one_by_one else await self._fold_at_once(connection, sound)
        if changed is None:
            return parked + await self._fold_one_by_one(connection, sound)
        await self._write(connection, changed)
        return parked

    async def _fold_at_once(self, connection: Any, sound: Sound) -> dict[Any, Any] | None:
        """Return the changed rows; None if one of the events cannot be folded."""
        events = [event for _, event in sound]
        try:
            keys = {key for event in events for key in self.model.touched(event)}
        except Exception:  # noqa: BLE001 - whatever a fold raises, only its stream must stop
            return None
        rows = await self._load(connection, keys)
        try:
            return self.model.fold(rows, events)
        except Exception:  # noqa: BLE001 - as above
            return None

    def _sort_out(self, items: Sequence[LookedAt]) -> tuple[Sound, Parked]:
        """Decode what may be folded now. A fold is pure, so a failure once is a failure always."""
        sound: Sound = []
        parked: Parked = []
        stopped: set[str] = set()
        parking = self.parking
        some_are_parked = bool(parking.skipped or parking.streams)
        for item in items:
            if not item.may_be(self.types) or (some_are_parked and parking.skips(item)):
                continue
            if item.stream in stopped or (some_are_parked and parking.holds(item)):
                parked.append((item, WAITS))
                continue
            try:
                sound.append((item, item.decode()))
            except Exception as error:  # noqa: BLE001 - an upcaster may raise anything
                stopped.add(item.stream)
                parked.append((item, what_of(error)))
        return sound, parked

    async def _open(self, sound: Sound, parked: Parked) -> Sound:
        """Open what the model wants opened, and park what does not open.

        A key database that is away is no fault of a record: that is raised, and the batch undone.
        """
        if not self.model.opens_sealed:
            return sound
        assert self.sealer is not None, "a read model that opens is followed where the keys are"
        opened: Sound = []
        stopped: set[str] = set()
        for item, event in sound:
            if item.stream in stopped:
                parked.append((item, WAITS))
                continue
            try:
                opened += [(item, one) for one in await self.model.opened([event], self.sealer)]
            except (NotOpenable, ValueError) as error:
                stopped.add(item.stream)
                parked.append((item, what_of(error)))
        return opened

    async def _fold_one_by_one(self, connection: Any, sound: Sound) -> Parked:
        parked: Parked = []
        stopped: set[str] = set()
        for item, event in sound:
            if item.stream in stopped:
                parked.append((item, WAITS))
                continue
            try:
                keys = set(self.model.touched(event))
                # A savepoint, so that a row which cannot be stored undoes itself alone.
                async with connection.transaction():
                    rows = await self._load(connection, keys)
                    await self._write(connection, self.model.fold(rows, [event]))
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever a fold raises, its stream stops
                stopped.add(item.stream)
                parked.append((item, what_of(error.__cause__ or error)))
        return parked

    async def _load(self, connection: Any, keys: Iterable[Any]) -> dict[Any, Any]:
        try:
            return await self.table.load(connection, keys)
        except UNSTORABLE as error:
            raise RowNotStorable(self.name) from error

    async def _write(self, connection: Any, changed: Mapping[Any, Any]) -> None:
        try:
            await self.table.write(connection, changed)
        except UNSTORABLE as error:
            raise RowNotStorable(self.name) from error


@dataclass(eq=False)
class Follower(Folding[RowTable[Any, Any]]):
    """One generation of a read model in the database: `building`, then `live`."""

    status: str
    places: dict[str, Place[Any]] = field(default_factory=dict)

    @property
    def generation(self) -> int:
        return self.table.generation

    @property
    def is_level(self) -> bool:
        return all(place.is_level for place in self.places.values())
