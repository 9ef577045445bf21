"""Writes what a run measured: as JSON, and as tables for people."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.figures import Figure, Measured

TITLES = {
    "a": "Acknowledged commands, one event each",
    "b": "A whole HTTP command",
    "c": "Publishing",
    "d": "Keeping a read model level",
    "e": "Rebuilding, reading and verifying",
    "f": "From the command to its place in a read model",
    "g": "Growth",
    "h": "Cost",
}


def write(measured: Measured, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    as_json = msgspec.json.format(msgspec.json.encode(measured)) + b"\n"
    (folder / "latest.json").write_bytes(as_json)
    (folder / "latest.md").write_text("\n".join(lines(measured)) + "\n", encoding="utf-8")


def lines(measured: Measured) -> Iterator[str]:
    yield "# What `make bench` measured"
    yield ""
    yield f"Began {measured.began_at}. Median of the trials, lowest and highest."
    if measured.quick:
        yield "Quick: this only shows that it runs."
    yield from ("", "| Machine | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in measured.machine.items())
    yield from ("", "## Goals", "", "| | Goal | Reached | Wanted | |", "|---|---|---:|---:|---|")
    for goal in measured.goals:
        verdict = "met" if goal.met else "**missed**"
        yield (
            f"| {goal.part} | {goal.what} | {number(goal.reached)} {goal.unit}"
            f" | {goal.wanted} | {verdict} |"
        )
    for part, title in TITLES.items():
        figures = [figure for figure in measured.figures if figure.part == part]
        if figures:
            yield from ("", f"## ({part}) {title}", "", "| | Median | Lowest | Highest | |")
            yield "|---|---:|---:|---:|---|"
            yield from map(_row, figures)


def _row(figure: Figure) -> str:
    spread = f"{number(figure.lowest)} | {number(figure.highest)}"
    note = f" {figure.note}" if figure.note else ""
    return f"| {figure.name} | {number(figure.median)} {figure.unit} | {spread} |{note} |"


def number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
