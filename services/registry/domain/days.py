"""Days and ages as they are counted in Viet Nam (UTC+7, no summer time)."""

from calendar import monthrange
from datetime import date, datetime, timedelta

TO_HANOI = timedelta(hours=7)
MONTHS = 12


def day(at: datetime) -> date:
    """The Vietnamese day of an instant in UTC."""
    return (at + TO_HANOI).date()


def months_later(on: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(on.year * MONTHS + on.month - 1 + months, MONTHS)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def birthday(birth_date: date, years: int) -> date:
    """Born on 29 February: 28 February in a common year (Civil Code 2015, art. 148, by analogy)."""
    return months_later(birth_date, years * MONTHS)
