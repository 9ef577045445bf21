import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventing.back_off import BackOff

chances = st.floats(0, 1, exclude_max=True)


@st.composite
def bounds(draw):
    first = draw(st.floats(0.001, 10))
    return first, first * draw(st.floats(1, 1000))


@given(bounds(), st.lists(chances, min_size=1, max_size=40))
def test_each_pause_is_longer_up_to_a_bound_and_at_least_half_is_kept(both, drawn):
    first, most = both
    left = iter(drawn)
    back_off = BackOff(first, most, chance=lambda: next(left))
    for number in range(len(drawn)):
        longest = min(first * 2**number, most)
        assert longest / 2 <= back_off.pause_s() <= longest


@given(bounds(), st.integers(1, 40))
def test_what_went_on_begins_with_a_first_pause(both, failures):
    first, most = both
    back_off = BackOff(first, most, chance=lambda: 0.999)
    before = [back_off.pause_s() for _ in range(failures)]
    back_off.reset()
    assert [back_off.pause_s() for _ in range(failures)] == before


@given(bounds(), st.integers(1, 40), st.floats(0, 2))
def test_only_what_lasted_longer_than_the_longest_pause_was_well(both, failures, share):
    first, most = both
    back_off, as_ever = (BackOff(first, most, chance=lambda: 0.0) for _ in range(2))
    for one in (back_off, as_ever):
        for _ in range(failures):
            one.pause_s()
    back_off.lasted(share * most)
    if share * most > most:
        as_ever.reset()
    assert back_off.pause_s() == as_ever.pause_s()


def test_two_that_failed_together_do_not_come_back_together():
    pauses = {BackOff(1, 10).pause_s() for _ in range(100)}
    assert len(pauses) > 90
    assert min(pauses) < 0.6
    assert max(pauses) > 0.9


def test_what_is_steady_may_be_said():
    back_off = BackOff(1, 10, steady_s=60, chance=lambda: 0.0)
    back_off.pause_s()
    back_off.lasted(59)
    assert back_off.pause_s() == 1.0
    back_off.lasted(61)
    assert back_off.pause_s() == 0.5


@pytest.mark.parametrize(("first", "most"), [(2, 1), (-1, 1), (float("nan"), 1)])
def test_a_first_pause_is_no_longer_than_the_longest(first, most):
    with pytest.raises(ValueError, match="no first pause"):
        BackOff(first, most)


def test_nobody_doubles_a_pause_by_hand():
    root = Path(__file__).parents[2]
    files = [
        file for layer in ("eventing", "edge", "notary") for file in (root / layer).rglob("*.py")
    ]
    doubling = re.compile(r"min\((\w+ \* 2|2 \* \w+),")
    found = [file.name for file in files if doubling.search(file.read_text())]
    assert found == ["back_off.py"]
