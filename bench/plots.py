"""Plots as SVG, drawn by hand: bars to compare, lines to see whether something stays flat."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.figures import number

WIDTH, ROW, LEFT, RIGHT, TOP = 760, 22, 250, 110, 40
HEIGHT, BOTTOM = 300, 30
COLOURS = ("#b5402a", "#2a6fb5", "#5c8a3a", "#8a5fb0", "#c08a1e", "#3f8f8f", "#777777")
STYLE = "font-family: system-ui, sans-serif; font-size: 13px; fill: #333"


@dataclass(frozen=True, slots=True)
class Bar:
    """From `lowest` to `highest` a thin line shows the spread."""

    label: str
    value: float
    lowest: float
    highest: float
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    points: Sequence[tuple[float, float]]


def bars(title: str, rows: Sequence[Bar]) -> str:
    most = max((row.highest for row in rows), default=1.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    drawn: list[str] = []
    for place, row in enumerate(rows):
        y = TOP + place * ROW
        middle = y + ROW / 2
        drawn += [
            _text(LEFT - 8, middle + 4, row.label, "end"),
            (
                f'<rect x="{LEFT}" y="{y + 3}" width="{row.value * scale:.1f}" height="{ROW - 6}"'
                f' fill="{COLOURS[row.colour % len(COLOURS)]}"/>'
            ),
            (
                f'<path d="M{LEFT + row.lowest * scale:.1f} {middle}'
                f'H{LEFT + row.highest * scale:.1f}" stroke="#333"/>'
            ),
            _text(LEFT + row.highest * scale + 6, middle + 4, number(row.value)),
        ]
    return _svg(title, TOP + len(rows) * ROW + 12, drawn)


def lines(title: str, x_label: str, series: Sequence[Line]) -> str:
    points = [point for line in series for point in line.points]
    far = max((x for x, _ in points), default=1.0) or 1.0
    high = max((y for _, y in points), default=1.0) or 1.0
    left, right, floor = 70, WIDTH - 200, HEIGHT - BOTTOM
    drawn = [
        f'<path d="M{left} {TOP}V{floor}H{right}" fill="none" stroke="#333"/>',
        _text(left - 6, TOP + 4, f"{high:,.0f}", "end"),
        _text(left - 6, floor + 4, "0", "end"),
        _text(right, floor + 20, f"{far:,.0f} {x_label}", "end"),
    ]
    for place, line in enumerate(series):
        colour = COLOURS[place % len(COLOURS)]
        path = " ".join(
            f"{left + x / far * (right - left):.1f},{floor - y / high * (floor - TOP):.1f}"
            for x, y in line.points
        )
        y = TOP + 12 + place * 20
        drawn += [
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>',
            f'<rect x="{right + 14}" y="{y - 9}" width="10" height="10" fill="{colour}"/>',
            _text(right + 30, y, line.label),
        ]
    return _svg(title, max(HEIGHT, TOP + 20 * len(series) + 20), drawn)


def _svg(title: str, height: float, drawn: Sequence[str]) -> str:
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
                f' style="{STYLE}" role="img">'
            ),
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>',
            _text(12, 22, title),
            *drawn,
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
