from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from contracts.allocation import DirectGiftPart, DirectGiftRatified, GiftArrived
from contracts.donations import ContributionRefused, RefusalReason
from contracts.notifications import Arrived, ArrivedPart, NotTaken
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import given_off
from eventing.record import Recorded
from services.notifications.domain.sponsor_news import NoteArrival, sponsor_news, stream
from services.notifications.reactions import REACTIONS, next_morning
from tests.services.notifications.news import (
    BOOKS,
    COMMUNE,
    DELIVERY,
    JACKETS,
    OTHER_SPONSOR,
    PROGRAMME,
    SPONSOR,
    arrived,
    recorded,
)
from tests.support.delivered import direct_gift_delivered, support_delivered
from tests.support.house import MONDAY

GIFT = UUID(int=301)
jackets = ArrivedPart(
    contribution_id=JACKETS, category="warm-clothes", quantity=12, measure="piece", children=12
)
books = ArrivedPart(
    contribution_id=BOOKS, category="school-supplies", quantity=3, measure="set", children=3
)


def gives(cause: Recorded) -> list[CommandFor]:
    return [give for _, give in given_off(REACTIONS, cause)]


def news_for(sponsor: UUID, of: Recorded) -> UUID:
    return beside(of.event_id, mark(b"news", of.event_id.bytes, sponsor.bytes))


def note(
    cause: Recorded,
    sponsor: UUID,
    *parts: ArrivedPart,
    arrival: UUID = DELIVERY,
    direct: bool = False,
) -> CommandFor:
    command = NoteArrival(
        sponsor_id=sponsor,
        arrived=Arrived(
            news_id=news_for(sponsor, cause),
            arrival_id=arrival,
            unit_id=COMMUNE,
            direct=direct,
            parts=parts,
        ),
        tell_at=next_morning(cause.recorded_at),
        happened_at=MONDAY,
    )
    return CommandFor(sponsor_news, stream(sponsor), command)


def test_a_sponsors_gifts_of_one_delivery_are_told_together() -> None:
    cause = recorded(arrived())
    assert gives(cause) == [note(cause, SPONSOR, jackets, books)]


def test_each_sponsor_is_told_of_their_own_gifts_alone() -> None:
    delivery = arrived()
    theirs: GiftArrived = replace(delivery.gifts[1], sponsor_id=OTHER_SPONSOR)
    cause = recorded(replace(delivery, gifts=(delivery.gifts[0], theirs)))
    assert gives(cause) == [
        note(cause, SPONSOR, jackets),
        note(cause, OTHER_SPONSOR, books),
    ]


def test_a_direct_gift_to_twenty_children_is_one_letter_once_it_is_ratified() -> None:
    part = DirectGiftPart(category="school-supplies", quantity=20, measure="set", children=20)
    cause = recorded(
        DirectGiftRatified(
            direct_gift_id=GIFT,
            programme_id=PROGRAMME,
            sponsor_id=SPONSOR,
            unit_id=COMMUNE,
            parts=(part,),
            ratified_by=UUID(int=19),
            happened_at=MONDAY,
        )
    )
    arrived = ArrivedPart(
        contribution_id=None, category="school-supplies", quantity=20, measure="set", children=20
    )
    assert gives(cause) == [note(cause, SPONSOR, arrived, arrival=GIFT, direct=True)]


@pytest.mark.parametrize(
    ("recorded_at", "told_at"),
    [
        ("2024-12-02T06:59+07:00", "2024-12-02T07:00+07:00"),
        ("2024-12-02T07:00+07:00", "2024-12-02T07:00+07:00"),
        ("2024-12-02T07:01+07:00", "2024-12-03T07:00+07:00"),
        ("2024-12-02T23:59+07:00", "2024-12-03T07:00+07:00"),
    ],
)
def test_who_gave_is_told_in_the_next_morning(recorded_at: str, told_at: str) -> None:
    assert next_morning(datetime.fromisoformat(recorded_at)) == datetime.fromisoformat(told_at)


@pytest.mark.parametrize(
    ("reason", "told"),
    [("nothing-usable", 1), ("never-came", 1), ("withdrawn-by-giver", 0)],
)
def test_a_giver_is_told_of_a_gift_that_was_not_taken(reason: RefusalReason, told: int) -> None:
    cause = recorded(
        ContributionRefused(
            contribution_id=JACKETS,
            programme_id=PROGRAMME,
            campaign_id=UUID(int=302),
            sponsor_id=SPONSOR,
            pledge_id=None,
            kind="goods",
            lines=(),
            measure="piece",
            refused=40,
            reason=reason,
            refused_by=UUID(int=19),
            happened_at=MONDAY,
        )
    )
    notes = gives(cause)
    assert [note.stream for note in notes] == [stream(SPONSOR)] * told
    for note in notes:
        assert note.command.not_taken == NotTaken(
            news_id=news_for(SPONSOR, cause),
            contribution_id=JACKETS,
            quantity=40,
            measure="piece",
            reason=reason,
        )


def test_a_line_is_told_with_the_others() -> None:
    assert gives(recorded(support_delivered(sponsor_id=SPONSOR))) == []
    assert gives(recorded(direct_gift_delivered(GIFT, sponsor_id=SPONSOR))) == []


def test_names_are_unique_since_keys_are_derived_from_them() -> None:
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
