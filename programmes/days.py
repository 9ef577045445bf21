"""Months and birthdays as the law counts them."""

from calendar import monthrange
from datetime import date

MONTHS = 12
SEASON_BEGINS_IN_MONTH = 7


def months_later(on: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(on.year * MONTHS + on.month - 1 + months, MONTHS)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def birthday(birth_date: date, years: int) -> date:
    """Born on 29 February: 28 February in a common year (Civil Code 2015, art. 148, by analogy)."""
    return months_later(birth_date, years * MONTHS)


def season_of(on: date) -> int:
    """The year in which its season began: on 1 July, between two school years, before the cold.

    The same for all programmes, so that what two of them give one child can be added up.
    """
    return on.year if on.month >= SEASON_BEGINS_IN_MONTH else on.year - 1
