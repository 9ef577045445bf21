"""What a kind of support is told apart by, as its programme's pack says: asked for, and told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from contracts.languages import Language, Words
from programmes import packs
from programmes.rules import BAND_ENDS, Category, Rules, SpecificationField

BAND: Mapping[str, Words] = dict(
    zip(BAND_ENDS, (Words("từ", "from"), Words("đến", "to")), strict=True)
)


def categories(on: date) -> list[Category]:
    """Those of all packs that are in force on the day."""
    found: dict[str, Category] = {}
    for rules in _in_force(on):
        for category in rules.categories:
            found.setdefault(category.code, category)
    return list(found.values())


def measures(on: date) -> list[tuple[str, Words]]:
    found: dict[str, Words] = {}
    for rules in _in_force(on):
        for measure in rules.measures:
            found.setdefault(measure.code, Words(measure.vi, measure.en))
    return list(found.items())


def fields(kinds: Iterable[Category]) -> dict[str, tuple[SpecificationField, list[Category]]]:
    """Each field by its name, with the kinds that have it."""
    found: dict[str, tuple[SpecificationField, list[Category]]] = {}
    for category in kinds:
        for each in category.fields:
            found.setdefault(each.name, (each, []))[1].append(category)
    return found


def choices(field: SpecificationField, on: date, *, anyone: bool) -> Sequence[tuple[str, Words]]:
    """What the field may be, of what is given also for `anyone`; empty: any number, or text."""
    if field.kind == "scale":
        scale = next(
            (one for rules in _in_force(on) for one in rules.scales if one.code == field.scale),
            None,
        )
        return (
            [(step.label, Words(step.label, step.label)) for step in scale.steps] if scale else []
        )
    named = [(value.code, Words(value.vi, value.en)) for value in field.values]
    if anyone and field.match is not None and field.match.anyone is not None:
        named.append((field.match.anyone, Words("dùng chung", "for anyone")))
    return named


def specification_told(category: str, said: Mapping[str, Any], language: Language) -> str:
    """As `Cỡ H120, giới tính nữ`; an unknown field as it is."""
    known = packs.installed().category(category)
    told = []
    for name, value in said.items():
        field = known.field(name) if known else None
        if field is None:
            told.append(f"{name}: {value}")
            continue
        words = {each.code: Words(each.vi, each.en) for each in field.values}
        label = Words(field.vi, field.en).in_(language)
        is_ = words[value].in_(language) if value in words else str(value)
        told.append(f"{label}: {is_}")
    return ", ".join(told)


def _in_force(on: date) -> list[Rules]:
    return [rules for pack in packs.installed().all if (rules := pack.on(on)) is not None]
