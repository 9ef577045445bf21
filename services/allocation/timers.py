"""What falls due in allocation by itself: goods that nobody comes for, lists that nobody signs."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from contracts.allocation import (
    DeliveryCompleted,
    DeliveryHandedOver,
    DeliveryLineAbsent,
    DeliveryLineClosed,
    DeliveryLineSigned,
)
from contracts.vietnamese_day import begins
from eventing.decider import CommandFor
from eventing.record import Recorded
from eventing.timers import Timer, Timers
from services.allocation.domain.delivery import CloseKept, CloseList, delivery, stream

DAY = timedelta(days=1)


def kept_no_longer_at(absent: DeliveryLineAbsent) -> datetime:
    return begins(absent.kept_until + DAY)


def close_what_was_kept(absent: DeliveryLineAbsent, _: Recorded) -> Iterator[CommandFor]:
    command = CloseKept(
        line_id=absent.line_id,
        kept_until=absent.kept_until,
        happened_at=kept_no_longer_at(absent),
    )
    yield CommandFor(delivery, stream(absent.delivery_id), command)


def list_closes_at(handed_over: DeliveryHandedOver) -> datetime:
    return begins(handed_over.list_closes_on + DAY)


def close_list(handed_over: DeliveryHandedOver, _: Recorded) -> Iterator[CommandFor]:
    command = CloseList(happened_at=list_closes_at(handed_over))
    yield CommandFor(delivery, stream(handed_over.delivery_id), command)


TIMERS = Timers(
    Timer(
        name="kept-no-longer",
        starts_on=(DeliveryLineAbsent,),
        ends_on=(DeliveryLineSigned, DeliveryLineClosed),
        due=kept_no_longer_at,
        give=close_what_was_kept,
        parts=lambda event: (str(event.line_id),),
    ),
    Timer(
        name="list-closes",
        starts_on=(DeliveryHandedOver,),
        ends_on=(DeliveryCompleted,),
        due=list_closes_at,
        give=close_list,
    ),
)
