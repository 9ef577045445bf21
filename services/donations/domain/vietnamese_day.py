"""Which day it is in Vietnam at an instant: +07 all year round, no summer time."""

from datetime import date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))


def vietnamese_day(at: datetime) -> date:
    return at.astimezone(VIETNAM).date()
