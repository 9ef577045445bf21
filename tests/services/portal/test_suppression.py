"""Whoever reads all publications finds no small number proven, and finds some where none judges."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.portal import suppression
from services.portal.figures import Counted, Universe, universes_of
from services.portal.publication import SHOWN_FROM, At, Publication, Told
from services.portal.publications import Kept
from services.portal.publishing import next_told
from services.portal.report import Report, Totals
from tests.services.portal.attacker import Attacker, targets_of
from tests.services.portal.counted import KINDS, Season

WEEKS = 3
PROGRAMME = UUID(int=1)


def published(weeks: int, seed: int) -> tuple[Season, list[list[Told]], list[dict[At, int]]]:
    """A season, and of each week what is told and what is true."""
    season, told, truths = Season(seed), [], []
    last: Kept | None = None
    for number in range(1, weeks + 1):
        season.week()
        universes = universes_of(season.answers(), season.unit_ids)
        now, children = next_told(universes, last)
        last = Kept(publication(number, now), b"", tuple(children))
        told.append(now)
        truths.append(
            {
                figure.at: figure.value
                for universe in universes
                for figure in universe.figures.values()
            }
        )
    return season, told, truths


def publication(number: int, told: list[Told]) -> Publication:
    day = datetime(2025, 1, number, tzinfo=UTC)
    report = Report(
        programme_id=PROGRAMME,
        code="",
        name="",
        as_of={},
        illustrative=True,
        published_on=day,
        communes=[],
        totals=Totals(by_category=[]),
        given=[],
        published_results=[],
        checkpoints=[],
    )
    return Publication(
        programme_id=PROGRAMME,
        number=number,
        made_at=day,
        next_from=day,
        as_of={},
        before=None,
        report=report,
        told=told,
    )


def proven(
    season: Season, told: Sequence[list[Told]], truths: Sequence[dict[At, int]], about: str = ""
) -> list[str]:
    attacker = Attacker(
        season.unit_ids,
        [(category, measure) for category, measure, _ in KINDS],
        season.kind_of_gift,
        season.unit_of_delivery,
        season.funds,
    )
    for one in told:
        attacker.reads(one)
    return attacker.proves(one for one in targets_of(attacker, truths) if about in one.says)


@pytest.mark.parametrize("seed", range(2))
def test_no_small_number_is_proven_by_all_publications_together(seed: int) -> None:
    season, told, truths = published(WEEKS, seed)
    assert len(told[-1]) > 20
    assert proven(season, told, truths) == []


def test_the_attacker_finds_them_where_figures_are_not_judged_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suppression, "_judged", lambda _universe, _before, moving: moving)
    assert proven(*published(WEEKS, 0))


def test_the_attacker_finds_them_where_differences_are_not_kept_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(suppression, "_without_small_differences", lambda _moving, _standing: None)
    assert proven(*published(WEEKS, 0), about="less")


def test_the_attacker_finds_them_where_figures_move_by_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        suppression,
        "_may_move",
        lambda figure, before: figure.children >= SHOWN_FROM and figure.value != before.value,
    )
    monkeypatch.setattr(suppression, "_judged", lambda _universe, _before, moving: moving)
    assert proven(*published(WEEKS, 0), about="growth")


def test_a_figure_is_told_from_five_and_moves_by_five_each_of_different_children() -> None:
    _, told, truths = published(WEEKS, 1)
    before: dict[At, int] = {}
    for number, (now, truth) in enumerate(zip(told, truths, strict=True), 1):
        for one in now:
            assert one.value >= SHOWN_FROM
            if one.since == number:
                assert one.value == truth[one.at]
                assert abs(one.value - before.get(one.at, 0)) >= SHOWN_FROM
            else:
                assert one.value == before[one.at]
        before = {one.at: one.value for one in now}


def table(cells: dict[tuple[str, str], int], children: int | None = None) -> Universe:
    """Recorded needs in units and kinds, with their sums."""
    universe = Universe()
    units = {name: UUID(int=ord(name)) for name, _ in cells}
    columns: dict[tuple[str, str], int] = {}

    def figure(at: At, value: int, *parts: list[int]) -> int:
        return universe.figure(at, Counted(value, value if children is None else children), *parts)

    for (unit, kind), value in cells.items():
        at = At("needs_recorded", units[unit], kind, "piece")
        columns[unit, kind] = figure(at, value, [universe.atom(value)])
    sums: dict[int, list[int]] = {0: [], 1: []}
    for side in (0, 1):
        for name in dict.fromkeys(key[side] for key in cells):
            within = [key for key in cells if key[side] == name]
            at = (
                At("needs_recorded", units[name])
                if side == 0
                else At("needs_recorded", None, name, "piece")
            )
            value = sum(cells[key] for key in within)
            sums[side].append(figure(at, value, [columns[key] for key in within]))
    figure(At("needs_recorded"), sum(cells.values()), sums[0], sums[1])
    return universe


def values_told(cells: dict[tuple[str, str], int]) -> dict[At, int]:
    return {at: figure.value for at, figure in suppression.told_anew([table(cells)], {}).items()}


def test_a_table_of_large_cells_is_told_whole() -> None:
    cells = {("a", "x"): 20, ("a", "y"): 31, ("b", "x"): 14, ("b", "y"): 47}
    assert len(values_told(cells)) == 4 + 2 + 2 + 1


def test_a_lone_small_row_keeps_its_column_from_being_told() -> None:
    told = values_told({("a", "x"): 3, ("b", "x"): 90})
    assert At("needs_recorded", UUID(int=ord("a"))) not in told
    assert sorted(told.values()) != [90, 90, 93, 93]


def test_five_times_of_one_child_are_no_five_children() -> None:
    universe = table({("a", "x"): 9}, children=1)
    assert suppression.told_anew([universe], {}) == {}


def test_a_figure_that_fell_below_five_is_told_no_longer() -> None:
    (figure,) = [
        one for one in table({("a", "x"): 3}).figures.values() if one.at.category and one.at.unit_id
    ]
    assert suppression.withdrawn(figure, suppression.Before(12, 12))
    assert not suppression.withdrawn(figure, suppression.Before(7, 7))


SIZES = (0, 3, 7)
LARGEST = 16


@pytest.mark.parametrize("sizes", list(itertools.product(SIZES, repeat=4)))
def test_in_small_tables_another_world_is_found_by_counting(sizes: tuple[int, ...]) -> None:
    """Every table of two by two, against all worlds, one after another."""
    keys = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    cells = dict(zip(keys, sizes, strict=True))
    told = values_told(cells)
    for key in keys:
        if 0 < cells[key] < SHOWN_FROM:
            others = [range(LARGEST) if one != key else (0,) for one in keys]
            worlds = (dict(zip(keys, values, strict=True)) for values in itertools.product(*others))
            assert any(fits(world, told) for world in worlds), (cells, told)


def fits(world: dict[tuple[str, str], int], told: dict[At, int]) -> bool:
    return all(
        sum(
            value
            for (unit, kind), value in world.items()
            if at.unit_id in (None, UUID(int=ord(unit))) and at.category in (None, kind)
        )
        == value_told
        for at, value_told in told.items()
    )
