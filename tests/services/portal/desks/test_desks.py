"""The desks: what each shows, to whom, and what it says when a service is silent."""

from datetime import date
from uuid import UUID

import pytest

from services.portal.desks.desk import Task
from services.portal.desks.today.routes import in_order
from tests.services.portal.desks.conftest import (
    CITY,
    COMMUNE,
    KEEPER,
    LAN,
    OTHER_KEEPER,
    options_of,
    text,
)

PAGES = (
    "/viec-hom-nay",
    "/to-chuc",
    "/to-chuc/don-vi",
    "/to-chuc/nguoi",
    "/to-chuc/vai-tro",
    "/to-chuc/tai-khoan",
)
BYTES_MAX = 100_000


def granted(desks, until=None):
    body = {"role": "verifier", "unit_id": str(COMMUNE), "valid_from": "2024-09-01"}
    body |= {"valid_until": until} if until else {}
    path = f"/persons/{LAN}/roles/{COMMUNE}"
    desks.services.done("registry", "PUT", path, body, by=KEEPER)


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_is_for_those_who_are_signed_in_small_and_without_scripts(desks, path):
    assert (await desks.get(path, by=None)).status_code == 401
    answer = await desks.get(path)
    assert answer.status_code == 200, text(answer.text)
    assert len(answer.content) < BYTES_MAX
    assert answer.headers["cache-control"] == "no-store"
    assert "script" not in answer.text
    assert "Tổ chức" in answer.text


async def test_a_desk_is_shown_to_those_who_have_it(desks):
    assert 'href="/to-chuc"' not in (await desks.get("/viec-hom-nay", by=LAN)).text
    assert (await desks.get("/to-chuc", by=LAN)).status_code == 403


async def test_a_list_is_filtered_by_its_address_and_says_how_many(desks):
    granted(desks)
    page = text((await desks.get("/to-chuc/vai-tro?on=1/10/24&role=verifier")).text)
    assert "Có 1 ." in page
    assert "Bùi Thị Lan" in page
    nothing = text((await desks.get("/to-chuc/vai-tro?on=1/10/24&role=leader")).text)
    assert "Không có gì như bạn lọc" in nothing
    wrong = (await desks.get("/to-chuc/vai-tro?on=mai")).text
    assert "Viết ngày như 5/7/2022" in wrong


async def test_a_name_that_is_looked_for_stands_in_no_address(desks):
    page = (await desks.get("/to-chuc/nguoi")).text
    assert '<form class="filters" method="post"' in page
    answer = await desks.post("/to-chuc/nguoi", {"name": "bùi", "order": "name"})
    shown = text(answer.text)
    assert "Bùi Thị Lan" in shown
    assert "Có 1 ." in shown
    assert answer.headers["cache-control"] == "no-store"
    assert 'value="bùi"' in answer.text
    nobody = text((await desks.post("/to-chuc/nguoi", {"name": "\u200b"})).text)
    assert "Không có gì như bạn lọc" in nobody
    assert not any("name=" in str(sent.url) for sent in desks.way.sent)


async def test_names_that_are_looked_for_go_on_by_a_form(desks, monkeypatch):
    monkeypatch.setattr("services.portal.desks.list_pages.A_PAGE", 1)
    mai = {"name": "Bùi Văn Mai"}
    desks.services.done("registry", "PUT", f"/persons/{CITY}", mai, by=KEEPER)
    first = (await desks.post("/to-chuc/nguoi", {"name": "bui"})).text
    after = first.split('name="cursor" value="')[1].split('"')[0]
    second = (await desks.post("/to-chuc/nguoi", {"name": "bui", "cursor": after})).text
    assert "Không có gì" not in second
    assert first.split("<tbody>")[1] != second.split("<tbody>")[1]


async def test_a_list_goes_on_where_it_ended(desks, monkeypatch):
    monkeypatch.setattr("services.portal.desks.list_pages.A_PAGE", 1)
    first = (await desks.get("/to-chuc/don-vi")).text
    assert "Có 2 ." in text(first)
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = (await desks.get(after)).text
    shown = [name for name in ("Hà Nội", "Ba Vì") if name in text(first).split("Việc")[-1]]
    assert len(shown) == 1
    assert 'rel="next"' not in second


async def test_what_is_done_today_leads_to_the_form_that_ends_it(desks):
    granted(desks, until="2024-10-20")
    page = (await desks.get("/viec-hom-nay")).text
    assert "Vai trò sắp hết hạn" in page
    address = f"/to-chuc/nguoi/{LAN}/giao-vai-tro?role=verifier&amp;unit_id={COMMUNE}"
    assert address in page
    form = (await desks.get(address.replace("&amp;", "&"))).text
    assert 'value="verifier" selected' in form
    assert f'value="{COMMUNE}" selected' in form


def test_the_longest_overdue_comes_first_and_what_has_no_day_last():
    late, due, none = (
        Task("/", "late", date(2024, 1, 1)),
        Task("/", "due", date(2024, 2, 1)),
        Task("/", "none"),
    )
    assert in_order([none, due, late]) == [late, due, none]


async def test_a_service_that_is_silent_is_told_and_never_taken_for_nothing(desks):
    desks.way.cut = "before"
    today = text((await desks.get("/viec-hom-nay")).text)
    assert "Có phần chưa trả lời" in today
    assert "Hôm nay không có việc nào" not in today
    answer = await desks.get("/to-chuc/don-vi")
    assert answer.status_code == 503
    assert "chưa trả lời" in text(answer.text)
    assert answer.headers["retry-after"]


async def test_the_services_are_asked_with_the_persons_own_token(desks):
    await desks.get("/to-chuc/don-vi")
    asked = {one.headers.get("authorization") for one in desks.way.sent if "units" in one.url.path}
    assert asked == {f"Bearer {KEEPER}"}


async def test_the_design_is_shown_in_development_alone(desks):
    assert (await desks.get("/thiet-ke", by=None)).status_code == 200
    desks.client._transport.app.state.shows_design = False
    assert (await desks.get("/thiet-ke", by=None)).status_code == 404


async def test_whoever_works_in_several_units_chooses_one(desks):
    other = UUID(int=13)
    body = {"code": "09706", "name": "Yên Bài", "kind": "commune", "valid_from": "2019-01-01"}
    body["parent_id"] = str(CITY)
    desks.services.done("registry", "PUT", f"/units/{other}", body, by=KEEPER)
    for unit in (COMMUNE, other):
        body = {"role": "verifier", "unit_id": str(unit), "valid_from": "2024-09-01"}
        body["valid_until"] = "2024-10-20"
        desks.services.done("registry", "PUT", f"/persons/{LAN}/roles/{unit}", body, by=KEEPER)
        desks.services.grant(OTHER_KEEPER, "organisation-keeper", unit)
    alone = (await desks.get("/viec-hom-nay", KEEPER)).text
    assert 'name="don-vi"' not in alone
    assert alone.count("Vai trò sắp hết hạn") == 2
    every = (await desks.get("/viec-hom-nay", OTHER_KEEPER)).text
    assert {*options_of(every, "don-vi")} == {"Hà Nội", "Ba Vì", "Yên Bài"}
    assert every.count("Vai trò sắp hết hạn") == 2
    for unit, there, elsewhere in ((COMMUNE, "Ba Vì", "Yên Bài"), (other, "Yên Bài", "Ba Vì")):
        page = (await desks.get(f"/viec-hom-nay?don-vi={unit}", OTHER_KEEPER)).text
        tasks = text(page[page.index('<ol class="tasks">') : page.index("</ol>")])
        assert there in tasks
        assert elsewhere not in tasks
        assert f'value="{unit}" selected' in page
    # Of the city: what lies below it too. One that is not theirs is no choice.
    for said in (CITY, "x", UUID(int=99)):
        page = (await desks.get(f"/viec-hom-nay?don-vi={said}", OTHER_KEEPER)).text
        assert page.count("Vai trò sắp hết hạn") == 2


async def test_that_a_service_is_silent_stands_in_the_log(desks, capsys):
    desks.way.cut = "before"
    assert (await desks.get("/viec-hom-nay")).status_code == 200
    said = capsys.readouterr().out
    assert "a service does not answer" in said
    assert "ConnectError" in said
    assert str(KEEPER) not in said
