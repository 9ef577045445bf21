from hypothesis import given, settings
from hypothesis import strategies as st

from audit.compare import Difference, compare, differences

TRUE = [bytes([number]) for number in range(10)]


def test_each_kind_of_change_is_told():
    assert differences(TRUE, TRUE) == []
    assert differences(TRUE, TRUE[:4] + TRUE[5:]) == [Difference("removed", 5)]
    assert differences(TRUE, [*TRUE[:4], b"x", *TRUE[4:]]) == [Difference("inserted", 5)]
    assert differences(TRUE, [*TRUE[:4], b"x", *TRUE[5:]]) == [Difference("altered", 5)]
    swapped = [*TRUE[:4], TRUE[5], TRUE[4], *TRUE[6:]]
    assert differences(TRUE, swapped) == [Difference("reordered", 6)]


def test_several_changes_are_told_apart():
    other = [*TRUE[:2], b"x", *TRUE[3:5], *TRUE[6:8], b"y", *TRUE[8:]]
    assert differences(TRUE, other) == [
        Difference("altered", 3),
        Difference("removed", 6),
        Difference("inserted", 8),
    ]


def test_one_that_goes_on_is_not_different():
    compared = compare(TRUE, TRUE[:6])
    assert (compared.size, compared.other_size, compared.differences) == (10, 6, ())
    assert compare([], TRUE).differences == ()


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=1)), st.lists(st.binary(min_size=1, max_size=1)))
def test_any_two_are_compared(one, other):
    common = min(len(one), len(other))
    compared = compare(one, other)
    assert compared.differences == tuple(differences(one, other))
    assert (one[:common] == other[:common]) == (not compared.differences)
