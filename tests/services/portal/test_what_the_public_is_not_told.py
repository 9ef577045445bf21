"""Every public page and answer, found by its route: it names nobody, and says what it withholds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.ids import openness_of_id
from eventing.record import Recorded
from services.portal.event_facts import is_for_all
from services.portal.figure_events import FIGURES
from services.portal.public.routes import ROUTES
from tests.services.portal.conftest import Portal
from tests.services.portal.story import (
    AUDITOR,
    BA_VI,
    CODE,
    DELIVERY,
    ENTERPRISE,
    FUND,
    JACKETS,
    KHANH_THUONG,
    MONEY,
    PROGRAMME,
    SMALL_DELIVERY,
    Story,
)

pytestmark = pytest.mark.timeout(300)

STANDS_THERE: dict[str, tuple[object, ...]] = {
    "contribution_id": (JACKETS, MONEY),
    "fund_id": (FUND,),
    "delivery_id": (DELIVERY, SMALL_DELIVERY),
    "unit_id": (BA_VI, KHANH_THUONG),
    "figure": tuple(FIGURES),
    "number": (1,),
}
"""What is asked for; each event is besides."""
EVENT = "{service}/{position}"
WITHHELD = re.compile(r"không công bố|giữ lại|withheld|not published")
ABSENT = re.compile(
    r"\b(không có|không nêu|không gây ra|chưa có|chưa nhận|chưa ai)\b|\b(no|none|nobody|nothing)\b",
    re.IGNORECASE,
)
IN_SHORT = re.compile(r'class="code">([0-9a-f]{8})<')
PAGE_OF_A_LIST = 200


def addresses(story: Story) -> list[str]:
    """Of all public routes that are asked by GET, and of each event."""
    declared = {
        route.path for one in ROUTES for route in one.declared if "GET" in (route.methods or ())
    }
    assert {"/", "/api/report", "/su-kien/{service}/{position}"} <= declared
    of_events = {path for path in declared if EVENT in path}
    asked = list(chain.from_iterable(filled(path) for path in sorted(declared - of_events)))
    events = one_of_each_type(story.told)
    asked += [
        path.replace(EVENT, f"{each.service}/{each.position}")
        for path in sorted(of_events)
        for each in events
    ]
    assert not [path for path in asked if "{" in path], "say in STANDS_THERE what stands there"
    return asked


def filled(path: str) -> Iterator[str]:
    name = next((name for name in STANDS_THERE if f"{{{name}}}" in path), None)
    each = STANDS_THERE[name] if name else ("",)
    # A list is asked for whole, and what is of a programme by its id.
    query = f"?limit={PAGE_OF_A_LIST}&programme_id={PROGRAMME}"
    for one in each:
        yield (path.replace(f"{{{name}}}", str(one)) if name else path) + query


def one_of_each_type(told: Iterable[Recorded]) -> list[Recorded]:
    """For all and not for all: both, where a type has both."""
    found = {(type(each.event), is_for_all(each.event)): each for each in told}
    return [*found.values()]


def persons_of(told: Iterable[Recorded]) -> set[str]:
    """Whoever acted, was acted for, or is named by a field that names a person."""
    found: set[UUID] = set()
    for each in told:
        why = each.why
        found |= {one for one in (why.actor, why.on_behalf_of) if one is not None}
        found |= set(_persons_in(each.event))
    # It is no person, and its page would be found by it.
    return {str(one) for one in found - {ENTERPRISE}}


def _persons_in(value: Any) -> Iterator[UUID]:
    for field in fields(value):
        held = getattr(value, field.name)
        inner = held if isinstance(held, tuple) else (held,)
        if any(is_dataclass(one) for one in inner):
            yield from chain.from_iterable(_persons_in(one) for one in inner if is_dataclass(one))
            continue
        ids = [one for one in inner if isinstance(one, UUID)]
        if ids and openness_of_id(field.name) == "pseudonymous":
            yield from ids


async def answers(
    portal: Portal, paths: Iterable[str], by: UUID | None = None, language: str = "vi"
) -> dict[str, httpx.Response]:
    asked: dict[str, Any] = {"Accept-Language": language}
    return {path: await portal.get(path, by=by, **asked) for path in paths}


def absences(html: str) -> set[str]:
    """What a page says is not there: sentences, with what stands between tags."""
    body = re.sub(r"<(style|select)\b.*?</\1>", " ", html, flags=re.DOTALL)
    shown = re.sub(r"</?(b|a|span|small|time)\b[^>]*>", "", body)
    pieces = re.split(r"<[^>]+>|[.:]\s", shown)
    return {" ".join(one.split()) for one in pieces if ABSENT.search(one)}


async def test_the_public_is_told_no_person_and_where_it_is_told_less(
    portal: Portal, winter: Story
) -> None:
    paths = addresses(winter)
    persons = persons_of(winter.told)
    assert str(AUDITOR) in persons
    told = await answers(portal, paths)
    by_code = await portal.client.post("/tra-cuu", data={"ma": CODE})
    named = {
        (path, person)
        for path, answer in (told | {"/tra-cuu by code": by_code}).items()
        for person in {*persons, *IN_SHORT.findall(answer.text)}
        if person in answer.text
    }
    assert named == set()
    assert len(told) > 100

    pages = [path for path in paths if told[path].headers["content-type"].startswith("text/html")]
    for language in ("vi", "en"):
        public = await answers(portal, pages, language=language)
        whole = await answers(portal, pages, by=AUDITOR, language=language)
        denied = [
            (path, said)
            for path in pages
            for said in absences(public[path].text) - absences(whole[path].text)
            if not WITHHELD.search(said)
        ]
        assert denied == []
        silent = [
            path
            for path in pages
            if len(public[path].text) < len(whole[path].text)
            and not WITHHELD.search(public[path].text)
        ]
        assert silent == []
