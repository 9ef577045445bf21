"""What one sponsor wants to hear of, and how; and what arrived of theirs and is not told yet.

Stream `sponsor-news-{sponsor_id}`; telling also opens the message's stream, in one append. Rule:
what is noted for one morning is one message, however many deliveries brought it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.languages import Language
from contracts.notifications import (
    ArrivalNoted,
    ArrivalsTold,
    Arrived,
    Channel,
    NotTaken,
    Occasion,
    RefusalNoted,
    SubscriptionEnded,
    SubscriptionMade,
)
from eventing.decider import CommandFor, Decider, Rejection
from eventing.ids import beside, mark
from services.notifications.domain.message import OweMessage, begin_or_stop, message
from services.notifications.domain.message import stream as message_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    subscription_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    made_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSubscription:
    subscription_id: UUID
    ended_by: UUID
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteArrival:
    """Given by a reaction; nobody is told who did not ask to be. `tell_at`: at the latest."""

    sponsor_id: UUID
    arrived: Arrived
    tell_at: datetime
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRefusal:
    """As an arrival is noted, and told with it."""

    sponsor_id: UUID
    not_taken: NotTaken
    tell_at: datetime
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfArrivals:
    """Given by a timer: of what was noted for that morning."""

    sponsor_id: UUID
    tell_at: datetime
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginLetter:
    """Asked at the moment of the effect: a letter may have waited longer than the wish for it."""

    message_id: UUID
    attempt: int
    happened_at: datetime


Command = Subscribe | EndSubscription | NoteArrival | NoteRefusal | TellOfArrivals | BeginLetter
Noted = ArrivalNoted | RefusalNoted
Event = SubscriptionMade | SubscriptionEnded | Noted | ArrivalsTold

# --- State ---


@dataclass(frozen=True, slots=True)
class News:
    """In the order in which they were made; `ended` ones are kept so that no id is used again.

    `noted` is to be told yet; `heard` are the ids of all that was ever noted.
    """

    subscriptions: tuple[SubscriptionMade, ...] = ()
    ended: frozenset[UUID] = frozenset()
    noted: tuple[Noted, ...] = ()
    heard: frozenset[UUID] = frozenset()

    def noted_for(self, tell_at: datetime) -> list[Noted]:
        return [noted for noted in self.noted if noted.tell_at == tell_at]

    def running(self, occasion: Occasion) -> tuple[SubscriptionMade, ...]:
        return tuple(
            made
            for made in self.subscriptions
            if made.occasion == occasion and made.subscription_id not in self.ended
        )


# --- Rejections ---


class SubscriptionNotMade(Rejection):
    code = "subscription-not-made"
    kind = "absent"
    vi = "Không có đăng ký nhận tin này."
    en = "There is no such subscription."


class SubscriptionMadeOtherwise(Rejection):
    code = "subscription-made-otherwise"
    kind = "conflict"
    vi = "Mã đăng ký này đã dùng cho một đăng ký khác."
    en = "This id was used for another subscription."


class TooManySubscriptions(Rejection):
    code = "too-many-subscriptions"
    vi = "Mỗi nhà tài trợ có nhiều nhất {most} đăng ký nhận tin."
    en = "A sponsor has at most {most} subscriptions."

    def __init__(self) -> None:
        self.most = SUBSCRIPTIONS_MAX


SUBSCRIPTIONS_MAX = 100

# --- Decide ---


def decide(command: Command, state: News) -> list[Event]:
    match command:
        case Subscribe():
            return subscribe(command, state)
        case EndSubscription():
            return end(command, state)
        case NoteArrival() | NoteRefusal():
            return note(command, state)
        case TellOfArrivals():
            return tell(command, state)
        case BeginLetter():
            return []
        case _:
            assert_never(command)


def subscribe(command: Subscribe, state: News) -> list[Event]:
    made = SubscriptionMade(
        subscription_id=command.subscription_id,
        sponsor_id=command.sponsor_id,
        occasion=command.occasion,
        channels=command.channels,
        language=command.language,
        made_by=command.made_by,
        happened_at=command.happened_at,
    )
    for before in state.subscriptions:
        if before.subscription_id == made.subscription_id:
            if replace(made, happened_at=before.happened_at) == before:
                return []
            raise SubscriptionMadeOtherwise
    if len(state.subscriptions) >= SUBSCRIPTIONS_MAX:
        raise TooManySubscriptions
    return [made]


def end(command: EndSubscription, state: News) -> list[Event]:
    for made in state.subscriptions:
        if made.subscription_id == command.subscription_id:
            if made.subscription_id in state.ended:
                return []
            return [
                SubscriptionEnded(
                    subscription_id=made.subscription_id,
                    sponsor_id=made.sponsor_id,
                    ended_by=command.ended_by,
                    happened_at=command.happened_at,
                )
            ]
    raise SubscriptionNotMade


def note(command: NoteArrival | NoteRefusal, state: News) -> list[Event]:
    if news_of(command) in state.heard or not state.running("gift-arrived"):
        return []
    if isinstance(command, NoteRefusal):
        return [
            RefusalNoted(
                sponsor_id=command.sponsor_id,
                not_taken=command.not_taken,
                tell_at=command.tell_at,
                happened_at=command.happened_at,
            )
        ]
    return [
        ArrivalNoted(
            sponsor_id=command.sponsor_id,
            arrived=command.arrived,
            tell_at=command.tell_at,
            happened_at=command.happened_at,
        )
    ]


def in_order(noted: Sequence[Noted]) -> list[Noted]:
    """By news: the same message, in whatever order it was heard."""
    return sorted(noted, key=news_of)


def message_about(noted: Sequence[Noted]) -> UUID:
    news = [news_of(each) for each in in_order(noted)]
    return beside(news[0], mark(b"message", *(each.bytes for each in news)))


def news_of(noted: NoteArrival | NoteRefusal | Noted) -> UUID:
    match noted:
        case NoteArrival() | ArrivalNoted():
            return noted.arrived.news_id
        case NoteRefusal() | RefusalNoted():
            return noted.not_taken.news_id
        case _:
            assert_never(noted)


def tell(command: TellOfArrivals, state: News) -> list[Event]:
    noted = state.noted_for(command.tell_at)
    if not noted:
        return []
    return [
        ArrivalsTold(
            sponsor_id=command.sponsor_id,
            message_id=message_about(noted) if state.running("gift-arrived") else None,
            news_ids=tuple(news_of(each) for each in in_order(noted)),
            tell_at=command.tell_at,
            happened_at=command.happened_at,
        )
    ]


def also(command: Command, state: News, _: Sequence[Event]) -> Iterator[CommandFor]:
    match command:
        case TellOfArrivals() if (running := state.running("gift-arrived")) and (
            noted := in_order(state.noted_for(command.tell_at))
        ):
            # Several subscriptions to one occasion still make one message, over all their channels.
            channels: dict[Channel, None] = {
                channel: None for made in running for channel in made.channels
            }
            message_id = message_about(noted)
            owe = OweMessage(
                message_id=message_id,
                sponsor_id=command.sponsor_id,
                occasion="gift-arrived",
                channels=tuple(channels),
                language=running[0].language,
                arrivals=tuple(each.arrived for each in noted if isinstance(each, ArrivalNoted)),
                not_taken=tuple(each.not_taken for each in noted if isinstance(each, RefusalNoted)),
                happened_at=command.happened_at,
            )
            yield CommandFor(message, message_stream(message_id), owe)
        case BeginLetter():
            wanted = any("email" in made.channels for made in state.running("gift-arrived"))
            then = begin_or_stop(command.attempt, command.happened_at, wanted=wanted)
            yield CommandFor(message, message_stream(command.message_id), then)


# --- Evolve ---


def evolve(state: News, event: Event) -> News:
    match event:
        case SubscriptionMade():
            return replace(state, subscriptions=(*state.subscriptions, event))
        case SubscriptionEnded():
            return replace(state, ended=state.ended | {event.subscription_id})
        case ArrivalNoted() | RefusalNoted():
            heard = state.heard | {news_of(event)}
            return replace(state, noted=(*state.noted, event), heard=heard)
        case ArrivalsTold():
            left = tuple(each for each in state.noted if each.tell_at != event.tell_at)
            return replace(state, noted=left)
        case _:
            assert_never(event)


sponsor_news: Decider[Command, News, Event] = Decider(
    News(), decide, evolve, also, leads_outside=True
)


def stream(sponsor_id: UUID) -> str:
    return f"sponsor-news-{sponsor_id}"
