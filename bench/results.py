"""Writes what a run measured: as JSON, as tables for people, and as plots."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.figures import Figure, Measured, number
from bench.nation import lines as nation
from bench.plots import Bar, bars

TITLES = {
    "a": "Acknowledged commands, one event each",
    "b": "A whole HTTP command",
    "c": "Publishing",
    "d": "Keeping a read model level",
    "e": "Rebuilding, reading and verifying",
    "f": "From the command to its place in a read model",
    "g": "Growth",
    "h": "Cost",
    "i": "What an auditor waits for",
}
PLOTTED = "abcdefg"
BEGIN, END = "<!-- measured: from here -->", "<!-- measured: to here -->"


def write(measured: Measured, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    as_json = msgspec.json.format(msgspec.json.encode(measured)) + b"\n"
    (folder / "latest.json").write_bytes(as_json)
    said = ["# What `make bench` measured", "", *lines(measured, "")]
    (folder / "latest.md").write_text("\n".join(said) + "\n", encoding="utf-8")
    for part in PLOTTED:
        for unit, figures in _by_unit(measured, part).items():
            plot = bars(f"({part}) {TITLES[part]}, {unit}", _bars(figures))
            (folder / _plot(part, unit)).write_text(plot, encoding="utf-8")


def show_in(document: Path, measured: Measured, folder: Path) -> None:
    """Put tables, and the plots that `write` made in the folder, between a document's marks.

    Raises ValueError when it has none.
    """
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{document.name} has no marks for what was measured")
    plots = f"{os.path.relpath(folder, document.parent)}/"
    shown = "\n".join([BEGIN, "", *lines(measured, plots), "", END])
    document.write_text(before + shown + after, encoding="utf-8")


def _plot(part: str, unit: str) -> str:
    return f"{part}-{unit.replace('/', '-per-').replace(' ', '-')}.svg"


def _by_unit(measured: Measured, part: str) -> dict[str, list[Figure]]:
    """Only what has the same unit can stand in one plot."""
    units: dict[str, list[Figure]] = {}
    for figure in measured.figures:
        if figure.part == part:
            units.setdefault(figure.unit, []).append(figure)
    return units


def _bars(figures: list[Figure]) -> list[Bar]:
    kinds = list(dict.fromkeys(figure.name.partition(",")[0] for figure in figures))
    return [
        Bar(
            figure.name,
            figure.median,
            figure.lowest,
            figure.highest,
            kinds.index(figure.name.partition(",")[0]),
        )
        for figure in figures
    ]


def lines(measured: Measured, plots: str) -> Iterator[str]:
    """`plots`: what to write before the name of a plot's file."""
    yield f"Began {measured.began_at}, took {measured.minutes:.0f} minutes."
    yield "Median of the trials, lowest and highest; a figure by itself was taken once."
    if measured.quick:
        yield "Quick: this only shows that it runs."
    yield from ("", "| Machine | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in measured.machine.items())
    yield from ("", "| | Goal | Reached | Wanted | |", "|---|---|---:|---:|---|")
    for goal in measured.goals:
        verdict = "met" if goal.met else "**missed**"
        yield (
            f"| {goal.part} | {goal.what} | {number(goal.reached)} {goal.unit}"
            f" | {goal.wanted} | {verdict} |"
        )
    for part, title in TITLES.items():
        figures = [figure for figure in measured.figures if figure.part == part]
        if figures:
            yield from ("", f"### ({part}) {title}", "", "| | Median | Lowest | Highest | |")
            yield "|---|---:|---:|---:|---|"
            yield from map(_row, figures)
        if part in PLOTTED:
            for unit in _by_unit(measured, part):
                yield from ("", f"![({part}) {title}, {unit}]({plots}{_plot(part, unit)})")
    yield from nation(measured)


def _row(figure: Figure) -> str:
    once = len(figure.values) == 1
    spread = " | " if once else f"{number(figure.lowest)} | {number(figure.highest)}"
    note = f" {figure.note}" if figure.note else ""
    return f"| {figure.name} | {number(figure.median)} {figure.unit} | {spread} |{note} |"
