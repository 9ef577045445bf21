"""What was said of each unit, and when: it began, others took it over, it had so many children."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from contracts.registry import UnitEstablished, UnitFigureDeclared, UnitSucceeded
from contracts.vietnamese_day import vietnamese_day
from eventing.read_model import ReadModel, begins, on
from eventing.record import Recorded


class Declared(Struct, frozen=True):
    """So many children it had on the day `as_of`, by its own count."""

    as_of: date
    children: int
    recorded_on: date


class UnitHistory(Struct, frozen=True, kw_only=True):
    """`declared` is in the order of its recording; `succeeded_on`: when its end was recorded."""

    unit_id: UUID
    valid_from: date
    recorded_on: date
    ended_on: date | None = None
    successor_ids: tuple[UUID, ...] = ()
    succeeded_on: date | None = None
    declared: tuple[Declared, ...] = ()

    def children(self, on: date, known_on: date = date.max) -> int | None:
        """Its newest count of that day or before, by the counts' own days; None: it made none."""
        counts = [each for each in self.declared if each.as_of <= on]
        known = [each for each in counts if each.recorded_on <= known_on]
        by_day = sorted(known, key=lambda each: each.as_of)
        return by_day[-1].children if by_day else None

    def as_known(self, known_on: date) -> "UnitHistory":
        """Without an end of which nobody had been told."""
        if self.succeeded_on is None or self.succeeded_on <= known_on:
            return self
        return replace(self, ended_on=None, successor_ids=(), succeeded_on=None)


def _established(of: Recorded[UnitEstablished]) -> UnitHistory:
    return UnitHistory(
        unit_id=of.event.unit_id,
        valid_from=of.event.valid_from,
        recorded_on=vietnamese_day(of.recorded_at),
    )


def _succeeded(row: UnitHistory, of: Recorded[UnitSucceeded]) -> UnitHistory:
    return replace(
        row,
        ended_on=of.event.ended_on,
        successor_ids=of.event.successor_ids,
        succeeded_on=vietnamese_day(of.recorded_at),
    )


def _declared(row: UnitHistory, of: Recorded[UnitFigureDeclared]) -> UnitHistory:
    told = Declared(of.event.as_of, of.event.children, vietnamese_day(of.recorded_at))
    return replace(row, declared=(*row.declared, told))


unit_histories: ReadModel[UUID, UnitHistory] = ReadModel(
    name="unit_histories",
    row=UnitHistory,
    key=("unit_id",),
    handlers=(
        begins(UnitEstablished, _established),
        on(UnitSucceeded, _succeeded),
        on(UnitFigureDeclared, _declared),
    ),
)
