"""The sender against a real mail server: one letter, whatever fails when."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from contracts.notifications import (
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
    SubscriptionEnded,
)
from eventing.event_store import Key
from eventing.execute import CommandContext
from eventing.record import Why, decode
from services.notifications.contacts import Contact, ContactOutOfReach
from services.notifications.domain.message import (
    ATTEMPTS_MAX,
    BeginSending,
    DecideUnknownOutcome,
    message,
    stream,
)
from services.notifications.mail import SmtpServer
from services.notifications.sender import Sender
from tests.services.notifications.news import (
    COORDINATOR,
    MESSAGE,
    PERSON,
    SEALED,
    SPONSOR,
    SUBSCRIPTION,
    a_house,
    arrived,
    react,
    subscribe,
)
from tests.support.house import HouseForTests

PROGRAM = UUID(int=700)
GIVER = Contact(name="Bà Trần Thị Mai", email="mai@example.org")


class Mailbox:
    """What a mail server does with a letter: keeps it, or `answers` something else."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self.hangs_up = False

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append(letter)
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"


async def contact_of_giver(sponsor_id: UUID) -> Contact:
    assert sponsor_id == SPONSOR
    return GIVER


@asynccontextmanager
async def a_mail_server() -> AsyncIterator[tuple[Mailbox, str]]:
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield mailbox, f"smtp://127.0.0.1:{port}"


def sender(
    house: HouseForTests,
    url: str,
    ask_contact: Callable[[UUID], Awaitable[Contact]] = contact_of_giver,
) -> Sender:
    return Sender(
        executor=house.executor,
        rows=house.rows,
        sealer=house.sealer,
        clock=lambda: house.now,
        principal=PROGRAM,
        mail_from="khong-tra-loi@vongtay.example",
        ask_contact=ask_contact,
        send_mail=SmtpServer(url),
    )


@pytest.fixture
async def house() -> HouseForTests:
    """A message is due."""
    house = a_house()
    await asyncio.to_thread(subscribe, house)
    await react(house, arrived())
    return house


async def give(house: HouseForTests, command: object) -> None:
    asked = CommandContext(Key(PERSON, uuid4(), b""), Why(actor=PERSON))
    await house.executor.execute(message, stream(MESSAGE), command, asked)


def what_became(house: HouseForTests) -> list[type]:
    """The events since the message was due."""
    return [type(event) for event in house.events(4)]


async def test_a_letter_goes_out_once(house: HouseForTests) -> None:
    async with a_mail_server() as (mailbox, url):
        assert [await sender(house, url).turn() for _ in range(3)] == [1, 0, 0]
    (letter,) = mailbox.letters
    assert letter["To"] == "mai@example.org"
    assert letter["Message-ID"] == f"<{MESSAGE}@vongtay.example>"
    assert letter["Subject"] == "Quà của quý vị đã đến xã Ba Vì"
    body = letter.get_content()
    assert "Bà Trần Thị Mai" in body
    assert "12 chiếc, cho 12 trẻ em" in body
    assert what_became(house) == [MessageSending, MessageSent]


async def test_the_attempt_is_recorded_before_anybody_is_asked_for_anything(
    house: HouseForTests,
) -> None:
    seen: list[list[type]] = []

    async def look(_: UUID) -> Contact:
        seen.append(what_became(house))
        return GIVER

    async with a_mail_server() as (_, url):
        await sender(house, url, look).turn()
    assert seen == [[MessageSending]]


async def test_what_it_does_says_why(house: HouseForTests) -> None:
    async with a_mail_server() as (_, url):
        await sender(house, url).turn()
    due, *since = [decode(stored) for stored in house.store._log[3:]]
    assert [one.why.causation for one in since] == [due.event_id] * 2
    assert {one.why.actor for one in since} == {PROGRAM}


async def test_the_sponsors_name_and_address_stay_out_of_the_log(house: HouseForTests) -> None:
    async with a_mail_server() as (_, url):
        await sender(house, url).turn()
    log = b"".join(stored.record for stored in house.store._log).decode()
    assert "Mai" not in log
    assert "example.org" not in log


async def test_a_mail_server_that_says_later_is_asked_later(house: HouseForTests) -> None:
    async with a_mail_server() as (mailbox, url):
        mailbox.answers = ["451 try again"]
        at_work = sender(house, url)
        assert [await at_work.turn() for _ in range(2)] == [1, 0]
        assert house.events()[-1].code == "mail-server-said-451"
        house.now += timedelta(minutes=1)
        await at_work.turn()
    assert len(mailbox.letters) == 1
    assert what_became(house) == [MessageSending, MessageFailed, MessageSending, MessageSent]


async def test_a_mail_server_that_says_never_is_not_asked_again(house: HouseForTests) -> None:
    async with a_mail_server() as (mailbox, url):
        mailbox.answers = ["550 no such user"]
        at_work = sender(house, url)
        await at_work.turn()
        house.now += timedelta(days=2)
        assert await at_work.turn() == 0
    assert what_became(house) == [MessageSending, MessageFailed, MessageGivenUp]


async def test_a_mail_server_out_of_reach_is_tried_a_bounded_number_of_times(
    house: HouseForTests,
) -> None:
    at_work = sender(house, "smtp://127.0.0.1:1")
    turns = 0
    while await at_work.turn():
        turns += 1
        house.now += timedelta(hours=7)
        assert turns <= ATTEMPTS_MAX
    assert turns == ATTEMPTS_MAX
    assert what_became(house)[-2:] == [MessageFailed, MessageGivenUp]


async def test_a_connection_lost_after_the_letter_leaves_the_outcome_unknown(
    house: HouseForTests,
) -> None:
    async with a_mail_server() as (mailbox, url):
        mailbox.hangs_up = True
        at_work = sender(house, url)
        await at_work.turn()
        house.now += timedelta(days=2)
        assert await at_work.turn() == 0
    assert len(mailbox.letters) == 1
    assert what_became(house) == [MessageSending, MessageOutcomeUnknown]


async def test_after_a_crash_in_mid_sending_nothing_is_sent_and_a_person_is_asked(
    house: HouseForTests,
) -> None:
    await give(house, BeginSending(attempt=1, happened_at=house.now))
    async with a_mail_server() as (mailbox, url):
        await sender(house, url).turn()
        await sender(house, url).turn()
    assert mailbox.letters == []
    assert what_became(house) == [MessageSending, MessageOutcomeUnknown]


async def test_a_person_has_it_sent_again(house: HouseForTests) -> None:
    await give(house, BeginSending(attempt=1, happened_at=house.now))
    async with a_mail_server() as (mailbox, url):
        at_work = sender(house, url)
        await at_work.turn()
        again = DecideUnknownOutcome(
            again=True, reason=SEALED, decided_by=COORDINATOR, happened_at=house.now
        )
        await give(house, again)
        await at_work.turn()
    assert len(mailbox.letters) == 1
    assert what_became(house)[-2:] == [MessageSending, MessageSent]


async def test_two_senders_at_once_send_one_letter(house: HouseForTests) -> None:
    async with a_mail_server() as (mailbox, url):
        await asyncio.gather(sender(house, url).turn(), sender(house, url).turn())
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    "contact", [Contact(name="A", email=None), Contact(name="A", email="a\nBcc: b@c")]
)
async def test_who_has_no_address_gets_no_letter(house: HouseForTests, contact: Contact) -> None:
    async def ask(_: UUID) -> Contact:
        return contact

    async with a_mail_server() as (mailbox, url):
        await sender(house, url, ask).turn()
    assert mailbox.letters == []
    assert what_became(house) == [MessageSending, MessageFailed, MessageGivenUp]
    assert house.events()[-2].code == "no-address"


@pytest.mark.parametrize("text", ["<ten@congty.vn>", "Mai <mai@example.org>", "a..b@c.vn", "a@"])
async def test_what_was_once_taken_for_an_address_and_is_none_gets_no_letter(
    house: HouseForTests, text: str
) -> None:
    async def ask(_: UUID) -> Contact:
        return Contact(name="A", email=text)

    async with a_mail_server() as (mailbox, url):
        await sender(house, url, ask).turn()
    assert mailbox.letters == []
    assert what_became(house) == [MessageSending, MessageFailed, MessageGivenUp]
    assert house.events()[-2].code == "no-address"


async def test_who_ended_it_while_the_letter_waited_gets_none(house: HouseForTests) -> None:
    await sender(house, "smtp://127.0.0.1:1").turn()
    before = len(house.events())
    await asyncio.to_thread(house.call, "POST", f"/subscriptions/{SUBSCRIPTION}/end", {}, by=PERSON)
    house.now += timedelta(minutes=1)
    async with a_mail_server() as (mailbox, url):
        assert [await sender(house, url).turn() for _ in range(2)] == [1, 0]
    assert mailbox.letters == []
    ended, failed, given_up = house.events()[before:]
    assert isinstance(ended, SubscriptionEnded)
    assert isinstance(failed, MessageFailed)
    assert failed.code == "no-longer-wanted"
    assert isinstance(given_up, MessageGivenUp)


async def test_who_made_another_subscription_still_gets_the_letter(house: HouseForTests) -> None:
    await asyncio.to_thread(house.call, "POST", f"/subscriptions/{SUBSCRIPTION}/end", {}, by=PERSON)
    body = {"sponsor_id": str(SPONSOR), "channels": ["email"], "language": "vi"}
    await asyncio.to_thread(house.call, "PUT", f"/subscriptions/{uuid4()}", body, by=PERSON)
    async with a_mail_server() as (mailbox, url):
        await sender(house, url).turn()
    assert len(mailbox.letters) == 1


async def test_a_contact_that_is_not_told_is_asked_for_later(house: HouseForTests) -> None:
    async def ask(_: UUID) -> Contact:
        raise ContactOutOfReach

    async with a_mail_server() as (mailbox, url):
        await sender(house, url, ask).turn()
        house.now += timedelta(minutes=1)
        await sender(house, url).turn()
    assert len(mailbox.letters) == 1


async def test_who_wants_the_inbox_alone_gets_no_letter() -> None:
    house = a_house()
    await asyncio.to_thread(subscribe, house, channels=["inbox"])
    await react(house, arrived())
    async with a_mail_server() as (mailbox, url):
        assert await sender(house, url).turn() == 0
    assert mailbox.letters == []


async def test_a_letter_names_the_commune_so_it_waits_until_the_name_is_known(
    house: HouseForTests,
) -> None:
    house.rows._fed = [one for one in house.rows._fed if one.service != "registry"]
    async with a_mail_server() as (mailbox, url):
        await sender(house, url).turn()
    assert mailbox.letters == []
    assert what_became(house) == []
