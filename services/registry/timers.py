"""What falls due in the registry by itself."""

from collections.abc import Iterator
from datetime import datetime

from contracts.registry import NeedLapsed, NeedMet, NeedOpened, NeedReconfirmed, NeedWithdrawn
from contracts.vietnamese_day import begins
from eventing.decider import CommandFor
from eventing.record import Recorded
from eventing.timers import Timer, Timers
from services.registry.domain.need import LapseNeed, need, stream


def lapses_at(confirmed: NeedOpened | NeedReconfirmed) -> datetime:
    return begins(confirmed.lapses_on)


def lapse(confirmed: NeedOpened | NeedReconfirmed, _: Recorded) -> Iterator[CommandFor]:
    command = LapseNeed(lapsed_on=confirmed.lapses_on)
    yield CommandFor(need, stream(confirmed.need_id), command)


TIMERS = Timers(
    Timer(
        name="need-lapses",
        starts_on=(NeedOpened, NeedReconfirmed),
        ends_on=(NeedLapsed, NeedMet, NeedWithdrawn),
        due=lapses_at,
        give=lapse,
    )
)
