"""What one version of a programme's pack may say, and how it is applied. Nothing of one plan.

Pure and of the standard library, so that deciders take it as a fact. An event that rests on it
names the version and its digest; a single rule is named as "name@version".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from contracts.field_types import CategoryCode, MeasureCode, Openness
from contracts.registry import Specification
from contracts.roles import INCOMPATIBLE
from contracts.rules_in_force import RulesInForce
from contracts.two_persons import Pair
from programmes.days import Answer, Birth, birthday, either_way, months_later
from programmes.working_days import WorkingDays

YEARS_MEASURED_OFTEN = 6
BAND_ENDS = ("_from", "_to")
DAY = timedelta(days=1)
OF_A_GROUP, OF_A_UNIT = "group", "unit"
"""Facts by which rules say that a kind of support is for a group of children, or for a unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A code with its words in both languages."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Named):
    """`money`: counted in đồng, booked, and never handed over in pieces."""

    money: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One size of a scale; where the scale goes by body height, both ends included."""

    label: str
    height_cm_min: int | None = None
    height_cm_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Named):
    """Sizes in order, smallest first."""

    steps: tuple[Step, ...]

    def place(self, label: object) -> int | None:
        """How many steps are smaller; None: no size of this scale."""
        return next((at for at, step in enumerate(self.steps) if step.label == label), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How what a lot holds must fit what a need asks for.

    `never-smaller`: the same step of the scale, or up to `steps_larger` more. `same-or-anyone`:
    equal, or a lot that says nothing or `anyone`. `in-band`: equal, or a lot with `<field>_from` to
    `<field>_to`, or one that says nothing. `exact`: equal.
    """

    how: Literal["never-smaller", "same-or-anyone", "in-band", "exact"]
    steps_larger: int = 0
    anyone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationField:
    """One field of a category's specification.

    `openness`: an open one stands in the events, a sealed one in the need's sealed detail alone.
    Text is always sealed. `from_register`: what was not said is taken from the child's record.
    """

    name: str
    vi: str
    en: str
    kind: Literal["code", "number", "scale", "text"]
    openness: Openness
    required: bool = True
    values: tuple[Named, ...] = ()
    scale: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    from_register: Literal["size", "gender", "grade"] | None = None
    match: Match | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category(Named):
    """A kind of support. A need that takes it whole is covered from one lot, or not at all.

    `travels_as`: one that would tell of a child's health is named in events by this neutral code;
    what it really is stands sealed in the need alone. `at_most_in_a_season`: how much needs ask
    for one child in one season (`days.season_of`), in whatever measure, over all programmes.
    """

    national_package: str
    measures: tuple[MeasureCode, ...]
    fields: tuple[SpecificationField, ...] = ()
    travels_as: CategoryCode | None = None
    whole_from_one_lot: bool = False
    at_most_in_a_season: int | None = None
    detail_required: bool = False

    def field(self, name: str) -> SpecificationField | None:
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleMeasure:
    months: int
    months_under_six: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    month: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Named):
    """One of the groups of Children Law art. 10(1).

    `tier`: S seldom stigmatising, H health, R restricted. The group holds only while the household
    has one of the statuses named, if any are.
    """

    letter: str
    tier: Literal["S", "H", "R"]
    only_if_household: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """A poverty standard. On the day `valid_until` no status holds under it any more."""

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
    band_from_points: tuple[int, ...]
    points: Mapping[str, int] = field(default_factory=dict)
    deadline_within_days: Mapping[CategoryCode, int] = field(default_factory=dict)


ANY_WEEK = WorkingDays()
NOT_READ = RulesInForce(pack="not-read", version=0, digest="0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One version of a pack. `named` says which; the reader sets it, no file does.

    `height_scale`: the scale by which the register labels a child's height. An open need lapses
    `needs_lapse_after_months` after somebody last saw that it is so. The list of a delivery is
    signed within `list_closes_after_days` of its handing-over, an advance of money is settled
    within `advance_settled_within_days` of its payment. What only the register of
    children goes by may be left out by a pack that is not the register's. `two_persons`:
    parts on a delivery's way that are never one person's, besides those of every programme.
    `working_days` are the country's; the reader sets them too.
    """

    version: int
    in_force_from: date
    age_limit_years: int
    needs_lapse_after_months: int
    measures: tuple[Measure, ...]
    national_packages: tuple[Named, ...]
    categories: tuple[Category, ...]
    eligibility: tuple[EligibilityRule, ...]
    priority: PriorityRule
    scales: tuple[Scale, ...] = ()
    list_closes_after_days: int = 14
    advance_settled_within_days: int = 30
    height_scale: str | None = None
    stale_measure: StaleMeasure | None = None
    school_year_ends: LastDay | None = None
    standards: tuple[Standard, ...] = ()
    groups: tuple[Group, ...] = ()
    at_risk: tuple[Named, ...] = ()
    roles: tuple[Named, ...] = ()
    incompatible_roles: tuple[frozenset[str], ...] = ()
    two_persons: tuple[Pair, ...] = ()
    named: RulesInForce = NOT_READ
    working_days: WorkingDays = ANY_WEEK

    # --- kinds ---

    def category(self, code: CategoryCode) -> Category | None:
        return next((category for category in self.categories if category.code == code), None)

    def measure(self, code: MeasureCode) -> Measure | None:
        return next((measure for measure in self.measures if measure.code == code), None)

    def is_money(self, code: MeasureCode) -> bool:
        measure = self.measure(code)
        return measure is not None and measure.money

    def scale(self, code: str | None) -> Scale | None:
        return next((scale for scale in self.scales if scale.code == code), None)

    def travels_as(self, category: Category) -> CategoryCode:
        """What the events call it."""
        return category.travels_as or category.code

    def given_for(self, code: CategoryCode) -> Category | None:
        """A category that something may be given for: one that travels under its own code."""
        category = self.category(code)
        return None if category is None or category.travels_as is not None else category

    def is_of(self, field: SpecificationField, value: object) -> bool:
        """Is it a value that the field may have? No text is: text never stands in the open."""
        match field.kind:
            case "code":
                return any(value == each.code for each in field.values)
            case "scale":
                scale = self.scale(field.scale)
                return scale is not None and scale.place(value) is not None
            case "number":
                if not isinstance(value, int) or isinstance(value, bool):
                    return False
                at_least = field.minimum is None or value >= field.minimum
                return at_least and (field.maximum is None or value <= field.maximum)
            case "text":
                return False

    def not_offered(self, category: Category, held: Specification) -> str | None:
        """The first field that nothing given for the category may say, or may not say so."""
        for name, value in sorted(held.items()):
            if not any(
                self._may_offer(field, name, value)
                for field in category.fields
                if field.openness != "sealed"
            ):
                return name
        return None

    def _may_offer(self, field: SpecificationField, name: str, value: object) -> bool:
        how = field.match.how if field.match else None
        if name == field.name:
            anyone = field.match.anyone if field.match else None
            return self.is_of(field, value) or (anyone is not None and value == anyone)
        in_band = how == "in-band" and name in {field.name + end for end in BAND_ENDS}
        return in_band and self.is_of(field, value)

    # --- children ---

    def is_child(self, birth_date: date, on: date) -> bool:
        return on < birthday(birth_date, self.age_limit_years)

    def is_child_by(self, birth: Birth, on: date) -> Answer:
        """By all that is known of the birth: where that does not say it, it depends."""
        return either_way(
            earliest=self.is_child(birth.earliest, on), latest=self.is_child(birth.latest, on)
        )

    @property
    def sizes(self) -> tuple[Step, ...]:
        """The sizes by which the register labels heights."""
        scale = self.scale(self.height_scale)
        return scale.steps if scale else ()

    def label(self, height_cm: int) -> str | None:
        """The size of a height; None when the table has none."""
        for size in self.sizes:
            lowest, highest = size.height_cm_min, size.height_cm_max
            if lowest is not None and highest is not None and lowest <= height_cm <= highest:
                return size.label
        return None

    def turns_of_age_in(self, birth_date: date) -> date:
        """The first day of the month in which it is a child no more; the day tells too much."""
        return birthday(birth_date, self.age_limit_years).replace(day=1)

    def stale_from(self, measured_on: date, birth_date: date) -> date:
        """From which day on clothes are not chosen by a measure of that day any more."""
        assert self.stale_measure is not None, "the reader refuses a pack that measures without it"
        small = months_later(measured_on, self.stale_measure.months_under_six) + DAY
        if small < birthday(birth_date, YEARS_MEASURED_OFTEN):
            return small
        return months_later(measured_on, self.stale_measure.months) + DAY

    def is_stale(self, measured_on: date, birth_date: date, on: date) -> bool:
        """May clothes no longer be chosen by a measure of that day?"""
        return self.stale_from(measured_on, birth_date) <= on

    def last_day_of(self, school_year: str) -> date:
        """`school_year` is "2024-2025"."""
        return self.school_year_end(date(int(school_year[-4:]), 1, 1))

    def school_year_end(self, on: date) -> date:
        """The last day of the school year in which the day lies, or that begins next."""
        ends = self.school_year_ends
        assert ends is not None, "the reader refuses a pack that asks for a grade without it"
        this_year = date(on.year, ends.month, ends.day)
        return this_year if on <= this_year else this_year.replace(year=on.year + 1)

    def school_year_is_over(self, school_year: str, on: date) -> bool:
        """`school_year` is "2024-2025"."""
        return self.last_day_of(school_year) < on

    def standard(self, code: str) -> Standard | None:
        return next((standard for standard in self.standards if standard.code == code), None)

    def group(self, code: str) -> Group | None:
        return next((group for group in self.groups if group.code == code), None)

    def is_restricted(self, code: str) -> bool:
        """Is it a group that only a child-protection officer is told of?"""
        group = self.group(code)
        return group is not None and group.tier == "R"

    def eligible_under(self, category: CategoryCode, facts: Iterable[str]) -> str | None:
        """The rule under which the facts are enough, as "name@version"."""
        known = frozenset(facts)
        for rule in self.eligibility:
            if rule.category == category and rule.any_of & known:
                return f"{rule.name}@{rule.version}"
        return None

    # --- needs ---

    def lapses_on(self, confirmed_on: date) -> date:
        """From which day on a need that was last seen then is offered no more."""
        return self.working_days.from_day(months_later(confirmed_on, self.needs_lapse_after_months))

    def list_closes_on(self, handed_over_on: date) -> date:
        """The last day on which the list of a delivery is signed."""
        return self.working_days.from_day(
            handed_over_on + timedelta(days=self.list_closes_after_days)
        )

    # --- money ---

    def settle_by(self, paid_on: date) -> date:
        """The last day on which an advance is settled: a working day."""
        return self.working_days.from_day(
            paid_on + timedelta(days=self.advance_settled_within_days)
        )

    # --- roles ---

    def excluded_roles(self, role: str) -> frozenset[str]:
        """The roles that nobody holds together with this one."""
        pairs = [pair for pair in (*INCOMPATIBLE, *self.incompatible_roles) if role in pair]
        return frozenset().union(*pairs) - {role}


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
