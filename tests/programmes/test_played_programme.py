"""A programme of another pack, played through the doors of all services and seen on the pages."""

from collections import Counter
from html import unescape
from uuid import UUID

import pytest

from contracts.allocation import SupportDelivered
from contracts.registry import NeedMet
from programmes import packs
from services.notifications.timers import TIMERS as NEWS_OF_THE_MORNING
from services.portal.report import every_cell
from tests.programmes.played import COMMUNE, SPONSOR, Given, Played, named, person
from tests.services.portal.conftest import empty_portal, on_postgres
from tests.services.portal.test_pages import text
from tests.support.in_clear import in_clear

__all__ = ["empty_portal"]

PROGRAMME = UUID("00000000-2024-4000-8000-00000000c0de")
BICYCLES = Given(
    category="bicycle",
    measure="bicycle",
    quantity=1,
    asked={"frame": "20", "way_to_school": "Qua suối Cái, mùa mưa không đi được"},
    held={"frame": "20"},
)
MEALS = Given(
    category="meals", measure="meal", quantity=20, asked={"diet": "soft"}, held={"diet": "soft"}
)
MILK = Given(
    category="milk",
    measure="litre",
    quantity=30,
    asked={"age": 9},
    held={"age_from": 6, "age_to": 10},
)
COATS = Given(
    category="class-coats",
    measure="coat",
    quantity=30,
    subject="group",
    asked={"size": "A2", "colour": "blue"},
    held={"size": "A2", "colour": "any"},
)
PLAY_POINT = Given(
    category="play-point", measure="place", quantity=1, subject="unit", asked={"children": 120}
)
THERAPY = Given(
    category="therapy",
    travels_as="care",
    measure="dong",
    quantity=2_000_000,
    detail="Trị liệu tại trạm y tế",
    money=True,
)
KINDS = (BICYCLES, MEALS, MILK, COATS, PLAY_POINT, THERAPY)
BY_CODE = {kind.code: kind for kind in KINDS}
REACHED = {"child": 5, "group": 28, "unit": 0}
WORDS = {
    "bicycle": ("Xe đạp", "Bicycles", "5 xe", "5 bicycles"),
    "meals": ("Bữa ăn bán trú", "School meals", "100 suất ăn", "100 meals"),
    "milk": ("Sữa", "Milk", "150 lít", "150 litres"),
    "class-coats": ("Áo khoác cho cả lớp", "A class's coats", "30 áo", "30 coats"),
    "play-point": ("Điểm vui chơi", "A play point", "1 điểm", "1 places"),
    "care": ("Chăm sóc", "Care", "10.000.000 đồng", "10,000,000 đồng"),
}


@pytest.fixture(scope="module")
def season(_two_packs: None) -> Played:
    played = Played(PROGRAMME, "7/KH-TH", refused_at_dispatch=["receiver"])
    for kind in KINDS:
        played.play(kind)
    played.all.fire("notifications", NEWS_OF_THE_MORNING)
    return played


def support(season: Played) -> list[SupportDelivered]:
    return [each.event for each in season.all.told if isinstance(each.event, SupportDelivered)]


def test_each_kind_arrives_in_its_own_measure(season: Played) -> None:
    came: Counter[tuple[str, str]] = Counter()
    for event in support(season):
        came[event.category, event.measure] += event.quantity
    expected = {
        (kind.code, kind.measure): kind.quantity * (5 if kind.subject == "child" else 1)
        for kind in KINDS
    }
    assert came == expected


def test_it_says_whether_it_reached_a_child_a_group_or_the_unit(season: Played) -> None:
    for code, kind in BY_CODE.items():
        of_kind = [event for event in support(season) if event.category == code]
        assert sum(event.children for event in of_kind) == REACHED[kind.subject]
        assert {event.child_id is not None for event in of_kind} == {kind.subject == "child"}
        assert {event.group_id is not None for event in of_kind} == {kind.subject == "group"}
        assert {event.unit_id for event in of_kind} == {COMMUNE}


def test_every_need_is_met(season: Played) -> None:
    met = [each.event.need_id for each in season.all.told if isinstance(each.event, NeedMet)]
    assert len(met) == len(set(met)) == 5 * 4 + 2


def test_no_log_tells_what_is_sealed(season: Played) -> None:
    for house in season.all.houses.values():
        for stored in house.store._log:
            for told in ("therapy", "suối Cái", "Trị liệu", "Lớp 3A", "Phụ Trách", "Hoà"):
                assert told not in in_clear(stored.record)


@pytest.mark.parametrize("code", WORDS)
def test_the_giver_reads_of_it_in_its_own_words(season: Played, code: str) -> None:
    """One letter for all that arrived."""
    (letter,) = season.all.seen(
        "notifications", f"/inbox?sponsor_id={SPONSOR}", by=person("sponsor")
    ).json()["items"]
    vi, _, quantity, _ = WORDS[code]
    assert letter["body"].count(f"{vi[:1].lower()}{vi[1:]}: {quantity}") == 1


@pytest.mark.parametrize("code", WORDS)
def test_the_page_of_a_gift_says_it_in_both_languages(season: Played, code: str) -> None:
    path = f"/qua/{season.contribution(BY_CODE[code])}"
    vi, en, quantity, in_english = WORDS[code]
    for language, kind, told in (("vi", vi, quantity), ("en", en, in_english)):
        shown = season.all.seen("portal", f"{path}?lang={language}", by=None)
        page = text(unescape(shown.text))
        assert kind in page
        assert told in page


async def test_the_report_counts_children_groups_and_places(
    season: Played, empty_portal: str
) -> None:
    async with on_postgres(empty_portal, season.all.told) as portal:
        cells = (await every_cell(portal.house.rows, PROGRAMME)).by
        home = {
            language: text((await portal.get(f"/?lang={language}")).text)
            for language in ("vi", "en")
        }
    figures = {kind: told for (unit, kind, _), told in cells.items() if kind and unit is None}
    totals = cells[None, None, None]
    counted = ("child_times", "quantity_delivered")
    assert {code: tuple(each[name] for name in counted) for code, each in figures.items()} == {
        "bicycle": (5, 5),
        "meals": (5, 100),
        "milk": (5, 150),
        "class-coats": (28, 30),
        "play-point": (0, 1),
        "care": (5, 10_000_000),
    }
    assert (totals["child_times"], totals["children_distinct"]) == (4 * 5 + 28, 5 + 28)
    for vi, en, _, _ in WORDS.values():
        assert vi in home["vi"]
        assert en in unescape(home["en"])


def test_no_word_of_the_other_pack_is_needed(season: Played) -> None:
    """Nothing of it was played under a code of the plan's, but for what both packs mean alike."""
    plan = packs.installed().of_the_register.versions[-1]
    codes = {each.code for each in plan.categories}
    assert not {event.category for event in support(season)} & codes
    assert named("need", "bicycle", 0) in {event.need_id for event in support(season)}
