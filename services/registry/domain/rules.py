"""A programme's rules as data: what a rule may say, and how it is applied. Nothing of one plan.

An event that rests on a rule names it as "name@version".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from contracts.field_types import CategoryCode
from services.registry.domain.days import birthday, months_later

YEARS_MEASURED_OFTEN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A clothes size by body height, both ends included."""

    label: str
    height_cm_min: int
    height_cm_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleMeasure:
    months: int
    months_under_six: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    month: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One of the groups of Children Law art. 10(1).

    `tier`: S seldom stigmatising, H health, R restricted. The group holds only while the household
    has one of the statuses named, if any are.
    """

    letter: str
    code: str
    tier: Literal["S", "H", "R"]
    vi: str
    en: str
    only_if_household: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRiskReason:
    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A poverty standard. `valid_until` is the first day on which no status may begin under it."""

    code: str
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRule:
    """Any one of the facts is enough for the category."""

    category: CategoryCode
    name: str
    version: int
    any_of: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRule:
    """Points for each fact that holds; `band_from_points` are where bands 1, 2, … begin."""

    name: str
    version: int
    points: Mapping[str, int]
    band_from_points: tuple[int, ...]
    deadline_within_days: Mapping[CategoryCode, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`sizes` are in order, smallest first. `register`: the register of children uses these."""

    programme: str
    register: bool
    age_limit_years: int
    stale_measure: StaleMeasure
    school_year_ends: LastDay
    sizes: tuple[Size, ...]
    incompatible_roles: tuple[frozenset[str], ...]
    standards: tuple[Standard, ...]
    eligibility: tuple[EligibilityRule, ...]
    priority: PriorityRule
    groups: tuple[Group, ...]
    at_risk: tuple[AtRiskReason, ...]

    def is_child(self, birth_date: date, on: date) -> bool:
        return on < birthday(birth_date, self.age_limit_years)

    def label(self, height_cm: int) -> str | None:
        """The size of a height; None when the table has none."""
        for size in self.sizes:
            if size.height_cm_min <= height_cm <= size.height_cm_max:
                return size.label
        return None

    def is_stale(self, measured_on: date, birth_date: date, on: date) -> bool:
        """May clothes no longer be chosen by a measure of that day?"""
        often = on < birthday(birth_date, YEARS_MEASURED_OFTEN)
        allowed = self.stale_measure.months_under_six if often else self.stale_measure.months
        return months_later(measured_on, allowed) < on

    def school_year_is_over(self, school_year: str, on: date) -> bool:
        """`school_year` is "2024-2025"."""
        ends = self.school_year_ends
        return date(int(school_year[-4:]), ends.month, ends.day) < on

    def excluded_roles(self, role: str) -> frozenset[str]:
        """The roles that nobody holds together with this one."""
        pairs = [pair for pair in self.incompatible_roles if role in pair]
        return frozenset().union(*pairs) - {role}

    def standard(self, code: str) -> Standard | None:
        return next((standard for standard in self.standards if standard.code == code), None)

    def group(self, code: str) -> Group | None:
        return next((group for group in self.groups if group.code == code), None)

    def eligible_under(self, category: CategoryCode, facts: Iterable[str]) -> str | None:
        """The rule under which the facts are enough, as "name@version"."""
        known = frozenset(facts)
        for rule in self.eligibility:
            if rule.category == category and rule.any_of & known:
                return f"{rule.name}@{rule.version}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """`band` is 1 (most pressing) to one more than there are thresholds. `reasons` explain it."""

    band: int
    rule: str
    reasons: Mapping[str, int] = field(default_factory=dict)


def prioritise(
    rule: PriorityRule, facts: Iterable[str], category: CategoryCode, needed_by: date, on: date
) -> Priority:
    """How pressing a need is by the facts that hold `on` a day."""
    known = set(facts)
    within_days = rule.deadline_within_days.get(category)
    if within_days is not None and needed_by <= on + timedelta(days=within_days):
        known.add("deadline")
    reasons = {fact: points for fact, points in rule.points.items() if fact in known}
    total = sum(reasons.values())
    band = 1 + sum(total < threshold for threshold in rule.band_from_points)
    return Priority(band=band, rule=f"{rule.name}@{rule.version}", reasons=reasons)
