"""The register's desk: a household, a child and its need, written down and verified by forms."""

from uuid import UUID, uuid4

import pytest

from contracts.registry import NeedOpened, NeedRecorded, NeedWithdrawn
from tests.services.portal.desks.conftest import (
    CITY,
    COMMUNE,
    KEEPER,
    fields_of,
    options_of,
    text,
)

OFFICER, COLLEAGUE, VERIFIER, OTHER = (UUID(int=number) for number in (911, 912, 913, 914))
PROGRAMME, ELSEWHERE = UUID(int=21), UUID(int=13)
HOUSEHOLD = f"/so-dang-ky/don-vi/{COMMUNE}/ho/moi"


@pytest.fixture
def register(desks):
    unit = {"code": "09706", "name": "Yên Bài", "kind": "commune", "valid_from": "2019-01-01"}
    unit["parent_id"] = str(CITY)
    desks.services.done("registry", "PUT", f"/units/{ELSEWHERE}", unit, by=KEEPER)
    started = {
        "code": "3874/KH-LĐTB&XH",
        "name": "Kế hoạch áo ấm",
        "starts_on": "2024-01-01",
        "ends_on": "2026-12-31",
        "unit_ids": [str(COMMUNE)],
    }
    desks.services.done("registry", "PUT", f"/programmes/{PROGRAMME}", started, by=KEEPER)
    for person, role, unit_id in (
        (OFFICER, "commune-officer", COMMUNE),
        (COLLEAGUE, "commune-officer", COMMUNE),
        (VERIFIER, "verifier", CITY),
        (OTHER, "commune-officer", ELSEWHERE),
    ):
        desks.services.grant(person, role, unit_id)
    return desks


def only(desks, kind):
    (event,) = [each for each in desks.registry.events() if isinstance(each, kind)]
    return event


async def a_child(register):
    """Its id: registered at home by the forms."""
    page = await register.sent(HOUSEHOLD, OFFICER, head="Triệu Văn Sơn", village="Thôn Chóng")
    assert "Triệu Văn Sơn" in page
    path = page.split('href="')[1:]
    path = next(each.split('"')[0] for each in path if each.split('"')[0].endswith("/tre-em/moi"))
    typed = {"name": "Triệu Thị Hòa", "birth_date": "9/3/15", "gender": "female"}
    typed |= {"guardian": "Triệu Văn Sơn", "ethnicity": "Dao"}
    card = await register.sent(path, OFFICER, **typed)
    assert "09/03/2015" in text(card)
    return card.split("/so-dang-ky/tre-em/")[1].split("/")[0].split('"')[0].split("?")[0]


async def test_from_a_household_to_a_need_that_is_open(register):
    child = f"/so-dang-ky/tre-em/{await a_child(register)}"
    assert "H120" in text(
        await register.sent(f"{child}/so-do", OFFICER, height_cm="118", measured_on="1/10/24")
    )
    await register.sent(f"{child}/lop", OFFICER, school_year="2024-2025", grade="4")
    await register.sent(f"{child}/hoan-canh", OFFICER, kind="special", code="both-parents-lost")
    need = {"category": "warm-clothes", "quantity": "1", "measure": "piece"}
    card = await register.sent(f"{child}/nhu-cau/moi", OFFICER, needed_by="31/12/2024", **need)
    assert "Đã lập, chờ xác minh" in text(card)
    recorded = only(register, NeedRecorded)
    assert (recorded.specification["size"], recorded.programme_id) == ("H120", PROGRAMME)
    assert recorded.needed_by.isoformat() == "2024-12-31"
    verify = f"/so-dang-ky/nhu-cau/{recorded.need_id}/xac-minh"
    # Who recorded it sees no button for it; the verifier does, and sees whose it is.
    assert verify not in card
    assert verify in (await register.get("/viec-hom-nay", VERIFIER)).text
    form = text((await register.get(verify, VERIFIER)).text)
    assert "Triệu Thị Hòa" in form
    assert "Cỡ: H120" in form
    listed = await register.sent(verify, VERIFIER)
    assert "Chờ hỗ trợ" in text(listed)
    assert only(register, NeedOpened).need_id == recorded.need_id
    withdrawn = f"/so-dang-ky/nhu-cau/{recorded.need_id}/rut"
    await register.sent(withdrawn, OFFICER, reason="Gia đình đã chuyển đi")
    assert only(register, NeedWithdrawn).need_id == recorded.need_id


async def test_a_refusal_of_the_register_says_the_next_step(register):
    child = await a_child(register)
    path = f"/so-dang-ky/tre-em/{child}/nhu-cau/moi"
    need = {"category": "warm-clothes", "quantity": "1", "measure": "piece"}
    answer = await register.post(
        path, await register.filled(path, OFFICER, needed_by="31/12/24", **need), by=OFFICER
    )
    assert answer.status_code == 422
    assert "Hãy" in text(answer.text)
    assert fields_of(answer.text)["needed_by"] == "31/12/24"
    assert not [each for each in register.registry.events() if isinstance(each, NeedRecorded)]


async def test_the_register_shows_each_commune_to_its_own_officers(register):
    child = await a_child(register)
    own = (await register.get("/so-dang-ky/tre-em", COLLEAGUE)).text
    assert "Triệu Thị Hòa" in own
    assert "Triệu Thị Hòa" not in (await register.get("/so-dang-ky/tre-em", OTHER)).text
    assert (await register.get(f"/so-dang-ky/tre-em/{child}", OTHER)).status_code == 403
    assert (await register.get("/so-dang-ky/tre-em", KEEPER)).status_code == 403
    assert 'href="/so-dang-ky"' not in (await register.get("/viec-hom-nay", KEEPER)).text
    # A verifier chooses among the communes beneath, and may not register anybody.
    page = (await register.get(f"/so-dang-ky/ho?unit_id={COMMUNE}", VERIFIER)).text
    assert options_of(page, "unit_id") == {"Ba Vì": str(COMMUNE), "Yên Bài": str(ELSEWHERE)}
    assert "Triệu Văn Sơn" in page
    assert "/ho/moi" not in page
    assert (await register.get(HOUSEHOLD, VERIFIER)).status_code == 403


async def test_a_name_is_looked_for_in_the_commune_and_in_no_address(register):
    await a_child(register)
    found = await register.post("/so-dang-ky/tre-em", {"name": "hoa"}, by=OFFICER)
    assert "Triệu Thị Hòa" in text(found.text)
    nobody = await register.post("/so-dang-ky/tre-em", {"name": "lan"}, by=OFFICER)
    assert "Không có gì như bạn lọc" in text(nobody.text)
    assert not any("name=" in str(sent.url) for sent in register.way.sent)


async def test_a_group_has_needs_of_its_own(register):
    typed = {"description": "Lớp 3A", "children": "28"}
    listed = await register.sent(f"/so-dang-ky/don-vi/{COMMUNE}/nhom/moi", OFFICER, **typed)
    assert "28" in text(listed)
    few = f"/so-dang-ky/don-vi/{COMMUNE}/nhom/moi"
    fields = await register.filled(few, OFFICER, description="Lớp 3B", children="4")
    answer = await register.post(few, fields, by=OFFICER)
    assert answer.status_code == 422
    assert "sửa chỗ đó rồi gửi lại" in text(answer.text)


async def test_a_thing_that_is_not_there_is_said_plainly(register):
    answer = await register.get(f"/so-dang-ky/nhu-cau/{uuid4()}/xac-minh", VERIFIER)
    assert answer.status_code == 404
    assert "Chưa có nhu cầu này" in text(answer.text)


async def test_what_was_typed_wrongly_is_corrected_from_the_file_of_the_child(register):
    child = f"/so-dang-ky/tre-em/{await a_child(register)}"
    await register.sent(f"{child}/so-do", OFFICER, height_cm="118", measured_on="1/10/24")
    card = (await register.get(child, OFFICER)).text
    wrong = f"{child}/2/so-do/dinh-chinh"
    assert wrong in card
    why = {"reason": "mistyped", "note": "Gõ nhầm"}
    card = await register.sent(wrong, OFFICER, height_cm="121", measured_on="1/10/24", **why)
    assert wrong not in card
    told = text(card)
    assert "Cỡ: H120" in told
    assert "Cỡ: H125" in told
    assert "gõ nhầm" in told
    assert "Đính chính số đo" in told
    card = await register.sent(f"{child}/dinh-chinh", OFFICER, name="Triệu Thị Hoa", **why)
    assert "Họ và tên: Triệu Thị Hòa" in text(card)
    assert "Họ và tên: Triệu Thị Hoa;" in text(card)
    # A colleague may; a verifier reads the file and corrects nothing.
    assert f"{child}/dinh-chinh" in (await register.get(child, COLLEAGUE)).text
    assert f"{child}/dinh-chinh" not in (await register.get(child, VERIFIER)).text
    assert "Đính chính số đo" in text((await register.get(child, VERIFIER)).text)


async def test_a_need_that_rested_on_what_was_corrected_waits_under_todays_work(register):
    child = f"/so-dang-ky/tre-em/{await a_child(register)}"
    await register.sent(f"{child}/so-do", OFFICER, height_cm="118", measured_on="1/10/24")
    await register.sent(f"{child}/hoan-canh", OFFICER, kind="special", code="both-parents-lost")
    need = {"category": "warm-clothes", "quantity": "1", "measure": "piece"}
    await register.sent(f"{child}/nhu-cau/moi", OFFICER, needed_by="31/12/2024", **need)
    need_id = only(register, NeedRecorded).need_id
    await register.sent(f"/so-dang-ky/nhu-cau/{need_id}/xac-minh", VERIFIER)
    assert "Xem lại sau đính chính" not in (await register.get("/viec-hom-nay", VERIFIER)).text
    why = {"reason": "of-another", "note": "Số đo của em gái"}
    await register.sent(f"{child}/2/bo", OFFICER, **why)
    assert "Xem lại sau đính chính" in (await register.get("/viec-hom-nay", VERIFIER)).text
    assert str(need_id) in (await register.get("/so-dang-ky/can-xem-lai", VERIFIER)).text


async def test_a_household_has_a_card_with_its_file(register):
    child = await a_child(register)
    registered = [each for each in register.registry.events() if hasattr(each, "household_id")]
    home = f"/so-dang-ky/ho/{registered[0].household_id}"
    why = {"reason": "told-otherwise", "note": "Gia đình báo lại"}
    card = await register.sent(f"{home}/dinh-chinh", OFFICER, head="Triệu Văn Sâm", **why)
    assert "Chủ hộ: Triệu Văn Sơn" in text(card)
    assert "Triệu Văn Sâm" in text(card)
    form = (await register.get(f"/so-dang-ky/tre-em/{child}/dinh-chinh", OFFICER)).text
    assert "Triệu Văn Sâm, Thôn Chóng" in options_of(form, "household_id")


async def test_a_child_that_left_is_told_as_gone_and_can_come_back(register):
    child = f"/so-dang-ky/tre-em/{await a_child(register)}"
    left, back = f"{child}/roi-dia-ban", f"{child}/tro-ve"
    assert back not in (await register.get(child, OFFICER)).text
    card = await register.sent(left, OFFICER, how="moved-away", note="Theo mẹ về quê ngoại")
    assert "Không còn ở địa bàn từ ngày" in text(card)
    assert "Vì sao: chuyển đi nơi khác" in text(card)
    assert left not in card
    assert back in card
    card = await register.sent(back, OFFICER, note="Về ở với bà")
    assert back not in card
    assert left in card


async def test_a_household_moves_to_a_commune_that_is_chosen_by_name(register):
    await a_child(register)
    registered = [each for each in register.registry.events() if hasattr(each, "household_id")]
    home = f"/so-dang-ky/ho/{registered[0].household_id}"
    form = (await register.get(f"{home}/chuyen-noi-o", OFFICER)).text
    assert options_of(form, "unit_id") == {"Ba Vì": str(COMMUNE), "Yên Bài": str(ELSEWHERE)}
    why = {"unit_id": str(ELSEWHERE), "note": "Về làm ruộng bên nội"}
    await register.sent(f"{home}/chuyen-noi-o", OFFICER, **why)
    assert "Triệu Văn Sơn" in text((await register.get(home, OTHER)).text)
    assert (await register.get(home, OFFICER)).status_code == 403


async def test_a_child_that_was_registered_twice_is_proposed_merged_and_unmerged(register):
    await a_child(register)
    home = next(e.household_id for e in register.registry.events() if hasattr(e, "household_id"))
    typed = {"name": "Triệu Thị Hoà", "birth_date": "9/3/15", "gender": "female"}
    typed |= {"guardian": "Triệu Văn Sơn", "ethnicity": "Dao"}
    await register.sent(f"/so-dang-ky/ho/{home}/tre-em/moi", OFFICER, **typed)
    page = (await register.get("/so-dang-ky/co-the-trung", OFFICER)).text
    assert "Họ và tên: 40; Ngày sinh: 30" in text(page)
    merge = next(each.split('"')[0] for each in page.split('href="') if "/gop/" in each)
    assert merge in (await register.get("/viec-hom-nay", OFFICER)).text
    card = await register.sent(merge, OFFICER, note="Cùng một trẻ")
    assert "bo-gop" in card
    assert "/gop/" not in (await register.get("/so-dang-ky/co-the-trung", OFFICER)).text
    merged = merge.split("/gop/")[0]
    assert f"{merged}/bo-gop" in (await register.get(merged, OFFICER)).text
    await register.sent(f"{merged}/bo-gop", OFFICER, note="Là hai chị em họ")
    page = (await register.get("/so-dang-ky/co-the-trung", OFFICER)).text
    apart = next(each.split('"')[0] for each in page.split('href="') if "/la-hai-tre/" in each)
    await register.sent(apart, OFFICER, note="Là hai chị em họ")
    assert "/gop/" not in (await register.get("/so-dang-ky/co-the-trung", OFFICER)).text
