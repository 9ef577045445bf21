"""Every page of the desks that anybody reaches by its links, in a real browser.

A programme is played, and left with something to do for each role. Each person begins at their
first page and follows what they see, as far as there is another page; one example of each page is
then looked at on a small screen, in light and dark.
"""

import re
from collections import deque
from html import unescape

import httpx
import pytest
from starlette.routing import Match

from tests.browser.a_programme import COATS, EVERYBODY, MidSeason
from tests.browser.axe import COLOURS, RULES, is_cut, wrong_for_some
from tests.browser.conftest import World
from tests.programmes.played import named, person

BEGINS = ("/viec-hom-nay", "/toi", "/thiet-ke")
ALSO_BEGINS = {
    "registrar": (
        f"/so-dang-ky/tre-em/{named('gone')}",
        f"/so-dang-ky/tre-em/{named('merged')}",
        f"/so-dang-ky/ho/{named('left')}",
    ),
    "second-keeper": ("/to-chuc/tai-khoan?status=linked",),
    "coordinator": (f"/phan-bo/phuong-an/{named('run', COATS.category)}",),
}
"""What a filter shows, a form leads to, or stands behind many others."""
EXAMPLES_MAX = 12
BYTES_MAX = 100_000
ROOMS = ("services.portal.desks", "services.portal.sign_in")
ELSEWHERE = {
    # PostgreSQL reckons them: rows in memory speak no SQL.
    "/ban-kiem-tra",
    "/ban-kiem-tra/ngoai-le/{kind}",
    "/ban-kiem-tra/doi-chieu",
    # To a provider and back: here nobody signs in.
    "/dang-nhap",
    "/dang-nhap/xong",
}
"""Pages that have tests elsewhere."""
ROLE_TAKEN = "/to-chuc/nguoi/{person_id}/vai-tro/{grant_id}/thoi"
"""The roles with which the world begins were given by nobody: there is nothing to take."""


@pytest.fixture(scope="module")
def world(chromium):
    made = World(MidSeason().all)
    stop = made.serve()
    yield made
    stop()


def pages_of(app):
    """Of a desk, or of signing in; no other, and no data."""
    return {
        route.path: route
        for route in app.routes
        if "GET" in (getattr(route, "methods", None) or ())
        and not route.path.startswith("/api/")
        and getattr(route.endpoint, "__wrapped__", route.endpoint).__module__.startswith(ROOMS)
    }


def page_of(pages, path):
    """The address as the portal declares it; None: it is no such page."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    for declared, route in pages.items():
        if route.matches(scope)[0] is Match.FULL:
            return declared
    return None


def links_of(text):
    return [unescape(path) for path in re.findall(r'href="(/[^"#]*)"', text)]


def reached_by(world, name):
    """By page: some addresses of it that the person comes to, and their answers."""
    found, pages = {}, pages_of(world.app)
    begins = (*BEGINS, *ALSO_BEGINS.get(name, ()))
    waiting, seen = deque(begins), set(begins)
    by = {"Authorization": f"Bearer {person(name)}", "Accept": "text/html"}
    with httpx.Client(base_url=world.at, headers=by) as client:
        while waiting:
            address = waiting.popleft()
            page = page_of(pages, address.partition("?")[0])
            examples = found.setdefault(page, {})
            if page is None or page in ELSEWHERE or len(examples) >= EXAMPLES_MAX:
                continue
            answer = client.get(address)
            examples[address] = answer
            new = [link for link in links_of(answer.text) if link not in seen]
            seen.update(new)
            waiting.extend(new)
    del found[None]
    return {page: examples for page, examples in found.items() if examples}


@pytest.fixture(scope="module")
def reached(world):
    return {name: reached_by(world, name) for name in EVERYBODY}


def test_each_page_is_reached_by_links_and_answers(reached, world):
    """A page that nobody comes to is lost to people; a link that leads nowhere stops them."""
    there = {page for found in reached.values() for page in found}
    assert pages_of(world.app).keys() - there == ELSEWHERE
    wrong = [
        (name, page, answer.status_code)
        for name, found in reached.items()
        for page, examples in found.items()
        for answer in examples.values()
        if answer.status_code != 200 and not (page == ROLE_TAKEN and answer.status_code == 404)
    ]
    assert {(page, status) for _, page, status in wrong} == set()


def test_each_page_is_small_and_needs_no_script(reached):
    for found in reached.values():
        for page, examples in found.items():
            for answer in examples.values():
                assert len(answer.content) < BYTES_MAX, page
                assert "<script" not in answer.text, page


def examples_of(reached):
    """One of each page, with who comes to it."""
    return {
        page: (address, name)
        for name, found in reached.items()
        for page, examples in found.items()
        for address, answer in examples.items()
        if answer.status_code == 200
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_page_is_for_everybody_on_a_small_screen(reached, world, chromium, scheme):
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    rules = RULES if scheme == "light" else COLOURS
    wrong = {}
    for address, name in examples_of(reached).values():
        context.set_extra_http_headers({"Authorization": f"Bearer {person(name)}"})
        page.goto(world.at + address)
        found = wrong_for_some(page, rules)
        if is_cut(page):
            found.append("cut")
        if found:
            wrong[address] = found
    context.close()
    assert wrong == {}


def test_each_page_is_whole_at_twice_the_size_and_in_forced_colours(reached, world, chromium):
    """1,280 pixels at 200 % are 640."""
    context = chromium.new_context(
        viewport={"width": 640, "height": 740}, forced_colors="active", bypass_csp=True
    )
    page = context.new_page()
    cut = []
    for address, name in examples_of(reached).values():
        context.set_extra_http_headers({"Authorization": f"Bearer {person(name)}"})
        page.goto(world.at + address)
        if is_cut(page):
            cut.append(address)
    context.close()
    assert cut == []
