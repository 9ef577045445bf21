"""The report of a programme: what was recorded, pledged, received, allocated, delivered, where.

Each figure is a sum over rows, never a row of its own. Children are counted twice: distinct
children, and child-times (lượt trẻ em), one for each time that support reached a child. Of a group
the children are counted who were there; as distinct ones the most of them that were there at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts.field_types import CategoryCode, MeasureCode
from edge.checkpoints import CheckpointShown
from edge.programmes import ProgrammeRow
from edge.who_may_where import UnitRow, units
from eventing.all_rows import all_rows
from eventing.rows import Rows
from services.portal.positions_shown import positions_shown
from services.portal.read_models.gifts import gift_lines
from services.portal.read_models.lines import lines
from services.portal.read_models.named import campaigns, sponsors
from services.portal.read_models.needs import needs
from services.portal.read_models.pledges import pledges
from services.portal.read_models.published import published_results
from services.portal.read_models.support import support

NEEDED = """
SELECT unit_id, category, measure,
    count(*) AS needs_recorded,
    count(*) FILTER (WHERE verified) AS needs_verified,
    count(*) FILTER (WHERE verified AND NOT withdrawn AND NOT lapsed AND quantity_met = 0
        AND quantity_reserved > 0) AS needs_reserved,
    count(*) FILTER (WHERE verified AND quantity_met >= quantity) AS needs_met,
    coalesce(sum(quantity) FILTER (WHERE verified AND NOT withdrawn AND NOT lapsed), 0)::bigint
        AS quantity_needed,
    sum(quantity_reserved)::bigint AS quantity_reserved
FROM needs WHERE programme_id = $1 GROUP BY unit_id, category, measure
"""
ALLOCATED = """
SELECT unit_id, category, measure, count(*) AS lines_allocated
FROM lines WHERE programme_id = $1 AND reserved_at IS NOT NULL
GROUP BY unit_id, category, measure
"""
DELIVERED = """
SELECT unit_id, category, measure,
    sum(children)::bigint AS child_times,
    count(DISTINCT child_id) AS children_distinct,
    sum(quantity)::bigint AS quantity_delivered,
    coalesce(sum(children) FILTER (WHERE way = 'direct-gift'), 0)::bigint AS direct_gifts
FROM support WHERE programme_id = $1
GROUP BY GROUPING SETS ((unit_id, category, measure), (unit_id), (category, measure), ())
"""
IN_GROUPS = """
SELECT unit_id, category, measure, sum(children)::bigint AS children_distinct
FROM (
    SELECT unit_id, category, measure, group_id, max(children) AS children
    FROM support WHERE programme_id = $1 AND group_id IS NOT NULL
    GROUP BY GROUPING SETS (
        (unit_id, category, measure, group_id), (unit_id, group_id),
        (category, measure, group_id), (group_id)
    )
) AS groups GROUP BY unit_id, category, measure
"""
PLEDGED = """
SELECT category, measure, sum(quantity)::bigint AS pledged, count(*) AS pledges
FROM pledges WHERE programme_id = $1 GROUP BY category, measure
"""
RECEIVED = """
SELECT category, measure, sum(good + mendable + refused)::bigint AS received,
    sum(good)::bigint AS good, sum(mendable)::bigint AS mendable, sum(refused)::bigint AS refused,
    count(DISTINCT contribution_id) AS contributions
FROM gift_lines WHERE programme_id = $1 AND accepted GROUP BY category, measure
"""


class Figures(BaseModel):
    """Counts of needs and of lines, and of children in both ways. None: not published.

    `direct_gifts` are those of the child-times that were handed over directly.
    """

    needs_recorded: int | None = 0
    needs_verified: int | None = 0
    needs_reserved: int | None = 0
    needs_met: int | None = 0
    lines_allocated: int | None = 0
    direct_gifts: int | None = 0
    child_times: int | None = 0
    children_distinct: int | None = 0


class CategoryFigures(Figures):
    """Quantities are in `measure`. `quantity_reserved` is kept and not yet handed out."""

    category: CategoryCode
    measure: MeasureCode
    quantity_needed: int | None = 0
    quantity_reserved: int | None = 0
    quantity_delivered: int | None = 0


class UnitFigures(Figures):
    """`successors` are named once the unit has ended; what happened in it stays with it.

    Units that are not `in_programme` took over from one that is.
    """

    unit_id: UUID
    code: str
    name: str
    district_name: str | None
    priority: bool
    valid_from: date
    in_programme: bool
    ended_on: date | None
    successors: list[str]
    children_declared: int | None
    by_category: list[CategoryFigures]


class Totals(Figures):
    by_category: list[CategoryFigures]


class Given(BaseModel):
    """What sponsors promised and brought, in `measure`; `good` is what could be allocated."""

    category: CategoryCode
    measure: MeasureCode
    pledges: int = 0
    pledged: int = 0
    contributions: int = 0
    received: int = 0
    good: int = 0
    mendable: int = 0
    refused: int = 0


class PublishedLine(BaseModel):
    label: str
    amount: int
    child_times: int


class PublishedResult(BaseModel):
    """Another body's totals, in đồng; never added to ours."""

    result_id: UUID
    title: str
    source: str
    as_of: date
    amount: int
    child_times: int
    lines: list[PublishedLine]


class Report(BaseModel):
    """`as_of`: it holds at least what was recorded up to these positions.

    `published_on`: this is the public's, as it was published then, without small numbers; in it
    figures in rows may be less than their sum. None: every figure, as it is now.
    `checkpoints` are the newest of the logs that it is made of: who keeps it can prove, later,
    that these still begin with what it was made from.
    """

    programme_id: UUID
    code: str
    name: str
    as_of: dict[str, int]
    illustrative: bool
    published_on: datetime | None
    communes: list[UnitFigures]
    totals: Totals
    given: list[Given]
    published_results: list[PublishedResult]
    checkpoints: list[CheckpointShown]


Place = tuple[UUID | None, CategoryCode | None, MeasureCode | None]


@dataclass(frozen=True, slots=True)
class Cells:
    """Figures by what they are about; a key that is None stands for all of them.

    `otherwise` are those of a place that is not there.
    """

    by: Mapping[Place, Mapping[str, int | None]]
    otherwise: Mapping[str, int | None] = field(default_factory=dict)

    def of(
        self, unit: UUID | None, category: CategoryCode | None, measure: MeasureCode | None
    ) -> Any:
        return {**self.otherwise, **self.by.get((unit, category, measure), {})}

    def categories_of(self, unit: UUID | None) -> list[tuple[CategoryCode, MeasureCode]]:
        return sorted(
            (category, measure)
            for at, category, measure in self.by
            if at == unit and category is not None and measure is not None
        )


async def report(
    rows: Rows,
    programme: ProgrammeRow,
    today: date,
    checkpoints: Sequence[CheckpointShown],
    *,
    cells: Cells,
    published_on: datetime | None = None,
) -> Report:
    """Of these figures; what is said of gifts, which tells of no child, is as it now is."""
    as_of = await positions_of_report(rows)
    found = {unit for unit, _, _ in cells.by if unit is not None}
    known = await units_told(rows, found | set(programme.unit_ids))
    shown = [known[at] for at in dict.fromkeys(programme.unit_ids) if at in known]
    others = sorted(
        (
            unit
            for unit in known.values()
            if unit not in shown and (unit.unit_id in found or unit.valid_from <= today)
        ),
        key=lambda unit: unit.code,
    )
    return Report(
        programme_id=programme.programme_id,
        code=programme.code,
        name=programme.name,
        as_of=as_of,
        illustrative=await _is_illustrative(rows, programme.programme_id),
        published_on=published_on,
        communes=[
            _unit(unit, known, cells, today, in_programme=unit in shown)
            for unit in [*shown, *others]
        ],
        totals=Totals(**_counts(cells.of(None, None, None)), by_category=_categories(None, cells)),
        given=await _given(rows, programme.programme_id, cells.categories_of(None)),
        published_results=await _published(rows),
        checkpoints=list(checkpoints),
    )


async def positions_of_report(rows: Rows) -> dict[str, int]:
    return await positions_shown(rows, needs, lines, support, pledges, gift_lines, units)


async def units_told(rows: Rows, of: Iterable[UUID]) -> Mapping[UUID, UnitRow]:
    """These, those that took over from them, and so on."""
    known: dict[UUID, UnitRow] = {}
    asked = set(of)
    # A unit is asked for once, so this ends with the tree.
    while asked:
        found = await all_rows(rows, units, unit_id=sorted(asked))
        known |= {unit.unit_id: unit for unit in found}
        asked = {at for unit in found for at in unit.successor_ids} - known.keys()
    return known


async def every_cell(rows: Rows, programme_id: UUID) -> Cells:
    """As it is now."""
    by: defaultdict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sql in (NEEDED, ALLOCATED):
        for found in await rows.query(sql, programme_id):
            unit, category, measure, figures = _split(found)
            for at in _sums(unit, category, measure):
                for name, count in figures.items():
                    by[at][name] += count
    # Distinct children do not add up, so their sums come from the database.
    for found in await rows.query(DELIVERED, programme_id):
        unit, category, measure, figures = _split(found)
        by[unit, category, measure].update(figures)
    for found in await rows.query(IN_GROUPS, programme_id):
        unit, category, measure, figures = _split(found)
        by[unit, category, measure]["children_distinct"] += figures["children_distinct"]
    return Cells({at: dict(figures) for at, figures in by.items()})


def _split(found: Mapping[str, Any]) -> tuple[Any, Any, Any, dict[str, int]]:
    figures = {name: int(count or 0) for name, count in list(found.items())[3:]}
    return found["unit_id"], found["category"], found["measure"], figures


def _sums(
    unit: UUID, category: CategoryCode, measure: MeasureCode
) -> Sequence[tuple[Any, Any, Any]]:
    return (
        (unit, category, measure),
        (unit, None, None),
        (None, category, measure),
        (None, None, None),
    )


def _unit(
    unit: UnitRow,
    known: Mapping[UUID, UnitRow],
    cells: Cells,
    today: date,
    *,
    in_programme: bool,
) -> UnitFigures:
    return UnitFigures(
        unit_id=unit.unit_id,
        code=unit.code,
        name=unit.name,
        district_name=unit.district_name,
        priority=unit.priority,
        valid_from=unit.valid_from,
        in_programme=in_programme,
        ended_on=unit.ended_on,
        successors=successors(unit, known, today),
        children_declared=unit.children,
        by_category=_categories(unit.unit_id, cells),
        **_counts(cells.of(unit.unit_id, None, None)),
    )


def successors(unit: UnitRow, known: Mapping[UUID, UnitRow], today: date) -> list[str]:
    """The names of those that took over, once they have."""
    if unit.ended_on is None or today < unit.ended_on:
        return []
    return [known[at].name for at in unit.successor_ids if at in known]


def _counts(figures: Mapping[str, int | None]) -> dict[str, int | None]:
    return {name: count for name, count in figures.items() if name in Figures.model_fields}


def _categories(unit: UUID | None, cells: Cells) -> list[CategoryFigures]:
    return [
        CategoryFigures(category=category, measure=measure, **cells.of(unit, category, measure))
        for category, measure in cells.categories_of(unit)
    ]


async def _given(
    rows: Rows, programme_id: UUID, needed: Sequence[tuple[CategoryCode, MeasureCode]]
) -> list[Given]:
    """What is needed has its row too, though nobody gave any of it."""
    by: dict[tuple[CategoryCode, MeasureCode], dict[str, int]] = {at: {} for at in needed}
    for sql in (PLEDGED, RECEIVED):
        for found in await rows.query(sql, programme_id):
            figures = {name: int(count) for name, count in list(found.items())[2:]}
            by.setdefault((found["category"], found["measure"]), {}).update(figures)
    return [
        Given(category=category, measure=measure, **by[category, measure])
        for category, measure in sorted(by)
    ]


async def _is_illustrative(rows: Rows, programme_id: UUID) -> bool:
    return bool(
        await rows.where(campaigns, programme_id=programme_id, illustrative=True, limit=1)
        or await rows.where(sponsors, illustrative=True, limit=1)
    )


async def _published(rows: Rows) -> list[PublishedResult]:
    return [
        PublishedResult(
            result_id=row.result_id,
            title=row.title,
            source=row.source,
            as_of=row.as_of,
            amount=row.amount,
            child_times=row.child_times,
            lines=[
                PublishedLine(label=line.label, amount=line.amount, child_times=line.child_times)
                for line in row.lines
            ],
        )
        for row in await all_rows(rows, published_results)
    ]
