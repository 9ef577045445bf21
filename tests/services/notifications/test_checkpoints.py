"""Auditors who asked get the newest checkpoints, once a day at most, in the inbox and by letter."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.notifications import (
    CheckpointMessageDue,
    CheckpointSubscriptionEnded,
    CheckpointSubscriptionMade,
    MessageFailed,
    MessageGivenUp,
    MessageSending,
    MessageSent,
    SignedCheckpoint,
)
from contracts.sealed import Sealed
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.record import Why
from services.notifications.checkpoint_digest import CheckpointDigest
from services.notifications.domain.checkpoint_news import (
    EndCheckpoints,
    LettersNeedAnAddress,
    SubscribeToCheckpoints,
    TellOfCheckpoints,
    checkpoint_news,
    stream,
)
from services.notifications.domain.message import OweCheckpoints, message
from tests.services.notifications.news import CITY, COORDINATOR, PERSON, a_house
from tests.services.notifications.test_sender import PROGRAM, a_mail_server, sender
from tests.support.checkpoints import note, publish
from tests.support.house import MONDAY, HouseForTests
from tests.support.in_clear import in_clear
from tests.support.spec import Given

AUDITOR, MESSAGE = UUID(int=301), UUID(int=302)
ADDRESS = Sealed(UUID(int=1), "c2VhbGVk")
TUESDAY = MONDAY + timedelta(days=1)
EMAIL = "kiem.toan@example.org"


def asked(**changed: Any) -> SubscribeToCheckpoints:
    given: dict[str, Any] = {
        "channels": ("email", "inbox"),
        "language": "vi",
        "address": ADDRESS,
    }
    return SubscribeToCheckpoints(person_id=AUDITOR, happened_at=MONDAY, **(given | changed))


def made(**changed: Any) -> CheckpointSubscriptionMade:
    given: dict[str, Any] = {
        "channels": ("email", "inbox"),
        "language": "vi",
        "address": ADDRESS,
    }
    return CheckpointSubscriptionMade(person_id=AUDITOR, happened_at=MONDAY, **(given | changed))


ended = CheckpointSubscriptionEnded(person_id=AUDITOR, happened_at=TUESDAY)
signed = (SignedCheckpoint(service="registry", size=7, note=note("registry", 7)),)


# --- the decider ---


def test_an_auditor_subscribes():
    Given(checkpoint_news).when(asked()).then(made())


def test_the_same_again_is_nothing_new_and_another_replaces_it():
    Given(checkpoint_news, made()).when(asked()).then_nothing()
    Given(checkpoint_news, made()).when(asked(language="en")).then(made(language="en"))
    Given(checkpoint_news, made(), ended).when(asked()).then(made())


def test_letters_need_an_address():
    Given(checkpoint_news).when(asked(address=None)).then_rejected(LettersNeedAnAddress)
    Given(checkpoint_news).when(asked(channels=("inbox",))).then(
        made(channels=("inbox",), address=None)
    )


def test_it_ends():
    end = EndCheckpoints(happened_at=TUESDAY)
    Given(checkpoint_news, made()).when(end).then(ended)
    Given(checkpoint_news, made(), ended).when(end).then_nothing()
    Given(checkpoint_news).when(end).then_nothing()


def test_who_does_not_ask_is_not_told():
    tell = TellOfCheckpoints(message_id=MESSAGE, checkpoints=signed, happened_at=TUESDAY)
    for past in ([], [made(), ended]):
        state = checkpoint_news.fold(past)
        assert list(checkpoint_news.also(tell, state, [])) == []
    (give,) = checkpoint_news.also(tell, checkpoint_news.fold([made()]), [])
    assert give.stream == f"message-{MESSAGE}"


def test_the_first_of_a_day_stands():
    owe = OweCheckpoints(
        message_id=MESSAGE,
        person_id=AUDITOR,
        channels=("inbox",),
        language="vi",
        address=None,
        checkpoints=signed,
        happened_at=MONDAY,
    )
    due = CheckpointMessageDue(
        message_id=MESSAGE,
        person_id=AUDITOR,
        channels=("inbox",),
        language="vi",
        address=None,
        checkpoints=signed,
        happened_at=MONDAY,
    )
    Given(message).when(owe).then(due)
    Given(message, due).when(owe).then_nothing()


# --- behind the door ---


@pytest.fixture
def house():
    house = a_house()
    house.grant(AUDITOR, "auditor", CITY)
    return house


def subscribe(house: HouseForTests, *, by: UUID = AUDITOR, **body: Any) -> Any:
    wanted = {"channels": ["inbox", "email"], "language": "vi", "email": EMAIL} | body
    return house.call("PUT", "/checkpoint-subscription", wanted, by=by)


def test_it_is_for_auditors(house):
    assert subscribe(house).status_code == 200
    assert subscribe(house, by=PERSON).status_code == 403
    assert subscribe(house, by=COORDINATOR).status_code == 403


def test_the_address_is_sealed(house):
    subscribe(house)
    (event,) = house.events()
    assert EMAIL not in str(event)
    assert EMAIL not in in_clear(house.store._log[0].record)


def test_the_door_says_what_is_wrong(house):
    answer = subscribe(house, email=None)
    assert (answer.status_code, answer.json()["code"]) == (422, "letters-need-an-address")
    assert subscribe(house, email="nobody").status_code == 422


def test_an_auditor_sees_and_ends_their_own(house):
    assert house.get("/checkpoint-subscription", by=AUDITOR).json() is None
    subscribe(house)
    own = house.get("/checkpoint-subscription", by=AUDITOR).json()
    assert own == {"channels": ["email", "inbox"], "language": "vi", "running": True}
    assert house.call("POST", "/checkpoint-subscription/end", by=AUDITOR).status_code == 200
    assert not house.get("/checkpoint-subscription", by=AUDITOR).json()["running"]
    assert house.get("/checkpoint-subscription", by=PERSON).json() is None


# --- the daily digest ---


def digest(house: HouseForTests) -> CheckpointDigest:
    return CheckpointDigest(
        executor=house.executor,
        rows=house.rows,
        clock=lambda: house.now,
        principal=PROGRAM,
        newest=house.house.checkpoints,
    )


def turn(house: HouseForTests) -> int:
    return asyncio.run(digest(house).turn())


def owed(house: HouseForTests) -> list[CheckpointMessageDue]:
    return [one for one in house.events() if isinstance(one, CheckpointMessageDue)]


def test_the_newest_checkpoints_are_owed_once_a_day(house):
    subscribe(house)
    assert turn(house) == 0
    publish(house.house, "donations", 12, MONDAY)
    publish(house.house, "registry", 7, MONDAY)
    assert [turn(house) for _ in range(3)] == [1, 0, 0]
    publish(house.house, "registry", 9, MONDAY)
    house.now = MONDAY + timedelta(hours=3)
    assert turn(house) == 0
    house.now = TUESDAY
    assert [turn(house) for _ in range(2)] == [1, 0]
    first, second = owed(house)
    assert [(each.service, each.size) for each in first.checkpoints] == [
        ("registry", 7),
        ("donations", 12),
    ]
    assert second.checkpoints[0].note == note("registry", 9)
    assert first.message_id != second.message_id


def test_a_day_ends_at_midnight_in_hanoi(house):
    subscribe(house)
    house.now = MONDAY.replace(hour=16, minute=59)
    publish(house.house, "registry", 7, MONDAY)
    assert turn(house) == 1
    publish(house.house, "registry", 8, MONDAY)
    house.now = MONDAY.replace(hour=17)
    assert turn(house) == 1


def test_without_news_nothing_is_owed_and_telling_is_no_news(house):
    subscribe(house)
    publish(house.house, "registry", 7, MONDAY)
    turn(house)
    publish(house.house, "notifications", 3, MONDAY)
    house.now = TUESDAY
    assert turn(house) == 0


def test_who_ended_it_is_told_no_more(house):
    subscribe(house)
    house.call("POST", "/checkpoint-subscription/end", by=AUDITOR)
    publish(house.house, "registry", 7, MONDAY)
    assert turn(house) == 0
    assert owed(house) == []


async def test_two_who_tell_at_once_owe_one_message(house):
    await asyncio.to_thread(subscribe, house)
    publish(house.house, "registry", 7, MONDAY)
    await asyncio.gather(digest(house).turn(), digest(house).turn())
    assert len(owed(house)) == 1


def test_the_inbox_shows_them_to_the_one_who_asked(house):
    subscribe(house, channels=["inbox"], email=None)
    publish(house.house, "registry", 7, MONDAY)
    turn(house)
    (letter,) = house.get("/inbox/checkpoints", by=AUDITOR).json()["items"]
    assert note("registry", 7) in letter["body"]
    assert letter["subject"] == "Mốc ký mới nhất của các sổ"
    assert letter["checkpoints"][0]["size"] == 7
    assert house.get("/inbox/checkpoints", by=PERSON).json()["items"] == []
    (state,) = house.events()[1:]
    assert state.address is None


# --- by letter ---


@pytest.fixture
async def owing(house):
    await asyncio.to_thread(subscribe, house, language="en")
    publish(house.house, "registry", 7, MONDAY)
    await digest(house).turn()
    return house


async def test_a_letter_with_the_notes_as_signed_leaves_the_house(owing):
    async with a_mail_server() as (mailbox, url):
        assert [await sender(owing, url).turn() for _ in range(2)] == [1, 0]
    (letter,) = mailbox.letters
    assert letter["To"] == EMAIL
    assert letter["Subject"] == "The newest checkpoints of the logs"
    assert note("registry", 7) in letter.get_content().replace("\r\n", "\n")
    assert [type(one) for one in owing.events(2)] == [MessageSending, MessageSent]


async def test_a_letter_that_waited_goes_to_the_address_of_now(owing):
    await sender(owing, "smtp://127.0.0.1:1").turn()
    await asyncio.to_thread(subscribe, owing, language="en", email="moi@example.org")
    owing.now += timedelta(minutes=1)
    async with a_mail_server() as (mailbox, url):
        await sender(owing, url).turn()
    assert [letter["To"] for letter in mailbox.letters] == ["moi@example.org"]


async def test_who_ended_it_while_the_letter_waited_gets_none(owing):
    await sender(owing, "smtp://127.0.0.1:1").turn()
    await asyncio.to_thread(owing.call, "POST", "/checkpoint-subscription/end", by=AUDITOR)
    owing.now += timedelta(minutes=1)
    async with a_mail_server() as (mailbox, url):
        await sender(owing, url).turn()
    assert mailbox.letters == []
    failed, given_up = owing.events()[-2:]
    assert (type(failed), failed.code) == (MessageFailed, "no-longer-wanted")
    assert isinstance(given_up, MessageGivenUp)


async def test_an_address_whose_key_is_gone_gets_no_letter(owing):
    await owing.sealer.destroy(AUDITOR, "checkpoint-letters")
    async with a_mail_server() as (mailbox, url):
        await sender(owing, url).turn()
    assert mailbox.letters == []
    assert [type(one) for one in owing.events(2)] == [MessageSending, MessageFailed, MessageGivenUp]


async def test_a_key_database_that_is_away_is_waited_for(owing):
    class Away:
        async def open(self, *_: object) -> str:
            raise TimeoutError

    async with a_mail_server() as (mailbox, url):
        waiting = sender(owing, url)
        waiting._sealer = Away()
        await waiting.turn()
        assert [type(one) for one in owing.events(2)] == [MessageSending, MessageFailed]
        owing.now = MONDAY + timedelta(minutes=2)
        await sender(owing, url).turn()
    assert len(mailbox.letters) == 1


async def test_a_coordinator_sees_that_a_letter_did_not_go_out(owing):
    listed = await asyncio.to_thread(owing.get, "/messages?status=due", by=COORDINATOR)
    (state,) = listed.json()["items"]
    assert (state["sponsor_id"], state["person_id"]) == (None, str(AUDITOR))


async def test_nobody_owes_twice_what_a_key_has_answered(owing):
    command = TellOfCheckpoints(
        message_id=owed(owing)[0].message_id, checkpoints=(), happened_at=TUESDAY
    )
    await owing.executor.execute(
        checkpoint_news,
        stream(AUDITOR),
        command,
        CommandContext(Key(PROGRAM, uuid4(), b""), Why(actor=PROGRAM)),
    )
    assert len(owed(owing)) == 1
