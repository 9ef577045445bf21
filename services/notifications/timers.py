"""What falls due in notifications by itself: the morning on which a sponsor is told."""

from collections.abc import Iterator
from datetime import datetime

from contracts.notifications import ArrivalNoted, ArrivalsTold, RefusalNoted
from eventing.decider import CommandFor
from eventing.record import Recorded
from eventing.timers import Timer, Timers
from services.notifications.domain.sponsor_news import Noted, TellOfArrivals, sponsor_news, stream


def tell_at(noted: Noted) -> datetime:
    return noted.tell_at


def tell(noted: Noted, _: Recorded) -> Iterator[CommandFor]:
    """One message for all that was noted for that morning."""
    command = TellOfArrivals(
        sponsor_id=noted.sponsor_id, tell_at=noted.tell_at, happened_at=noted.tell_at
    )
    yield CommandFor(sponsor_news, stream(noted.sponsor_id), command)


TIMERS = Timers(
    Timer(
        name="sponsor-is-told",
        starts_on=(ArrivalNoted, RefusalNoted),
        ends_on=(ArrivalsTold,),
        due=tell_at,
        give=tell,
        parts=lambda event: (str(int(event.tell_at.timestamp())),),
    )
)
