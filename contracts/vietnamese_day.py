"""The day in Vietnam, which every date in an event is: +07 all year round, no summer time."""

from datetime import date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "+07:00")


def in_vietnam(at: datetime) -> datetime:
    """The instant on Vietnam's clocks.

    At an end of the calendar, where no datetime can say it, the end itself: whatever a record
    holds, the day that it happened can be told.
    """
    try:
        return at.astimezone(VIETNAM)
    except OverflowError:
        end = date.min if at.year == date.min.year else date.max
        return datetime.combine(end, time(), VIETNAM)


def vietnamese_day(at: datetime) -> date:
    return in_vietnam(at).date()


def begins(day: date) -> datetime:
    """The instant at which the day begins in Vietnam."""
    return datetime.combine(day, time(), VIETNAM)
