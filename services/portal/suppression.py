"""Which figures may be told anew, so that nobody can prove of a small number that it is there.

A figure is told from five on and moves by at least five, each time of at least five children.
Whoever reads everything that is told must still find a world, whole numbers throughout, in which
any small number behind it is none: a cell that is not told stands at nothing, one that is told
stands where it was told. Where there is no such world some other figure stays as it was, and a
solver says which cost the reader least.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import highspy

from services.portal.figures import Figure, Universe
from services.portal.publication import SHOWN_FROM, At

SOLVED_WITHIN_S = 20.0
MUCH = 1_000_000
NEARLY = 1e-6


class Before(NamedTuple):
    """As it was told last, and of how many children that was."""

    value: int
    children: int


NOT_TOLD = Before(0, 0)


class CannotBeJudged(Exception):
    """The solver came to no end: nothing is published rather than something unjudged."""


def told_anew(universes: Sequence[Universe], before: Mapping[At, Before]) -> Mapping[At, Figure]:
    """The figures that are told as they now are; the others stay as they were told, or untold.

    Raises CannotBeJudged.
    """
    moving = {
        (number, column): figure
        for number, universe in enumerate(universes)
        for column, figure in universe.figures.items()
        if _may_move(figure, before.get(figure.at, NOT_TOLD))
    }
    standing = [
        figure
        for universe in universes
        for figure in universe.figures.values()
        if (told := before.get(figure.at)) is not None and told.value == figure.value
    ]
    _without_small_differences(moving, standing)
    for number, universe in enumerate(universes):
        ours = {column for of, column in moving if of == number}
        kept = _judged(universe, before, ours)
        for column in ours - kept:
            del moving[number, column]
    return {figure.at: figure for figure in moving.values()}


def withdrawn(figure: Figure, before: Before) -> bool:
    """It was told and is small now; as it fell by five or more, it is told no longer."""
    return (
        min(figure.value, figure.children) < SHOWN_FROM
        and before.value - figure.value >= SHOWN_FROM
    )


def _may_move(figure: Figure, before: Before) -> bool:
    return (
        figure.value >= SHOWN_FROM
        and figure.children >= SHOWN_FROM
        and abs(figure.value - before.value) >= SHOWN_FROM
        and abs(figure.children - before.children) >= SHOWN_FROM
    )


# ---------------------------------------------------------------- differences that anyone reckons

IMPORTANCE = (
    "child_times",
    "needs_recorded",
    "needs_verified",
    "needs_met",
    "children_distinct",
    "needs_standing",
    "lines_allocated",
    "needs_sourced",
    "needs_reserved",
    "direct_gifts",
)


def _without_small_differences(
    moving: dict[tuple[int, int], Figure], standing: Iterable[Figure]
) -> None:
    """One told figure less another is a figure too: of a place, or of a place within another.

    The less important one is not told anew. `standing` are told already, and have not changed.
    """
    kept: dict[tuple[object, ...], list[Figure]] = {}
    for figure in standing:
        kept.setdefault(_place(figure.at), []).append(figure)
    for key, figure in sorted(moving.items(), key=lambda one: -_cost(one[1].at)):
        here = kept.setdefault(_place(figure.at), [])
        around = [
            other
            for place in _around(figure.at)
            for other in kept.get(place, ())
            if other.at.what == figure.at.what
        ]
        if any(0 < abs(figure.value - other.value) < SHOWN_FROM for other in [*here, *around]):
            del moving[key]
        else:
            here.append(figure)


def _place(at: At) -> tuple[object, ...]:
    return tuple(at[1:])


def _around(at: At) -> Iterable[tuple[object, ...]]:
    """What contains it directly."""
    if at.unit_id is not None and at.category is not None:
        yield _place(At(at.what, at.unit_id))
        yield _place(At(at.what, None, at.category, at.measure))
    elif at != At(at.what):
        yield _place(At(at.what))


def _cost(at: At) -> int:
    """What it costs the reader if it is not told."""
    if at == At(at.what):
        place = 10_000
    elif at.unit_id is None and at.category is not None:
        place = 3_000
    elif at.unit_id is not None and at.category is None:
        place = 1_000
    elif at.fund_id is not None:
        place = 500
    elif at.unit_id is None:
        place = 100
    else:
        place = 30
    return place + len(IMPORTANCE) - IMPORTANCE.index(at.what)


# ---------------------------------------------------------------- other worlds


@dataclass(frozen=True, slots=True)
class _Known:
    """Between what a reader knows a figure to be that is not told anew; `told`: what stands there.

    `excuses`: what it must be in some world, of the first of these ranges that there is. Of one
    that changed little, that it did not; of one that is withheld for the sake of others, that it is
    another by five at least, or it could as well be told.
    """

    told: int
    least: int
    most: int
    excuses: tuple[tuple[int, int], ...]


def _known(figure: Figure, before: Before) -> _Known:
    """As a reader knows it who knows these rules: what is not told anew changed little.

    More is known only of one that changed much and was not told for the sake of others.
    """
    told, change = before.value, figure.value - before.value
    unchanged = ((told, told),)
    if change == 0 and told:
        # That it has not changed may be known, as when nothing at all has happened since.
        return _Known(told, told, told, ())
    if change == 0:
        return _Known(0, 0, SHOWN_FROM - 1, ())
    if withdrawn(figure, before):
        return _Known(0, 0, max(figure.value, SHOWN_FROM - 1), ((0, 0),))
    if abs(change) < SHOWN_FROM:
        fell = min(told, SHOWN_FROM - 1) if change < 0 else 0
        return _Known(told, told - fell, told + SHOWN_FROM - 1, unchanged)
    least, most = (told, MUCH) if change > 0 else (0, told)
    if figure.children < SHOWN_FROM:
        return _Known(told, least, most, unchanged)
    other = ((figure.value + SHOWN_FROM, most), (least, figure.value - SHOWN_FROM))
    return _Known(told, least, most, tuple(one for one in other if one[0] <= one[1]))


def _judged(universe: Universe, before: Mapping[At, Before], moving: set[int]) -> set[int]:
    """Those of `moving` that may be told anew."""
    known = {
        column: _known(figure, before.get(figure.at, NOT_TOLD))
        for column, figure in universe.figures.items()
    }
    told = set(moving)
    unproven = {
        column for column in universe.figures if column not in told and known[column].excuses
    }
    worlds = _Worlds(universe, known, told)
    # Each round excuses one figure at least, or keeps one more from being told.
    while unproven and told:
        excused = worlds.excused(unproven)
        if excused:
            unproven -= excused
            continue
        withheld = _cheapest_to_withhold(universe, known, told, min(unproven))
        worlds.withhold(withheld)
        told -= withheld
        # A world that was found before is one still: withholding only adds others.
        unproven |= withheld
    return told


class _Worlds:
    """All that could be, as whole numbers, for who reads what is told."""

    def __init__(
        self, universe: Universe, known: Mapping[int, _Known], told: Iterable[int]
    ) -> None:
        self._universe = universe
        self._known = known
        self._model = _model(universe, known, set(told))

    def withhold(self, columns: Iterable[int]) -> None:
        for column in columns:
            self._leave_open(column)

    def excused(self, unproven: set[int]) -> set[int]:
        """Some of these that are excused in some world; none: the least of them is proven.

        Many at once, as often as that helps: one world excuses all that it fits.
        """
        for column in unproven:
            least, _ = self._known[column].excuses[0]
            is_more = least > self._universe.truth[column]
            self._model.changeColCost(column, -1.0 if is_more else 1.0)
        world = _solved(self._model)
        for column in unproven:
            self._model.changeColCost(column, 0.0)
        excused = {column for column in unproven if world and self._fits(column, world)}
        if excused:
            return excused
        one = min(unproven)
        for least, most in self._known[one].excuses:
            self._model.changeColBounds(one, least, most)
            if _solved(self._model):
                excused = {one}
                break
        self._leave_open(one)
        return excused

    def _fits(self, column: int, world: Sequence[float]) -> bool:
        excuses = self._known[column].excuses
        return any(least <= round(world[column]) <= most for least, most in excuses)

    def _leave_open(self, column: int) -> None:
        known = self._known[column]
        self._model.changeColBounds(column, known.least, known.most)


def _model(universe: Universe, known: Mapping[int, _Known], told: set[int]) -> "highspy.Highs":
    model = highspy.Highs()  # type: ignore[no-untyped-call]
    model.setOptionValue("output_flag", "false")
    model.setOptionValue("time_limit", SOLVED_WITHIN_S)
    for column, truth in enumerate(universe.truth):
        if column not in universe.figures:
            model.addVar(0, MUCH)
        elif column in told:
            model.addVar(truth, truth)
        else:
            model.addVar(known[column].least, known[column].most)
    for column, figure in universe.figures.items():
        for parts in figure.parts:
            indices = [column, *parts]
            model.addRow(0, 0, len(indices), indices, [-1.0] + [1.0] * len(parts))
    return model


def _cheapest_to_withhold(
    universe: Universe, known: Mapping[int, _Known], told: set[int], proven: int
) -> set[int]:
    """So that some world excuses the one proven; all, if nothing less does.

    It is the world that is nearest to what would be told, weighed by what that costs the reader.
    """
    model = _model(universe, known, told)
    aside: dict[int, tuple[int, int]] = {}
    for column in told:
        truth, of = universe.truth[column], known[column]
        cost = float(_cost(universe.figures[column].at))
        more = model.getNumCol()
        model.addVar(0, of.most - truth)
        model.addVar(0, truth - of.least)
        model.changeColCost(more, cost)
        model.changeColCost(more + 1, cost)
        model.changeColBounds(column, of.least, of.most)
        model.addRow(truth, truth, 3, [column, more, more + 1], [1.0, -1.0, 1.0])
        aside[column] = (more, more + 1)
    for least, most in known[proven].excuses:
        model.changeColBounds(proven, least, most)
        if world := _run(model):
            moved = {
                column
                for column, (more, less) in aside.items()
                if world[more] + world[less] > NEARLY
            }
            return moved or told
    return told


def _solved(model: "highspy.Highs") -> Sequence[float]:
    """A world in whole numbers; empty where there is none. Raises CannotBeJudged.

    Without asking for whole ones they mostly come out whole, and far sooner.
    """
    world = _run(model)
    if all(abs(amount - round(amount)) < NEARLY for amount in world):
        return world
    columns = range(model.getNumCol())
    for column in columns:
        model.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    try:
        return _run(model)
    finally:
        for column in columns:
            model.changeColIntegrality(column, highspy.HighsVarType.kContinuous)


def _run(model: "highspy.Highs") -> Sequence[float]:
    model.run()
    match model.getModelStatus():
        case highspy.HighsModelStatus.kOptimal:
            return list(model.getSolution().col_value)
        case highspy.HighsModelStatus.kInfeasible:
            return []
        case status:
            raise CannotBeJudged(model.modelStatusToString(status))
