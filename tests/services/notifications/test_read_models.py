from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts.notifications import MessageFailed, MessageSent, SubscriptionEnded
from eventing.read_model import ReadModel
from eventing.record import Recorded
from services.notifications.read_models import READ_MODELS
from services.notifications.read_models.messages import MessageRow, messages
from services.notifications.read_models.sponsors import SponsorRow, sponsors
from services.notifications.read_models.subscriptions import subscriptions
from tests.services.notifications.news import PERSON, SPONSOR, registered
from tests.services.notifications.test_message import (
    MONDAY,
    TUESDAY,
    decided,
    due,
    given_up,
    no_answer,
    sending,
    unknown,
)
from tests.services.notifications.test_sponsor_news import FIRST, made
from tests.support.house import happened
from tests.support.interleaving import interleavings

SENT = [due, sending(), no_answer, sending(2), MessageSent(message_id=FIRST, happened_at=TUESDAY)]
UNKNOWN = [due, sending(), unknown]
LEFT = [*UNKNOWN, decided(again=False), given_up]


def of_message(number: int, events: list[Any]) -> list[Recorded]:
    message_id = UUID(int=100 + number)
    renamed = [replace(event, message_id=message_id) for event in events]
    return happened(*renamed, service="notifications", stream=f"message-{message_id}")


def folded(model: ReadModel[Any, Any], log: list[Recorded], batch_size: int = 1) -> list[Any]:
    rows: dict[Any, Any] = {}
    for start in range(0, len(log), batch_size):
        rows |= model.fold(rows, log[start : start + batch_size])
        rows = {key: row for key, row in rows.items() if row is not None}
    return [rows[key] for key in sorted(rows)]


def row_of(events: list[Any]) -> MessageRow:
    (row,) = folded(messages, of_message(1, events))
    assert isinstance(row, MessageRow)
    return row


def test_a_message_is_due_in_the_channels_asked_for() -> None:
    row = row_of([due])
    assert (row.status, row.attempts, row.in_inbox, row.by_email) == ("due", 0, True, True)
    row = row_of([replace(due, channels=("inbox",))])
    assert (row.in_inbox, row.by_email) == (True, False)


def test_a_failure_says_why_and_since_when() -> None:
    failed = MessageFailed(message_id=FIRST, code="mail-server-said-451", happened_at=TUESDAY)
    row = row_of([due, sending(), failed])
    assert (row.status, row.code, row.changed_at) == ("failed", "mail-server-said-451", TUESDAY)


def test_it_was_sent_at_the_second_attempt() -> None:
    row = row_of(SENT)
    assert (row.status, row.attempts, row.due_at, row.changed_at) == ("sent", 2, MONDAY, TUESDAY)


def test_an_unknown_outcome_waits_for_a_person() -> None:
    assert row_of(UNKNOWN).status == "unknown"
    assert row_of([*UNKNOWN, decided(again=True)]).status == "due"
    assert row_of(LEFT).status == "given-up"


@given(
    interleavings([of_message(1, [due]), of_message(2, SENT), of_message(3, LEFT)]),
    st.integers(1, 5),
)
def test_neither_interleaving_nor_batching_matters(log: list[Recorded], batch_size: int) -> None:
    in_order = of_message(1, [due]) + of_message(2, SENT) + of_message(3, LEFT)

    def plain(rows: list[MessageRow]) -> list[MessageRow]:
        return [
            msgspec.structs.replace(row, due_event_id=uuid5(row.message_id, "")) for row in rows
        ]

    assert plain(folded(messages, log, batch_size)) == plain(folded(messages, in_order))


def test_a_subscription_ends() -> None:
    ended = SubscriptionEnded(
        subscription_id=FIRST, sponsor_id=made().sponsor_id, ended_by=PERSON, happened_at=TUESDAY
    )
    (row,) = folded(subscriptions, happened(made(), ended))
    assert (row.made_at, row.ended_at) == (MONDAY, TUESDAY)


def test_another_sponsor_cannot_take_a_subscription_over_by_its_id() -> None:
    mine, theirs = made(), replace(made(), sponsor_id=SPONSOR)
    assert len(folded(subscriptions, happened(mine, theirs))) == 2


def test_a_sponsors_person_is_known() -> None:
    assert folded(sponsors, happened(registered(SPONSOR, PERSON))) == [SponsorRow(SPONSOR, PERSON)]


def test_tables_have_names_of_their_own() -> None:
    names = [model.name for model in READ_MODELS]
    assert len(names) == len(set(names))
