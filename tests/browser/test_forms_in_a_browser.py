"""What becomes of a form when a colleague, the network or the session gets in its way."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.registry import UnitFigureDeclared
from tests.browser.axe import is_cut, wrong_for_some
from tests.services.portal.desks.conftest import COMMUNE, KEEPER, OTHER_KEEPER

FIGURE = f"/to-chuc/don-vi/{COMMUNE}/so-lieu"


def fill(page, children):
    page.fill("#o-as_of", "1/9/2024")
    page.fill("#o-children", children)
    page.fill("#o-source", "Công an xã")


def send(page):
    page.click("form.asks button:not(.quiet)")


def declared(world):
    events = world.services.houses["registry"].events()
    return [each.children for each in events if isinstance(each, UnitFigureDeclared)]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_colleague_was_faster_and_both_values_stand_there(visit, world, scripts):
    before = len(declared(world))
    own = visit(FIGURE, width=360, java_script_enabled=scripts)
    colleague = visit(FIGURE, by=OTHER_KEEPER)
    # Other figures each time: what is said again is no other fact.
    ours, theirs = (1234, 1200) if scripts else (1235, 1201)
    fill(own, str(ours))
    fill(colleague, str(theirs))
    send(colleague)
    colleague.wait_for_selector(".done")
    send(own)
    own.wait_for_selector("#loi")
    assert "người khác đã thay đổi" in own.inner_text("#loi")
    assert {f"1.{theirs - 1000}", str(ours)} <= set(own.inner_text("main").split())
    assert own.input_value("#o-children") == str(ours)
    if scripts:
        assert wrong_for_some(own) == []
        assert not is_cut(own)
    send(own)
    own.wait_for_selector(".done")
    assert declared(world)[before:] == [theirs, ours]


@pytest.mark.parametrize(("cut", "children"), [("before", "1.300"), ("after", "1.301")])
def test_nobody_knows_whether_it_was_recorded_and_it_is_sent_again_once(
    visit, world, cut, children
):
    before = len(declared(world))
    page = visit(FIGURE, width=360)
    fill(page, children)
    world.way.cut = cut
    try:
        send(page)
        page.wait_for_selector("#loi")
    finally:
        world.way.cut = ""
    assert "Chưa biết đã ghi được hay chưa" in page.inner_text("#loi")
    assert wrong_for_some(page) == []
    assert page.input_value("#o-children") == children
    page.get_by_role("button", name="Gửi lại").first.click()
    page.wait_for_selector(".done")
    assert declared(world)[before:] == [int(children.replace(".", ""))]


@pytest.mark.parametrize(("scripts", "children"), [(True, 401), (False, 402)])
def test_a_session_that_ended_in_mid_form_loses_nothing(visit, world, scripts, children):
    before = len(declared(world))
    page = visit(FIGURE, java_script_enabled=scripts)
    fill(page, f"1.{children}")
    page.context.set_extra_http_headers({})
    send(page)
    page.wait_for_url(re.compile("/dang-nhap"))
    back = parse_qs(urlsplit(page.url).query)["ve"][0]
    assert str(children) not in page.url
    page.context.set_extra_http_headers({"Authorization": f"Bearer {KEEPER}"})
    page.goto(world.at + back)
    assert "Phiên đăng nhập đã hết" in page.inner_text("main")
    assert page.input_value("#o-children") == f"1.{children}"
    assert declared(world)[before:] == []
    send(page)
    page.wait_for_selector(".done")
    assert declared(world)[before:] == [1000 + children]


def test_pressed_three_times_with_scripts_it_happens_once(visit, world):
    before = len(declared(world))
    page = visit(FIGURE, width=360)
    fill(page, "1.500")
    page.locator("form.asks button:not(.quiet)").click(click_count=3)
    page.wait_for_selector(".done")
    assert declared(world)[before:] == [1500]
