from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.languages import Language
from contracts.notifications import ArrivedPart, NotTaken, Occasion
from services.notifications.wording import children, word
from tests.services.notifications.test_message import COMMUNE, arrived, jackets


def a_letter(language: Language, *parts: ArrivedPart, direct: bool = False) -> str:
    wording = word(
        "gift-arrived",
        language,
        arrivals=[replace(arrived, parts=parts, direct=direct)],
        unit_names={COMMUNE: "Ba Vì"},
    )
    return f"{wording.subject}\n{wording.body}"


def test_of_several_communes_each_is_told_with_what_it_got() -> None:
    there = {UUID(int=n): name for n, name in ((60, "Ba Vì"), (61, "Khánh Thượng"))}
    arrivals = [replace(arrived, news_id=unit, unit_id=unit) for unit in there]
    vi = word("gift-arrived", "vi", arrivals=arrivals, unit_names=there)
    assert vi.subject == "Quà của quý vị đã đến 2 nơi"
    for name in there.values():
        assert f"tại xã {name} đã được trao và ký nhận:\n- áo ấm: 12 chiếc" in vi.body
    en = word("gift-arrived", "en", arrivals=arrivals, unit_names=there)
    assert en.subject == "Your gifts have arrived in 2 places"


def test_a_letter_says_what_arrived_where_and_for_how_many() -> None:
    text = a_letter("vi", jackets)
    assert "xã Ba Vì" in text.splitlines()[0]
    assert "- áo ấm: 12 chiếc, cho 12 trẻ em" in text
    assert "đã được trao và ký nhận" in text


def test_in_english_too() -> None:
    text = a_letter("en", jackets)
    assert "Ba Vì commune" in text.splitlines()[0]
    assert "- warm clothes: 12 pieces, for 12 children" in text


def test_a_gift_that_was_not_taken_says_why() -> None:
    gift = NotTaken(
        news_id=UUID(int=1),
        contribution_id=UUID(int=2),
        quantity=40,
        measure="piece",
        reason="nothing-usable",
    )
    vi = word("gift-arrived", "vi", not_taken=[gift])
    assert vi.subject == "Về khoản ủng hộ của quý vị"
    assert "chưa tiếp nhận được (40 chiếc): " in vi.body
    en = word("gift-arrived", "en", not_taken=[replace(gift, quantity=0)])
    assert en.subject == "About your gift"
    assert "could not be taken in: " in en.body


def test_money_is_written_as_people_write_it() -> None:
    scholarships = ArrivedPart(
        contribution_id=None,
        category="scholarship",
        quantity=10_500_000,
        measure="dong",
        children=7,
    )
    assert "10.500.000 đồng" in a_letter("vi", scholarships)
    assert "10,500,000 đồng" in a_letter("en", scholarships)


def test_of_what_a_unit_got_nobody_is_counted() -> None:
    play_point = ArrivedPart(
        contribution_id=None, category="warm-clothes", quantity=1, measure="piece", children=0
    )
    assert "- áo ấm: 1 chiếc\n" in a_letter("vi", play_point)
    assert "- warm clothes: 1 pieces\n" in a_letter("en", play_point)


@given(st.integers(1, 4))
def test_fewer_than_five_children_are_not_counted_out(count: int) -> None:
    assert children(count, "vi") == "dưới 5 trẻ em"
    assert children(count, "en") == "fewer than 5 children"


def test_five_children_are_counted_out() -> None:
    assert children(5, "vi") == "5 trẻ em"
    assert children(1234, "vi") == "1.234 trẻ em"


def test_a_direct_gift_has_no_gift_day() -> None:
    assert "trao trực tiếp" in a_letter("vi", jackets, direct=True)


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_there_are_words_for_everything(language: Language, occasion: Occasion) -> None:
    wording = word(occasion, language, arrivals=[arrived])
    assert wording.subject
    assert "None" not in wording.subject + wording.body
