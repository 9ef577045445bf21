"""Needs of a group and of a unit: what is of a child alone is not asked of them."""

from dataclasses import replace

import pytest

from programmes.rules import EligibilityRule
from services.registry.domain.group import Registered
from services.registry.domain.need import (
    NeedRecordedOtherwise,
    RecorderCannotVerify,
    need,
)
from services.registry.domain.need_detail import detail_of
from services.registry.domain.need_facts import Facts, NotEligible, OutsideTheProgramme
from services.registry.domain.need_specification import SpecificationMissing, category_of
from services.registry.domain.need_subject import OneChild, OneGroup, OneUnit
from tests.services.registry.samples import (
    CITY,
    COMMUNE,
    OFFICER,
    OTHER_COMMUNE,
    OTHER_OFFICER,
    RULES,
    child_measured,
    commune,
    home,
    programme_started,
    pupil,
    sealed,
)
from tests.services.registry.test_group import GROUP, registered
from tests.services.registry.test_need import DISABLED, opened, record, verified, verify
from tests.services.registry.test_need import recorded as of_a_child
from tests.support.spec import Given

BOTH = replace(
    RULES,
    eligibility=(
        *RULES.eligibility,
        EligibilityRule(
            category="warm-clothes", name="together", version=1, any_of=frozenset({"group", "unit"})
        ),
    ),
)
SAID = {"size": "H120", "gender": "female"}
A_CLASS = OneGroup(group=Registered(registered, 30))
THE_COMMUNE = OneUnit(unit=commune)


def facts(subject, rules=BOTH, unit=commune):
    return Facts(programme=programme_started, unit=unit, subject=subject, rules=rules)


def jackets(subject, specification=SAID, **changed):
    told = detail_of(category_of(BOTH, "warm-clothes"), specification, None)
    return replace(
        record(known=facts(subject, **changed)),
        told=told,
        specification=specification,
        detail=sealed(told.written()),
        quantity=30,
        measure="piece",
    )


of_a_class = replace(
    of_a_child,
    child_id=None,
    household_id=None,
    group_id=GROUP,
    children=30,
    quantity=30,
    measure="piece",
    eligible_under="together@1",
)
of_the_commune = replace(of_a_class, group_id=None, children=0)


@pytest.mark.parametrize(
    ("subject", "recorded", "registered_by"),
    [(A_CLASS, of_a_class, OFFICER), (THE_COMMUNE, of_the_commune, None)],
    ids=["group", "unit"],
)
def test_it_is_recorded_and_opened_without_what_is_of_a_child(subject, recorded, registered_by):
    Given(need).when(jackets(subject)).then(recorded)
    Given(need, recorded).when(jackets(subject)).then_nothing()
    opening = replace(
        opened,
        child_id=None,
        group_id=recorded.group_id,
        children=recorded.children,
        quantity=30,
        measure="piece",
        birth_month=None,
        gender=None,
        eligible_under="together@1",
        # In a priority commune (2) before winter (2): neither is anything else.
        priority_band=3,
        registered_by=registered_by,
    )
    Given(need, recorded).when(verify(known=facts(subject))).then(verified, opening)


def test_each_field_is_said_for_there_is_no_record_to_take_it_from():
    for subject in (A_CLASS, THE_COMMUNE):
        asked = jackets(subject, {"size": "H120"})
        Given(need).when(asked).then_rejected(SpecificationMissing)


def test_a_kind_is_for_whom_the_pack_says():
    for subject in (A_CLASS, THE_COMMUNE):
        Given(need).when(jackets(subject, rules=RULES)).then_rejected(NotEligible)
    only_together = replace(BOTH, eligibility=BOTH.eligibility[-1:])
    one_child = OneChild(child=pupil(child_measured), home=home(), standing=DISABLED)
    Given(need).when(jackets(one_child, rules=only_together)).then_rejected(NotEligible)


def test_the_same_id_is_not_of_another_subject():
    for before, now in ((of_a_class, THE_COMMUNE), (of_the_commune, A_CLASS)):
        Given(need, before).when(jackets(now)).then_rejected(NeedRecordedOtherwise)
    elsewhere = jackets(THE_COMMUNE, unit=replace(commune, unit_id=OTHER_COMMUNE))
    Given(need, of_the_commune).when(elsewhere).then_rejected(NeedRecordedOtherwise)


def test_a_need_keeps_the_count_of_its_day():
    fewer = OneGroup(group=Registered(registered, 28))
    (opening,) = need.decide(verify(known=facts(fewer)), need.fold([of_a_class]))[1:]
    assert opening.children == 30


def test_who_registered_the_group_never_verifies_its_needs():
    by_another = replace(of_a_class, recorded_by=OTHER_OFFICER)
    asked = verify(by=OFFICER, known=facts(A_CLASS))
    Given(need, by_another).when(asked).then_rejected(RecorderCannotVerify)


def test_the_territory_is_the_programmes():
    outside = replace(commune, unit_id=OTHER_COMMUNE)
    of_another = OneGroup(group=Registered(replace(registered, unit_id=OTHER_COMMUNE), 30))
    for subject in (OneUnit(unit=outside), of_another):
        asked = jackets(subject, unit=outside)
        Given(need).when(asked).then_rejected(OutsideTheProgramme)
    heir = OneUnit(unit=outside, former=frozenset({COMMUNE}))
    on_its_land = replace(of_another, land=frozenset({COMMUNE}))
    for subject in (heir, on_its_land):
        assert need.decide(jackets(subject, unit=outside), need.initial)
    village = replace(outside, kind="village", parent_id=COMMUNE)
    assert need.decide(jackets(OneUnit(unit=village), unit=village), need.initial)
    city = replace(outside, unit_id=CITY, kind="city", parent_id=None)
    Given(need).when(jackets(OneUnit(unit=city), unit=city)).then_rejected(OutsideTheProgramme)
