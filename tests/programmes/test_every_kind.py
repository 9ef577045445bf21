"""Every category of both packs goes its whole way: asked for, given for, matched, told."""

import ast
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from contracts.donations import ContributionLine
from contracts.notifications import Arrived, ArrivedPart
from contracts.registry import NeedOpened, NeedRecorded
from programmes import packs
from services.allocation.domain.matching import Fit, Rule, fit_of, match_up
from services.donations.domain.campaign import campaign
from services.donations.domain.contribution import contribution
from services.donations.domain.pledge import pledge
from services.notifications.wording import word
from services.registry.domain.group import Registered
from services.registry.domain.need import need
from services.registry.domain.need_detail import Detail, detail_of
from services.registry.domain.need_facts import Facts
from services.registry.domain.need_subject import OneChild, OneGroup, OneUnit
from services.registry.domain.standing import Standing
from tests.services.allocation.test_matching import girl_s_jacket, jackets
from tests.services.donations import test_campaign, test_contribution, test_pledge
from tests.services.registry import samples, test_group, test_need

ROOT = Path(__file__).parents[2]
CODE_OF_PROGRAMME = {"hanoi-3874": "3874/KH-LĐTB&XH", "mountain-school": "7/KH-TH"}
ON = date(2024, 10, 7)
DISABLED_AND_POOR = Standing(samples.BORN_ON, frozenset({"disability"}), frozenset(), "poor")


def kinds():
    return list(_kinds())


def _kinds():
    """Each category of each pack, by its codes; neutral ones are not asked for by themselves."""
    roots = [packs.FOLDER, Path(__file__).parent / "packs"]
    for pack in packs.read(roots).all:
        rules = pack.versions[-1]
        neutral = {each.travels_as for each in rules.categories}
        for each in rules.categories:
            if each.code not in neutral:
                yield pytest.param(pack.code, each.code, id=f"{pack.code}-{each.code}")


def rules_of(pack):
    return packs.installed().of_programme(CODE_OF_PROGRAMME[pack]).on(ON)


def value_of(rules, field):
    match field.kind:
        case "code":
            return field.values[0].code
        case "scale":
            return rules.scale(field.scale).steps[1].label
        case "number":
            return field.minimum
        case _:
            return "Qua suối Cái, mùa mưa không đi được"


def asked_for(rules, category):
    """A whole specification, said by hand; the gender is the child's."""
    said = {field.name: value_of(rules, field) for field in category.fields}
    return said | ({"gender": "female"} if category.field("gender") else {})


SUBJECTS = (
    OneChild(child=samples.pupil(), home=samples.home(), standing=DISABLED_AND_POOR),
    OneGroup(group=Registered(test_group.registered, 30)),
    OneUnit(unit=samples.commune),
)


def facts_of(rules, category):
    """Of a child, a group or a unit, whichever the pack says that it is for."""
    return Facts(
        programme=replace(samples.programme_started, ends_on=date(2026, 12, 31)),
        unit=samples.commune,
        subject=next(s for s in SUBJECTS if rules.eligible_under(category.code, s.facts())),
        rules=rules,
    )


def recorded(rules, category):
    told = detail_of(category, asked_for(rules, category), "Cần thêm giấy của trạm y tế")
    command = replace(
        test_need.record(),
        told=told,
        specification=asked_for(rules, category),
        detail=samples.sealed(told.written()),
        measure=category.measures[0],
        facts=facts_of(rules, category),
    )
    (event,) = need.decide(command, need.initial)
    assert isinstance(event, NeedRecorded)
    return event


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_it_is_asked_for_under_its_open_code_with_what_is_sealed_left_out(pack, code):
    rules = rules_of(pack)
    category = rules.category(code)
    event = recorded(rules, category)
    assert event.category == (category.travels_as or code)
    assert event.rules == rules.named
    open_fields = {field.name for field in category.fields if field.openness != "sealed"}
    assert event.specification.keys() == open_fields
    sealed = Detail.read(event.detail.ciphertext)
    assert sealed.category == code
    assert sealed.facts.keys() == {field.name for field in category.fields} - open_fields


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_it_is_opened_under_the_same_code_by_the_rules_of_the_real_one(pack, code):
    rules = rules_of(pack)
    category = rules.category(code)
    event, facts = recorded(rules, category), facts_of(rules, category)
    command = replace(test_need.verify(), told=Detail.read(event.detail.ciphertext), facts=facts)
    opened = need.decide(command, need.evolve(need.initial, event))[-1]
    assert isinstance(opened, NeedOpened)
    assert opened.category == event.category
    assert opened.eligible_under == rules.eligible_under(code, facts.subject.facts())
    assert (opened.child_id, opened.group_id, opened.children, opened.registered_by) == (
        facts.subject.child_id,
        facts.subject.group_id,
        facts.subject.children,
        facts.subject.registered_by,
    )
    assert opened.rules == rules.named


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_it_is_given_for_under_its_open_code(pack, code):
    rules = rules_of(pack)
    category = rules.category(code)
    travels, measure = rules.travels_as(category), category.measures[0]
    kind = "money" if rules.is_money(measure) else "goods"
    asked = {"category": travels, "measure": measure, "rules": rules}
    (opened,) = campaign.decide(replace(test_campaign.open_campaign(), **asked), campaign.initial)
    (promised,) = pledge.decide(test_pledge.make(kind=kind, **asked), pledge.initial)
    held = {} if category.travels_as else asked_for(rules, category)
    open_fields = {each.name for each in category.fields if each.openness != "sealed"}
    line = ContributionLine(
        line_id=UUID(int=7),
        category=travels,
        specification={name: said for name, said in held.items() if name in open_fields},
        quantity=3,
        measure=measure,
    )
    command = test_contribution.announce(kind=kind, lines=(line,), pledge_id=None, rules=rules)
    (announced,) = contribution.decide(command, contribution.initial)
    assert {opened.rules, promised.rules, announced.rules} == {rules.named}
    assert {opened.category, promised.category, announced.lines[0].category} == {travels}


def asked_and_held(rules, category):
    open_code = rules.travels_as(category)
    said = {
        field.name: asked_for(rules, category)[field.name]
        for field in category.fields
        if field.openness != "sealed"
    }
    asked = replace(
        girl_s_jacket, category=open_code, measure=category.measures[0], specification=said
    )
    held = replace(jackets, category=open_code, measure=category.measures[0], specification=said)
    return asked, held


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_it_is_matched_to_what_is_the_same(pack, code):
    rules = rules_of(pack)
    asked, held = asked_and_held(rules, rules.category(code))
    result = match_up(
        UUID(int=1), datetime(2024, 10, 8, tzinfo=UTC), [asked], [held], Rule(rules=rules, areas={})
    )
    assert [line.quantity for line in result.lines] == [1]


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_no_field_that_is_matched_by_takes_something_else(pack, code):
    rules = rules_of(pack)
    category, rule = rules.category(code), Rule(rules=rules, areas={})
    asked, held = asked_and_held(rules, category)
    for field in category.fields:
        if field.match is None:
            assert isinstance(fit_of(asked, held, rule), Fit)
            continue
        match field.kind:
            case "scale":
                other = rules.scale(field.scale).steps[0].label
            case "code":
                other = field.values[1].code
            case _:
                other = field.maximum
        another = replace(held, specification=held.specification | {field.name: other})
        assert not isinstance(fit_of(asked, another, rule), Fit), field.name


def test_a_larger_frame_fits_as_far_as_the_pack_says():
    rules = rules_of("mountain-school")
    asked, held = asked_and_held(rules, rules.category("bicycle"))
    fits = {
        step.label: fit_of(asked, replace(held, specification={"frame": step.label}), rule)
        for rule in [Rule(rules=rules, areas={})]
        for step in rules.scale("frame").steps
    }
    reasons = {label: getattr(fit, "reasons", (..., fit))[1:] for label, fit in fits.items()}
    assert reasons["20"] == ("frame-exact",)
    assert reasons["24"] == ("frame-one-larger",)
    assert reasons["26"] == ("frame-2-larger",)
    assert not isinstance(fits["16"], Fit)


@pytest.mark.parametrize(("pack", "code"), kinds())
def test_a_letter_tells_it_in_words(pack, code):
    rules = rules_of(pack)
    category = rules.category(code)
    part = ArrivedPart(
        contribution_id=uuid5(UUID(int=1), code),
        category=rules.travels_as(category),
        quantity=12,
        measure=category.measures[0],
        children=12,
    )
    at = UUID(int=2)
    arrived = Arrived(news_id=at, arrival_id=at, unit_id=at, direct=False, parts=(part,))
    told = word("gift-arrived", "en", arrivals=[arrived]).body
    travels = rules.category(part.category)
    assert f"{travels.en[:1].lower()}{travels.en[1:]}: 12 " in told


SAYS_CODES_ON_PURPOSE = {ROOT / "contracts/field_types.py", ROOT / "edge/openapi_examples.py"}


def hard_coded(source, codes):
    """The codes that stand in a source as texts of their own, but in an example."""
    tree = ast.parse(source)
    shown = {
        one
        for each in ast.walk(tree)
        if isinstance(each, ast.Dict)
        for key, value in zip(each.keys, each.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "examples"
        for one in ast.walk(value)
    }
    return {
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and each.value in codes and each not in shown
    }


def codes_of_packs():
    for pack in packs.installed().all:
        for rules in pack.versions:
            yield from (each.code for each in (*rules.categories, *rules.measures))
            yield from (step.label for scale in rules.scales for step in scale.steps)


def test_no_code_knows_a_kind():
    codes = set(codes_of_packs())
    assert hard_coded('if need.category == "warm-clothes":\n    pass\n', codes) == {"warm-clothes"}
    found = {
        f"{path.relative_to(ROOT)}: {code}"
        for folder in ("contracts", "edge", "eventing", "programmes", "services")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path not in SAYS_CODES_ON_PURPOSE
        for code in hard_coded(path.read_text(encoding="utf-8"), codes)
    }
    assert found == set()
