"""Pages that need no sums over the whole programme: in memory."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from contracts.donations import ReceiptCancelled
from edge.guessing import WINDOW_S, WRONG_MAX
from programmes.packs import Packs
from tests.services.portal.story import (
    AUDITOR,
    CODE,
    DELIVERY,
    FUND,
    JACKETS,
    MONEY,
    SMALL_DELIVERY,
    VOID_CODE,
    hashed,
    named,
)
from tests.services.portal.winter import a_winter
from tests.support.house import HouseForTests

NOBODY = UUID(int=404)


def get(house: HouseForTests, path: str, **headers: str) -> str:
    answer = house.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return text(answer.text)


def seen(house: HouseForTests, path: str) -> str:
    """As somebody sees it who sees every figure."""
    return get(house, path, Authorization=f"Bearer {AUDITOR}")


def post(house: HouseForTests, code: str, **asked: str) -> Any:
    return house.client.post("/tra-cuu", data={"ma": code}, params=asked)


def look_up(house: HouseForTests, code: str, **asked: str) -> str:
    answer = post(house, code, **asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return text(answer.text)


def text(html: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_gift_is_followed_to_the_communes(in_memory: HouseForTests) -> None:
    shown = seen(in_memory, f"/qua/{JACKETS}")
    steps = (
        "Báo gửi",
        "Đã nhận",
        "Kiểm nhận",
        "Đã có phiếu",
        "Thành lô sẵn có",
        "Để riêng chờ sửa sự kiện",
        "Phân bổ : 11 chiếc, cho 11 trẻ em",
    )
    places = [shown.index(step) for step in steps]
    assert places == sorted(places)
    assert "800 dùng được, 150 chờ sửa, 50 từ chối" in shown
    assert "Đến xã Ba Vì : 7 chiếc, cho 7 trẻ em" in shown
    assert "Đến xã Khánh Thượng : 3 chiếc, cho dưới 5 trẻ em" in shown
    assert shown.index("Phân bổ") < shown.index("Đến xã Ba Vì") < shown.index("Khánh Thượng")


def test_money_is_told_in_words_of_money(in_memory: HouseForTests) -> None:
    shown = seen(in_memory, f"/qua/{MONEY}")
    assert "Đã nhận" in shown
    assert "Còn trong quỹ" in shown
    for word in ("dùng được", "Dùng được", "hờ sửa", "trong kho"):
        assert word not in shown
    goods = seen(in_memory, f"/qua/{JACKETS}")
    assert "Còn trong kho" in goods
    assert "Hơn, kém số báo gửi" in goods


def test_the_way_as_data_adds_up(in_memory: HouseForTests) -> None:
    way = in_memory.call("GET", f"/api/gifts/{JACKETS}", by=AUDITOR).json()
    assert (way["good"], way["held_apart"], way["allocated"], way["delivered"]) == (
        800,
        150,
        11,
        10,
    )
    assert sum(arrival["quantity"] for arrival in way["arrivals"]) == way["delivered"]
    assert [arrival["children"] for arrival in way["arrivals"]] == [7, None]
    assert set(way["as_of"]) <= {"registry", "donations", "allocation", "fed", "portal"}


def test_without_its_code_nobody_is_told_where_a_gift_went(in_memory: HouseForTests) -> None:
    shown = get(in_memory, f"/qua/{JACKETS}")
    assert "800 dùng được, 150 chờ sửa, 50 từ chối" in shown
    assert "được giữ lại, không công bố" in shown
    assert "Lượt trẻ em không công bố" in shown
    for secret in ("Đến xã", "Khánh Thượng", "Phân bổ :", "buổi trao"):
        assert secret not in shown
    way = in_memory.call("GET", f"/api/gifts/{JACKETS}", by=None).json()
    assert way["withheld"]
    assert (way["allocated"], way["delivered"], way["child_times"]) == (None, None, None)
    assert (way["allocations"], way["arrivals"]) == ([], [])


def test_where_a_gift_for_health_went_is_not_told_to_its_giver_either(
    in_memory: HouseForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Packs, "tells_of_health", lambda _, code: code == "warm-clothes")
    shown = look_up(in_memory, CODE)
    assert "nơi và ngày trao được giữ lại" in shown
    assert "Đến xã" not in shown
    assert "Đã trao, có ký nhận 10 chiếc" in shown


def test_invented_gifts_are_marked_as_that(in_memory: HouseForTests) -> None:
    for path in (f"/qua/{JACKETS}", "/qua", f"/quy/{FUND}", f"/trao/{DELIVERY}"):
        assert "số liệu minh hoạ" in seen(in_memory, path)


def test_a_giver_who_did_not_agree_is_not_named(in_memory: HouseForTests) -> None:
    assert "Nhà hảo tâm không nêu tên" in get(in_memory, f"/qua/{MONEY}")
    assert "Công ty May Ấm" in get(in_memory, f"/qua/{JACKETS}")


def test_pages_name_no_child_and_no_need(in_memory: HouseForTests) -> None:
    secret = {
        str(named(kind, code, *rest))
        for code in ("09703", "09712")
        for at in range(1, 9)
        for kind, rest in (("child", (at,)), ("need", ("warm-clothes", at)))
    }
    for path in (f"/qua/{JACKETS}", f"/trao/{DELIVERY}", f"/quy/{FUND}", "/qua"):
        for by in ({}, {"Authorization": f"Bearer {AUDITOR}"}):
            html = in_memory.client.get(path, headers=by).text
            assert not [one for one in secret if one in html]


def test_a_delivery_tells_its_history(in_memory: HouseForTests) -> None:
    shown = seen(in_memory, f"/trao/{DELIVERY}")
    for step in ("Lên lịch trao", "Xuất kho", "Chưa trao xong"):
        assert step in shown
    assert "Suất trong danh sách 8" in shown


@pytest.mark.parametrize("delivery", [DELIVERY, SMALL_DELIVERY])
def test_a_delivery_of_which_nothing_is_published_is_withheld(
    in_memory: HouseForTests, delivery: UUID
) -> None:
    answer = in_memory.call("GET", f"/api/deliveries/{delivery}", by=None)
    assert (answer.status_code, answer.json()["code"]) == (403, "withheld")
    assert in_memory.client.get(f"/trao/{delivery}").status_code == 403


def test_a_fund_balances(in_memory: HouseForTests) -> None:
    assert "Đã chi cho trẻ em, theo lần công bố gần nhất: không công bố" in get(
        in_memory, f"/quy/{FUND}"
    ).replace(" :", ":")
    shown = seen(in_memory, f"/quy/{FUND}")
    assert "50.000.000" in shown
    assert "Tổng Nợ bằng tổng Có." in shown
    book = in_memory.call("GET", f"/api/funds/{FUND}", by=None).json()
    assert book["debits"] == book["credits"] == 50_000_000
    assert book["newest"][0]["contribution_id"] == str(MONEY)


@pytest.mark.parametrize("path", ["/qua", "/trao", "/quy"])
def test_what_is_not_there_is_a_page_too(in_memory: HouseForTests, path: str) -> None:
    answer = in_memory.client.get(f"{path}/{NOBODY}")
    assert answer.status_code == 404
    assert "Không có gì ở đây" in answer.text


@pytest.mark.parametrize("path", ["/api/gifts", "/api/deliveries", "/api/funds"])
def test_what_is_not_there_is_a_problem_as_data(in_memory: HouseForTests, path: str) -> None:
    answer = in_memory.call("GET", f"{path}/{NOBODY}", by=None)
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing-here")


def test_gifts_are_listed_page_by_page(in_memory: HouseForTests) -> None:
    first = in_memory.call("GET", "/api/gifts?limit=1", by=None).json()
    second = in_memory.call("GET", f"/api/gifts?limit=1&cursor={first['next']}", by=None).json()
    found = [page["items"][0]["contribution_id"] for page in (first, second)]
    assert sorted(found) == sorted([str(JACKETS), str(MONEY)])
    assert second["next"] is None
    assert "Trang sau" in get(in_memory, "/qua?limit=1")


# --- looking a receipt up ---


def test_a_code_shows_the_gifts_way(in_memory: HouseForTests) -> None:
    for typed in (
        CODE,
        CODE.lower(),
        CODE.replace("-", " "),
        CODE.replace("0", "o").replace("1", "I"),
    ):
        assert "Đến xã Ba Vì" in look_up(in_memory, typed)


def test_the_code_of_a_cancelled_receipt_says_so_and_which_replaces_it(
    in_memory: HouseForTests,
) -> None:
    shown = look_up(in_memory, VOID_CODE)
    for told in (
        "PHIẾU ĐÃ BỊ HỦY: số 6, quyển A/2024",
        "sai người cho",
        "Thay bằng số 7, quyển A/2024",
        "Đến xã Ba Vì",
    ):
        assert told in shown
    english = look_up(in_memory, VOID_CODE, lang="en")
    assert "THIS RECEIPT WAS CANCELLED: no. 6, book A/2024" in english
    assert "PHIẾU ĐÃ BỊ HỦY" not in look_up(in_memory, CODE)


def test_a_cancelled_receipt_that_nothing_replaces_yet_is_none(in_memory: HouseForTests) -> None:
    story = a_winter()
    void = replace(
        next(one.event for one in story.told if isinstance(one.event, ReceiptCancelled)),
        number=7,
        code_hash=hashed(CODE),
        reason="spoilt",
    )
    story.donations("receipt-book-A-2024", void)
    in_memory.rows.feed(story.told[-1:])
    shown = look_up(in_memory, CODE)
    assert "PHIẾU ĐÃ BỊ HỦY: số 7, quyển A/2024" in shown
    assert "tờ phiếu bị hỏng. Chưa có phiếu thay." in shown
    way = in_memory.call("GET", f"/api/gifts/{JACKETS}", by=None).json()
    assert way["receipt"] is None
    assert [one["number"] for one in way["cancelled_receipts"]] == [6, 7]


def test_a_gift_shows_the_receipt_that_stands_and_those_that_were_cancelled(
    in_memory: HouseForTests,
) -> None:
    shown = get(in_memory, f"/qua/{JACKETS}")
    assert "Biên bản tiếp nhận số 7, quyển A/2024" in shown
    assert "Phiếu đã hủy số 6, quyển A/2024, hủy ngày" in shown
    way = in_memory.call("GET", f"/api/gifts/{JACKETS}", by=None).json()
    assert way["receipt"] == {"book": "A", "year": 2024, "number": 7}
    (void,) = way["cancelled_receipts"]
    assert (void["number"], void["reason"], void["replaced_by"]) == (
        6,
        "wrong-giver",
        way["receipt"],
    )
    assert void["cancelled"]["event"] == "receipt-cancelled"
    assert VOID_CODE not in str(way)


def test_a_wrong_code_tells_nothing(in_memory: HouseForTests) -> None:
    pages = {
        text(post(in_memory, code).text)
        for code in ("W1NT-ERC0-ATAB", "A", "'; DROP TABLE receipts", "x" * 200)
    }
    assert len(pages) == 1
    assert "Không tìm thấy gì" in pages.pop()


def test_guessing_is_bounded_and_the_right_code_is_never_refused(
    in_memory: HouseForTests,
) -> None:
    for _ in range(WRONG_MAX):
        assert post(in_memory, "AAAA-AAAA-AAAA").status_code == 404
    later = post(in_memory, "AAAA-AAAA-AAAA")
    assert later.status_code == 429
    assert later.headers["retry-after"] == str(WINDOW_S)
    assert "Đến xã Ba Vì" in look_up(in_memory, CODE)


def test_a_code_in_the_address_is_not_read(in_memory: HouseForTests) -> None:
    assert "Ba Vì" not in get(in_memory, f"/tra-cuu?ma={CODE}")


@pytest.mark.parametrize("sent", ["x" * 2_000, "&" * 900, "ma=%FF%FE", ""])
def test_a_form_that_is_none_is_a_wrong_code(in_memory: HouseForTests, sent: str) -> None:
    assert in_memory.client.post("/tra-cuu", content=sent).status_code == 404


def test_the_form_alone_costs_no_try(in_memory: HouseForTests) -> None:
    for _ in range(WRONG_MAX + 1):
        assert in_memory.client.get("/tra-cuu").status_code == 200


# --- every page ---

PAGES = [
    f"/qua/{JACKETS}",
    "/qua",
    f"/quy/{FUND}",
    "/tra-cuu",
    "/tu-kiem-chung",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_in_the_language_asked_for(in_memory: HouseForTests, path: str) -> None:
    asked = in_memory.client.get(path, headers={"Accept-Language": "en"})
    chosen = in_memory.client.get(path, params={"lang": "en"})
    plain = in_memory.client.get(path)
    assert '<html lang="en">' in asked.text
    assert '<html lang="en">' in chosen.text
    assert '<html lang="vi">' in plain.text
    assert "lang=en" in re.findall(r'href="(/qua[^"]*)"', chosen.text)[0]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_and_calls_nobody(in_memory: HouseForTests, path: str) -> None:
    answer = in_memory.client.get(path)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert not re.search(r'(?:href|src|action)="(?!/|#)', answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_its_landmarks_and_one_heading(in_memory: HouseForTests, path: str) -> None:
    html = in_memory.client.get(path).text
    for landmark in ("<header", "<nav aria-label=", "<main id=", "<footer"):
        assert landmark in html
    assert html.count("<h1") == 1
    for input_id in re.findall(r"<(?:input|select)[^>]* id=\"([^\"]+)\"", html):
        assert f'for="{input_id}"' in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_page_says_at_which_positions_it_stands(in_memory: HouseForTests) -> None:
    assert "Trang này đứng ở vị trí" in get(in_memory, f"/qua/{JACKETS}")


def test_the_style_sheet_is_served(in_memory: HouseForTests) -> None:
    answer = in_memory.client.get("/portal.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_names_are_escaped(in_memory: HouseForTests) -> None:
    shown = post(in_memory, "<script>alert(1)</script>").text
    assert "<script" not in shown
