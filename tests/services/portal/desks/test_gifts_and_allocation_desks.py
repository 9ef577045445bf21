"""From a promise to a signature by forms alone, each by whom it belongs to."""

import re
from uuid import UUID, uuid5

import pytest

from contracts.allocation import (
    AllocationApproved,
    DeliveryLineSigned,
    DirectGiftRatified,
    SupportDelivered,
)
from contracts.donations import (
    ContributionAccepted,
    ContributionCorrected,
    ContributionLineInspected,
    PaymentMade,
    PledgeMade,
    ReceiptCancelled,
    ReceiptIssued,
)
from tests.services.portal.desks.conftest import (
    CITY,
    COMMUNE,
    KEEPER,
    fields_of,
    options_of,
    text,
)

PROGRAMME, FUND, SPONSOR, GIVER = (UUID(int=number) for number in (21, 22, 23, 24))
OF_PAPER = {"book": "TH", "issuer": "Hà, kế toán", "receiver": "Lê, thủ kho", "accepter": "Vũ"}


def who(name):
    return uuid5(PROGRAMME, name)


ROLES = {
    "registrar": ("commune-officer", COMMUNE),
    "recorder": ("commune-officer", COMMUNE),
    "holder": ("commune-officer", COMMUNE),
    "witness": ("commune-officer", COMMUNE),
    "verifier": ("verifier", CITY),
    "coordinator": ("coordinator", CITY),
    "receiver": ("storekeeper", CITY),
    "storekeeper": ("storekeeper", CITY),
    "cashier": ("cashier", CITY),
    "accountant": ("accountant", CITY),
    "bookkeeper": ("accountant", CITY),
    "approver": ("approver", CITY),
}


@pytest.fixture
def drive(desks):
    """A programme with its fund, sponsor and two children who wait for warm clothes."""

    def done(service, method, path, body=None, *, by):
        desks.services.done(service, method, path, body, by=who(by))

    for name, (role, unit_id) in ROLES.items():
        desks.services.grant(who(name), role, unit_id)
    started = {
        "code": "3874/KH-LĐTB&XH",
        "name": "Kế hoạch áo ấm",
        "starts_on": "2024-01-01",
        "ends_on": "2026-12-31",
        "unit_ids": [str(COMMUNE)],
    }
    path = f"/programmes/{PROGRAMME}"
    desks.services.done("registry", "PUT", path, started, by=KEEPER)
    sponsor = {"person_id": str(GIVER), "kind": "enterprise", "name": "Công ty Đường Xa"}
    sponsor["public_name"] = "Công ty Đường Xa"
    done("donations", "PUT", f"/sponsors/{SPONSOR}", sponsor, by="coordinator")
    fund = {"programme_id": str(PROGRAMME), "unit_id": str(CITY), "name": "Nguồn áo ấm"}
    done("donations", "PUT", f"/funds/{FUND}", fund, by="accountant")
    for name in ("Hòa", "Lý"):
        home, child, need = (who(f"{what} {name}") for what in ("home", "child", "need"))
        household = {"unit_id": str(COMMUNE), "head": "Triệu Văn Sơn"}
        done("registry", "PUT", f"/households/{home}", household, by="registrar")
        about = {"household_id": str(home), "name": f"Triệu Thị {name}", "gender": "female"}
        about |= {"birth_date": "2015-03-09", "guardian": "Triệu Văn Sơn", "ethnicity": "Dao"}
        done("registry", "PUT", f"/children/{child}", about, by="registrar")
        held = {"kind": "special", "code": "both-parents-lost"}
        done("registry", "POST", f"/children/{child}/circumstances", held, by="registrar")
        measure = {"height_cm": 118, "measured_on": "2024-10-01"}
        done("registry", "POST", f"/children/{child}/measures", measure, by="registrar")
        asked = {"programme_id": str(PROGRAMME), "child_id": str(child), "quantity": 1}
        asked |= {"category": "warm-clothes", "measure": "piece", "needed_by": "2024-12-31"}
        done("registry", "PUT", f"/needs/{need}", asked, by="recorder")
        done("registry", "POST", f"/needs/{need}/verification", by="verifier")
    return desks


def of(desks, service, kind):
    return [each for each in desks.services.houses[service].events() if isinstance(each, kind)]


def linked(page, end):
    """The address on the page that ends so."""
    return next(path for path in re.findall(r'href="([^"?]*)', page) if path.endswith(end))


async def a_campaign(drive):
    typed = {"name": "Áo ấm 2024", "category": "warm-clothes", "target": "1.000"}
    typed |= {"measure": "piece", "starts_on": "1/10/24", "ends_on": "15/12/24"}
    return await drive.sent("/tiep-nhan/dot-van-dong/moi", who("coordinator"), **typed)


async def an_accepted_gift(drive, quantity="2"):
    """The address of its card."""
    coordinator = who("coordinator")
    page = await a_campaign(drive)
    pledge = linked(page, "/dang-ky/moi")
    typed = {"kind": "goods", "quantity": quantity, "measure": "piece"}
    listed = text(await drive.sent(pledge, coordinator, **typed))
    assert "Công ty Đường Xa" in listed, listed
    (made,) = of(drive, "donations", PledgeMade)
    announce = linked(page, "/khoan/moi")
    typed = {
        "kind": "goods",
        "pledge_id": str(made.pledge_id),
        "lines.0.category": "warm-clothes",
        "lines.0.quantity": quantity,
        "lines.0.measure": "piece",
        "lines.0.specification.size": "H120",
        "lines.0.specification.gender": "unisex",
    }
    card = await drive.sent(announce, coordinator, **typed)
    assert "Cỡ: H120" in text(card)
    receive = linked((await drive.get("/viec-hom-nay", who("receiver"))).text, "/nhan")
    await drive.sent(receive, who("receiver"))
    gift = receive.removesuffix("/nhan")
    inspect = gift + "/kiem"
    assert "Áo ấm" in text((await drive.get(inspect, who("receiver"))).text)
    found = {"lines.0.good": quantity, "lines.0.mendable": "0", "lines.0.refused": "0"}
    await drive.sent(inspect, who("receiver"), **found)
    assert of(drive, "donations", ContributionLineInspected)[0].good == int(quantity)
    await drive.sent(gift + "/duyet", who("accountant"))
    return gift


async def test_from_a_promise_to_a_signature(drive):
    gift = await an_accepted_gift(drive)
    assert of(drive, "donations", ContributionAccepted)
    await drive.sent(gift + "/phieu", who("accountant"), **OF_PAPER)
    assert of(drive, "donations", ReceiptIssued)
    paper = text((await drive.get(gift + "/phieu/in", who("accountant"))).text)
    assert "Công ty Đường Xa" in paper

    coordinator = who("coordinator")
    typed = {"category": "warm-clothes"}
    run = await drive.sent("/phan-bo/phuong-an/moi", coordinator, **typed)
    await drive.sent(linked(run, "/de-xuat"), coordinator)
    approve = linked((await drive.get("/viec-hom-nay", who("approver"))).text, "/duyet")
    assert "Áo ấm" in text((await drive.get(approve, who("approver"))).text)
    await drive.sent(approve, who("approver"))
    assert len(of(drive, "allocation", AllocationApproved)) == 1
    card = (await drive.get(approve.removesuffix("/duyet"), coordinator)).text
    plan = linked(card, "/dot-trao/moi")
    await drive.sent(plan, coordinator, activity="Buổi trao ở Ba Vì", planned_for="12/10/24")
    dispatch = linked((await drive.get("/viec-hom-nay", who("storekeeper"))).text, "/xuat-kho")
    await drive.sent(dispatch, who("storekeeper"), waybill="XK-1")
    delivery = dispatch.removesuffix("/xuat-kho")
    typed = {"handed_to": str(who("holder"))}
    await drive.sent(delivery + "/ban-giao", who("storekeeper"), **typed)
    assert delivery in (await drive.get("/phan-bo/da-nhan", who("holder"))).text
    assert delivery not in (await drive.get("/phan-bo/da-nhan", who("witness"))).text
    sign = linked((await drive.get("/viec-hom-nay", who("witness"))).text, "/ky-nhan")
    form = (await drive.get(sign, who("witness"))).text
    assert "Triệu Thị Hòa" in text(form)
    assert options_of(form, "lines.0.signed_as")["Điểm chỉ"] == "fingerprint"
    # A line that is left blank is signed for later.
    await drive.sent(sign, who("witness"), **{"lines.1.signed_as": "guardian"})
    assert len(of(drive, "allocation", DeliveryLineSigned)) == 1
    rest = await drive.filled(sign, who("witness"))
    assert rest["_rows.lines"] == "1"
    proxy = {"lines.0.signed_as": "proxy", "lines.0.signatory_name": "Bùi Thị Lan"}
    await drive.sent(sign, who("witness"), **proxy, **{"lines.0.signatory_relation": "dì"})
    assert len(of(drive, "allocation", SupportDelivered)) == 2
    assert "Đã trao xong" in text((await drive.get(delivery, who("storekeeper"))).text)


async def test_a_refused_row_comes_back_with_its_reason_beside_it(drive):
    await an_accepted_gift(drive)
    page = (await drive.get("/tiep-nhan/dot-van-dong", who("coordinator"))).text
    path = linked(page, "/khoan/moi")
    typed = {"kind": "goods", "lines.0.category": "warm-clothes", "lines.0.measure": "piece"}
    fields = await drive.filled(path, who("coordinator"), **typed, **{"lines.0.quantity": "ba"})
    more = await drive.post(path, fields | {"_more": "lines"}, by=who("coordinator"))
    again = fields_of(more.text)
    assert again["_rows.lines"] == "2"
    assert again["lines.0.line_id"] == fields["lines.0.line_id"] != again["lines.1.line_id"]
    answer = await drive.post(path, again, by=who("coordinator"))
    assert answer.status_code == 422
    assert 'href="#o-lines-0-quantity"' in answer.text
    assert "Viết số như 1.234.567" in text(answer.text)
    assert fields_of(answer.text)["lines.0.quantity"] == "ba"


async def test_what_is_left_blank_altogether_is_asked_for(drive):
    gift = await an_accepted_gift(drive)
    path = gift + "/dieu-chinh/moi"
    fields = await drive.filled(path, who("accountant"), reason="miscounted")
    answer = await drive.post(path, fields, by=who("accountant"))
    assert answer.status_code in {409, 422}
    assert "Hãy" in text(answer.text)
    found = {"lines.0.good": "1", "lines.0.mendable": "1", "lines.0.refused": "0"}
    await drive.sent(path, who("accountant"), reason="miscounted", **found)
    card = (await drive.get(gift, who("bookkeeper"))).text
    own = linked(card, "/xac-nhan")
    refused = await drive.post(
        own, await drive.filled(own, who("accountant")), by=who("accountant")
    )
    assert refused.status_code == 403
    assert "Hãy để một người khác" in text(refused.text)
    await drive.sent(own, who("bookkeeper"))
    assert of(drive, "donations", ContributionCorrected)


async def test_a_receipt_is_cancelled_and_replaced(drive):
    gift = await an_accepted_gift(drive)
    await drive.sent(gift + "/phieu", who("accountant"), **OF_PAPER)
    typed = {"book": "TH", "year": "2024", "number": "1", "reason": "spoilt"}
    await drive.sent(gift + "/phieu/huy", who("accountant"), **typed)
    assert of(drive, "donations", ReceiptCancelled)
    card = (await drive.get(gift, who("accountant"))).text
    replaced = {"replaces.book": "TH", "replaces.year": "2024", "replaces.number": "1"}
    await drive.sent(linked(card, "/phieu-thay"), who("accountant"), **OF_PAPER, **replaced)
    assert [each.number for each in of(drive, "donations", ReceiptIssued)] == [1, 2]


async def test_money_leaves_by_four_persons(drive):
    typed = {"purpose": "partner", "amount": "1.500.000", "partner": "Bệnh viện huyện"}
    prepare = "/tiep-nhan/chi/moi"
    page = await drive.sent(prepare, who("accountant"), due_on="31/10/2024", **typed)
    assert "1.500.000" in text(page)
    authorise = linked((await drive.get("/viec-hom-nay", who("approver"))).text, "/duyet")
    assert "Bệnh viện huyện" in text((await drive.get(authorise, who("approver"))).text)
    await drive.sent(authorise, who("approver"))
    pay = authorise.removesuffix("/duyet") + "/chi"
    fields = await drive.filled(pay, who("cashier"), paid_in="transfer", reference="FT-1")
    answer = await drive.post(pay, fields, by=who("cashier"))
    assert answer.status_code == 409
    assert "Hãy chờ có thêm tiền trong nguồn" in text(answer.text)
    assert not of(drive, "donations", PaymentMade)


async def test_a_gift_from_hand_to_hand_counts_once_another_ratifies_it(drive):
    path = f"/phan-bo/trao-truc-tiep/xa/{COMMUNE}/moi"
    assert path in (await drive.get("/phan-bo/nhu-cau", who("witness"))).text
    form = (await drive.get(path, who("witness"))).text
    (need,) = [id_ for label, id_ in options_of(form, "lines.0.need_id").items() if "Hòa" in label]
    typed = {"lines.0.need_id": need, "lines.0.quantity": "1", "minutes": "Trao tại nhà."}
    await drive.sent(path, who("witness"), **typed)
    ratify = linked((await drive.get("/viec-hom-nay", who("approver"))).text, "/xac-nhan")
    assert "Trao tại nhà." in text((await drive.get(ratify, who("approver"))).text)
    await drive.sent(ratify, who("approver"))
    assert of(drive, "allocation", DirectGiftRatified)


async def test_who_has_no_right_sees_no_button(drive):
    gift = await an_accepted_gift(drive)
    card = (await drive.get(gift, who("receiver"))).text
    assert "/phieu" not in card
    assert (await drive.get(gift + "/phieu", who("receiver"))).status_code == 403
    assert (await drive.get("/tiep-nhan", who("verifier"))).status_code == 403
    assert 'href="/tiep-nhan"' not in (await drive.get("/viec-hom-nay", who("verifier"))).text
    assert "/tiep-nhan/chi" not in (await drive.get("/tiep-nhan", who("receiver"))).text


async def test_a_giver_sees_their_own_gifts_and_nobody_elses(drive):
    gift = await an_accepted_gift(drive)
    await drive.sent(gift + "/phieu", who("accountant"), **OF_PAPER)
    own = (await drive.get("/ung-ho-cua-toi", GIVER)).text
    assert "Áo ấm 2024" in text(own)
    assert "Đã có phiếu" in text(own)
    assert linked(own, gift.rpartition("/")[2]).startswith("/qua/")
    assert "/ten" not in own
    others = text((await drive.get("/ung-ho-cua-toi", who("verifier"))).text)
    assert "Chưa ghi khoản ủng hộ nào của bạn" in others
    assert (await drive.get("/ung-ho-cua-toi", None)).status_code == 401


async def test_an_individual_agrees_to_be_named_by_a_form_and_takes_it_back(drive):
    lan = UUID(int=25)
    sponsor = {"person_id": str(lan), "kind": "individual", "name": "Bùi Thị Lan"}
    by = who("coordinator")
    drive.services.done("donations", "PUT", f"/sponsors/{UUID(int=26)}", sponsor, by=by)
    own = (await drive.get("/ung-ho-cua-toi", lan)).text
    page = await drive.sent(linked(own, "/ten"), lan, public_name="Bà Lan")
    await drive.sent(linked(page, "/thoi-neu-ten"), lan)
    assert "/thoi-neu-ten" not in (await drive.get("/ung-ho-cua-toi", lan)).text
    # Of another's gifts nobody says anything.
    path = f"/ung-ho-cua-toi/{SPONSOR}/ten"
    assert (await drive.get(path, lan)).status_code == 404
