"""What only a browser shows: who sees badly, who has no mouse, a small screen, and no scripts."""

import pytest

from contracts.registry import PersonRegistered
from tests.browser.axe import is_cut, wrong_for_some
from tests.services.portal.desks.conftest import COMMUNE, LAN

FIGURE = f"/to-chuc/don-vi/{COMMUNE}/so-lieu"
NEW_PERSON = "/to-chuc/nguoi/moi"
PAGES = (
    "/viec-hom-nay",
    "/to-chuc",
    "/to-chuc/don-vi",
    "/to-chuc/vai-tro?role=leader",
    "/to-chuc/don-vi/moi",
    f"/to-chuc/nguoi/{LAN}/giao-vai-tro",
    "/thiet-ke",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_for_everybody(visit, width, scheme):
    page = visit(width=width, color_scheme=scheme)
    for path in PAGES:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert wrong_for_some(page) == [], path
        assert not is_cut(page), path


def test_a_form_that_comes_back_is_for_everybody_and_has_the_focus_on_why(visit):
    page = visit(FIGURE, width=360)
    page.fill("#o-children", "1.23")
    page.click("form.asks button")
    page.wait_for_selector("#loi:focus")
    assert wrong_for_some(page) == []
    assert page.input_value("#o-children") == "1.23"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#o-as_of")


def test_a_day_is_done_by_keyboard_alone(visit, world):
    page = visit(NEW_PERSON)
    page.focus("#o-name")
    page.keyboard.type("Đinh Thị Hòa")
    page.keyboard.press("Enter")
    page.wait_for_url("**/to-chuc/nguoi?*")
    assert "Đã ghi" in page.inner_text(".done")
    names = [
        event
        for event in world.services.houses["registry"].events()
        if isinstance(event, PersonRegistered)
    ]
    assert len(names) == 2


def test_it_works_without_scripts_and_pressed_three_times_happens_once(visit, world):
    page = visit(NEW_PERSON, java_script_enabled=False)
    registry = world.services.houses["registry"]
    before = len(registry.events())
    page.fill("#o-name", "Trần Văn Ba")
    page.locator("form.asks button").click(click_count=3)
    page.wait_for_url("**/to-chuc/nguoi?*")
    assert len(registry.events()) == before + 1


def test_twice_as_large_and_in_forced_colours_nothingis_cut(visit):
    page = visit(FIGURE, width=640, forced_colors="active")
    assert not is_cut(page)
    assert page.is_visible("form.asks button")


def test_a_task_is_one_tap_from_its_form_on_a_small_screen(visit):
    page = visit(width=360, has_touch=True)
    first = page.locator(".tasks a").first
    box = first.bounding_box()
    assert box["y"] < 740
    assert box["height"] >= 44
    first.tap()
    page.wait_for_url("**/giao-vai-tro?*")
