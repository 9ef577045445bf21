from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.registry.names import search_key, sort_key


@pytest.mark.parametrize(
    "written",
    [
        "Đinh Thị Hòa",
        "đinh thị hoà",
        "ĐINH  THỊ HÒA",
        "Ðinh Thị Hòa",  # U+00D0, Icelandic
        "Ɖinh Thị Hoà",  # U+0189, African
        "Đinh\u00a0Thị\u2003Hòa",
        "Đinh Thị\u200b Hòa",
        normalize("NFD", "Đinh Thị Hòa"),
    ],
)
def test_however_it_is_written_a_name_is_found_and_has_one_place(written):
    assert search_key(written) == "dinh thi hoa"
    assert sort_key(normalize("NFC", written).title())[:3] == sort_key("Đinh Thị Hoà")[:3]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Thủy", "Thuỷ"), ("Khỏe", "Khoẻ"), ("Hòa", "Hoà"), ("Hóa", "Hoá"), ("THÚY", "THUÝ")],
)
def test_a_tone_on_either_letter_is_the_same_name(first, second):
    assert sort_key(first)[:3] == sort_key(second)[:3]
    assert search_key(first) == search_key(second)


@pytest.mark.parametrize(
    ("name", "key"), [("Nguyễn Андрей", "nguyen andrey"), ("李明", "liming"), ("Øyvind", "oyvind")]
)
def test_letters_of_other_alphabets_are_found_as_they_are_typed(name, key):
    assert search_key(name) == key


@pytest.mark.parametrize("unseen", ["", " ", "\u200b", "\u00a0\ufeff"])
def test_what_is_not_to_be_seen_has_no_key(unseen):
    assert search_key(unseen) == ""


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
LETTERS = ["A", "Ă", "Â", "B", "D", "Đ", "E", "Ê", "O", "Ô", "Ơ", "U", "Ư", "Y", "Я", "李"]
FAMILIES = ["An", "Bùi Văn An", "Đinh Anh An", "Ðinh Văn An"]
TYPED = st.text(alphabet="aàăâđĐÐðeêoòôơuùưy \u0300\u0301\u0306йА李\u200b", max_size=12)


@given(st.permutations(TONES))
def test_letters_come_before_tones_and_tones_in_their_order(names):
    assert sorted(names, key=sort_key) == TONES


@given(st.permutations(LETTERS))
def test_letters_are_in_the_order_of_the_alphabet(names):
    assert sorted(names, key=sort_key) == LETTERS


@given(st.permutations(FAMILIES))
def test_a_family_name_decides_between_equal_given_names_and_then_the_middle(names):
    assert sorted(names, key=sort_key) == FAMILIES


@given(st.text(max_size=20) | TYPED)
@example("Nguyễn Андрей")
@example("\u0306")
@example("\ud800")
def test_any_text_has_its_place(text):
    composed, apart = normalize("NFC", text), normalize("NFD", text)
    assert sort_key(composed)[:3] == sort_key(apart)[:3] == sort_key(f" {text}  ")[:3]
    assert search_key(composed) == search_key(apart)
    assert search_key(search_key(text)) == search_key(text)


@given(st.text(max_size=12) | TYPED, st.text(max_size=12) | TYPED)
def test_a_name_is_found_by_any_of_its_words(one, other):
    if found := search_key(one):
        assert found in search_key(f"{one} {other}")
        assert found in search_key(f"{other} {one}")
