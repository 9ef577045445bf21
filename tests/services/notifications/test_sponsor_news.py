"""Who asked to be told is told once, over the store: the message opens in the same append."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from contracts.languages import Language
from contracts.notifications import (
    ArrivalNoted,
    ArrivalsTold,
    Channel,
    MessageDue,
    NotTaken,
    SubscriptionEnded,
    SubscriptionMade,
)
from eventing.decider import Rejection
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.memory_store import MemoryStore
from eventing.record import Why, decode
from services.notifications.domain.sponsor_news import (
    SUBSCRIPTIONS_MAX,
    Command,
    EndSubscription,
    Event,
    NoteArrival,
    NoteRefusal,
    Subscribe,
    SubscriptionMadeOtherwise,
    SubscriptionNotMade,
    TellOfArrivals,
    TooManySubscriptions,
    message_about,
    sponsor_news,
    stream,
)
from services.notifications.timers import TIMERS
from tests.services.notifications.test_message import (
    MONDAY,
    SPONSOR,
    TUESDAY,
    arrived,
)
from tests.services.notifications.test_message import due as owed
from tests.support.house import happened
from tests.support.spec import Given

FIRST, SECOND, PERSON = (UUID(int=n) for n in range(20, 23))
WEDNESDAY = datetime(2024, 12, 4, 3, tzinfo=UTC)


def subscribe(
    subscription: UUID = FIRST,
    *,
    channels: tuple[Channel, ...] = ("inbox", "email"),
    language: Language = "vi",
    at: datetime = MONDAY,
) -> Subscribe:
    return Subscribe(
        subscription_id=subscription,
        sponsor_id=SPONSOR,
        occasion="gift-arrived",
        channels=channels,
        language=language,
        made_by=PERSON,
        happened_at=at,
    )


def made(subscription: UUID = FIRST) -> SubscriptionMade:
    return SubscriptionMade(
        subscription_id=subscription,
        sponsor_id=SPONSOR,
        occasion="gift-arrived",
        channels=("inbox", "email"),
        language="vi",
        made_by=PERSON,
        happened_at=MONDAY,
    )


def end(subscription: UUID = FIRST, at: datetime = MONDAY) -> EndSubscription:
    return EndSubscription(subscription_id=subscription, ended_by=PERSON, happened_at=at)


ended = SubscriptionEnded(
    subscription_id=FIRST, sponsor_id=SPONSOR, ended_by=PERSON, happened_at=MONDAY
)
note = NoteArrival(sponsor_id=SPONSOR, arrived=arrived, tell_at=TUESDAY, happened_at=MONDAY)
more = replace(note, arrived=replace(arrived, news_id=UUID(int=30)), tell_at=WEDNESDAY)
tell = TellOfArrivals(sponsor_id=SPONSOR, tell_at=TUESDAY, happened_at=MONDAY)
tell_more = replace(tell, tell_at=WEDNESDAY)
noted, more_noted = (
    ArrivalNoted(
        sponsor_id=SPONSOR, arrived=command.arrived, tell_at=command.tell_at, happened_at=MONDAY
    )
    for command in (note, more)
)


MESSAGE = message_about([noted])
due = replace(owed, message_id=MESSAGE)


def told(*of: ArrivalNoted, message_id: UUID | None = MESSAGE) -> ArrivalsTold:
    return ArrivalsTold(
        sponsor_id=SPONSOR,
        message_id=message_id,
        news_ids=tuple(each.arrived.news_id for each in of),
        tell_at=TUESDAY,
        happened_at=MONDAY,
    )


def test_a_sponsor_subscribes() -> None:
    Given(sponsor_news).when(subscribe()).then(made())


def test_subscribing_again_changes_nothing_not_even_after_the_end() -> None:
    Given(sponsor_news, made()).when(subscribe(at=TUESDAY)).then_nothing()
    Given(sponsor_news, made(), ended).when(subscribe(at=TUESDAY)).then_nothing()


def test_an_id_is_used_once() -> None:
    Given(sponsor_news, made()).when(subscribe(language="en")).then_rejected(
        SubscriptionMadeOtherwise
    )


def test_a_subscription_ends_once() -> None:
    Given(sponsor_news, made()).when(end()).then(ended)
    Given(sponsor_news, made(), ended).when(end(at=datetime(2025, 1, 1, tzinfo=UTC))).then_nothing()


def test_what_was_not_made_does_not_end() -> None:
    Given(sponsor_news).when(end()).then_rejected(SubscriptionNotMade)


def test_there_is_a_limit() -> None:
    past = [made(UUID(int=1000 + number)) for number in range(SUBSCRIPTIONS_MAX)]
    Given(sponsor_news, *past).when(subscribe()).then_rejected(TooManySubscriptions)


class Log:
    """Commands over a real store, since telling writes to two streams."""

    def __init__(self) -> None:
        self.store = MemoryStore("notifications")
        self.executor = Executor(self.store, lambda: MONDAY)

    async def give(self, *commands: Command) -> None:
        for command in commands:
            asked = CommandContext(Key(PERSON, uuid4(), b""), Why(actor=PERSON))
            await self.executor.execute(sponsor_news, stream(SPONSOR), command, asked)

    @property
    def events(self) -> list[Any]:
        return [decode(stored).event for stored in self.store._log]


async def test_a_subscriber_is_told_once() -> None:
    log = Log()
    await log.give(subscribe(), note, note, tell, note, tell)
    assert log.events == [made(), noted, told(noted), due]


async def test_fourteen_communes_in_one_day_are_one_message() -> None:
    log = Log()
    many = [replace(arrived, news_id=UUID(int=n), unit_id=UUID(int=n)) for n in range(60, 74)]
    await log.give(subscribe(), *(replace(note, arrived=one) for one in many), tell)
    (message,) = [event for event in log.events if isinstance(event, MessageDue)]
    assert message.arrivals == tuple(many)


async def test_what_comes_after_is_the_next_message() -> None:
    log = Log()
    await log.give(subscribe(), note, more, tell, tell, tell_more, tell_more)
    messages = [event for event in log.events if isinstance(event, MessageDue)]
    assert [each.arrivals for each in messages] == [(arrived,), (more.arrived,)]


async def test_a_gift_that_was_not_taken_is_told_with_what_arrived() -> None:
    log = Log()
    refused = NotTaken(
        news_id=UUID(int=31),
        contribution_id=UUID(int=32),
        quantity=40,
        measure="piece",
        reason="nothing-usable",
    )
    refuse = NoteRefusal(sponsor_id=SPONSOR, not_taken=refused, tell_at=TUESDAY, happened_at=MONDAY)
    await log.give(subscribe(), note, refuse, refuse, tell)
    (message,) = [event for event in log.events if isinstance(event, MessageDue)]
    assert (message.arrivals, message.not_taken) == ((arrived,), (refused,))
    (told_of,) = [event for event in log.events if isinstance(event, ArrivalsTold)]
    assert told_of.news_ids == (arrived.news_id, refused.news_id)


async def test_the_message_is_the_same_in_whatever_order_it_was_heard() -> None:
    messages = []
    at_once = replace(more, tell_at=TUESDAY)
    for first, second in ((note, at_once), (at_once, note)):
        log = Log()
        await log.give(subscribe(), first, second, tell)
        messages += [event for event in log.events if isinstance(event, MessageDue)]
    assert messages[0] == messages[1]


def test_what_is_for_another_morning_neither_hurries_a_message_nor_puts_it_off() -> None:
    Given(sponsor_news, made(), noted).when(more).then(more_noted)
    Given(sponsor_news, made(), noted, more_noted).when(tell).then(told(noted))


async def test_who_ends_it_before_the_morning_is_not_told() -> None:
    log = Log()
    await log.give(subscribe(), note, end(), tell, tell)
    assert log.events == [made(), noted, ended, told(noted, message_id=None)]


def test_the_timer_runs_until_the_morning() -> None:
    (timer,) = TIMERS.by_name.values()
    (cause,) = happened(noted, service="notifications", stream=stream(SPONSOR))
    rows = TIMERS.due_list.fold({}, [cause])
    assert [row.due_at for row in rows.values() if row] == [TUESDAY]
    (give,) = timer.give(noted, cause)
    assert (give.stream, give.command.happened_at) == (stream(SPONSOR), TUESDAY)
    told_of = happened(noted, told(noted), service="notifications", stream=stream(SPONSOR))
    assert [row for row in TIMERS.due_list.fold({}, told_of).values() if row] == []


async def test_who_did_not_ask_is_not_told() -> None:
    log = Log()
    await log.give(note, tell)
    assert log.events == []


async def test_who_has_had_enough_is_not_told() -> None:
    log = Log()
    await log.give(subscribe(), end(), note, tell)
    assert log.events == [made(), ended]


async def test_two_subscriptions_make_one_message_over_both_channels() -> None:
    log = Log()
    await log.give(subscribe(channels=("inbox",)), subscribe(SECOND, channels=("email",)))
    await log.give(note, tell)
    assert log.events[-1] == due


commands = st.one_of(
    st.builds(subscribe, st.sampled_from([FIRST, SECOND]), language=st.sampled_from(["vi", "en"])),
    st.builds(end, st.sampled_from([FIRST, SECOND])),
)


@given(st.lists(commands, max_size=8), commands)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[Command], command: Command
) -> None:
    events: list[Event] = []
    last: list[Event] | None = None
    for earlier in [*history, command]:
        try:
            last = sponsor_news.decide(earlier, sponsor_news.fold(events))
        except Rejection:
            last = None
        events += last or []
    if last is not None:
        assert sponsor_news.decide(command, sponsor_news.fold(events)) == []
