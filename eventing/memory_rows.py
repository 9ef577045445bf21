"""Read models in memory, folded from logs when asked; for tests, replays and small tools."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from contracts.event import declarations
from eventing.memory_store import MemoryStore
from eventing.questions import question
from eventing.read_model import ReadModel
from eventing.record import Recorded, decode_envelope, decode_event, recorded, type_names
from eventing.rows import NotYetVisible
from eventing.sealing import MemorySealer, Sealer

K = TypeVar("K")
Row = TypeVar("Row")


class MemoryRows:
    """Follows memory stores, and whatever is given to `feed` as other services' events."""

    def __init__(self, *stores: MemoryStore, sealer: Sealer | None = None) -> None:
        self._stores = stores
        self._sealer = sealer or MemorySealer()
        self._fed: list[Recorded] = []
        self._rows: dict[str, dict[Any, Any]] = {}
        self._at: dict[tuple[str, str], int] = {}
        self._fed_at: dict[str, int] = {}
        self._fed_positions: Counter[str] = Counter()

    def feed(self, events: Iterable[Recorded]) -> None:
        """Take over events of services that have no store here; positions are given in order."""
        for event in events:
            at = self._fed_positions[event.service] = self._fed_positions[event.service] + 1
            self._fed.append(msgspec.structs.replace(event, position=at))

    def begin_anew(self) -> None:
        """Forget all rows: what is asked next is folded again, of what can still be opened."""
        self._rows.clear()
        self._at.clear()
        self._fed_at.clear()

    async def get(self, model: ReadModel[K, Row], key: K) -> Row | None:
        row: Row | None = (await self._caught_up(model)).get(key)
        return row

    async def where(
        self, model: ReadModel[Any, Row], *, limit: int, after: Any = None, **which: Any
    ) -> Sequence[Row]:
        asked = question(model, **which)
        rows = [row for row in (await self._caught_up(model)).values() if asked.holds(row)]
        if after is not None:
            rows = [row for row in rows if asked.is_after(row, after)]
        return asked.in_order(rows)[:limit]

    async def count(self, model: ReadModel[Any, Any], *, bound: int, **which: Any) -> int:
        return len(await self.where(model, limit=bound, **which))

    async def query(self, sql: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        raise TypeError(f"rows in memory speak no SQL: {sql[:60]} ({len(arguments)} arguments)")

    async def query_together(
        self, asked: Sequence[tuple[str, Sequence[Any]]]
    ) -> Sequence[Sequence[Mapping[str, Any]]]:
        return [await self.query(sql, *arguments) for sql, arguments in asked]

    async def positions(self, model: ReadModel[Any, Any]) -> Mapping[str, int]:
        await self._caught_up(model)
        followed = _followed(model)
        return {
            service: at
            for (name, service), at in self._at.items()
            if name == model.name and (service in followed or None in followed)
        }

    async def reached(
        self, model: ReadModel[Any, Any], at_least: Mapping[str, int], wait_s: float = 5.0
    ) -> None:
        del wait_s  # it is caught up whenever it is asked
        positions = await self.positions(model)
        followed = _followed(model)
        if any(positions.get(name, 0) < at for name, at in at_least.items() if name in followed):
            raise NotYetVisible

    async def _caught_up(self, model: ReadModel[Any, Any]) -> dict[Any, Any]:
        rows = self._rows.setdefault(model.name, {})
        names = type_names(model.events)
        for store in self._stores:
            at = self._at.setdefault((model.name, store.service), 0)
            stored = await store.log(at, 1_000_000)
            batch = [
                recorded(one, envelope, decode_event(envelope))
                for one in stored
                if (envelope := decode_envelope(one.record)).type in names
            ]
            self._apply(model, rows, await model.opened(batch, self._sealer))
            self._at[model.name, store.service] = at + len(stored)
        fed = self._fed[self._fed_at.get(model.name, 0) :]
        folded = [one for one in fed if type(one.event) in model.events]
        self._apply(model, rows, await model.opened(folded, self._sealer))
        self._fed_at[model.name] = len(self._fed)
        # A store's own position counts log entries; fed ones must not move it.
        stored_here = {store.service for store in self._stores}
        for one in fed:
            if one.service not in stored_here:
                self._at[model.name, one.service] = one.position
        return rows

    @staticmethod
    def _apply(model: ReadModel[Any, Any], rows: dict[Any, Any], batch: Sequence[Recorded]) -> None:
        for key, row in model.fold(rows, batch).items():
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row


def _followed(model: ReadModel[Any, Any]) -> set[str | None]:
    """The services whose events it folds; None: those that every service publishes."""
    return {declarations[event].service for event in model.events}
