import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts.registry import RoleGranted
from edge.refusals import UnitNotSaid
from edge.roles_heard import RolesNotHeard
from tests.edge.conftest import BA_VI, YEN_BAI
from tests.support.house import happened

FUND = f"/funds/{UUID(int=1)}"


def code(answer):
    return answer.status_code, answer.json()["code"]


# --- once ---


def test_a_command_happens_once_however_often_it_is_sent(house, open_fund):
    key = uuid4()
    answers = [open_fund(key=key) for _ in range(3)]
    assert [answer.json() for answer in answers] == [{"positions": {"donations": 1}}] * 3
    assert len(house.events()) == 1


def test_the_same_request_may_be_written_differently(house, accountant):
    key, headers = uuid4(), {"Authorization": f"Bearer {accountant}"}
    body = {"name": "Quỹ", "unit_id": str(BA_VI)}
    spelt = {"unit_id": str(BA_VI).upper(), "name": "Quỹ"}
    for text in (
        json.dumps(body),
        json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True),
        json.dumps(spelt),
    ):
        answer = house.client.put(
            FUND,
            content=text,
            headers=headers | {"Idempotency-Key": str(key), "Content-Type": "application/json"},
        )
        assert answer.status_code == 200


def test_a_key_cannot_be_used_for_something_else(house, open_fund):
    key = uuid4()
    open_fund(key=key)
    assert code(open_fund(name="Quỹ khác", key=key)) == (422, "key-used-differently")
    assert code(open_fund(number=2, key=key)) == (422, "key-used-differently")
    assert len(house.events()) == 1


def test_keys_of_two_persons_do_not_meet(house, open_fund):
    key = uuid4()
    other = house.grant(uuid4(), "accountant", BA_VI)
    assert open_fund(key=key).status_code == 200
    assert code(open_fund(name="Khác", key=key, by=other)) == (409, "fund-opened-otherwise")


def test_what_was_accepted_stays_answered_though_the_route_would_now_refuse(house, accountant):
    key, path = uuid4(), f"/first/{UUID(int=1)}"
    answers = [house.call("PUT", path, by=accountant, key=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"positions": {"donations": 1}}] * 2
    assert code(house.call("PUT", path, by=accountant)) == (422, "name-taken")
    said_nothing = house.call("PUT", path, {}, by=accountant, key=key)
    assert said_nothing.json() == answers[0].json()
    again = house.call("PUT", path, by=accountant, key=key, if_match='"1"')
    assert again.json() == answers[0].json()


@pytest.mark.parametrize(
    ("key", "expected"),
    [(None, "idempotency-key-missing"), ("Hoa", "idempotency-key-not-valid")],
)
def test_a_command_needs_a_key(house, accountant, key, expected):
    headers = {"Authorization": f"Bearer {accountant}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    body = {"name": "Quỹ", "unit_id": str(BA_VI)}
    assert code(house.client.put(FUND, json=body, headers=headers)) == (422, expected)
    assert house.events() == []


# --- who may ---


def test_nobody_acts_without_signing_in(house, open_fund):
    answer = open_fund(by=None)
    assert code(answer) == (401, "not-signed-in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_who_holds_no_role_may_not(open_fund):
    answer = open_fund(by=uuid4())
    assert code(answer) == (403, "not-allowed")
    assert answer.json()["fields"] == {"permission": "funds.open"}


def test_a_role_elsewhere_does_not_help(house, open_fund):
    house.unit(YEN_BAI)
    assert code(open_fund(unit=YEN_BAI)) == (403, "outside-your-unit")


def test_a_role_reaches_all_that_its_unit_contains(house, open_fund):
    village = house.unit(uuid4(), parent=BA_VI)
    assert open_fund(unit=village).status_code == 200


def test_a_route_that_forgets_to_say_where_cannot_execute(house, accountant):
    body = {"name": "Quỹ", "unit_id": str(BA_VI)}
    with pytest.raises(UnitNotSaid):
        house.call("PUT", f"/careless/{uuid4()}", body, by=accountant)
    assert house.events() == []


def test_a_query_that_forgets_to_say_where_shows_nothing(house, accountant):
    with pytest.raises(UnitNotSaid):
        house.get("/careless", by=accountant)


def test_a_list_may_be_limited_to_the_persons_area(house, accountant):
    village = house.unit(uuid4(), parent=BA_VI)
    house.unit(YEN_BAI)
    assert house.get("/mine", by=accountant).json() == sorted([str(BA_VI), str(village)])


def test_a_grant_ends_with_its_last_day(house, accountant, open_fund):
    person = uuid4()
    house.rows.feed(
        happened(
            RoleGranted(
                grant_id=uuid4(),
                person_id=person,
                role="accountant",
                unit_id=BA_VI,
                valid_from=house.now.date(),
                valid_until=house.now.date() + timedelta(days=1),
                rules=None,
                granted_by=accountant,
                happened_at=house.now,
            )
        )
    )
    assert open_fund(by=person).status_code == 200
    house.now += timedelta(days=1)
    assert code(open_fund(number=2, by=person)) == (403, "not-allowed")


# --- rules ---


def test_what_a_rule_says_is_told_in_both_languages(open_fund):
    open_fund()
    vi, en = open_fund(name="Khác"), open_fund(name="Khác", accept_language="en-GB, vi;q=0.5")
    assert code(vi) == code(en) == (409, "fund-opened-otherwise")
    assert vi.json()["detail"] == "Quỹ này đã mở với tên Quỹ áo ấm."
    assert en.json()["detail"] == "This fund was opened as Quỹ áo ấm."
    assert vi.headers["Content-Type"] == "application/problem+json"
    assert (vi.headers["Content-Language"], en.headers["Content-Language"]) == ("vi", "en")
    assert vi.json()["fields"] == {"name": "Quỹ áo ấm"}
    assert vi.json()["instance"] == f"urn:uuid:{vi.headers['Correlation-Id']}"


def test_a_refusal_is_not_remembered(open_fund):
    key = uuid4()
    assert code(open_fund(name="taken", key=key)) == (422, "name-taken")
    assert open_fund(name="Quỹ", key=key).status_code == 200


# --- looking first ---


def test_an_editor_gives_back_what_they_saw(house, open_fund):
    open_fund()
    seen = house.get(FUND, by=None).headers["ETag"]
    assert re.fullmatch(r'"1[.][\w-]{22}"', seen)
    assert open_fund(if_match=seen).status_code == 200


def test_who_saw_an_older_version_is_told(open_fund):
    open_fund()
    answer = open_fund(if_match='"0"')
    assert code(answer) == (412, "changed-since")
    assert answer.json()["fields"] == {"version": 1, "seen_version": 0, "changed": []}


def test_who_looks_again_and_sends_it_again_repeats_it(open_fund):
    key = uuid4()
    assert open_fund(key=key).status_code == 200
    assert open_fund(key=key, if_match='"1"').status_code == 200


NO_ETAGS = ["5", '"x"', '".1"', '"1.', "*", '"1", "2"', '"-1"', '"1' + "0" * 30 + '"', '"']


@pytest.mark.parametrize("etag", NO_ETAGS)
def test_an_if_match_that_is_no_etag_is_refused(open_fund, etag):
    assert code(open_fund(if_match=etag)) == (422, "if-match-not-valid")


# --- what was written can be read ---


def test_a_query_waits_for_what_the_caller_wrote(house, open_fund):
    (service, position), *_ = open_fund().json()["positions"].items()
    assert house.get(f"{FUND}?min_position={service}:{position}", by=None).status_code == 200


def test_a_position_that_does_not_come_is_told(house, open_fund):
    open_fund()
    answer = house.get(f"{FUND}?min_position=donations:2", by=None)
    assert code(answer) == (503, "not-yet-visible")
    assert answer.headers["Retry-After"]


@pytest.mark.parametrize("asked", ["donations", "donations:-1", ":", "x:1e3", "x:²"])
def test_a_position_that_is_none_is_refused(house, asked):
    answer = house.client.get(FUND, params={"min_position": asked})
    assert code(answer) == (422, "min-position-not-valid")


# --- pages ---


def test_a_list_comes_in_pages(house, accountant, open_fund):
    for number in range(1, 6):
        open_fund(number=number)
    seen, cursor = [], ""
    for _ in range(3):
        page = house.get(f"/funds?limit=2{cursor}", by=accountant).json()
        seen += [item["fund_id"] for item in page["items"]]
        assert page["positions"] == {"donations": 5}
        cursor = f"&cursor={page['next']}"
    assert page["next"] is None
    assert seen == [str(UUID(int=number)) for number in range(1, 6)]


def test_a_last_page_that_is_full_has_no_next(house, accountant, open_fund):
    for number in (1, 2):
        open_fund(number=number)
    assert house.get("/funds?limit=2", by=accountant).json()["next"] is None


def test_a_cursor_tells_nothing_and_cannot_be_made_up(house, accountant, open_fund):
    for number in (1, 2):
        open_fund(number=number)
    cursor = house.get("/funds?limit=1", by=accountant).json()["next"]
    elsewhere = house.house.cursors.seal("other list", str(UUID(int=1)))
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for wrong in ("x", "%C3%A9", changed, elsewhere, "A" * 2000, "€"):
        answer = house.client.get(
            "/funds", params={"cursor": wrong}, headers={"Authorization": f"Bearer {accountant}"}
        )
        assert code(answer) == (422, "cursor-not-valid")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "99999999999999"])
def test_the_size_of_a_page_is_bounded(house, accountant, limit):
    assert code(house.get(f"/funds?limit={limit}", by=accountant)) == (422, "limit-not-valid")


# --- trace ---


def test_a_record_says_what_it_belongs_to(house, open_fund):
    correlation, trace = uuid4(), "0af7651916cd43dd8448eb211c80319c"
    answer = open_fund(
        correlation_id=str(correlation), traceparent=f"00-{trace}-b7ad6b7169203331-01"
    )
    why = house.why(0)
    assert why.correlation == correlation
    assert why.traceparent == answer.headers["traceparent"]
    assert why.traceparent.split("-")[1] == trace
    assert why.traceparent.split("-")[2] != "b7ad6b7169203331"
    assert answer.headers["Correlation-Id"] == str(correlation)


@pytest.mark.parametrize("sent", ["", "Hoa", "00-" + "0" * 32 + "-b7ad6b7169203331-01"])
def test_a_malformed_trace_starts_a_new_one(house, open_fund, sent):
    open_fund(correlation_id=sent, traceparent=sent)
    why = house.why(0)
    assert why.correlation is not None
    assert why.traceparent.split("-")[1] != "0" * 32


# --- what is known of the roles is too old ---


class HeardTooLongAgo:
    async def see(self):
        raise RolesNotHeard


def test_a_role_that_nobody_heard_of_for_too_long_gives_no_right(house, accountant, open_fund):
    open_fund()
    since = len(house.events())
    house.house.roles_heard = HeardTooLongAgo()
    key = uuid4()
    answer = open_fund(name="Quỹ khác", key=key)
    assert code(answer) == (503, "roles-not-heard")
    assert answer.headers["Retry-After"]
    assert len(house.events()) == since
    house.house.roles_heard = None
    assert code(open_fund(name="Quỹ khác", key=key)) == (409, "fund-opened-otherwise")
