from collections import Counter
from datetime import date

from console.report import number
from console.season.pack import REORGANISED_ON, Pack, unit_id
from console.season.people import People
from console.season.register import make_register

PACK = Pack()
CHILDREN = make_register(PACK, "a seed")


def test_the_same_seed_makes_the_same_children():
    assert make_register(PACK, "a seed") == CHILDREN
    assert make_register(PACK, "another seed") != CHILDREN


def test_each_commune_has_the_children_that_its_figures_say():
    registered = Counter(child.household.commune.code for child in CHILDREN)
    assert registered == {code: figures.registered for code, figures in PACK.figures.items()}
    assert sum(registered.values()) == 1_600


def test_another_programme_in_the_same_communes_has_an_id_people_and_children_of_its_own():
    copy = Pack(copy=1)
    assert copy.programme_id != PACK.programme_id
    assert copy.communes == PACK.communes
    people = {actor.id for actor in People(PACK, "a seed").appointed(REORGANISED_ON)}
    assert people.isdisjoint(
        actor.id for actor in People(copy, "a seed/1").appointed(REORGANISED_ON)
    )
    children = {child.id for child in CHILDREN}
    assert children.isdisjoint(child.id for child in make_register(copy, "a seed/1"))


def test_whoever_is_on_the_register_has_a_reason():
    reasons = Counter(
        (child.circumstance is not None) + (child.household.status != "none") for child in CHILDREN
    )
    assert 0 not in reasons


def test_ids_are_their_own():
    assert len({child.id for child in CHILDREN}) == len(CHILDREN)


def test_ethnic_groups_are_mixed_as_in_the_commune():
    dao = Counter(c.ethnicity for c in CHILDREN if c.household.commune.name == "Ba Vì")
    assert dao["Dao"] / dao.total() > 0.9


def test_a_child_in_school_age_has_the_usual_grade():
    (child, *_) = [each for each in CHILDREN if each.birth_date.year == 2018]
    assert (child.grade_in(2024), child.grade_in(2023), child.grade_in(2033)) == (1, None, None)


def test_age_turns_on_the_birthday():
    child = next(
        each for each in CHILDREN if (each.birth_date.month, each.birth_date.day) != (2, 29)
    )
    born = child.birth_date
    assert child.age_on(born.replace(year=born.year + 5)) == 5


def test_a_code_names_another_unit_after_the_reorganisation():
    assert unit_id("09700", date(2008, 8, 1)) != unit_id("09700", REORGANISED_ON)


def test_four_communes_are_priorities_of_the_plan_and_two_are_split():
    split = [each.name for each in PACK.communes if len(each.successor_codes) > 1]
    assert split == ["Minh Quang", "Tiến Xuân"]
    assert len(PACK.communes) == 14


def test_whoever_records_is_not_who_verifies_before_and_after():
    people = People(PACK, "a seed")
    for commune in PACK.communes:
        for day in (date(2024, 10, 1), date(2025, 8, 1)):
            unit = commune.unit_id
            if day > REORGANISED_ON:
                unit = commune.successor_ids[0]
            assert people.officer(unit, day) != people.verifier(unit, day)


def test_numbers_are_written_as_in_vietnam():
    assert number(1_092_453_500) == "1.092.453.500"
    assert number(None) == "–"
