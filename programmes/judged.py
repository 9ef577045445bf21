"""What is nonsense in a pack though each of its values has the right type: told by key."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from contracts.field_types import CODE
from contracts.roles import ROLES
from contracts.two_persons import MAY_BE_ADDED, TWO_PERSONS
from programmes.rules import (
    OF_A_GROUP,
    OF_A_UNIT,
    Category,
    Match,
    Named,
    Rules,
    Scale,
    SpecificationField,
)

FIELD_NAME = r"[a-z][a-z0-9_]{0,39}"
STATUSES = frozenset({"poor", "near-poor", "local-standard-poor", "escaped-recently", "none"})
KINDS_OF_STANDING = frozenset({"special", "at-risk"})
NO_CHILD = frozenset({OF_A_GROUP, OF_A_UNIT})
WEIGHED_BESIDE = frozenset({"priority-commune", "deadline"})
KIND_MATCHED: dict[str, frozenset[str]] = {
    "never-smaller": frozenset({"scale"}),
    "same-or-anyone": frozenset({"code", "scale", "number"}),
    "in-band": frozenset({"number"}),
    "exact": frozenset({"code", "scale", "number"}),
}
KIND_OF_RECORD = {"size": "scale", "gender": "code", "grade": "number"}


def faults_of(rules: Rules) -> Iterator[str]:
    """Of one version alone."""
    named = (
        ("scales", rules.scales),
        ("measures", rules.measures),
        ("national_packages", rules.national_packages),
        ("categories", rules.categories),
        ("roles", rules.roles),
        ("groups", rules.groups),
        ("at_risk", rules.at_risk),
    )
    for key, each in named:
        yield from _faults_of_codes(key, each)
    for scale in rules.scales:
        yield from _faults_of_scale(scale, by_height=scale.code == rules.height_scale)
    if rules.height_scale is not None and rules.scale(rules.height_scale) is None:
        yield f"height_scale: there is no scale {rules.height_scale}"
    for category in rules.categories:
        for fault in _faults_of_category(category, rules):
            yield f"categories.{category.code}.{fault}"
    for standard in rules.standards:
        if standard.valid_until <= standard.valid_from:
            yield f"standards.{standard.code}: valid_until, the first day without it, comes later"
    yield from _faults_of_terms(rules)
    yield from _faults_of_roles(rules)
    yield from _faults_of_two_persons(rules)
    yield from _faults_of_eligibility(rules)
    yield from _faults_of_priority(rules)


def _faults_of_terms(rules: Rules) -> Iterator[str]:
    if rules.needs_lapse_after_months < 1:
        yield "needs_lapse_after_months: at least one month"
    for name in ("list_closes_after_days", "advance_settled_within_days"):
        if getattr(rules, name) < 1:
            yield f"{name}: at least one day"


def faults_of_the_register(rules: Rules) -> Iterator[str]:
    """Of a version that the register of children and roles goes by."""
    said: dict[str, object] = {
        "height_scale": rules.height_scale,
        "stale_measure": rules.stale_measure,
        "school_year_ends": rules.school_year_ends,
        "standards": rules.standards,
        "groups": rules.groups,
        "at_risk": rules.at_risk,
    }
    for key, value in said.items():
        if not value:
            yield f"{key}: the register of children goes by it"
    for role in sorted(ROLES - {role.code for role in rules.roles}):
        yield f"roles.{role}: the register of roles has no word for it"


def faults_of_no_register(rules: Rules) -> Iterator[str]:
    """Of a version of any other pack: what would have no effect is told, never passed over."""
    for key, value in (("roles", rules.roles), ("incompatible_roles", rules.incompatible_roles)):
        if value:
            yield f"{key}: roles are of no programme; the register's pack says this"


def faults_together(packs: Sequence[tuple[str, Sequence[Rules]]]) -> Iterator[str]:
    """Of all packs and versions: one code means one thing, or history could not be read."""
    meant: dict[tuple[str, str], tuple[str, object]] = {}
    for pack, versions in packs:
        for rules in versions:
            where = f"{pack}/versions/{rules.version}.toml"
            told: list[tuple[str, Named, object]] = [
                *(("categories", each, each.travels_as) for each in rules.categories),
                *(("measures", each, each.money) for each in rules.measures),
                *(("roles", each, None) for each in rules.roles),
            ]
            for key, each, beside in told:
                first, meaning = meant.setdefault(
                    (key, each.code), (where, (each.vi, each.en, beside))
                )
                if meaning != (each.vi, each.en, beside):
                    yield f"{where}: {key}.{each.code}: means something else than in {first}"


def _faults_of_codes(key: str, named: Iterable[Named]) -> Iterator[str]:
    times = Counter(each.code for each in named)
    for each in named:
        if not re.fullmatch(CODE, each.code):
            yield f"{key}.{each.code}: a code is of small letters, digits and hyphens"
        if times[each.code] > 1:
            yield f"{key}.{each.code}: stands there {times[each.code]} times"
        if not each.vi.strip() or not each.en.strip():
            yield f"{key}.{each.code}: words in both languages"


def _faults_of_scale(scale: Scale, *, by_height: bool) -> Iterator[str]:
    at = f"scales.{scale.code}.steps"
    if not scale.steps:
        yield f"{at}: a scale has steps"
    if len({step.label for step in scale.steps}) < len(scale.steps):
        yield f"{at}: a label stands there twice"
    if not by_height:
        return
    heights = [(step.height_cm_min, step.height_cm_max) for step in scale.steps]
    for step, (lowest, highest) in zip(scale.steps, heights, strict=True):
        if lowest is None or highest is None or lowest > highest:
            yield f"{at}.{step.label}: height_cm_min and height_cm_max, in this order"
    for step, (_, before), (lowest, _) in zip(scale.steps[1:], heights, heights[1:], strict=False):
        if before is not None and lowest is not None and lowest != before + 1:
            yield f"{at}.{step.label}: begins where the step before ends, without gap or overlap"


def _faults_of_category(category: Category, rules: Rules) -> Iterator[str]:
    if category.national_package not in {each.code for each in rules.national_packages}:
        yield f"national_package: there is no package {category.national_package}"
    if not category.measures:
        yield "measures: something is counted in at least one"
    for measure in category.measures:
        if rules.measure(measure) is None:
            yield f"measures: there is no measure {measure}"
    names = Counter(field.name for field in category.fields)
    for field in category.fields:
        if names[field.name] > 1:
            yield f"fields.{field.name}: stands there {names[field.name]} times"
        for fault in _faults_of_field(field, rules):
            yield f"fields.{field.name}.{fault}"
    if category.travels_as is not None:
        yield from _faults_of_travelling(category, rules)
    if category.at_most_in_a_season is not None:
        yield from _faults_of_share(category, category.at_most_in_a_season, rules)
    yield from _faults_of_whom_it_is_for(category, rules)


def _faults_of_share(category: Category, at_most: int, rules: Rules) -> Iterator[str]:
    if at_most < 1:
        yield "at_most_in_a_season: at least 1, or nobody may get it"
    if any(rules.is_money(measure) for measure in category.measures):
        yield "at_most_in_a_season: pieces are counted, money is not"
    if category.travels_as is not None:
        yield "at_most_in_a_season: what travels under another code is not counted by its own"


def _faults_of_whom_it_is_for(category: Category, rules: Rules) -> Iterator[str]:
    of_it = [rule.any_of for rule in rules.eligibility if rule.category == category.code]
    is_neutral = any(each.travels_as == category.code for each in rules.categories)
    if not of_it and not is_neutral:
        yield "eligibility: nobody may get it"
    if of_it and not any(any_of - NO_CHILD for any_of in of_it):
        for field in category.fields:
            if field.from_register:
                yield f"fields.{field.name}.from_register: no child may get it"


def _faults_of_travelling(category: Category, rules: Rules) -> Iterator[str]:
    neutral = rules.category(category.travels_as or "")
    if neutral is None or neutral.travels_as is not None:
        yield f"travels_as: {category.travels_as} is no category with a code of its own"
        return
    if category.measures != neutral.measures:
        yield f"measures: others than those of {neutral.code} would tell what it is"
    if category.whole_from_one_lot != neutral.whole_from_one_lot:
        yield f"whole_from_one_lot: as {neutral.code}, under whose code it is matched"
    for field in category.fields:
        if field.openness != "sealed":
            yield f"fields.{field.name}.openness: of what travels under another code all is sealed"


def _faults_of_field(field: SpecificationField, rules: Rules) -> Iterator[str]:
    if not re.fullmatch(FIELD_NAME, field.name):
        yield "name: small letters, digits and _"
    if field.kind == "text" and field.openness != "sealed":
        yield "openness: text is always sealed"
    yield from _faults_of_values(field, rules)
    if field.openness == "sealed" and (field.match or field.from_register):
        yield "openness: what is matched or taken from the register is not sealed here"
    if field.from_register is not None and KIND_OF_RECORD[field.from_register] != field.kind:
        yield f"from_register: {field.from_register} is a {KIND_OF_RECORD[field.from_register]}"
    if field.from_register == "size":
        if field.scale != rules.height_scale:
            yield f"from_register: heights are labelled by the scale {rules.height_scale}"
        if rules.stale_measure is None:
            yield "from_register: stale_measure says when a measure is too old"
    if field.from_register == "grade" and rules.school_year_ends is None:
        yield "from_register: school_year_ends says until when a grade counts"
    if field.match is not None:
        yield from _faults_of_match(field.match, field)


def _faults_of_values(field: SpecificationField, rules: Rules) -> Iterator[str]:
    lowest, highest = field.minimum, field.maximum
    match field.kind:
        case "code":
            yield from _faults_of_codes("values", field.values)
            if not field.values:
                yield "values: the codes that it may have"
        case "scale" if rules.scale(field.scale) is None:
            yield f"scale: there is no scale {field.scale}"
        case "number" if lowest is not None and highest is not None and lowest > highest:
            yield "minimum: not above the maximum"


def _faults_of_match(match: Match, field: SpecificationField) -> Iterator[str]:
    if field.kind not in KIND_MATCHED[match.how]:
        yield f"match.how: a {field.kind} is not matched by {match.how}"
    if match.how != "never-smaller" and match.steps_larger:
        yield "match.steps_larger: of never-smaller alone"
    if match.steps_larger < 0:
        yield "match.steps_larger: never smaller"
    if match.how != "same-or-anyone" and match.anyone is not None:
        yield "match.anyone: of same-or-anyone alone"


def _faults_of_roles(rules: Rules) -> Iterator[str]:
    for role in rules.roles:
        if role.code not in ROLES:
            yield f"roles.{role.code}: permissions know no such role"
    for pair in rules.incompatible_roles:
        if len(pair) != 2 or not pair <= ROLES:  # noqa: PLR2004 (a pair)
            yield f"incompatible_roles: {', '.join(sorted(pair))}: two different roles"


def _faults_of_two_persons(rules: Rules) -> Iterator[str]:
    for pair in rules.two_persons:
        said = ", ".join(sorted(pair))
        if pair in TWO_PERSONS:
            yield f"two_persons: {said}: are two persons in every programme"
        elif pair not in MAY_BE_ADDED:
            yield f"two_persons: {said}: nobody knows both"


def _faults_of_eligibility(rules: Rules) -> Iterator[str]:
    groups = {f"special:{group.code}" for group in rules.groups}
    risks = {f"at-risk:{reason.code}" for reason in rules.at_risk}
    facts = STATUSES | KINDS_OF_STANDING | NO_CHILD | groups | risks
    for rule in rules.eligibility:
        if rules.category(rule.category) is None:
            yield f"eligibility.{rule.name}.category: there is no category {rule.category}"
        for fact in sorted(rule.any_of - facts):
            yield f"eligibility.{rule.name}.any_of: nobody says {fact} of a child"
        if not re.fullmatch(CODE, rule.name) or rule.version < 1:
            yield f"eligibility.{rule.name}: a code, and a version from 1"


def _faults_of_priority(rules: Rules) -> Iterator[str]:
    rule = rules.priority
    if list(rule.band_from_points) != sorted(set(rule.band_from_points), reverse=True):
        yield "priority.band_from_points: fewer points for each further band"
    for category in rule.deadline_within_days:
        if rules.category(category) is None:
            yield f"priority.deadline_within_days.{category}: there is no such category"
    groups = {f"special:{group.code}" for group in rules.groups}
    risks = {f"at-risk:{reason.code}" for reason in rules.at_risk}
    for fact in rule.points:
        if fact not in STATUSES | KINDS_OF_STANDING | NO_CHILD | WEIGHED_BESIDE | groups | risks:
            yield f"priority.points.{fact}: nobody says this of a need"
