from hypothesis import given
from hypothesis import strategies as st

from services.portal.suppression import SHOWN_FROM, hidden, with_sums

ROWS, COLUMNS = "abcde", "xyz"
tables = st.dictionaries(
    st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)),
    st.one_of(st.integers(0, 6), st.integers(0, 200)),
)


def test_a_table_of_large_cells_is_shown_whole() -> None:
    assert hidden({("a", "x"): 5, ("a", "y"): 12, ("b", "x"): 0}) == frozenset()


def test_a_small_cell_takes_others_with_it() -> None:
    table = {
        (row, column): 10 * (1 + ord(row) - ord("a")) + ord(column) - ord("x")
        for row in "abc"
        for column in COLUMNS
    }
    table["b", "x"] = 2
    # Alone it would follow from its row, and from its column: so one more in each, and a fourth
    # that closes the square.
    assert hidden(table) == {("b", "x"), ("b", "y"), ("a", "x"), ("a", "y")}


def test_a_lone_small_row_hides_its_sum_too() -> None:
    found = hidden({("a", "x"): 3, ("b", "x"): 9})
    assert {("a", "x"), ("a", None)} <= found


@given(tables)
def test_no_small_cell_is_shown(table: dict[tuple[str, str], int]) -> None:
    shown = with_sums(table).keys() - hidden(table)
    assert all(not 0 < with_sums(table)[at] < SHOWN_FROM for at in shown)


@given(tables)
def test_no_sum_tells_on_a_hidden_cell(table: dict[tuple[str, str], int]) -> None:
    whole, secret = with_sums(table), hidden(table)
    for side in (0, 1):
        for line in {at[side] for at in whole}:
            equation = [at for at in whole if at[side] == line]
            unknown = [at for at in equation if at in secret]
            assert len(unknown) != 1
            total = next((at for at in unknown if at[1 - side] is None), None)
            if unknown and total is None:
                assert sum(whole[at] for at in unknown) >= SHOWN_FROM


@given(tables)
def test_the_order_of_cells_does_not_matter(table: dict[tuple[str, str], int]) -> None:
    backwards = dict(reversed(table.items()))
    assert hidden(table) == hidden(backwards)
