"""A pack as odd as one may be comes through all doors: nothing rests on what the plan has."""

from html import unescape
from pathlib import Path
from uuid import UUID

import pytest

from contracts.allocation import SupportDelivered
from programmes import packs
from services.notifications.timers import TIMERS as NEWS_OF_THE_MORNING
from tests.programmes.conftest import CACHES, PACKS
from tests.programmes.played import SPONSOR, Given, Played, named, person
from tests.services.portal.test_pages import text

STRANGE = Path(__file__).parent / "strange_packs"
PROGRAMME = UUID("00000000-2024-4000-8000-000000000000")
CODE = "0/Ω <&>"
ROOF = Given(category="0", measure="1-000", quantity=7)
FOR_A_GROUP = Given(category="0", measure="1-000", quantity=7, subject="group")
FOR_THE_UNIT = Given(category="0", measure="1-000", quantity=7, subject="unit")


@pytest.fixture(scope="module", autouse=True)
def _and_a_strange_one(_two_packs):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "ROOTS", [packs.FOLDER, PACKS, STRANGE])
        for cache in CACHES:
            cache.cache_clear()
        yield


@pytest.fixture(scope="module")
def season(_and_a_strange_one):
    played = Played(PROGRAMME, CODE)
    played.play(ROOF)
    played.all.fire("notifications", NEWS_OF_THE_MORNING)
    return played


def test_it_is_played_from_a_need_to_what_arrived(season):
    arrived = [each.event for each in season.all.told if isinstance(each.event, SupportDelivered)]
    assert len(arrived) == 5
    assert {(each.category, each.measure, each.quantity) for each in arrived} == {("0", "1-000", 7)}


@pytest.mark.parametrize("kind", [FOR_A_GROUP, FOR_THE_UNIT], ids=["group", "unit"])
def test_the_same_kind_is_for_a_group_or_a_unit_too(kind):
    played = Played(PROGRAMME, CODE)
    played.play(kind)
    (arrived,) = [e.event for e in played.all.told if isinstance(e.event, SupportDelivered)]
    assert (arrived.child_id, arrived.quantity) == (None, 7)


@pytest.mark.parametrize("quantity", [0.5, 7.0, "7", -7, 0, True, 10**14])
def test_nothing_is_counted_in_parts(season, quantity):
    need = {
        "programme_id": str(PROGRAMME),
        "child_id": str(named("child", 0)),
        "category": "0",
        "quantity": quantity,
        "measure": "1-000",
        "needed_by": "2024-12-31",
    }
    registry = season.all.houses["registry"]
    answer = registry.call("PUT", f"/needs/{named('half')}", need, by=person("recorder"))
    assert (answer.status_code, answer.json()["code"]) == (422, "request-not-valid")
    assert [problem["field"] for problem in answer.json()["problems"]] == ["body.quantity"]


def test_what_its_words_look_like_is_shown_and_never_done(season):
    page = season.all.seen("portal", f"/qua/{season.contribution(ROOF)}", by=None).text
    assert "<script>Tôn" not in page
    assert "<mm>" not in page
    assert "<script>Tôn</script> & đinh {{ 0 }}" in unescape(page)
    assert '35 tấm 1.000 × 800 "<mm>"' in text_of(page)
    path = f"/inbox?sponsor_id={SPONSOR}"
    (letter,) = season.all.seen("notifications", path, by=person("sponsor")).json()["items"]
    assert '<script>Tôn</script> & đinh {{ 0 }}: 35 tấm 1.000 × 800 "<mm>"' in letter["body"]


def text_of(page):
    return unescape(text(page))


def test_another_programme_knows_none_of_it(season):
    """A kind is of its own programme's pack, whatever other packs are installed."""
    need = {
        "programme_id": str(PROGRAMME),
        "child_id": str(named("child", 0)),
        "category": "warm-clothes",
        "quantity": 1,
        "measure": "piece",
        "needed_by": "2024-12-31",
    }
    registry = season.all.houses["registry"]
    answer = registry.call("PUT", f"/needs/{named('other')}", need, by=person("recorder"))
    assert (answer.status_code, answer.json()["code"]) == (422, "category-not-in-the-pack")
