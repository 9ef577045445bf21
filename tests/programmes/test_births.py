"""A birth date says no more than what is known; what depends on the rest is for a person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes import packs
from programmes.days import Birth, BirthPrecision, either_way

RULES = packs.installed().of_the_register.versions[0]
PRECISIONS: tuple[BirthPrecision, ...] = ("day", "month", "year", "about")
BIRTHS = st.builds(
    Birth.of, st.dates(date(1950, 1, 2), date(2198, 12, 31)), st.sampled_from(PRECISIONS)
)


@pytest.mark.parametrize(
    ("precision", "text", "month", "earliest", "latest"),
    [
        ("day", "2016-02-29", "2016-02", date(2016, 2, 29), date(2016, 2, 29)),
        ("month", "2016-02", "2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("year", "2016", "2016", date(2016, 1, 1), date(2016, 12, 31)),
        ("about", "~2016", "2016", date(2015, 1, 1), date(2017, 12, 31)),
    ],
)
def test_what_is_known_of_a_birth(precision, text, month, earliest, latest):
    birth = Birth.of(date(2016, 2, 29), precision)
    assert (birth.text, birth.month) == (text, month)
    assert (birth.earliest, birth.latest) == (earliest, latest)


@given(BIRTHS)
def test_what_is_written_is_read_again(birth):
    assert Birth.read(birth.text) == birth
    assert birth.earliest <= birth.day <= birth.latest


@given(BIRTHS, st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.floats(0, 1))
def test_a_sure_answer_holds_for_each_day_on_which_it_may_have_been(birth, on, share):
    days = (birth.latest - birth.earliest).days
    born = date.fromordinal(birth.earliest.toordinal() + round(days * share))
    answer = RULES.is_child_by(birth, on)
    assert answer in ("depends", "yes" if RULES.is_child(born, on) else "no")


def test_a_day_that_is_known_leaves_nothing_to_depend_on():
    on = date(2024, 10, 7)
    assert RULES.is_child_by(Birth(date(2008, 10, 8)), on) == "yes"
    assert RULES.is_child_by(Birth(date(2008, 10, 7)), on) == "no"
    assert RULES.is_child_by(Birth(date(2008, 10, 1), "month"), on) == "depends"
    assert either_way(earliest=False, latest=False) == "no"


@pytest.mark.parametrize("text", ["", "~", "2015-13", "2015-02-30", "about 2015"])
def test_what_is_no_birth_date_is_not_read(text):
    with pytest.raises(ValueError, match=r"."):
        Birth.read(text)
