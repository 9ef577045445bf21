"""What is so of a child and a household on a day: pure folds of what was opened from sealed facts.

These facts decide on eligibility and priority; none of them leaves the registry.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from programmes.rules import Rules

HouseholdStatus = Literal["poor", "near-poor", "local-standard-poor", "escaped-recently", "none"]
CircumstanceKind = Literal["special", "at-risk", "none"]
Leaving = Literal["moved-away", "died", "other"]
HeldCircumstance = Literal["special", "at-risk"]


@dataclass(frozen=True, slots=True)
class Circumstance:
    """One assessment, opened. `code` is a group of art. 10, an at-risk reason, or empty."""

    kind: CircumstanceKind
    code: str
    on: date

    @property
    def text(self) -> str:
        """What is sealed."""
        return f"{self.kind}:{self.code}"

    @classmethod
    def read(cls, text: str, on: date) -> "Circumstance":
        """Of what was sealed. Raises ValueError when it says no kind that is known."""
        for kind in ("special", "at-risk", "none"):
            if text.startswith(f"{kind}:"):
                return cls(kind, text.removeprefix(f"{kind}:"), on)
        raise ValueError("no circumstance")


@dataclass(frozen=True, slots=True)
class StatusPeriod:
    """One decision on a household's poverty, opened. `valid_until` is the first day without it."""

    status: HouseholdStatus
    valid_from: date
    valid_until: date

    def holds(self, on: date) -> bool:
        return self.valid_from <= on < self.valid_until


@dataclass(frozen=True, slots=True)
class Standing:
    """`special` are groups of art. 10. `special` and `at_risk` are never both there.

    `birth_date` is the first day on which it may be born, `born_until` the last; None: the same.
    """

    birth_date: date
    special: frozenset[str]
    at_risk: frozenset[str]
    household: HouseholdStatus
    born_until: date | None = None

    @property
    def youngest(self) -> date:
        """The birth date by which it is as young as it may be."""
        return self.born_until or self.birth_date

    def facts(self) -> Iterator[str]:
        """The names by which eligibility and priority rules know them."""
        yield self.household
        for kind, codes in (("special", self.special), ("at-risk", self.at_risk)):
            if codes:
                yield kind
                yield from (f"{kind}:{code}" for code in codes)


@dataclass(frozen=True, slots=True)
class History:
    """All that was opened of a child and its household, each in the order of its recording.

    What counts is the order of the days that they are of: the register may learn late what was so
    before.
    """

    circumstances: tuple[Circumstance, ...] = ()
    periods: tuple[StatusPeriod, ...] = ()

    def at_risk_in_vain(self, rules: Rules) -> frozenset[int]:
        """Which assessments say "at risk" of a child in special circumstances: they count not."""
        return frozenset(_Fold(rules, self.periods).follow(self.circumstances, date.max))


def household_status(periods: Iterable[StatusPeriod], on: date) -> HouseholdStatus:
    """By the newest of the decisions that hold on the day; of two of one day, that recorded last.

    The newest is the one that holds from the latest day, whenever it was recorded.
    """
    holding = sorted(
        (period for period in periods if period.holds(on)), key=lambda period: period.valid_from
    )
    return holding[-1].status if holding else "none"


def standing(rules: Rules, birth_date: date, history: History, on: date) -> Standing:
    """What is so on the day, by all that is known.

    A special circumstance ends the child's being at risk, "none" ends both. A group that depends on
    the household ends with the household's status, and is assessed anew if that comes back.
    """
    fold = _Fold(rules, history.periods)
    fold.follow(history.circumstances, on)
    household = household_status(history.periods, on)
    return Standing(birth_date, frozenset(fold.special), frozenset(fold.at_risk), household)


@dataclass(slots=True)
class _Fold:
    """`special`: each group with the day of its assessment."""

    rules: Rules
    periods: tuple[StatusPeriod, ...]
    special: dict[str, date] = field(default_factory=dict)
    at_risk: set[str] = field(default_factory=set)

    def follow(self, circumstances: Sequence[Circumstance], on: date) -> list[int]:
        """Up to the day; which of them, by their places, say in vain that the child is at risk."""
        in_vain: list[int] = []
        by_day = sorted(enumerate(circumstances), key=lambda placed: placed[1].on)
        for place, assessed in by_day:
            if assessed.on > on:
                break
            self._end_by(assessed.on)
            match assessed.kind:
                case "special":
                    self.special[assessed.code] = assessed.on
                    self.at_risk.clear()
                case "at-risk" if self.special:
                    in_vain.append(place)
                case "at-risk":
                    self.at_risk.add(assessed.code)
                case "none":
                    self.special.clear()
                    self.at_risk.clear()
        self._end_by(on)
        return in_vain

    def _end_by(self, on: date) -> None:
        self.special = {
            code: since for code, since in self.special.items() if not self._ended(code, since, on)
        }

    def _ended(self, code: str, since: date, by: date) -> bool:
        """Was there a day since then on which the household had none of the statuses it needs?"""
        group = self.rules.group(code)
        if group is None or not group.only_if_household:
            return False
        turns = {day for period in self.periods for day in (period.valid_from, period.valid_until)}
        days = [since, *(day for day in turns if since < day <= by)]
        return any(
            lapses(group.only_if_household, household_status(self.periods, day)) for day in days
        )


def lapses(only_if_household: frozenset[str], household: HouseholdStatus) -> bool:
    """Does a group that depends on the household's status fall away under this one?"""
    return bool(only_if_household) and household not in only_if_household
