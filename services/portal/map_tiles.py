"""The drawn map: equal tiles in the rough arrangement that a programme's pack gives its units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from programmes import packs
from services.portal.report import UnitFigures

TILE_WIDTH, TILE_HEIGHT, GAP = 160, 112, 10
DEPTHS = 4
"""Shades of a tile, from nothing met to all met."""


class Place(NamedTuple):
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Tile:
    """`depth` 0 to 4 is how much of what was verified is met; None: not told."""

    unit: UnitFigures
    x: int
    y: int
    depth: int | None


@dataclass(frozen=True, slots=True)
class DrawnMap:
    width: int
    height: int
    tile_width: int
    tile_height: int
    tiles: tuple[Tile, ...]


def in_columns(units: Sequence[UnitFigures], columns: int) -> DrawnMap:
    """For narrow screens: the same tiles in reading order, from the map's top left."""
    places = arrangement()
    last = Place(columns, len(units))
    ordered = sorted(
        units,
        key=lambda unit: (
            (place := places.get(identity(unit), last)).row,
            place.column,
            unit.code,
        ),
    )
    return _draw([(unit, Place(at % columns, at // columns)) for at, unit in enumerate(ordered)])


def drawn(units: Sequence[UnitFigures]) -> DrawnMap:
    """Units to which no pack gives a place follow below, in rows of the map's width."""
    places = arrangement()
    placed = [(unit, places[identity(unit)]) for unit in units if identity(unit) in places]
    columns = max((place.column for _, place in placed), default=3) + 1
    below = max((place.row for _, place in placed), default=-1) + 1
    rest = [unit for unit in units if identity(unit) not in places]
    placed += [(unit, Place(at % columns, below + at // columns)) for at, unit in enumerate(rest)]
    return _draw(placed)


def _draw(placed: Sequence[tuple[UnitFigures, Place]]) -> DrawnMap:
    columns = max((place.column for _, place in placed), default=0) + 1
    rows = max((place.row for _, place in placed), default=0) + 1
    return DrawnMap(
        columns * (TILE_WIDTH + GAP) - GAP,
        rows * (TILE_HEIGHT + GAP) - GAP,
        TILE_WIDTH,
        TILE_HEIGHT,
        tuple(
            Tile(
                unit,
                place.column * (TILE_WIDTH + GAP),
                place.row * (TILE_HEIGHT + GAP),
                _depth(unit),
            )
            for unit, place in placed
        ),
    )


def identity(unit: UnitFigures) -> tuple[str, date]:
    """A code alone is no identity: four of them passed to other communes."""
    return unit.code, unit.valid_from


def _depth(unit: UnitFigures) -> int | None:
    if unit.needs_verified is None or unit.needs_met is None:
        return None
    if unit.needs_verified == 0:
        return 0
    return -(-DEPTHS * unit.needs_met // unit.needs_verified)


@cache
def arrangement() -> dict[tuple[str, date], Place]:
    """Where each unit's tile is, over all packs."""
    return {
        (tile.code, tile.valid_from): Place(tile.column, tile.row)
        for pack in packs.installed().all
        for tile in pack.tiles
    }
