"""A message: owed once, sent at most once, and what nobody knows is left to a person.

Stream `message-{message_id}`. Rules: an attempt is recorded before it is made, and none is made
beside another; a failure that may pass is tried again, five times in all.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, assert_never
from uuid import UUID

from contracts.languages import Language
from contracts.notifications import (
    Arrived,
    Channel,
    CheckpointMessageDue,
    MessageDue,
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
    NotTaken,
    Occasion,
    SignedCheckpoint,
)
from contracts.sealed import Sealed
from eventing.decider import Decider, Rejection

ATTEMPTS_MAX = 5
UNWANTED = "no-longer-wanted"

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OweMessage:
    message_id: UUID
    sponsor_id: UUID
    occasion: Occasion
    channels: tuple[Channel, ...]
    language: Language
    arrivals: tuple[Arrived, ...]
    not_taken: tuple[NotTaken, ...]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OweCheckpoints:
    """`message_id` is derived from person and day: the first of a day stands."""

    message_id: UUID
    person_id: UUID
    channels: tuple[Channel, ...]
    language: Language
    address: Sealed | None
    checkpoints: tuple[SignedCheckpoint, ...]
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginSending:
    """Not repeatable: who is refused must not send, for somebody else is at it."""

    attempt: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StopUnwanted:
    """Instead of an attempt, when who is to get it asks for no letters any more."""

    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSent:
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFailure:
    """`passing`: the same attempt may succeed later."""

    attempt: int
    code: str
    passing: bool
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUnknownOutcome:
    attempt: int
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideUnknownOutcome:
    again: bool
    reason: Sealed
    decided_by: UUID
    happened_at: datetime


Outcome = RecordSent | RecordFailure | RecordUnknownOutcome
Attempted = BeginSending | StopUnwanted | Outcome | DecideUnknownOutcome
Command = OweMessage | OweCheckpoints | Attempted
Event = (
    MessageDue
    | CheckpointMessageDue
    | MessageSending
    | MessageSent
    | MessageFailed
    | MessageOutcomeUnknown
    | MessageOutcomeDecided
    | MessageGivenUp
)

# --- State ---

Status = Literal["due", "sending", "unknown", "sent", "given-up"]


@dataclass(frozen=True, slots=True)
class NotOwed:
    pass


@dataclass(frozen=True, slots=True)
class Owed:
    """`attempts` counts those made, the running one too; `decided` is a person's last word."""

    due: MessageDue | CheckpointMessageDue
    status: Status = "due"
    attempts: int = 0
    decided: MessageOutcomeDecided | None = None


State = NotOwed | Owed

# --- Rejections ---


class MessageNotOwed(Rejection):
    code = "message-not-owed"
    kind = "absent"
    vi = "Không có tin này."
    en = "There is no such message."


class MessageOwedOtherwise(Rejection):
    code = "message-owed-otherwise"
    kind = "conflict"


class NotToBeSentNow(Rejection):
    """Sent, given up, unknown, or another attempt is under way."""

    code = "not-to-be-sent-now"
    kind = "conflict"


class OutcomeIsKnown(Rejection):
    code = "outcome-is-known"
    kind = "conflict"
    vi = "Tin này không ở trạng thái chưa rõ kết quả, nên không cần quyết định."
    en = "The outcome of this message is not in doubt, so there is nothing to decide."


class OutcomeDecidedOtherwise(Rejection):
    code = "outcome-decided-otherwise"
    kind = "conflict"
    vi = "Đã có người quyết định khác về tin này."
    en = "Somebody decided otherwise about this message."


# --- Decide ---


def decide(command: Command, state: State) -> list[Event]:
    match command:
        case OweMessage():
            return owe(command, state)
        case OweCheckpoints():
            return owe_checkpoints(command, state)
        case _ if isinstance(state, NotOwed):
            raise MessageNotOwed
        case _:
            return go_on(command, state)


def go_on(command: Attempted, state: Owed) -> list[Event]:
    match command:
        case BeginSending():
            return begin(command, state)
        case StopUnwanted():
            return stop_unwanted(command, state)
        case RecordSent():
            return record_sent(command, state)
        case RecordFailure():
            return record_failure(command, state)
        case RecordUnknownOutcome():
            return record_unknown(command, state)
        case DecideUnknownOutcome():
            return decide_unknown(command, state)
        case _:
            assert_never(command)


def owe(command: OweMessage, state: State) -> list[Event]:
    due = MessageDue(
        message_id=command.message_id,
        sponsor_id=command.sponsor_id,
        occasion=command.occasion,
        channels=command.channels,
        language=command.language,
        arrivals=command.arrivals,
        not_taken=command.not_taken,
        happened_at=command.happened_at,
    )
    if isinstance(state, NotOwed):
        return [due]
    known = state.due
    asked = replace(
        due, happened_at=known.happened_at, channels=known.channels, language=known.language
    )
    if asked == known:
        return []
    raise MessageOwedOtherwise


def owe_checkpoints(command: OweCheckpoints, state: State) -> list[Event]:
    if isinstance(state, Owed):
        return []
    return [
        CheckpointMessageDue(
            message_id=command.message_id,
            person_id=command.person_id,
            channels=command.channels,
            language=command.language,
            address=command.address,
            checkpoints=command.checkpoints,
            happened_at=command.happened_at,
        )
    ]


def begin(command: BeginSending, state: Owed) -> list[Event]:
    if state.status != "due" or command.attempt != state.attempts + 1:
        raise NotToBeSentNow
    return [
        MessageSending(
            message_id=state.due.message_id,
            attempt=command.attempt,
            happened_at=command.happened_at,
        )
    ]


def stop_unwanted(command: StopUnwanted, state: Owed) -> list[Event]:
    if state.status != "due":
        raise NotToBeSentNow
    unwanted = MessageFailed(
        message_id=state.due.message_id, code=UNWANTED, happened_at=command.happened_at
    )
    return [unwanted, _given_up(state, command.happened_at)]


def record_sent(command: RecordSent, state: Owed) -> list[Event]:
    if state.status == "sent":
        return []
    return [MessageSent(message_id=state.due.message_id, happened_at=command.happened_at)]


def record_failure(command: RecordFailure, state: Owed) -> list[Event]:
    if state.status not in ("sending", "unknown") or command.attempt != state.attempts:
        return []
    failed = MessageFailed(
        message_id=state.due.message_id, code=command.code, happened_at=command.happened_at
    )
    if command.passing and state.attempts < ATTEMPTS_MAX:
        return [failed]
    return [failed, _given_up(state, command.happened_at)]


def record_unknown(command: RecordUnknownOutcome, state: Owed) -> list[Event]:
    if state.status != "sending" or command.attempt != state.attempts:
        return []
    return [MessageOutcomeUnknown(message_id=state.due.message_id, happened_at=command.happened_at)]


def decide_unknown(command: DecideUnknownOutcome, state: Owed) -> list[Event]:
    decided = MessageOutcomeDecided(
        message_id=state.due.message_id,
        again=command.again,
        reason=command.reason,
        decided_by=command.decided_by,
        happened_at=command.happened_at,
    )
    if state.status == "unknown":
        return [decided] if command.again else [decided, _given_up(state, command.happened_at)]
    if state.decided is None:
        raise OutcomeIsKnown
    if replace(decided, happened_at=state.decided.happened_at) == state.decided:
        return []
    raise OutcomeDecidedOtherwise


def _given_up(state: Owed, happened_at: datetime) -> MessageGivenUp:
    return MessageGivenUp(message_id=state.due.message_id, happened_at=happened_at)


# --- Evolve ---

STATUS_AFTER: dict[type, Status] = {
    MessageSent: "sent",
    MessageFailed: "due",
    MessageOutcomeUnknown: "unknown",
    MessageGivenUp: "given-up",
}


def evolve(state: State, event: Event) -> State:
    if isinstance(event, MessageDue | CheckpointMessageDue):
        return Owed(event)
    assert isinstance(state, Owed), "only an owed message goes anywhere"
    match event:
        case MessageSending():
            return replace(state, status="sending", attempts=event.attempt, decided=None)
        case MessageOutcomeDecided():
            return replace(state, status="due", decided=event)
        case MessageSent() | MessageFailed() | MessageOutcomeUnknown() | MessageGivenUp():
            return replace(state, status=STATUS_AFTER[type(event)])
        case _:
            assert_never(event)


message: Decider[Command, State, Event] = Decider(NotOwed(), decide, evolve, leads_outside=True)


def begin_or_stop(
    attempt: int, happened_at: datetime, *, wanted: bool
) -> BeginSending | StopUnwanted:
    if wanted:
        return BeginSending(attempt=attempt, happened_at=happened_at)
    return StopUnwanted(happened_at=happened_at)


def stream(message_id: UUID) -> str:
    return f"message-{message_id}"
