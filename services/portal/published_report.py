"""The report as anyone may see it: without the cells that would tell of one to four children."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from programmes import packs
from services.portal.report import CategoryFigures, Figures, Report
from services.portal.suppression import Cell, hidden

COUNTS = tuple(name for name in Figures.model_fields if name != "children_distinct")
QUANTITY_BESIDE = {
    "quantity_needed": "needs_verified",
    "quantity_reserved": "needs_reserved",
    "quantity_delivered": "child_times",
}
"""A quantity is as telling as the count of those it is for."""


def published(report: Report) -> Report:
    """Raises nothing: what must not be told becomes None."""
    kept_back = {name: _hidden_cells(report, name) for name in COUNTS}
    distinct = hidden(
        {(unit.unit_id, "all"): unit.children_distinct or 0 for unit in report.communes}
    )

    def without(unit: UUID | None, category: str | None) -> dict[str, Any]:
        return {name: None for name in COUNTS if (unit, category) in kept_back[name]}

    def of_category(unit: UUID | None) -> Callable[[CategoryFigures], CategoryFigures]:
        def told(figures: CategoryFigures) -> CategoryFigures:
            gone = without(unit, _name(figures))
            # What a programme takes in and spends is for all to see, to the last đồng.
            is_disclosed = unit is None and packs.installed().is_money(figures.measure)
            quantities = {
                quantity: None
                for quantity, count in QUANTITY_BESIDE.items()
                if count in gone and not is_disclosed
            }
            # A child may be in two categories, so sums cannot guard these: they are not told.
            return figures.model_copy(update=gone | quantities | {"children_distinct": None})

        return told

    communes = [
        unit.model_copy(
            update=without(unit.unit_id, None)
            | ({"children_distinct": None} if (unit.unit_id, None) in distinct else {})
            | {"by_category": list(map(of_category(unit.unit_id), unit.by_category))}
        )
        for unit in report.communes
    ]
    totals = report.totals.model_copy(
        update=without(None, None)
        | ({"children_distinct": None} if (None, None) in distinct else {})
        | {"by_category": list(map(of_category(None), report.totals.by_category))}
    )
    return report.model_copy(
        update={"communes": communes, "totals": totals, "cells_kept_back": True}
    )


def _name(figures: CategoryFigures) -> str:
    return f"{figures.category} in {figures.measure}"


def _hidden_cells(report: Report, count: str) -> frozenset[Cell[UUID, str]]:
    return hidden(
        {
            (unit.unit_id, _name(figures)): getattr(figures, count) or 0
            for unit in report.communes
            for figures in unit.by_category
        }
    )
