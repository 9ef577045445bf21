"""Whatever goes wrong, a person gets a page and a program problem details."""

import re
from html import unescape
from uuid import UUID

import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient

from edge.doorstep import BODY_BYTES_MAX
from eventing.event_store import Busy
from eventing.execute import ChangedSince
from services.portal.app import make_app
from services.portal.error_pages import OF_PROGRAMS
from services.portal.publications import MemoryPublications
from tests.services.portal.story import AUDITOR, DELIVERY
from tests.services.portal.test_pages import text
from tests.support.house import HouseForTests

NOBODY = UUID(int=404)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WRONG = {
    "unknown path": ("GET", "/khong-co", 404),
    "cut link": ("GET", "/qua/0192-cut", 422),
    "bad cursor": ("GET", "/qua?cursor=cut", 422),
    "not signed in": ("GET", "/ban-kiem-tra", 401),
    "withheld": ("GET", f"/trao/{DELIVERY}", 403),
    "method": ("PUT", "/qua", 405),
    "too large": ("POST", "/tra-cuu", 413),
    "NUL": ("GET", "/qua?cursor=%00", 422),
}


def ask(house: HouseForTests, method: str, path: str, **headers: str) -> tuple[int, str, str]:
    content = b"x" * (BODY_BYTES_MAX + 1) if method == "POST" else None
    answer = house.client.request(method, path, headers=headers, content=content)
    return answer.status_code, answer.headers["content-type"], answer.text


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_person_gets_a_page_that_says_what_to_do_next(
    in_memory: HouseForTests, name: str, language: str
) -> None:
    method, path, status = WRONG[name]
    found, kind, html = ask(in_memory, method, path, **BROWSER, **{"Accept-Language": language})
    assert (found, kind) == (status, "text/html; charset=utf-8")
    assert f'<html lang="{language}">' in html
    assert len(re.findall(r"<h1>[^<]+</h1>", html)) == 1
    words = text(unescape(html))
    assert ("Về trang tổng quan" if language == "vi" else "Back to the overview") in words


@pytest.mark.parametrize("name", WRONG)
def test_a_program_gets_problem_details(in_memory: HouseForTests, name: str) -> None:
    method, path, status = WRONG[name]
    found, kind, _ = ask(in_memory, method, path, Accept="application/json")
    assert (found, kind) == (status, "application/problem+json")


def test_under_api_a_browser_gets_problem_details_too(in_memory: HouseForTests) -> None:
    for path in ("/api/nothing", f"/api/gifts/{NOBODY}"):
        assert path.startswith(OF_PROGRAMS)
        assert ask(in_memory, "GET", path, **BROWSER)[:2] == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("error", "status", "next_step"),
    [
        (Busy(), 503, "Thử lại"),
        (ChangedSince(2, 1), 412, "tải lại trang"),
        (RuntimeError("secret of the house"), 500, "Mã để báo lỗi"),
    ],
)
def test_what_goes_wrong_inside_is_a_page_and_tells_no_secret(
    in_memory: HouseForTests, error: Exception, status: int, next_step: str
) -> None:
    in_memory.house.strict = False
    app = make_app(in_memory.house, publications=MemoryPublications())

    async def fails(_: Request) -> Response:
        raise error

    app.add_route("/hong", fails)
    client = TestClient(app, raise_server_exceptions=False)
    answer = client.get("/hong", headers=BROWSER)
    assert answer.status_code == status
    assert next_step in text(unescape(answer.text))
    assert "secret" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert ("retry-after" in answer.headers) == (status == 503)
    assert client.head("/hong", headers=BROWSER).content == b""


def test_a_page_that_is_right_is_left_alone(in_memory: HouseForTests) -> None:
    assert ask(in_memory, "GET", "/qua", **BROWSER)[0] == 200
    signed_in = {"Authorization": f"Bearer {AUDITOR}"}
    assert ask(in_memory, "GET", f"/trao/{DELIVERY}", **BROWSER, **signed_in)[0] == 200
