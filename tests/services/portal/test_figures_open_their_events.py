"""Every figure on every page leads to exactly its own events, and they add up to it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, get_args
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from services.portal.adding_up import differences
from services.portal.figure_events import FIGURES, OF_CHILDREN, OfChildren, OfGifts
from tests.services.portal.conftest import Portal
from tests.services.portal.story import (
    AUDITOR,
    BA_VI,
    DELIVERY,
    FUND,
    JACKETS,
    KHANH_THUONG,
    MONEY,
    SMALL_DELIVERY,
)

PAGES = (
    "/",
    f"/xa/{BA_VI}",
    f"/xa/{KHANH_THUONG}",
    f"/qua/{JACKETS}",
    f"/qua/{MONEY}",
    f"/trao/{DELIVERY}",
    f"/trao/{SMALL_DELIVERY}",
    f"/quy/{FUND}",
)
DIGITS = re.compile(r"-?\d[\d.]*")
NOT_COUNTED = {"reckoned", "one-event", "stated"}
"""Reckoned from figures beside it; of one event that stands beside it; in another body's words,
under a total that leads to the event."""


@dataclass(slots=True)
class Table:
    rows: list[list[str]] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    said: set[str] = field(default_factory=set)


class Page(HTMLParser):
    """`led`: figures with where they lead; `unled`: figures that lead nowhere; its tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.led: list[tuple[str, int]] = []
        self.unled: list[str] = []
        self.tables: list[Table] = []
        self._open: list[tuple[str, set[str], str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("br", "input", "meta", "link", "img", "rect"):
            return
        self._open.append((tag, set((given.get("class") or "").split()), given.get("href")))
        if tag == "table":
            self.tables.append(Table())
        if tag == "tr" and self._is_in("tbody"):
            self.tables[-1].rows.append([])
        if tag == "td":
            cells = self.tables[-1].rows[-1] if self._is_in("tbody") else self.tables[-1].foot
            cells.append("")
        if given.get("data-column"):
            self.tables[-1].said.add(given["data-column"] or "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._is_in("td") and self._is_in("table"):
            cells = self.tables[-1].rows[-1] if self._is_in("tbody") else self.tables[-1].foot
            cells[-1] += data.strip()
        if not DIGITS.fullmatch(data.strip()):
            return
        classes = {one for _, given, _ in self._open for one in given}
        if "counted" in classes:
            href = next(href for _, given, href in self._open if "counted" in given)
            self.led.append((href or "", whole(data)))
        elif self._shows_a_figure(classes) and not classes & NOT_COUNTED:
            self.unled.append(f"{data.strip()} in {[tag for tag, _, _ in self._open]}")

    def _shows_a_figure(self, classes: set[str]) -> bool:
        return bool(classes & {"number", "count"}) or {"bar-facts"} <= classes

    def _is_in(self, tag: str) -> bool:
        return any(one == tag for one, _, _ in self._open)


def whole(text: str) -> int:
    return int(text.strip().replace(".", ""))


async def pages(portal: Portal, by: UUID | None) -> dict[str, Page]:
    found = {}
    for path in PAGES:
        answer = await portal.get(path, by=by)
        if by is None and answer.status_code == 403:
            continue
        assert answer.status_code == 200, (path, answer.text)
        found[path] = Page(answer.text)
    return found


async def followed(portal: Portal, href: str, by: UUID | None) -> tuple[int, list[dict[str, Any]]]:
    """What the page that it leads to says it is, and its events, of all pages."""
    assert (await portal.get(href, by=by)).status_code == 200
    address = href.replace("/so-lieu/", "/api/figures/")
    joint = "&" if urlsplit(href).query else "?"
    events: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(50):
        answer = await portal.get(f"{address}{joint}limit=100{cursor}", by=by)
        assert answer.status_code == 200, (href, answer.text)
        events += answer.json()["items"]
        if answer.json()["next"] is None:
            assert len(events) == answer.json()["events"]
            return answer.json()["value"], events
        cursor = f"&cursor={answer.json()['next']}"
    raise AssertionError(href)


@pytest.mark.parametrize(("by", "least"), [(AUDITOR, 250), (None, 40)])
async def test_each_figure_opens_its_own_events(
    portal: Portal, by: UUID | None, least: int
) -> None:
    places: dict[str, int] = {}
    for path, page in (await pages(portal, by)).items():
        if by is not None:
            assert page.unled == [], path
        for href, shown in page.led:
            assert places.setdefault(href, shown) == shown, (path, href)
    assert len(places) > least
    for href, shown in places.items():
        value, events = await followed(portal, href, by)
        assert value == shown == sum(event["amount"] for event in events), href
        assert all(event["amount"] for event in events), href
        at = [(event["service"], event["position"]) for event in events]
        assert len(set(at)) == len(at)


async def test_what_is_refused_opens_what_refused_it(portal: Portal) -> None:
    page = (await pages(portal, None))["/"]
    (href,) = [href for href, shown in page.led if "/refused?" in href and shown == 50]
    value, events = await followed(portal, href, None)
    assert (value, [event["type"] for event in events]) == (
        50,
        ["contribution-line-inspected"] * 2,
    )
    rows = [href for href, _ in page.led if "/pledged?" in href]
    assert len(set(rows)) == len(rows) > 1


async def test_figures_of_children_open_to_auditors_alone(portal: Portal) -> None:
    for page in (await pages(portal, None)).values():
        assert not [href for href, _ in page.led if name_in(href) in OF_CHILDREN]
    for name in OF_CHILDREN:
        answer = await portal.get(f"/api/figures/{name}")
        assert (answer.status_code, answer.json()["code"]) == (403, "withheld")
    assert (await portal.get("/api/figures/child_times", by=AUDITOR)).status_code == 200


def name_in(href: str) -> str:
    return urlsplit(href).path.rpartition("/")[2]


async def test_a_figure_that_there_is_not_is_not_found(portal: Portal) -> None:
    assert (await portal.get("/so-lieu/everything")).status_code == 404
    answer = await portal.get(f"/api/figures/pledged?delivery_id={DELIVERY}")
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing-here"), answer.text


def test_each_figure_is_found_somehow() -> None:
    assert set(FIGURES) == {*get_args(OfGifts), *get_args(OfChildren)}


@pytest.mark.parametrize("by", [AUDITOR, None])
async def test_a_table_that_does_not_add_up_says_so(portal: Portal, by: UUID | None) -> None:
    checked = 0
    for path, page in (await pages(portal, by)).items():
        for table in (one for one in page.tables if one.foot):
            off = 0
            for at, cell in enumerate(table.foot):
                if not DIGITS.fullmatch(cell):
                    continue
                rows = [row[at] for row in table.rows]
                summed = sum(whole(one) for one in rows if DIGITS.fullmatch(one))
                off += summed != whole(cell)
                checked += 1
            assert len(table.said) == off, (path, table)
    assert checked > 5


@dataclass(frozen=True, slots=True)
class Row:
    child_times: int | None
    children_distinct: int | None


def test_it_is_said_why_rows_do_not_add_up() -> None:
    rows, columns = [Row(7, 7), Row(None, 6)], ("child_times", "children_distinct")
    said = differences(rows, Row(12, 10), columns, "published")
    assert [(one.column, one.rows, one.total, one.withheld, one.why) for one in said] == [
        ("child_times", 7, 12, 1, "published"),
        ("children_distinct", 13, 10, 0, "counted-in-each"),
    ]
    assert differences(rows, Row(None, 13), columns, "published") == []
