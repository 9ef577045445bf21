"""What a run measured: figures with all their trials, and goals, which are ratios of figures."""

import math
from collections.abc import Mapping, Sequence
from statistics import median

import msgspec

WHOLE_FROM, ONE_DECIMAL_FROM = 100, 10


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured, `values` trial by trial in `unit`. `note` says what it does exactly."""

    part: str
    name: str
    unit: str
    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """`reached` is `at_least` or `at_most` what it should be, as `unit` says ('×' is a ratio)."""

    part: str
    what: str
    reached: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        over = self.at_least is None or self.reached >= self.at_least
        return over and (self.at_most is None or self.reached <= self.at_most)

    @property
    def wanted(self) -> str:
        bound = f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"
        return f"{bound} {self.unit}"


class Measured(msgspec.Struct, kw_only=True):
    """A run, and how long it took. `machine` are facts about where it ran."""

    began_at: str
    quick: bool
    machine: dict[str, str]
    minutes: float = 0.0
    figures: list[Figure] = msgspec.field(default_factory=list)
    goals: list[Goal] = msgspec.field(default_factory=list)

    def add(
        self, part: str, unit: str, trials: Mapping[str, Sequence[float]], note: str = ""
    ) -> None:
        self.figures += [
            Figure(part=part, name=name, unit=unit, values=tuple(values), note=note)
            for name, values in trials.items()
        ]

    def figure(self, part: str, name: str) -> Figure:
        """Raises KeyError."""
        for figure in self.figures:
            if (figure.part, figure.name) == (part, name):
                return figure
        raise KeyError(name)

    def ratio(self, part: str, ours: str, theirs: str, *, at_least: float) -> None:
        """Set a goal: the median of one figure over that of another, of the same run."""
        self.goals.append(
            Goal(
                part=part,
                what=f"{ours} / {theirs}",
                reached=self.figure(part, ours).median / self.figure(part, theirs).median,
                unit="×",
                at_least=at_least,
            )
        )


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed (nearest rank). Raises ValueError for none."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def number(value: float) -> str:
    """With as many digits as mean something."""
    if abs(value) >= WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= ONE_DECIMAL_FROM else f"{value:.2f}"
