"""Lists that are taken away as Excel files."""

import re
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from contracts.every_service import ListExported
from services.portal.desks.allocation.lists import LISTS as OF_ALLOCATION
from services.portal.desks.donations.lists import LISTS as OF_DONATIONS
from services.portal.desks.export import ROWS_MAX
from services.portal.desks.keeper.lists import LISTS as OF_KEEPER
from services.portal.desks.registry.lists import LISTS as OF_REGISTRY
from services.portal.desks.workbook import MEDIA_TYPE, STARTS_A_FORMULA, workbook
from tests.services.portal.desks.conftest import CITY, COMMUNE, KEEPER, LAN, OTHER_KEEPER, text

LISTS = (*OF_KEEPER, *OF_REGISTRY, *OF_DONATIONS, *OF_ALLOCATION)
PERSONS, UNITS = "/to-chuc/nguoi", "/to-chuc/don-vi"
SOMEBODY = UUID(int=77)


async def export_of(desks, path, by=KEEPER):
    page = (await desks.get(path, by)).text
    return re.search(r'name="_export" value="([^"]+)"', page)[1]


async def taken_away(desks, path, by=KEEPER, accept="text/html", **fields):
    given = {"_export": await export_of(desks, path, by), "reason": "meeting"} | fields
    return await desks.post(f"{path}/xuat-excel", given, by=by, Accept=accept)


def recorded(desks):
    events = [each.event for each in desks.services.told]
    return [event for event in events if isinstance(event, ListExported)]


def sheets(answer):
    assert answer.status_code == 200, text(answer.text)
    return load_workbook(BytesIO(answer.content))


def rows_of(answer):
    return [[cell.value for cell in row] for row in sheets(answer).worksheets[0].iter_rows()]


@pytest.mark.parametrize("listing", LISTS, ids=lambda listing: listing.path)
async def test_each_list_can_be_recorded_as_taken_away(desks, listing):
    for role in listing.who:
        desks.services.grant(SOMEBODY, role, CITY)
    body = {"query": listing.query, "reason": "inspection"}
    desks.services.done(listing.service, "PUT", f"/exports/{uuid4()}", body, by=SOMEBODY)


async def test_the_file_holds_the_list_as_it_is_read_and_what_it_is(desks):
    answer = await taken_away(desks, UNITS)
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(
        r'attachment; filename="to-chuc-don-vi-\d{4}-\d\d-\d\d\.xlsx"',
        answer.headers["content-disposition"],
    )
    head, *rows = rows_of(answer)
    assert head[:2] == ["Tên", "Mã"]
    since = head.index("Từ ngày")
    assert {row[0]: row[since].date() for row in rows} == {
        "Hà Nội": date(2008, 8, 1),
        "Ba Vì": date(2019, 1, 1),
    }
    # A code is no number: it keeps its noughts.
    assert {row[1] for row in rows} == {"01", "09703"}
    (event,) = recorded(desks)
    about = dict(sheets(answer).worksheets[1].values)
    assert about["Lý do"] == "Phục vụ cuộc họp"
    assert about["Số dòng"] == 2
    assert about["Mã lần xuất, đã ghi vào nhật ký"] == str(event.export_id)


async def test_it_is_recorded_before_the_first_row_is_read(desks):
    sealed = await export_of(desks, PERSONS)
    desks.way.sent.clear()
    await desks.post(f"{PERSONS}/xuat-excel", {"_export": sealed, "reason": "report"})
    said = [(request.method, request.url.path) for request in desks.way.sent]
    assert [each for each in said if each[1] != "/openapi.json"] == [
        ("PUT", f"/exports/{recorded(desks)[0].export_id}"),
        ("GET", "/persons"),
    ]


async def test_a_name_is_no_formula(desks):
    evil = '=HYPERLINK("http://elsewhere.test","Bùi")'
    desks.services.done("registry", "PUT", f"/persons/{CITY}", {"name": evil}, by=KEEPER)
    book = sheets(await taken_away(desks, PERSONS))
    cells = {cell.value: cell for (cell, *_) in book.worksheets[0].iter_rows(min_row=2)}
    assert cells[evil].data_type == "s"
    assert cells[evil].quotePrefix
    assert not cells["Bùi Thị Lan"].quotePrefix


@pytest.mark.parametrize("begins", STARTS_A_FORMULA)
def test_no_text_that_a_sheet_would_reckon_is_written_as_one(begins):
    file = workbook(
        title="a",
        columns=["x"],
        rows=[[f"{begins}1+1"]],
        about=[("y", f"{begins}2")],
        about_title="b",
    )
    book = load_workbook(BytesIO(file))
    assert [cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row] == [
        "s"
    ] * 4
    assert book.worksheets[0]["A2"].quotePrefix
    assert book.worksheets[1]["B1"].quotePrefix


async def test_the_filter_and_the_part_of_a_name_go_with_it_and_stand_in_no_address(desks):
    desks.services.done("registry", "PUT", f"/persons/{CITY}", {"name": "Đỗ Mai"}, by=KEEPER)
    answer = await taken_away(desks, PERSONS, name="bui")
    assert [row[0] for row in rows_of(answer)[1:]] == ["Bùi Thị Lan"]
    assert all("bui" not in str(request.url) for request in desks.way.sent)
    assert "bui" not in answer.headers["content-disposition"]


async def test_a_list_of_many_pages_is_whole(desks, monkeypatch):
    monkeypatch.setattr("services.portal.desks.export.LIMIT_MAX", 1)
    desks.services.done("registry", "PUT", f"/persons/{CITY}", {"name": "Đỗ Mai"}, by=KEEPER)
    answer = await taken_away(desks, PERSONS)
    assert {row[0] for row in rows_of(answer)[1:]} >= {"Bùi Thị Lan", "Đỗ Mai"}


async def test_one_that_is_too_long_is_refused(desks, monkeypatch):
    monkeypatch.setattr("services.portal.desks.export.ROWS_MAX", 1)
    desks.services.done("registry", "PUT", f"/persons/{CITY}", {"name": "Đỗ Mai"}, by=KEEPER)
    answer = await taken_away(desks, PERSONS)
    assert answer.status_code == 422
    assert "Hãy lọc bớt" in text(answer.text)
    assert b"PK" not in answer.content
    as_data = await taken_away(desks, PERSONS, accept="application/json")
    assert as_data.json()["code"] == "too-many-to-export"
    assert ROWS_MAX == 10_000


async def test_without_a_reason_nothing_leaves(desks):
    answer = await taken_away(desks, PERSONS, reason="")
    assert answer.status_code == 422
    assert b"PK" not in answer.content
    assert recorded(desks) == []


async def test_pressed_twice_it_is_recorded_once(desks):
    sealed = await export_of(desks, PERSONS)
    for _ in range(2):
        given = {"_export": sealed, "reason": "report"}
        assert (await desks.post(f"{PERSONS}/xuat-excel", given)).status_code == 200
    assert len(recorded(desks)) == 1


async def test_it_is_of_one_person_for_one_list_for_an_hour(desks, monkeypatch):
    sealed = await export_of(desks, PERSONS)
    given = {"_export": sealed, "reason": "report"}
    for path, by in ((PERSONS, OTHER_KEEPER), (UNITS, KEEPER)):
        assert (await desks.post(f"{path}/xuat-excel", given, by=by)).status_code == 403
    monkeypatch.setattr("services.portal.desks.export.PAGE_ASKS_FOR", timedelta(0))
    expired = {"_export": await export_of(desks, PERSONS), "reason": "report"}
    assert (await desks.post(f"{PERSONS}/xuat-excel", expired)).status_code == 403
    assert recorded(desks) == []


async def test_who_may_not_see_the_list_takes_nothing_away(desks):
    given = {"_export": await export_of(desks, PERSONS), "reason": "report"}
    assert (await desks.post(f"{PERSONS}/xuat-excel", given, by=LAN)).status_code == 403
    assert (await desks.post(f"{PERSONS}/xuat-excel", given, by=None)).status_code in (303, 401)


async def test_where_there_is_nothing_there_is_nothing_to_take_away(desks):
    desks.services.grant(SOMEBODY, "commune-officer", COMMUNE)
    page = (await desks.get("/so-dang-ky/nhom-tre", SOMEBODY)).text
    assert "_export" not in page


async def test_a_service_that_is_away_says_so(desks):
    sealed = await export_of(desks, PERSONS)
    desks.way.cut = "before"
    answer = await desks.post(f"{PERSONS}/xuat-excel", {"_export": sealed, "reason": "report"})
    assert answer.status_code == 503
