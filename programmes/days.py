"""Months and birthdays as the law counts them."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

MONTHS = 12
ABOUT_YEARS = 1
SEASON_BEGINS_IN_MONTH = 7


def months_later(on: date, months: int) -> date:
    """The same day so many months later, or the last day of a shorter month."""
    year, month = divmod(on.year * MONTHS + on.month - 1 + months, MONTHS)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def birthday(birth_date: date, years: int) -> date:
    """Born on 29 February: 28 February in a common year (Civil Code 2015, art. 148, by analogy)."""
    return months_later(birth_date, years * MONTHS)


BirthPrecision = Literal["day", "month", "year", "about"]
Answer = Literal["yes", "no", "depends"]


@dataclass(frozen=True, slots=True)
class Birth:
    """When somebody was born, as precisely as it is known; `day` is the first that it may be meant.

    What is known to the year alone stays so: no day is invented for it. "About" is a year more or
    less.
    """

    day: date
    precision: BirthPrecision = "day"

    @classmethod
    def of(cls, day: date, precision: BirthPrecision) -> "Birth":
        """As it is said: whatever is more precise than what is known is left out."""
        match precision:
            case "day":
                return cls(day)
            case "month":
                return cls(day.replace(day=1), precision)
            case "year" | "about":
                return cls(date(day.year, 1, 1), precision)

    @classmethod
    def read(cls, text: str) -> "Birth":
        """Of what `text` says. Raises ValueError."""
        about, _, said = text.rpartition("~")
        match said.count("-"):
            case 0:
                year = date(int(said), 1, 1)
                return cls(year, "about" if text.startswith("~") else "year")
            case 1:
                return cls(date.fromisoformat(f"{said}-01"), "month")
        return cls(date.fromisoformat(about + said))

    @property
    def text(self) -> str:
        """`2015-03-09`, `2015-03`, `2015`, `~2015`: what is sealed."""
        match self.precision:
            case "day":
                return self.day.isoformat()
            case "month":
                return f"{self.day:%Y-%m}"
            case "year":
                return f"{self.day.year:04}"
            case "about":
                return f"~{self.day.year:04}"

    @property
    def month(self) -> str:
        """The month, or the year where the month is not known."""
        known = self.precision in ("day", "month")
        return f"{self.day:%Y-%m}" if known else f"{self.day.year:04}"

    @property
    def earliest(self) -> date:
        """The first day on which it may have been."""
        if self.precision == "about":
            return self.day.replace(year=self.day.year - ABOUT_YEARS)
        return self.day

    @property
    def latest(self) -> date:
        """The last day on which it may have been."""
        match self.precision:
            case "day":
                return self.day
            case "month":
                return months_later(self.day, 1) - timedelta(days=1)
            case "year":
                return date(self.day.year, 12, 31)
            case "about":
                return date(self.day.year + ABOUT_YEARS, 12, 31)


def either_way(*, earliest: bool, latest: bool) -> Answer:
    """Of a question that was asked for both ends of what is known: what depends is for a person."""
    if earliest != latest:
        return "depends"
    return "yes" if earliest else "no"


def season_of(on: date) -> int:
    """The year in which its season began: on 1 July, between two school years, before the cold.

    The same for all programmes, so that what two of them give one child can be added up.
    """
    return on.year if on.month >= SEASON_BEGINS_IN_MONTH else on.year - 1
