from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID

import pytest

from console.facts import NO_FACTS, RESULTING, facts_digest
from contracts.allocation import LotDrawn
from contracts.event import declarations
from contracts.every_service import PersonalDataOpened
from contracts.notifications import MessageFailed, MessageGivenUp, MessageSent
from contracts.registry import NeedReturned
from contracts.sealed import Sealed
from eventing.record import StoredRecord, Why, encode

MONDAY, TUESDAY = datetime(2024, 10, 7, tzinfo=UTC), datetime(2024, 10, 8, tzinfo=UTC)
ACTOR = UUID(int=1)


def record(need, *, position=1, at=MONDAY, recorded_at=MONDAY, sealed="YQ=="):
    event = NeedReturned(
        need_id=UUID(int=need),
        programme_id=UUID(int=2),
        returned_by=ACTOR,
        reason=Sealed(UUID(int=9), sealed),
        happened_at=at,
    )
    why = Why(actor=ACTOR)
    new = encode("registry", f"need-{need}", position, UUID(int=position), event, recorded_at, why)
    return StoredRecord("registry", position, new.record)


TWO = [record(1), record(2, position=2)]


@pytest.mark.parametrize(
    "same",
    [
        [record(2), record(1, position=2)],
        [record(1, recorded_at=TUESDAY), record(2, position=2)],
        [record(1, sealed="Yg=="), record(2, position=2)],
    ],
)
def test_order_recording_and_ciphertext_make_no_difference(same):
    assert facts_digest(same) == facts_digest(TWO)


@pytest.mark.parametrize(
    "other", [[record(1)], [*TWO, record(3, position=3)], [record(1, at=TUESDAY), TWO[1]]]
)
def test_another_fact_does(other):
    assert facts_digest(other) != facts_digest(TWO)


def drawn(line, *, quantity=1, in_all):
    event = LotDrawn(
        lot_id=UUID(int=3),
        programme_id=UUID(int=2),
        line_id=UUID(int=line),
        quantity=quantity,
        quantity_free=0,
        quantity_kept=2 - in_all,
        quantity_drawn=in_all,
        happened_at=MONDAY,
    )
    why = Why(actor=ACTOR)
    new = encode("allocation", "lot-3", in_all, UUID(int=in_all), event, MONDAY, why)
    return StoredRecord("allocation", in_all, new.record)


def test_who_came_first_is_none_and_what_each_took_is_one():
    both = facts_digest([drawn(1, in_all=1), drawn(2, in_all=2)])
    assert facts_digest([drawn(2, in_all=1), drawn(1, in_all=2)]) == both
    assert facts_digest([drawn(1, in_all=1), drawn(2, quantity=2, in_all=2)]) != both
    assert {field.name for event in declarations for field in fields(event)} >= RESULTING


def letter(event):
    new = encode("notifications", "message-1", 1, UUID(int=7), event, MONDAY, Why(actor=ACTOR))
    return StoredRecord("notifications", 1, new.record)


def test_how_an_attempt_at_a_letter_went_is_none_and_that_it_was_given_up_is_one():
    message = {"message_id": UUID(int=1), "happened_at": MONDAY}
    sent = letter(MessageSent(**message))
    failed = letter(MessageFailed(**message, code="contact-out-of-reach"))
    assert facts_digest([*TWO, sent]) == facts_digest([*TWO, failed]) == facts_digest(TWO)
    assert facts_digest([*TWO, letter(MessageGivenUp(**message))]) != facts_digest(TWO)
    assert {declaration.name for declaration in declarations.values()} >= NO_FACTS


def test_who_was_shown_what_is_none():
    shown = PersonalDataOpened(
        opening_id=UUID(int=3),
        purpose="judge-need",
        subject_ids=(UUID(int=4),),
        subjects=1,
        opened_by=ACTOR,
        happened_at=MONDAY,
    )
    assert facts_digest([*TWO, letter(shown)]) == facts_digest(TWO)
