"""Every command and every rejection, through the door."""

import asyncio
from typing import Any
from unittest.mock import ANY
from uuid import UUID, uuid4, uuid5

import pytest

from contracts.notifications import (
    MessageDue,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    SubscriptionEnded,
    SubscriptionMade,
)
from contracts.registry import RoleRevoked
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.record import Why
from services.notifications.domain.message import (
    BeginSending,
    RecordUnknownOutcome,
    message,
    stream,
)
from services.notifications.domain.sponsor_news import SUBSCRIPTIONS_MAX
from tests.services.notifications.news import (
    COORDINATOR,
    MESSAGE,
    OTHER_PERSON,
    PERSON,
    SPONSOR,
    SUBSCRIPTION,
    a_house,
    arrived,
    react_now,
    subscribe,
)
from tests.support.house import MONDAY, HouseForTests, happened
from tests.support.in_clear import in_clear

STRANGER = UUID(int=999)


@pytest.fixture
def house() -> HouseForTests:
    return a_house()


def end(house: HouseForTests, *, by: UUID, subscription: UUID = SUBSCRIPTION) -> tuple[int, str]:
    answer = house.call("POST", f"/subscriptions/{subscription}/end", by=by)
    return answer.status_code, answer.json().get("code", "")


def test_a_sponsor_subscribes_and_does_so_once(house: HouseForTests) -> None:
    key = uuid4()
    body = {"sponsor_id": str(SPONSOR), "channels": ["email", "inbox"], "language": "vi"}
    answers = [
        house.call("PUT", f"/subscriptions/{SUBSCRIPTION}", body, by=PERSON, key=key).json()
        for _ in range(2)
    ]
    assert answers == [{"positions": {"notifications": 1}}] * 2
    assert house.events() == [
        SubscriptionMade(
            subscription_id=SUBSCRIPTION,
            sponsor_id=SPONSOR,
            occasion="gift-arrived",
            channels=("email", "inbox"),
            language="vi",
            made_by=PERSON,
            happened_at=MONDAY,
        )
    ]


def test_the_order_of_channels_makes_no_other_subscription(house: HouseForTests) -> None:
    subscribe(house, channels=["email", "inbox"])
    assert subscribe(house, channels=["inbox", "email"]).status_code == 200
    assert len(house.events()) == 1


def test_a_coordinator_subscribes_a_sponsor_who_asked_on_paper(house: HouseForTests) -> None:
    assert subscribe(house, by=COORDINATOR).status_code == 200


@pytest.mark.parametrize("who", [OTHER_PERSON, STRANGER])
def test_nobody_else_subscribes_a_sponsor(house: HouseForTests, who: UUID) -> None:
    answer = subscribe(house, by=who)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-yours")
    assert house.events() == []


def test_a_coordinator_may_be_ahead_of_the_news_of_a_sponsor(house: HouseForTests) -> None:
    assert subscribe(house, by=COORDINATOR, sponsor_id=str(STRANGER)).status_code == 200
    assert subscribe(house, by=PERSON, sponsor_id=str(STRANGER)).status_code == 403


def test_who_is_not_signed_in_is_told_so(house: HouseForTests) -> None:
    body = {"sponsor_id": str(SPONSOR), "channels": ["inbox"]}
    answer = house.call("PUT", f"/subscriptions/{SUBSCRIPTION}", body, by=None)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")


@pytest.mark.parametrize(
    "body", [{"channels": []}, {"channels": ["pigeon"]}, {"language": "fr"}, {"occasion": "x"}]
)
def test_what_makes_no_sense_is_refused(house: HouseForTests, body: dict[str, Any]) -> None:
    assert subscribe(house, **body).status_code == 422
    assert house.events() == []


def test_an_id_is_used_for_one_subscription(house: HouseForTests) -> None:
    subscribe(house)
    answer = subscribe(house, language="en")
    assert (answer.status_code, answer.json()["code"]) == (409, "subscription-made-otherwise")


def test_there_is_a_limit_that_is_named(house: HouseForTests) -> None:
    body = {"sponsor_id": str(SPONSOR), "channels": ["inbox"]}
    for number in range(SUBSCRIPTIONS_MAX):
        house.call("PUT", f"/subscriptions/{UUID(int=5000 + number)}", body, by=PERSON)
    answer = subscribe(house)
    assert (answer.status_code, answer.json()["code"]) == (422, "too-many-subscriptions")
    assert str(SUBSCRIPTIONS_MAX) in answer.json()["detail"]


def test_a_subscription_ends(house: HouseForTests) -> None:
    subscribe(house)
    assert end(house, by=PERSON) == (200, "")
    assert house.events()[1:] == [
        SubscriptionEnded(
            subscription_id=SUBSCRIPTION,
            sponsor_id=SPONSOR,
            ended_by=PERSON,
            happened_at=MONDAY,
        )
    ]


def test_nobody_else_ends_it(house: HouseForTests) -> None:
    subscribe(house)
    assert end(house, by=OTHER_PERSON) == (403, "not-yours")


def seen(house: HouseForTests, by: UUID) -> list[str]:
    answer = house.call("GET", f"/subscriptions?sponsor_id={SPONSOR}", by=by)
    assert answer.status_code == 200
    return [item["subscription_id"] for item in answer.json()["items"]]


def test_a_coordinator_looks_after_what_was_asked_for_where_they_coordinate(
    house: HouseForTests,
) -> None:
    """Also after somebody who coordinated there before them; never after a sponsor's own."""
    commune, elsewhere = UUID(int=9_101), UUID(int=9_102)
    there = house.grant(UUID(int=9_103), "coordinator", commune)
    later = house.grant(UUID(int=9_104), "coordinator", commune)
    other = house.grant(UUID(int=9_105), "coordinator", elsewhere)
    subscribe(house, by=there)
    revoked = RoleRevoked(
        grant_id=uuid5(there, f"coordinator{commune}"),
        person_id=there,
        revoked_by=COORDINATOR,
        happened_at=MONDAY,
    )
    house.rows.feed(happened(revoked))
    assert (seen(house, other), seen(house, later)) == ([], [str(SUBSCRIPTION)])
    assert end(house, by=other) == (403, "not-yours")
    assert end(house, by=later) == (200, "")
    own = UUID(int=9_106)
    body = {"sponsor_id": str(SPONSOR), "channels": ["inbox"], "language": "vi"}
    assert house.call("PUT", f"/subscriptions/{own}", body, by=PERSON).status_code == 200
    assert end(house, by=later, subscription=own) == (403, "not-yours")
    assert seen(house, PERSON) == [str(SUBSCRIPTION), str(own)]


def test_what_was_not_made_does_not_end(house: HouseForTests) -> None:
    assert end(house, by=PERSON) == (404, "subscription-not-made")


def test_a_sponsor_sees_their_subscriptions(house: HouseForTests) -> None:
    subscribe(house)
    answer = house.call("GET", f"/subscriptions?sponsor_id={SPONSOR}", by=PERSON)
    assert [item["subscription_id"] for item in answer.json()["items"]] == [str(SUBSCRIPTION)]
    answer = house.call("GET", f"/subscriptions?sponsor_id={SPONSOR}", by=OTHER_PERSON)
    assert answer.status_code == 403


def test_the_inbox_says_what_arrived_once(house: HouseForTests) -> None:
    subscribe(house)
    for _ in range(2):
        react_now(house, arrived())
    answer = house.call("GET", f"/inbox?sponsor_id={SPONSOR}", by=PERSON)
    (item,) = answer.json()["items"]
    assert item["message_id"] == str(MESSAGE)
    assert "xã Ba Vì" in item["subject"]
    assert "12 chiếc, cho 12 trẻ em" in item["body"]
    assert "3 bộ, cho dưới 5 trẻ em" in item["body"]


def test_an_inbox_is_its_owners_alone(house: HouseForTests) -> None:
    for who in (OTHER_PERSON, COORDINATOR):
        answer = house.call("GET", f"/inbox?sponsor_id={SPONSOR}", by=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-yours")


def test_who_wants_mail_alone_has_an_empty_inbox(house: HouseForTests) -> None:
    subscribe(house, channels=["email"])
    react_now(house, arrived())
    assert house.call("GET", f"/inbox?sponsor_id={SPONSOR}", by=PERSON).json()["items"] == []


def test_who_ended_the_subscription_is_not_told(house: HouseForTests) -> None:
    subscribe(house)
    end(house, by=PERSON)
    react_now(house, arrived())
    assert not any(isinstance(event, MessageDue) for event in house.events())


def make_unknown(house: HouseForTests) -> None:
    subscribe(house)
    react_now(house, arrived())

    async def crash_in_mid_sending() -> None:
        for command in (
            BeginSending(attempt=1, happened_at=MONDAY),
            RecordUnknownOutcome(attempt=1, happened_at=MONDAY),
        ):
            asked = CommandContext(Key(PERSON, uuid4(), b""), Why(actor=PERSON))
            await house.executor.execute(message, stream(MESSAGE), command, asked)

    asyncio.run(crash_in_mid_sending())


def decide(house: HouseForTests, *, again: bool, reason: str = "Đã gọi hỏi") -> tuple[int, str]:
    body = {"again": again, "reason": reason}
    answer = house.call("POST", f"/messages/{MESSAGE}/decision", body, by=COORDINATOR)
    return answer.status_code, answer.json().get("code", "")


def test_a_coordinator_sees_unknown_outcomes(house: HouseForTests) -> None:
    make_unknown(house)
    answer = house.call("GET", "/messages?status=unknown", by=COORDINATOR)
    (item,) = answer.json()["items"]
    assert (item["message_id"], item["attempts"]) == (str(MESSAGE), 1)
    assert house.call("GET", "/messages?status=unknown", by=PERSON).status_code == 403


def test_a_coordinator_decides_and_may_repeat_it(house: HouseForTests) -> None:
    make_unknown(house)
    assert [decide(house, again=False) for _ in range(2)] == [(200, "")] * 2
    unknown, decided, given_up = house.events()[-3:]
    assert isinstance(unknown, MessageOutcomeUnknown)
    assert isinstance(decided, MessageOutcomeDecided)
    assert isinstance(given_up, MessageGivenUp)
    assert decided.decided_by == COORDINATOR


def test_the_reason_does_not_travel_in_clear(house: HouseForTests) -> None:
    make_unknown(house)
    decide(house, again=True, reason="Bà Nguyễn Thị Hoa nói chưa nhận được")
    assert "Hoa" not in "".join(in_clear(stored.record) for stored in house.store._log)


def test_it_is_not_decided_twice_in_two_ways(house: HouseForTests) -> None:
    make_unknown(house)
    decide(house, again=False)
    assert decide(house, again=True) == (409, "outcome-decided-otherwise")


def test_a_known_outcome_is_not_decided(house: HouseForTests) -> None:
    subscribe(house)
    react_now(house, arrived())
    assert decide(house, again=True) == (409, "outcome-is-known")


def test_what_is_not_owed_is_not_decided(house: HouseForTests) -> None:
    assert decide(house, again=True) == (404, "message-not-owed")


def test_a_decision_needs_a_reason(house: HouseForTests) -> None:
    make_unknown(house)
    assert decide(house, again=True, reason="  ")[0] == 422


def inbox_of(house: HouseForTests, person: UUID) -> Any:
    answer = house.get("/inbox/own", by=person)
    assert answer.status_code == 200
    return answer.json()


def read(house: HouseForTests, letter: Any, *, by: UUID) -> None:
    answer = house.call("PUT", "/inbox/own/reading", {"up_to": letter["due_at"]}, by=by)
    assert answer.status_code == 200


def test_somebody_reads_their_own_letters_and_says_so(house: HouseForTests) -> None:
    subscribe(house)
    assert inbox_of(house, PERSON) == {"items": [], "unread": 0, "positions": ANY}
    react_now(house, arrived())
    (letter,) = inbox_of(house, PERSON)["items"]
    assert "Áo ấm" in letter["body"] or "áo ấm" in letter["body"]
    assert (letter["is_read"], inbox_of(house, PERSON)["unread"]) == (False, 1)
    assert inbox_of(house, OTHER_PERSON)["items"] == []
    read(house, letter, by=OTHER_PERSON)
    assert inbox_of(house, PERSON)["unread"] == 1
    read(house, letter, by=PERSON)
    (letter,) = inbox_of(house, PERSON)["items"]
    assert (letter["is_read"], inbox_of(house, PERSON)["unread"]) == (True, 0)


def test_without_a_session_there_is_no_inbox(house: HouseForTests) -> None:
    assert house.get("/inbox/own", by=None).status_code == 401
