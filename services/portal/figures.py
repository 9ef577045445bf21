"""What there is to publish of a programme's children: each figure, and how they hang together.

Of a figure it is known of how many children it tells: support of one child by five givers is no
five children.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from eventing.rows import Rows
from programmes import packs
from services.portal.publication import At, Count


class Kind(NamedTuple):
    category: str
    measure: str


@dataclass(frozen=True, slots=True)
class Figure:
    """As it is now. `parts` are the columns whose sum it is, in each way in which it is one."""

    at: At
    value: int
    children: int
    quantity: int | None
    parts: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class Universe:
    """Figures about one set of things, of which each is in the atoms that it is in and in no other.

    A column is an atom's or a figure's: how many things are in it. `truth` is how it is.
    """

    truth: list[int] = field(default_factory=list)
    figures: dict[int, Figure] = field(default_factory=dict)

    def atom(self, truth: int) -> int:
        self.truth.append(truth)
        return len(self.truth) - 1

    def figure(self, at: At, told: "Counted", *parts: Iterable[int]) -> int:
        column = self.atom(told.value)
        self.figures[column] = Figure(
            at, told.value, told.children, told.quantity, tuple(tuple(one) for one in parts)
        )
        return column


class Counted(NamedTuple):
    value: int = 0
    children: int = 0
    quantity: int | None = None


NOTHING = Counted()

NEEDS: Mapping[Count, tuple[str, str | None]] = {
    "needs_recorded": ("true", None),
    "needs_verified": ("verified", None),
    "needs_standing": ("verified AND NOT withdrawn AND NOT lapsed", "quantity"),
    "needs_reserved": (
        "verified AND NOT withdrawn AND NOT lapsed AND quantity_met = 0 AND quantity_reserved > 0",
        None,
    ),
    "needs_sourced": ("quantity_reserved > 0", "quantity_reserved"),
    "needs_met": ("verified AND quantity_met >= quantity", None),
}
"""Which needs a figure counts, and the quantity that is told beside it."""


def _different(which: str = "true") -> str:
    """How many children these rows tell of: of a group the most that one of them names."""
    in_groups = f"FILTER (WHERE ({which}) AND group_id IS NOT NULL)"
    groups = (
        f"unnest(array_agg(group_id) {in_groups}, array_agg(children) {in_groups})"
        " AS one (group_id, children)"
    )
    most = f"SELECT max(one.children) AS most FROM {groups} GROUP BY one.group_id"  # noqa: S608
    of_groups = f"(SELECT coalesce(sum(most), 0) FROM ({most}) AS of_each)"  # noqa: S608
    return f"(count(DISTINCT child_id) FILTER (WHERE {which}) + {of_groups})::bigint"


_FLAGS = ", ".join(f"({which}) AS {name}" for name, (which, _) in NEEDS.items())
_COUNTED = ", ".join(
    f"count(*) FILTER (WHERE {which}) AS {name}, {_different(which)} AS {name}_children,"
    f" coalesce(sum({quantity or 0}) FILTER (WHERE {which}), 0)::bigint AS {name}_quantity"
    for name, (which, quantity) in NEEDS.items()
)
_PLACES = "GROUPING SETS ((unit_id, category, measure), (unit_id), (category, measure), ())"

# Made of what stands in code alone.
NEEDS_SQL = f"""
SELECT unit_id, category, measure, {_COUNTED}
FROM needs WHERE programme_id = $1 GROUP BY {_PLACES}
"""  # noqa: S608
NEED_ATOMS_SQL = f"""
SELECT unit_id, category, measure, {_FLAGS}, count(*) AS n
FROM needs WHERE programme_id = $1 GROUP BY {", ".join(str(at) for at in range(1, 4 + len(NEEDS)))}
"""  # noqa: S608
LINES_SQL = f"""
SELECT unit_id, category, measure, count(*) AS value, {_different()} AS children
FROM lines WHERE programme_id = $1 AND reserved_at IS NOT NULL GROUP BY {_PLACES}
"""  # noqa: S608
_SUPPORT = (
    f"coalesce(sum(children), 0)::bigint AS value, {_different()} AS children,"
    " sum(support.quantity)::bigint AS quantity"
)
SUPPORT_SQL = f"""
SELECT unit_id, category, measure, {_SUPPORT}
FROM support WHERE programme_id = $1 GROUP BY {_PLACES}
"""  # noqa: S608
DIRECT_SQL = f"""
SELECT {_SUPPORT} FROM support WHERE programme_id = $1 AND way = 'direct-gift'
"""  # noqa: S608
OF_A_GIFT_SQL = f"""
SELECT contribution_id, min(measure) AS measure, count(DISTINCT measure) AS measures, {_SUPPORT}
FROM support WHERE programme_id = $1 AND contribution_id IS NOT NULL GROUP BY contribution_id
"""  # noqa: S608
OF_A_DELIVERY_SQL = f"""
SELECT delivery_id, {_SUPPORT}
FROM support WHERE programme_id = $1 AND delivery_id IS NOT NULL GROUP BY delivery_id
"""  # noqa: S608
OF_A_FUND_SQL = f"""
SELECT gifts.fund_id, support.measure, array_agg(DISTINCT contribution_id) AS gifts, {_SUPPORT}
FROM support JOIN gifts USING (contribution_id)
WHERE support.programme_id = $1 GROUP BY gifts.fund_id, support.measure
"""  # noqa: S608
BY_GIFT_SQL = """
SELECT unit_id, category, measure, contribution_id AS of, sum(children)::bigint AS n
FROM support WHERE programme_id = $1 GROUP BY unit_id, category, measure, contribution_id
"""
BY_DELIVERY_SQL = """
SELECT unit_id, category, measure, delivery_id AS of, sum(children)::bigint AS n
FROM support WHERE programme_id = $1 GROUP BY unit_id, category, measure, delivery_id
"""
CHILDREN_SQL = """
SELECT units, sum(n)::bigint AS n FROM (
    SELECT array_agg(DISTINCT unit_id ORDER BY unit_id) AS units,
        CASE WHEN child_id IS NULL THEN max(children) ELSE 1 END AS n
    FROM support WHERE programme_id = $1 AND coalesce(child_id, group_id) IS NOT NULL
    GROUP BY child_id, group_id
) AS subjects GROUP BY units
"""


ASKED = (
    NEEDS_SQL,
    NEED_ATOMS_SQL,
    SUPPORT_SQL,
    BY_GIFT_SQL,
    BY_DELIVERY_SQL,
    DIRECT_SQL,
    OF_A_GIFT_SQL,
    OF_A_DELIVERY_SQL,
    OF_A_FUND_SQL,
    LINES_SQL,
    CHILDREN_SQL,
)

Answers = Mapping[str, Sequence[Mapping[str, Any]]]


async def universes(rows: Rows, programme_id: UUID, unit_ids: Sequence[UUID]) -> Sequence[Universe]:
    """As of one moment. `unit_ids`: of which units anything may be told."""
    asked = [(sql, (programme_id,)) for sql in ASKED]
    answers = dict(zip(ASKED, await rows.query_together(asked), strict=True))
    return universes_of(answers, unit_ids)


def universes_of(answers: Answers, unit_ids: Sequence[UUID]) -> Sequence[Universe]:
    """From what the database answers to each of `ASKED`."""
    return [of(answers, unit_ids) for of in (_needs, _support, _lines, _children)]


class _Found:
    """What a query counted, by place."""

    def __init__(self, found: Iterable[Mapping[str, Any]]) -> None:
        self.by = {(row["unit_id"], kind_of(row)): row for row in found}

    def kinds(self) -> list[Kind]:
        return sorted({kind for _, kind in self.by if kind is not None})

    def units(self, besides: Iterable[UUID]) -> list[UUID]:
        return sorted({unit for unit, _ in self.by if unit is not None} | set(besides))

    def counted(self, unit: UUID | None, kind: Kind | None, prefix: str = "") -> Counted:
        row = self.by.get((unit, kind))
        if row is None:
            return NOTHING
        names = (
            (prefix, f"{prefix}_children", f"{prefix}_quantity")
            if prefix
            else ("value", "children", "quantity")
        )
        # Over all kinds a quantity would add pieces to money.
        quantity = row.get(names[2]) if kind is not None else None
        return Counted(row[names[0]], row[names[1]], None if quantity is None else int(quantity))


def kind_of(row: Mapping[str, Any]) -> Kind | None:
    return None if row["category"] is None else Kind(row["category"], row["measure"])


def _table(
    universe: Universe,
    count: Count,
    cells: Mapping[tuple[UUID, Kind], Sequence[Sequence[int]]],
    counted: Any,
) -> None:
    """A figure for each cell, made of these columns, and for each unit, each kind, and all."""
    columns = {
        (unit, kind): universe.figure(At(count, unit, *kind), counted(unit, kind), *parts)
        for (unit, kind), parts in cells.items()
    }
    of_units = []
    for unit in dict.fromkeys(unit for unit, _ in columns):
        parts = [column for (where, _), column in columns.items() if where == unit]
        of_units.append(universe.figure(At(count, unit), counted(unit, None), parts))
    of_kinds = []
    for kind in dict.fromkeys(kind for _, kind in columns):
        parts = [column for (_, what), column in columns.items() if what == kind]
        of_kinds.append(universe.figure(At(count, None, *kind), counted(None, kind), parts))
    universe.figure(At(count), counted(None, None), of_units, of_kinds)


def _needs(answers: Answers, unit_ids: Sequence[UUID]) -> Universe:
    found = _Found(answers[NEEDS_SQL])
    atoms: dict[tuple[UUID, Kind | None, tuple[bool, ...]], int] = {}
    for row in answers[NEED_ATOMS_SQL]:
        atoms[row["unit_id"], kind_of(row), tuple(row[name] for name in NEEDS)] = row["n"]
    states = sorted({state for _, _, state in atoms})
    universe = Universe()
    columns = {
        (unit, kind, state): universe.atom(atoms.get((unit, kind, state), 0))
        for unit in found.units(unit_ids)
        for kind in found.kinds()
        for state in states
    }
    for at, count in enumerate(NEEDS):
        cells: dict[tuple[UUID, Kind], list[list[int]]] = {}
        for (unit, kind, state), column in columns.items():
            parts = cells.setdefault((unit, kind), [[]])
            if state[at]:
                parts[0].append(column)

        def counted(unit: UUID | None, kind: Kind | None, count: Count = count) -> Counted:
            told = found.counted(unit, kind, count)
            return told if NEEDS[count][1] else told._replace(quantity=None)

        _table(universe, count, cells, counted)
    return universe


def _support(answers: Answers, unit_ids: Sequence[UUID]) -> Universe:
    """Each time is in one cell, of one gift or none, and in one delivery or none."""
    found = _Found(answers[SUPPORT_SQL])
    units = found.units(unit_ids)
    universe = Universe()
    by_gift = _of_gifts(universe, answers[BY_GIFT_SQL], units)
    by_delivery = _of_deliveries(universe, answers[BY_DELIVERY_SQL], units)
    cells = {
        (unit, kind): [
            [column for (where, what, _), column in split.items() if (where, what) == (unit, kind)]
            for split in (by_gift, by_delivery)
        ]
        for unit in units
        for kind in found.kinds()
    }
    _table(universe, "child_times", cells, found.counted)
    (direct,) = answers[DIRECT_SQL]
    universe.figure(
        At("direct_gifts"),
        Counted(direct["value"], direct["children"]),
        [column for (_, _, gift), column in by_gift.items() if gift is None],
    )
    for row in answers[OF_A_GIFT_SQL]:
        gift = row["contribution_id"]
        quantity = int(row["quantity"]) if row["measures"] == 1 else None
        universe.figure(
            At("child_times", contribution_id=gift),
            Counted(row["value"], row["children"], quantity),
            [column for (_, _, of), column in by_gift.items() if of == gift],
        )
    for row in answers[OF_A_DELIVERY_SQL]:
        delivery = row["delivery_id"]
        universe.figure(
            At("child_times", delivery_id=delivery),
            Counted(row["value"], row["children"]),
            [column for (_, _, of), column in by_delivery.items() if of == delivery],
        )
    for row in answers[OF_A_FUND_SQL]:
        if not packs.installed().is_money(row["measure"]):
            continue
        of_fund = set(row["gifts"])
        universe.figure(
            At("child_times", fund_id=row["fund_id"]),
            Counted(row["value"], row["children"], int(row["quantity"])),
            [
                column
                for (_, kind, gift), column in by_gift.items()
                if gift in of_fund and kind.measure == row["measure"]
            ],
        )
    return universe


Split = Mapping[tuple[UUID, Kind, UUID | None], int]


def _of_gifts(
    universe: Universe, found: Sequence[Mapping[str, Any]], units: Sequence[UUID]
) -> Split:
    """For all that a reader knows a gift may have gone to any unit; its kind stands open."""
    kinds = {kind_of(row): None for row in found}
    could = {(kind, None) for kind in kinds} | {(kind_of(row), row["of"]) for row in found}
    return _split(universe, found, {(unit, *one) for unit in units for one in could})


def _of_deliveries(
    universe: Universe, found: Sequence[Mapping[str, Any]], units: Sequence[UUID]
) -> Split:
    """A delivery is in one unit, and may bring any kind."""
    kinds = {kind_of(row): None for row in found}
    places = {(unit, None) for unit in units} | {(row["unit_id"], row["of"]) for row in found}
    return _split(universe, found, {(unit, kind, of) for unit, of in places for kind in kinds})


def _split(universe: Universe, found: Sequence[Mapping[str, Any]], could: Iterable[Any]) -> Split:
    counts = {(row["unit_id"], kind_of(row), row["of"]): row["n"] for row in found}
    keys = sorted({*could, *counts}, key=lambda key: tuple(map(str, key)))
    return {key: universe.atom(counts.get(key, 0)) for key in keys}


def _lines(answers: Answers, unit_ids: Sequence[UUID]) -> Universe:
    found = _Found(answers[LINES_SQL])
    universe = Universe()
    cells = {
        (unit, kind): [[universe.atom(found.counted(unit, kind).value)]]
        for unit in found.units(unit_ids)
        for kind in found.kinds()
    }
    _table(universe, "lines_allocated", cells, found.counted)
    return universe


def _children(answers: Answers, unit_ids: Sequence[UUID]) -> Universe:
    """A child is helped in one unit, or, after a move, in several."""
    found = {tuple(row["units"]): row["n"] for row in answers[CHILDREN_SQL]}
    universe = Universe()
    alone = {(unit,): 0 for unit in unit_ids}
    atoms = {units: universe.atom(n) for units, n in sorted((alone | found).items())}

    def counted(unit: UUID | None) -> Counted:
        n = sum(n for units, n in found.items() if unit is None or unit in units)
        return Counted(n, n)

    for unit in sorted({unit for units in atoms for unit in units}):
        parts = [column for units, column in atoms.items() if unit in units]
        universe.figure(At("children_distinct", unit), counted(unit), parts)
    universe.figure(At("children_distinct"), counted(None), list(atoms.values()))
    return universe
