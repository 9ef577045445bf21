"""What is so of a child and a household on a day: pure folds of what was opened from sealed facts.

These facts decide on eligibility and priority; none of them leaves the registry.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from programmes.rules import Rules

HouseholdStatus = Literal["poor", "near-poor", "local-standard-poor", "escaped-recently", "none"]
CircumstanceKind = Literal["special", "at-risk", "none"]
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
    """One decision on a household's poverty, opened. `until` is the first day without it."""

    status: HouseholdStatus
    valid_from: date
    valid_until: date | None

    def holds(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True, slots=True)
class Standing:
    """`special` are groups of art. 10. `special` and `at_risk` are never both there."""

    birth_date: date
    special: frozenset[str]
    at_risk: frozenset[str]
    household: HouseholdStatus

    def facts(self) -> Iterator[str]:
        """The names by which eligibility and priority rules know them."""
        yield self.household
        for kind, codes in (("special", self.special), ("at-risk", self.at_risk)):
            if codes:
                yield kind
                yield from (f"{kind}:{code}" for code in codes)


def household_status(periods: Iterable[StatusPeriod], on: date) -> HouseholdStatus:
    """The status decided last of those that hold on the day."""
    holding = [period.status for period in periods if period.holds(on)]
    return holding[-1] if holding else "none"


def standing(
    rules: Rules,
    birth_date: date,
    circumstances: Iterable[Circumstance],
    periods: Iterable[StatusPeriod],
    on: date,
) -> Standing:
    """`circumstances` and `periods` are in the order in which they were recorded.

    A special circumstance ends the child's being at risk, "none" ends both; a group that depends on
    the household lapses with the household's status.
    """
    household = household_status(periods, on)
    special: set[str] = set()
    at_risk: set[str] = set()
    for assessed in circumstances:
        if assessed.on > on:
            continue
        match assessed.kind:
            case "special":
                special.add(assessed.code)
                at_risk.clear()
            case "at-risk":
                at_risk.add(assessed.code)
            case "none":
                special.clear()
                at_risk.clear()
    lapsed = {group.code for group in rules.groups if lapses(group.only_if_household, household)}
    return Standing(birth_date, frozenset(special - lapsed), frozenset(at_risk), household)


def lapses(only_if_household: frozenset[str], household: HouseholdStatus) -> bool:
    """Does a group that depends on the household's status fall away under this one?"""
    return bool(only_if_household) and household not in only_if_household
