"""What notifications does when something has happened elsewhere: it is noted for who gave."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from contracts.allocation import DirectGiftRatified, GiftsArrived
from contracts.donations import ContributionRefused
from contracts.notifications import Arrived, ArrivedPart, NotTaken
from contracts.vietnamese_day import begins, vietnamese_day
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.notifications.domain.sponsor_news import (
    NoteArrival,
    NoteRefusal,
    sponsor_news,
    stream,
)

DAY = timedelta(days=1)
TOLD_AT_HOUR = 7
"""In the morning, in Hanoi."""


def note_for_the_givers(arrived: GiftsArrived, recorded: Recorded) -> Iterator[CommandFor]:
    """Once for each giver, whatever the number of their gifts in this delivery."""
    parts: defaultdict[UUID, list[ArrivedPart]] = defaultdict(list)
    for gift in arrived.gifts:
        parts[gift.sponsor_id].append(
            ArrivedPart(
                contribution_id=gift.contribution_id,
                category=gift.category,
                quantity=gift.quantity,
                measure=gift.measure,
                children=gift.children,
            )
        )
    for sponsor_id, of_sponsor in parts.items():
        note = NoteArrival(
            sponsor_id=sponsor_id,
            arrived=Arrived(
                news_id=news_for(sponsor_id, recorded),
                arrival_id=arrived.delivery_id,
                unit_id=arrived.unit_id,
                direct=False,
                parts=tuple(of_sponsor),
            ),
            tell_at=next_morning(recorded.recorded_at),
            happened_at=arrived.happened_at,
        )
        yield CommandFor(sponsor_news, stream(sponsor_id), note)


def note_for_the_direct_giver(
    ratified: DirectGiftRatified, recorded: Recorded
) -> Iterator[CommandFor]:
    """Once for the whole gift, to however many children it was handed over."""
    parts = tuple(
        ArrivedPart(
            contribution_id=None,
            category=part.category,
            quantity=part.quantity,
            measure=part.measure,
            children=part.children,
        )
        for part in ratified.parts
    )
    note = NoteArrival(
        sponsor_id=ratified.sponsor_id,
        arrived=Arrived(
            news_id=news_for(ratified.sponsor_id, recorded),
            arrival_id=ratified.direct_gift_id,
            unit_id=ratified.unit_id,
            direct=True,
            parts=parts,
        ),
        tell_at=next_morning(recorded.recorded_at),
        happened_at=ratified.happened_at,
    )
    yield CommandFor(sponsor_news, stream(ratified.sponsor_id), note)


def note_a_refusal(refused: ContributionRefused, recorded: Recorded) -> Iterator[CommandFor]:
    """Who has taken a gift back knows it."""
    if refused.reason != "withdrawn-by-giver":
        note = NoteRefusal(
            sponsor_id=refused.sponsor_id,
            not_taken=NotTaken(
                news_id=news_for(refused.sponsor_id, recorded),
                contribution_id=refused.contribution_id,
                quantity=refused.refused,
                measure=refused.measure,
                reason=refused.reason,
            ),
            tell_at=next_morning(recorded.recorded_at),
            happened_at=refused.happened_at,
        )
        yield CommandFor(sponsor_news, stream(refused.sponsor_id), note)


def news_for(sponsor_id: UUID, of: Recorded) -> UUID:
    return beside(of.event_id, mark(b"news", of.event_id.bytes, sponsor_id.bytes))


def next_morning(recorded_at: datetime) -> datetime:
    """By when it was recorded: lists that are typed in days later are one message too."""
    morning = begins(vietnamese_day(recorded_at)).replace(hour=TOLD_AT_HOUR)
    return morning if recorded_at <= morning else morning + DAY


REACTIONS = [
    Reaction("note-for-the-givers", GiftsArrived, note_for_the_givers, begins="first"),
    Reaction(
        "note-for-the-direct-giver", DirectGiftRatified, note_for_the_direct_giver, begins="first"
    ),
    Reaction("note-a-refusal", ContributionRefused, note_a_refusal, begins="first"),
]
