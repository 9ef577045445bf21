from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.notifications import (
    Arrived,
    ArrivedPart,
    MessageDue,
    MessageFailed,
    MessageGivenUp,
    MessageOutcomeDecided,
    MessageOutcomeUnknown,
    MessageSending,
    MessageSent,
)
from contracts.sealed import Sealed
from services.notifications.domain.message import (
    ATTEMPTS_MAX,
    BeginSending,
    Command,
    DecideUnknownOutcome,
    Event,
    MessageNotOwed,
    MessageOwedOtherwise,
    NotToBeSentNow,
    OutcomeDecidedOtherwise,
    OutcomeIsKnown,
    OweMessage,
    RecordFailure,
    RecordSent,
    RecordUnknownOutcome,
    message,
)
from tests.support.repeating import after, assert_repeating_changes_nothing
from tests.support.spec import Given

MESSAGE, SPONSOR, DELIVERY, COMMUNE, CONTRIBUTION, COORDINATOR, NEWS = (
    UUID(int=n) for n in range(1, 8)
)
MONDAY, TUESDAY = datetime(2024, 12, 2, 3, tzinfo=UTC), datetime(2024, 12, 3, 3, tzinfo=UTC)
REASON, OTHER_REASON = (Sealed(UUID(int=n), "c2VhbGVk") for n in (50, 51))

jackets = ArrivedPart(
    contribution_id=CONTRIBUTION,
    category="warm-clothes",
    quantity=12,
    measure="piece",
    children=12,
)
arrived = Arrived(
    news_id=NEWS, arrival_id=DELIVERY, unit_id=COMMUNE, direct=False, parts=(jackets,)
)
owe = OweMessage(
    message_id=MESSAGE,
    sponsor_id=SPONSOR,
    occasion="gift-arrived",
    channels=("inbox", "email"),
    language="vi",
    arrivals=(arrived,),
    not_taken=(),
    happened_at=MONDAY,
)
due = MessageDue(
    message_id=MESSAGE,
    sponsor_id=SPONSOR,
    occasion="gift-arrived",
    channels=("inbox", "email"),
    language="vi",
    arrivals=(arrived,),
    not_taken=(),
    happened_at=MONDAY,
)
sent = MessageSent(message_id=MESSAGE, happened_at=MONDAY)
unknown = MessageOutcomeUnknown(message_id=MESSAGE, happened_at=MONDAY)
given_up = MessageGivenUp(message_id=MESSAGE, happened_at=MONDAY)
no_answer = MessageFailed(message_id=MESSAGE, code="mail-server-out-of-reach", happened_at=MONDAY)


def begin(attempt: int = 1) -> BeginSending:
    return BeginSending(attempt=attempt, happened_at=MONDAY)


def sending(attempt: int = 1) -> MessageSending:
    return MessageSending(message_id=MESSAGE, attempt=attempt, happened_at=MONDAY)


def fail(
    attempt: int = 1, *, passing: bool = True, code: str = "mail-server-out-of-reach"
) -> RecordFailure:
    return RecordFailure(attempt=attempt, code=code, passing=passing, happened_at=MONDAY)


def decide(
    *, again: bool, reason: Sealed = REASON, happened_at: datetime = MONDAY
) -> DecideUnknownOutcome:
    return DecideUnknownOutcome(
        again=again, reason=reason, decided_by=COORDINATOR, happened_at=happened_at
    )


def decided(*, again: bool) -> MessageOutcomeDecided:
    return MessageOutcomeDecided(
        message_id=MESSAGE,
        again=again,
        reason=REASON,
        decided_by=COORDINATOR,
        happened_at=MONDAY,
    )


do_record_sent = RecordSent(happened_at=MONDAY)


def nobody_knows(attempt: int = 1) -> RecordUnknownOutcome:
    return RecordUnknownOutcome(attempt=attempt, happened_at=MONDAY)


def test_a_message_is_owed() -> None:
    Given(message).when(owe).then(due)


def test_it_is_owed_once_whatever_has_become_of_the_subscription() -> None:
    again = replace(owe, happened_at=TUESDAY, channels=("inbox",), language="en")
    Given(message, due).when(again).then_nothing()


def test_another_arrival_cannot_take_its_id() -> None:
    Given(message, due).when(replace(owe, arrivals=())).then_rejected(MessageOwedOtherwise)


def test_an_attempt_is_recorded_before_it_is_made() -> None:
    Given(message, due).when(begin()).then(sending())


def test_nothing_is_sent_that_is_not_owed() -> None:
    Given(message).when(begin()).then_rejected(MessageNotOwed)


def test_no_attempt_beside_another() -> None:
    Given(message, due, sending()).when(begin()).then_rejected(NotToBeSentNow)
    Given(message, due, sending()).when(begin(2)).then_rejected(NotToBeSentNow)


def test_what_was_sent_is_not_sent_again() -> None:
    Given(message, due, sending(), sent).when(begin(2)).then_rejected(NotToBeSentNow)


def test_an_unknown_outcome_is_not_sent_again_blindly() -> None:
    Given(message, due, sending(), unknown).when(begin(2)).then_rejected(NotToBeSentNow)


def test_the_mail_server_took_it() -> None:
    Given(message, due, sending()).when(do_record_sent).then(sent)
    Given(message, due, sending(), sent).when(do_record_sent).then_nothing()


def test_late_news_that_it_went_out_ends_the_doubt() -> None:
    Given(message, due, sending(), unknown).when(do_record_sent).then(sent)


def test_a_failure_that_may_pass_is_tried_again() -> None:
    Given(message, due, sending()).when(fail()).then(no_answer)
    Given(message, due, sending(), no_answer).when(begin(2)).then(sending(2))


def test_a_failure_that_will_not_pass_is_the_end() -> None:
    no_address = MessageFailed(message_id=MESSAGE, code="no-address", happened_at=MONDAY)
    Given(message, due, sending()).when(fail(passing=False, code="no-address")).then(
        no_address, given_up
    )


def test_attempts_are_bounded() -> None:
    past: list[Event] = [due]
    for attempt in range(1, ATTEMPTS_MAX):
        past += [sending(attempt), no_answer]
    past.append(sending(ATTEMPTS_MAX))
    Given(message, *past).when(fail(ATTEMPTS_MAX)).then(no_answer, given_up)


def test_the_outcome_of_an_earlier_attempt_says_nothing_about_this_one() -> None:
    past: list[Event] = [due, sending(), no_answer, sending(2)]
    Given(message, *past).when(fail(1)).then_nothing()
    Given(message, *past).when(nobody_knows(1)).then_nothing()


def test_after_a_crash_nobody_knows() -> None:
    Given(message, due, sending()).when(nobody_knows()).then(unknown)
    Given(message, due, sending(), unknown).when(nobody_knows()).then_nothing()
    Given(message, due, sending(), sent).when(nobody_knows()).then_nothing()


def test_a_person_may_have_it_sent_again() -> None:
    Given(message, due, sending(), unknown).when(decide(again=True)).then(decided(again=True))
    Given(message, due, sending(), unknown, decided(again=True)).when(begin(2)).then(sending(2))


def test_a_person_may_leave_it() -> None:
    Given(message, due, sending(), unknown).when(decide(again=False)).then(
        decided(again=False), given_up
    )


def test_a_decision_repeated_changes_nothing() -> None:
    past: list[Event] = [due, sending(), unknown, decided(again=True)]
    Given(message, *past).when(decide(again=True, happened_at=TUESDAY)).then_nothing()


def test_a_decision_is_not_taken_twice_in_two_ways() -> None:
    past: list[Event] = [due, sending(), unknown, decided(again=False), given_up]
    Given(message, *past).when(decide(again=True)).then_rejected(OutcomeDecidedOtherwise)
    Given(message, *past).when(decide(again=False, reason=OTHER_REASON)).then_rejected(
        OutcomeDecidedOtherwise
    )


def test_only_an_unknown_outcome_is_decided() -> None:
    Given(message, due, sending()).when(decide(again=True)).then_rejected(OutcomeIsKnown)
    Given(message).when(decide(again=True)).then_rejected(MessageNotOwed)


attempts = st.integers(1, ATTEMPTS_MAX + 1)
not_repeatable = st.builds(begin, attempts)
repeatable = st.one_of(
    st.just(owe),
    st.just(do_record_sent),
    st.builds(fail, attempts, passing=st.booleans()),
    st.builds(nobody_knows, attempts),
    st.builds(decide, again=st.booleans()),
)


@given(st.lists(st.one_of(repeatable, not_repeatable), max_size=12), repeatable)
def test_repeating_an_accepted_command_changes_nothing(
    history: list[Command], command: Command
) -> None:
    assert_repeating_changes_nothing(message, [owe, *history], command)


@given(st.lists(st.one_of(repeatable, not_repeatable), max_size=25))
def test_nothing_follows_what_was_sent_and_no_attempt_follows_what_was_given_up(
    commands: list[Command],
) -> None:
    events = after(message, [owe, *commands])
    kinds = [type(event) for event in events]
    if MessageSent in kinds:
        assert kinds.index(MessageSent) == len(kinds) - 1
    if MessageGivenUp in kinds:
        assert MessageSending not in kinds[kinds.index(MessageGivenUp) :]


@given(st.lists(st.one_of(repeatable, not_repeatable), max_size=25))
def test_between_two_attempts_stands_a_failure_or_a_persons_word(
    commands: list[Command],
) -> None:
    events = after(message, [owe, *commands])
    open_attempt = False
    for event in events:
        match event:
            case MessageSending():
                assert not open_attempt
                open_attempt = True
            case MessageFailed() | MessageOutcomeDecided():
                open_attempt = False
