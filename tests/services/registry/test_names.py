from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.names import search_key, sort_key


@pytest.mark.parametrize(
    "written", ["Đinh Thị Hòa", "đinh thị hoà", "ĐINH  THỊ HÒA", normalize("NFD", "Đinh Thị Hòa")]
)
def test_however_it_is_written_a_name_is_found(written):
    assert search_key(written) == "dinh thi hoa"


def test_names_are_listed_by_given_name_then_family_name():
    names = ["Triệu Văn Sơn", "Bùi Thị An", "Đinh Văn An", "Bạch Thị Đào", "Hà Dung", "Lê Ân"]
    assert sorted(names, key=sort_key) == [
        "Bùi Thị An",
        "Đinh Văn An",
        "Lê Ân",
        "Hà Dung",
        "Bạch Thị Đào",
        "Triệu Văn Sơn",
    ]


TONES = ["Hoa", "Hoà", "Hoả", "Hoã", "Hoá", "Hoạ", "Hoan"]
LETTERS = ["A", "Ă", "Â", "B", "D", "Đ", "E", "Ê", "O", "Ô", "Ơ", "U", "Ư", "Y"]
FAMILIES = ["Bùi Văn An", "Đinh Anh An", "Đinh Văn An"]


@given(st.permutations(TONES))
def test_letters_come_before_tones_and_tones_in_their_order(names):
    assert sorted(names, key=sort_key) == TONES


@given(st.permutations(LETTERS))
def test_letters_are_in_the_order_of_the_alphabet(names):
    assert sorted(names, key=sort_key) == LETTERS


@given(st.permutations(FAMILIES))
def test_a_family_name_decides_between_equal_given_names_and_then_the_middle(names):
    assert sorted(names, key=sort_key) == FAMILIES


@given(st.text(max_size=20))
def test_any_text_has_its_place(text):
    assert sort_key(text) == sort_key(normalize("NFC", text).strip())
    assert search_key(search_key(text)) == search_key(text)
