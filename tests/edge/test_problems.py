"""What is refused before any rule is asked, and what goes wrong: told, never leaking."""

import asyncio
import json
from uuid import UUID, uuid4

import httpx
import pytest

from edge.doorstep import BODY_BYTES_MAX, Doorstep
from edge.metrics import Metrics
from edge.problems import UndeclaredRejection
from eventing.event_store import Append, Busy, Key, OutcomeUnknown
from eventing.record import Older, Why, encode
from eventing.sealing import KeyDestroyed
from tests.edge.conftest import BA_VI
from tests.support.house import KEEPER, MONDAY

FUND = f"/funds/{UUID(int=1)}"
CHILD = "Nguyễn Thị Hoa Mai"


def code(answer):
    return answer.status_code, answer.json()["code"]


def problems(answer):
    assert code(answer) == (422, "request-not-valid")
    return {one["field"]: one["problem"] for one in answer.json()["problems"]}


def put(house, accountant, body, **headers):
    return house.call("PUT", FUND, body, by=accountant, **headers)


def test_each_field_that_is_not_valid_is_told_in_the_language_asked_for(house, accountant):
    body = {"name": "x" * 41, "unit_id": CHILD, "target": 0}
    assert problems(put(house, accountant, body)) == {
        "body.name": "Được nhiều nhất 40 ký tự.",
        "body.unit_id": "Phải là một UUID.",
        "body.target": "Phải lớn hơn 0.",
    }
    english = problems(put(house, accountant, body, accept_language="en"))
    assert english["body.unit_id"] == "Must be a UUID."


@pytest.mark.parametrize("body", [{"name": CHILD, "unit_id": CHILD}, {"name": [CHILD]}, [CHILD]])
def test_what_was_sent_is_never_repeated(house, accountant, body):
    answer = put(house, accountant, body)
    assert problems(answer)
    assert "Hoa" not in answer.text


def test_what_is_missing_is_told(house, accountant):
    assert problems(put(house, accountant, {"name": "Quỹ"})) == {
        "body.unit_id": "Bắt buộc phải có."
    }


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"name": "Hoa',
        b"\xff\xfe",
        b"[" * 100_000,
        b'"\xed\xa0\x80"',
        b'{"name": NaN}',
        b'{"name": "\xed\xa0\x80", "unit_id": "00000000-0000-0000-0000-000000000064"}',
        b'{"name": "\\ud800", "unit_id": "00000000-0000-0000-0000-000000000064"}',
    ],
)
def test_a_body_that_is_no_json_is_refused(house, accountant, raw):
    headers = {"Authorization": f"Bearer {accountant}", "Idempotency-Key": str(uuid4())}
    answer = house.client.put(
        FUND, content=raw, headers=headers | {"Content-Type": "application/json"}
    )
    assert problems(answer)
    assert "Hoa" not in answer.text


@pytest.mark.parametrize("said", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_does_not_say_it_is_json_is_refused(house, accountant, said):
    headers = {"Authorization": f"Bearer {accountant}", "Idempotency-Key": str(uuid4())}
    raw = b'{"name": "Qu", "unit_id": "00000000-0000-0000-0000-000000000064"}'
    refused = house.client.put(FUND, content=raw, headers=headers | {"Content-Type": said})
    assert problems(refused) == {"body": "Phải là một đối tượng JSON."}
    assert house.events() == []
    json = {"Content-Type": "application/vnd.quy+json; charset=utf-8"}
    assert house.client.put(FUND, content=raw, headers=headers | json).status_code == 200


def test_nothing_where_a_body_is_needed_is_told(house, accountant):
    assert problems(put(house, accountant, None)) == {"body": "Bắt buộc phải có."}


def test_a_body_that_nobody_would_read_is_refused(house, accountant):
    """Whoever sends one means something by it, and must not believe that it was heard."""
    answer = house.call("POST", f"/refusals/{uuid4()}", {"happened_at": "2024"}, by=accountant)
    assert problems(answer) == {"body.happened_at": "Không có mục này."}
    asked = house.client.request("GET", "/funds", content=b'{"name": "Hoa"}')
    assert problems(asked) == {"body": "Không có mục này."}
    assert house.events() == []


def test_what_is_wrong_in_the_path_and_in_the_body_is_told_at_once(house, accountant):
    answer = house.call("PUT", f"/funds/{CHILD}", {"name": "x" * 41}, by=accountant)
    assert problems(answer) == {
        "path.fund_id": "Phải là một UUID.",
        "body.name": "Được nhiều nhất 40 ký tự.",
        "body.unit_id": "Bắt buộc phải có.",
    }


def test_who_may_not_command_is_not_told_what_a_command_needs(house):
    stranger = UUID(int=99)
    assert code(put(house, stranger, {"name": 1})) == (403, "not-allowed")
    assert code(house.client.put(FUND, content=b"{")) == (401, "not-signed-in")


def test_text_that_cannot_be_stored_is_refused(house, accountant):
    answer = put(house, accountant, {"name": "Quỹ\x00", "unit_id": str(BA_VI)})
    assert problems(answer) == {"body": "Có ký tự không lưu được."}
    assert problems(house.client.get("/funds?name=%00")) == {"path": "Có ký tự không lưu được."}
    assert house.events() == []


def test_a_body_that_is_too_large_is_refused(house, accountant):
    answer = put(house, accountant, {"name": "x" * BODY_BYTES_MAX})
    assert code(answer) == (413, "body-too-large")
    assert answer.json()["fields"] == {"bytes_max": BODY_BYTES_MAX}


def test_a_body_that_does_not_say_its_size_is_bounded_too(house, accountant):
    async def chunks():
        for _ in range(BODY_BYTES_MAX // 1024 + 2):
            yield b" " * 1024

    headers = {"Authorization": f"Bearer {accountant}", "Idempotency-Key": str(uuid4())}
    answer = house.client.put(
        FUND, content=chunks(), headers=headers | {"Content-Type": "application/json"}
    )
    assert code(answer) == (413, "body-too-large")


def test_an_address_or_a_method_that_is_not_there(house):
    assert code(house.client.get("/nowhere")) == (404, "no-such-path")
    wrong = house.client.delete("/funds")
    assert code(wrong) == (405, "method-not-allowed")
    assert wrong.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Busy(), (503, "busy")),
        (OutcomeUnknown(), (503, "outcome-unknown")),
        (KeyDestroyed(), (409, "person-erased")),
        (ConnectionRefusedError(), (503, "unavailable")),
    ],
)
def test_what_may_pass_is_told_as_such(house, open_fund, failure, expected):
    async def fail(*_):
        raise failure

    house.store.append = fail
    answer = open_fund()
    assert code(answer) == expected
    assert ("Retry-After" in answer.headers) == (expected[0] == 503)


def test_an_unknown_outcome_says_to_repeat_with_the_same_key(house, open_fund):
    async def fail(*_):
        raise OutcomeUnknown

    house.store.append = fail
    assert "same Idempotency-Key" in open_fund(accept_language="en").json()["detail"]


def test_a_rejection_that_the_route_does_not_declare_fails_its_tests(open_fund):
    with pytest.raises(UndeclaredRejection, match="NeverDeclared"):
        open_fund(name="undeclared")


def test_in_production_it_is_told_by_its_kind(lenient, open_fund):
    assert code(open_fund(name="undeclared")) == (404, "never-declared")


def test_an_unexpected_error_tells_nothing_but_an_id(lenient, open_fund):
    answer = open_fund(name="broken", accept_language="en")
    assert code(answer) == (500, "unexpected")
    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['Correlation-Id']}"
    assert "broken" not in answer.text
    assert "ZeroDivisionError" not in answer.text


# --- the bounds, on the layer alone ---


async def ask(app, **options):
    doorstep = Doorstep(app, Metrics(), **options)
    transport = httpx.ASGITransport(doorstep)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        return await client.get("/")


async def test_a_request_that_takes_too_long_is_ended():
    ended = asyncio.Event()

    async def slow(_scope, _receive, _send):
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    answer = await ask(slow, request_s_max=0.05)
    assert code(answer) == (504, "took-too-long")
    assert ended.is_set()


async def test_more_requests_than_there_is_room_for_are_sent_away():
    inside, leave = asyncio.Event(), asyncio.Event()

    async def slow(_scope, _receive, send):
        inside.set()
        await leave.wait()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    transport = httpx.ASGITransport(Doorstep(slow, Metrics(), requests_max=1))
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        first = asyncio.ensure_future(client.get("/"))
        await inside.wait()
        assert code(await client.get("/")) == (503, "busy")
        leave.set()
        assert (await first).status_code == 204
        assert (await client.get("/")).status_code == 204


def test_openapi_declares_every_refusal(house):
    schema = house.client.get("/openapi.json").json()
    operation = schema["paths"]["/funds/{fund_id}"]["put"]
    declared = {
        (int(status), code)
        for status, answer in operation["responses"].items()
        for code in answer["content"].get("application/problem+json", {}).get("examples", {})
    }
    assert {
        (401, "not-signed-in"),
        (403, "not-allowed"),
        (403, "outside-your-unit"),
        (409, "fund-opened-otherwise"),
        (412, "changed-since"),
        (413, "body-too-large"),
        (422, "name-taken"),
        (422, "idempotency-key-missing"),
        (422, "key-used-differently"),
        (422, "request-not-valid"),
        (503, "outcome-unknown"),
        (503, "busy"),
        (504, "took-too-long"),
        (500, "unexpected"),
    } <= declared
    key = next(one for one in operation["parameters"] if one["name"] == "Idempotency-Key")
    assert key["required"]
    assert operation["security"] == [{"token": []}]
    assert schema["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert schema["paths"]["/funds/{fund_id}"]["get"]["security"] == [{"token": []}, {}]
    assert json.dumps(schema).count("HTTPValidationError") == 0


def test_older_code_refuses_what_newer_code_has_written_to(lenient, open_fund):
    at = {"happened_at": "2024-10-07T02:00:00Z"}
    newer = Older("fund-closed-for-good", 1, at)
    stream = f"fund-{UUID(int=1)}"
    record = encode("donations", stream, 1, uuid4(), newer, MONDAY, Why(actor=KEEPER))
    asyncio.run(lenient.store.append([Append(stream, 0, [record])], Key(KEEPER, uuid4(), b"")))
    assert code(open_fund()) == (503, "written-by-newer-code")
