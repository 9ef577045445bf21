from hypothesis import given
from hypothesis import strategies as st

from services.donations.domain.known import Known


@given(st.lists(st.integers(0, 50)), st.integers(0, 50))
def test_it_knows_what_was_added_and_nothing_else(members: list[int], other: int) -> None:
    known: Known[int] = Known()
    for member in members:
        before = known
        known = before.add(member)
        assert member in known
    assert (other in known) == (other in members)


def test_adding_leaves_the_set_before_as_it_was() -> None:
    empty: Known[int] = Known()
    before = empty.add(1)
    before.add(2)
    assert 2 not in before


def test_adding_copies_little() -> None:
    known: Known[int] = Known()
    for member in range(10_000):
        known = known.add(member)
    assert len(known.layers) <= 14
