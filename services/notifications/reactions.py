"""What notifications does when something has happened elsewhere: who gave is told it arrived."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from contracts.allocation import DirectGiftRatified, GiftsArrived
from contracts.notifications import ArrivedPart
from eventing.decider import CommandFor
from eventing.ids import beside, mark
from eventing.reactions import Reaction
from eventing.record import Recorded
from services.notifications.domain.sponsor_news import TellOfArrival, sponsor_news, stream


def tell_the_givers(arrived: GiftsArrived, recorded: Recorded) -> Iterator[CommandFor]:
    """One message for each giver, whatever the number of their gifts in this delivery."""
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
        tell = TellOfArrival(
            message_id=message_to(sponsor_id, recorded),
            sponsor_id=sponsor_id,
            arrival_id=arrived.delivery_id,
            unit_id=arrived.unit_id,
            direct=False,
            parts=tuple(of_sponsor),
            happened_at=arrived.happened_at,
        )
        yield CommandFor(sponsor_news, stream(sponsor_id), tell)


def tell_the_direct_giver(ratified: DirectGiftRatified, recorded: Recorded) -> Iterator[CommandFor]:
    """One message for the whole gift, to however many children it was handed over."""
    tell = TellOfArrival(
        message_id=message_to(ratified.sponsor_id, recorded),
        sponsor_id=ratified.sponsor_id,
        arrival_id=ratified.direct_gift_id,
        unit_id=ratified.unit_id,
        direct=True,
        parts=tuple(
            ArrivedPart(
                contribution_id=None,
                category=part.category,
                quantity=part.quantity,
                measure=part.measure,
                children=part.children,
            )
            for part in ratified.parts
        ),
        happened_at=ratified.happened_at,
    )
    yield CommandFor(sponsor_news, stream(ratified.sponsor_id), tell)


def message_to(sponsor_id: UUID, of: Recorded) -> UUID:
    return beside(of.event_id, mark(b"message", of.event_id.bytes, sponsor_id.bytes))


REACTIONS = [
    Reaction("tell-the-givers", GiftsArrived, tell_the_givers, begins="first"),
    Reaction("tell-the-direct-giver", DirectGiftRatified, tell_the_direct_giver, begins="first"),
]
