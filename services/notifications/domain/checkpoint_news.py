"""Whether one auditor wants the logs' checkpoints, and how: what has left the house is proof.

Stream `checkpoint-news-{person_id}`; telling also opens the message's stream, in one append.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts.languages import Language
from contracts.notifications import (
    Channel,
    CheckpointSubscriptionEnded,
    CheckpointSubscriptionMade,
    SignedCheckpoint,
)
from contracts.sealed import Sealed
from eventing.decider import CommandFor, Decider, Rejection
from services.notifications.domain.message import OweCheckpoints, begin_or_stop, message
from services.notifications.domain.message import stream as message_stream

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeToCheckpoints:
    person_id: UUID
    channels: tuple[Channel, ...]
    language: Language
    address: Sealed | None
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCheckpoints:
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfCheckpoints:
    """Given once a day; nobody is told who does not ask to be."""

    message_id: UUID
    checkpoints: tuple[SignedCheckpoint, ...]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginLetter:
    """Asked at the moment of the effect: a letter may have waited longer than the wish for it."""

    message_id: UUID
    attempt: int
    happened_at: datetime


Command = SubscribeToCheckpoints | EndCheckpoints | TellOfCheckpoints | BeginLetter
Event = CheckpointSubscriptionMade | CheckpointSubscriptionEnded

# --- State ---


@dataclass(frozen=True, slots=True)
class NotSubscribed:
    pass


@dataclass(frozen=True, slots=True)
class Subscribed:
    made: CheckpointSubscriptionMade

    @property
    def by_letter(self) -> bool:
        return "email" in self.made.channels


State = NotSubscribed | Subscribed

# --- Rejections ---


class LettersNeedAnAddress(Rejection):
    code = "letters-need-an-address"
    vi = "Muốn nhận thư thì cần một địa chỉ thư."
    en = "For letters an address is needed."


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case SubscribeToCheckpoints():
            return subscribe(command, state)
        case EndCheckpoints():
            return end(command, state)
        case TellOfCheckpoints() | BeginLetter():
            return []
        case _:
            assert_never(command)


def subscribe(command: SubscribeToCheckpoints, state: State) -> list[Event]:
    by_letter = "email" in command.channels
    if by_letter and command.address is None:
        raise LettersNeedAnAddress
    made = CheckpointSubscriptionMade(
        person_id=command.person_id,
        channels=command.channels,
        language=command.language,
        address=command.address if by_letter else None,
        happened_at=command.happened_at,
    )
    if isinstance(state, Subscribed):
        known = state.made
        if replace(made, happened_at=known.happened_at) == known:
            return []
    return [made]


def end(command: EndCheckpoints, state: State) -> list[Event]:
    if isinstance(state, NotSubscribed):
        return []
    ended = CheckpointSubscriptionEnded(
        person_id=state.made.person_id, happened_at=command.happened_at
    )
    return [ended]


def also(command: Command, state: State, _: Sequence[Event]) -> Iterator[CommandFor]:
    if isinstance(command, TellOfCheckpoints) and isinstance(state, Subscribed):
        made = state.made
        owe = OweCheckpoints(
            message_id=command.message_id,
            person_id=made.person_id,
            channels=made.channels,
            language=made.language,
            address=made.address,
            checkpoints=command.checkpoints,
            happened_at=command.happened_at,
        )
        yield CommandFor(message, message_stream(command.message_id), owe)
    if isinstance(command, BeginLetter):
        wanted = isinstance(state, Subscribed) and state.by_letter
        then = begin_or_stop(command.attempt, command.happened_at, wanted=wanted)
        yield CommandFor(message, message_stream(command.message_id), then)


# --- Evolve ---


def evolve(_: State, event: Event) -> State:
    match event:
        case CheckpointSubscriptionMade():
            return Subscribed(event)
        case CheckpointSubscriptionEnded():
            return NotSubscribed()
        case _:
            assert_never(event)


checkpoint_news: Decider[Command, State, Event] = Decider(
    NotSubscribed(), decide, evolve, also, leads_outside=True
)


def stream(person_id: UUID) -> str:
    return f"checkpoint-news-{person_id}"
