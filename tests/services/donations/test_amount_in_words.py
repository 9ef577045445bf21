import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.donations.amount_in_words import AMOUNT_MAX, amount_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Không đồng"),
        (10, "Mười đồng"),
        (15, "Mười lăm đồng"),
        (21, "Hai mươi mốt đồng"),
        (24, "Hai mươi tư đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (1_620_000, "Một triệu sáu trăm hai mươi nghìn đồng"),
        (
            1_092_453_500,
            "Một tỷ không trăm chín mươi hai triệu bốn trăm năm mươi ba nghìn năm trăm đồng",
        ),
        (2 * 10**12, "Hai nghìn tỷ đồng"),
        (1, "Một đồng"),
        (11, "Mười một đồng"),
        (14, "Mười bốn đồng"),
        (40, "Bốn mươi đồng"),
        (55, "Năm mươi lăm đồng"),
        (104, "Một trăm linh bốn đồng"),
        (115, "Một trăm mười lăm đồng"),
        (1_000_000, "Một triệu đồng"),
        (1_005_000_000_000, "Một nghìn không trăm linh năm tỷ đồng"),
        (3_000_000_021, "Ba tỷ không trăm hai mươi mốt đồng"),
    ],
)
def test_an_amount_is_read_as_a_vietnamese_reads_it(amount: int, words: str) -> None:
    assert amount_in_words(amount) == words


@pytest.mark.parametrize("amount", [-1, AMOUNT_MAX + 1])
def test_what_no_receipt_can_hold_is_no_amount(amount: int) -> None:
    with pytest.raises(ValueError, match="amount"):
        amount_in_words(amount)


DIGITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5,
    "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip


def read_back(words: str) -> int:
    """Independently of how they were made: units wait for the name of their place."""
    total = group = unit = 0
    for word in words.lower().removesuffix(" đồng").split():
        match word:
            case "trăm":
                group, unit = group + unit * 100, 0
            case "mươi":
                group, unit = group + unit * 10, 0
            case "mười":
                group += 10
            case "linh":
                pass
            case "nghìn" | "triệu":
                size = 1_000 if word == "nghìn" else 1_000_000
                total, group, unit = total + (group + unit) * size, 0, 0
            case "tỷ":
                total, group, unit = (total + group + unit) * 10**9, 0, 0
            case _:
                unit = DIGITS[word]
    return total + group + unit


@given(st.integers(0, AMOUNT_MAX))
def test_the_words_say_exactly_the_amount(amount: int) -> None:
    assert read_back(amount_in_words(amount)) == amount
