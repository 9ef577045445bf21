"""Forms: each fits its command; and what becomes of what is typed, whatever happens to it."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from contracts.registry import PersonRegistered, RoleGranted, UnitFigureDeclared
from services.portal.desks import FORMS
from services.portal.desks.command_schema import NotInContract, command_schema
from services.portal.desks.form import Ask, Form
from services.portal.desks.next_steps import STEPS, next_step_of
from tests.services.portal.desks.conftest import (
    CITY,
    COMMUNE,
    KEEPER,
    LAN,
    OTHER_KEEPER,
    fields_of,
    text,
)
from tests.support.all_services import AllServices

NEW_PERSON = "/to-chuc/nguoi/moi"
FIGURE = f"/to-chuc/don-vi/{COMMUNE}/so-lieu"
GRANT = f"/to-chuc/nguoi/{LAN}/giao-vai-tro"
GIVEN = {"as_of": "30/6/24", "children": "1.234", "source": "UBND xã"}


def persons(desks):
    return [event for event in desks.registry.events() if isinstance(event, PersonRegistered)]


def figures(desks):
    return [event for event in desks.registry.events() if isinstance(event, UnitFigureDeclared)]


@pytest.fixture(scope="module")
def contracts():
    """What each service serves of itself, once: describing a service takes a while."""
    houses = AllServices().houses
    return {
        form.command.service: houses[form.command.service].client.app.openapi() for form in FORMS
    }


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_form_fits_its_command(form, contracts):
    command = form.command
    form.check(command_schema(contracts[command.service], command.method, command.path))


def test_a_form_that_asks_too_little_or_otherwise_does_not_fit(contracts):
    contract = contracts["registry"]
    whole = next(form for form in FORMS if form.name == "declare-figure")
    schema = command_schema(contract, "POST", "/units/{unit_id}/figures")
    for changed in (
        {"asks": whole.asks[1:]},
        {"asks": (*whole.asks, Ask(name="colour", label=whole.title))},
        {"reads": None},
    ):
        parts = {name: getattr(whole, name) for name in Form.__dataclass_fields__}
        with pytest.raises(NotInContract):
            Form(**parts | changed).check(schema)
    with pytest.raises(NotInContract):
        command_schema(contract, "POST", "/units/{unit_id}/colours")


async def test_a_form_shows_what_its_command_asks_for(desks):
    page = (await desks.get(FIGURE)).text
    assert "Số trẻ em" in page
    assert "Ba Vì" in text(page)
    for name in ("as_of", "children", "source"):
        (tag,) = re.findall(rf'<input id="o-{name}"[^>]*>', page)
        assert " required" in tag
    assert "<script" not in page
    english = (await desks.get(FIGURE + "?lang=en")).text
    assert "All under 16 who live there." in english


async def test_what_is_typed_is_recorded_and_the_next_page_says_so(desks):
    answer = await desks.post(FIGURE, await desks.filled(FIGURE, **GIVEN))
    assert answer.status_code == 303, text(answer.text)
    (declared,) = figures(desks)
    assert (declared.children, declared.as_of.isoformat()) == (1234, "2024-06-30")
    there = await desks.get(answer.headers["location"])
    assert "Đã ghi : Khai số trẻ em" in text(there.text)
    assert "1.234" in text(there.text)


async def test_pressed_three_times_it_happens_once(desks):
    fields = await desks.filled(NEW_PERSON, name="Đinh Thị Hòa")
    before = len(persons(desks))
    places = {(await desks.post(NEW_PERSON, fields)).headers["location"] for _ in range(3)}
    assert len(places) == 1
    assert len(persons(desks)) == before + 1


async def test_what_is_not_understood_comes_back_as_it_was_typed(desks):
    fields = await desks.filled(FIGURE, as_of="hôm qua", children="1.23", source="UBND xã")
    answer = await desks.post(FIGURE, fields)
    assert answer.status_code == 422
    again = fields_of(answer.text)
    assert (again["as_of"], again["children"], again["_key"]) == (
        "hôm qua",
        "1.23",
        fields["_key"],
    )
    assert "autofocus" in answer.text
    assert '<a href="#o-as_of">Tính đến ngày</a>: Viết ngày như 5/7/2022' in answer.text
    assert 'aria-invalid="true" aria-describedby="o-as_of-loi' in answer.text
    assert figures(desks) == []


async def test_what_the_service_finds_wrong_stands_at_its_field(desks):
    path = "/to-chuc/don-vi/moi"
    fields = await desks.filled(
        path, code="không đúng", name="Yên Bài", kind="commune", valid_from="1/1/2019"
    )
    answer = await desks.post(path, fields)
    assert answer.status_code == 422
    assert '<a href="#o-code">Mã đơn vị</a>: Không đúng dạng quy định.' in answer.text


async def test_a_refusal_says_why_and_what_to_do_next_and_keeps_what_was_typed(desks):
    desks.services.done("registry", "PUT", f"/persons/{KEEPER}", {"name": "Tôi"}, by=OTHER_KEEPER)
    path = f"/to-chuc/nguoi/{KEEPER}/giao-vai-tro"
    typed = {"role": "leader", "unit_id": str(CITY), "valid_from": "1/9/2024"}
    answer = await desks.post(path, await desks.filled(path, **typed))
    assert answer.status_code == 403
    told = text(answer.text)
    assert "Không ai tự trao hay thu hồi vai trò của chính mình." in told
    assert "Hãy nhờ một người quản trị khác" in told
    assert 'value="leader" selected' in answer.text
    assert not [each for each in desks.registry.events() if isinstance(each, RoleGranted)]


async def test_a_conflict_shows_both_values_and_sending_again_is_of_who_has_seen_them(desks):
    fields = await desks.filled(FIGURE, **GIVEN)
    other = await desks.filled(FIGURE, by=OTHER_KEEPER, **(GIVEN | {"children": "1.200"}))
    assert (await desks.post(FIGURE, other, by=OTHER_KEEPER)).status_code == 303
    answer = await desks.post(FIGURE, fields)
    assert answer.status_code == 409
    assert "người khác đã thay đổi" in text(answer.text)
    assert "Số trẻ em 1.200 1.234" in text(answer.text)
    assert len(figures(desks)) == 1
    again = fields_of(answer.text)
    assert again["_etag"] != fields["_etag"]
    assert (await desks.post(FIGURE, again)).status_code == 303
    assert [each.children for each in figures(desks)] == [1200, 1234]


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_an_unknown_outcome_is_sent_again_with_the_same_key(desks, cut):
    fields = await desks.filled(FIGURE, **GIVEN)
    desks.way.cut = cut
    answer = await desks.post(FIGURE, fields)
    assert answer.status_code == 503
    assert "Chưa biết đã ghi được hay chưa" in text(answer.text)
    assert "Gửi lại" in answer.text
    desks.way.cut = ""
    assert len(figures(desks)) == (cut == "after")
    again = fields_of(answer.text)
    assert again["_key"] == fields["_key"]
    assert (await desks.post(FIGURE, again)).status_code == 303
    assert len(figures(desks)) == 1


async def test_what_was_chosen_comes_back_from_a_service_that_is_silent(desks):
    typed = {"role": "leader", "unit_id": str(CITY), "valid_from": "1/9/2024"}
    fields = await desks.filled(GRANT, **typed)
    desks.way.cut = "before"
    answer = await desks.post(GRANT, fields)
    assert answer.status_code == 503
    assert f'value="{CITY}" selected' in answer.text
    # A portal that has just started knows no contract yet: what was typed waits, sealed.
    desks.client._transport.app.state.services._contracts.clear()
    aside = await desks.post(GRANT, fields)
    assert aside.status_code == 303
    assert (await desks.get(aside.headers["location"])).status_code == 503
    desks.way.cut = ""
    back = await desks.get(aside.headers["location"])
    assert f'value="{CITY}" selected' in back.text
    assert fields_of(back.text)["_key"] == fields["_key"]


async def test_a_row_is_added_without_sending_anything(desks):
    before = len(desks.registry.events())
    fields = await desks.filled(NEW_PERSON, name="Lan")
    answer = await desks.post(NEW_PERSON, fields | {"_more": "lines"})
    assert answer.status_code == 200
    assert fields_of(answer.text)["name"] == "Lan"
    assert len(desks.registry.events()) == before


async def test_a_form_over_a_lost_session_comes_back_for_the_same_person_alone(desks):
    fields = await desks.filled(FIGURE, **GIVEN)
    answer = await desks.post(FIGURE, fields, by=None)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/dang-nhap?ve=")
    back = parse_qs(urlsplit(answer.headers["location"]).query)["ve"][0]
    again = await desks.get(back)
    assert "Phiên đăng nhập đã hết" in text(again.text)
    brought = fields_of(again.text)
    assert [brought[name] for name in GIVEN] == list(GIVEN.values())
    assert brought["_key"] == fields["_key"]
    others = fields_of((await desks.get(back, by=OTHER_KEEPER)).text)
    assert others["children"] == ""
    assert figures(desks) == []
    assert (await desks.post(FIGURE, brought)).status_code == 303
    # Once it is recorded nothing of it is kept.
    assert fields_of((await desks.get(back)).text)["source"] == ""


async def test_who_was_never_here_leaves_nothing(desks):
    fields = await desks.filled(FIGURE, **GIVEN)
    for forged in ({"_whose": "AAAA"}, {"_whose": ""}):
        answer = await desks.post(FIGURE, fields | forged, by=None)
        assert answer.status_code == 401
    # Another form's seal is none of this one.
    other = await desks.filled(NEW_PERSON)
    answer = await desks.post(FIGURE, fields | {"_whose": other["_whose"]}, by=None)
    assert answer.status_code == 401


async def test_nobody_brings_a_form_after_a_day(desks):
    fields = await desks.filled(FIGURE, **GIVEN)
    desks.services.houses["portal"].now += timedelta(hours=24)
    assert (await desks.post(FIGURE, fields, by=None)).status_code == 401


async def test_a_key_is_one_persons(desks):
    """Whoever learns another's key neither repeats nor spoils what they sent."""
    fields = await desks.filled(FIGURE, **GIVEN)
    assert (await desks.post(FIGURE, fields)).status_code == 303
    theirs = await desks.filled(FIGURE, by=OTHER_KEEPER, **(GIVEN | {"children": "7"}))
    stolen = theirs | {"_key": fields["_key"]}
    assert (await desks.post(FIGURE, stolen, by=OTHER_KEEPER)).status_code == 303
    assert [each.children for each in figures(desks)] == [1234, 7]


async def test_the_contract_is_also_data(desks):
    told = (await desks.get("/api/forms" + FIGURE)).json()
    assert [(each["name"], each["kind"], each["required"]) for each in told["fields"]] == [
        ("as_of", "day", True),
        ("children", "number", True),
        ("source", "text", True),
    ]
    sent = {
        "key": told["key"],
        "etag": told["etag"],
        "body": {"as_of": "2024-06-30", "children": 9, "source": "UBND xã"},
    }
    for _ in range(2):
        answer = await desks.client.post(
            "/api/forms" + FIGURE,
            content=json.dumps(sent),
            headers={"Authorization": f"Bearer {KEEPER}"},
        )
        assert answer.status_code == 200, answer.text
    assert [each.children for each in figures(desks)] == [9]
    refused = await desks.client.post(
        "/api/forms" + FIGURE,
        content=json.dumps(sent | {"etag": '"0"', "key": str(UUID(int=5))}),
        headers={"Authorization": f"Bearer {KEEPER}"},
    )
    assert refused.json()["code"] == "changed-since"


async def test_forms_are_for_those_whose_desk_it_is(desks):
    assert (await desks.get(FIGURE, by=LAN)).status_code == 403
    fields = await desks.filled(FIGURE, **GIVEN)
    assert (await desks.post(FIGURE, fields, by=LAN)).status_code == 403
    assert figures(desks) == []


OF_THE_DOOR = frozenset(
    {
        "body-too-large",
        "busy",
        "changed-since",
        "idempotency-key-missing",
        "idempotency-key-not-valid",
        "if-match-missing",
        "if-match-not-valid",
        "key-used-differently",
        "not-signed-in",
        "not-yet-visible",
        "outcome-unknown",
        "roles-not-heard",
        "took-too-long",
        "unavailable",
        "unexpected",
        "written-by-newer-code",
    }
)
"""What the form's page answers by itself, or says by the status."""


def codes_of(form, contracts):
    operation = contracts[form.command.service]["paths"][form.command.path]
    return {
        code
        for answer in operation[form.command.method.lower()]["responses"].values()
        for content in answer.get("content", {}).values()
        for code in content.get("examples", {})
    }


def test_no_next_step_is_of_a_refusal_that_no_form_meets(contracts):
    met = {code for form in FORMS for code in codes_of(form, contracts)}
    assert STEPS.keys() - met == set()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_each_refusal_of_a_forms_command_says_what_can_be_done_next(form, contracts):
    codes = codes_of(form, contracts)
    silent = {
        code
        for code in codes - OF_THE_DOOR
        if code not in form.next_steps and next_step_of(code) is None
    }
    assert silent == set()
