"""Working days in Vietnam: a week of five, less holidays, with the Saturdays that make up for them.

`working-days.toml` says which; it is the country's, the same for every pack.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

FILE = Path(__file__).with_name("working-days.toml")
SATURDAY = 6
DAYS_OFF_IN_A_ROW_MAX = 30


class CalendarNotValid(Exception):
    """The calendar cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """`every_year`: days off as (month, day); `off`: those of one year; `made_up`: are worked."""

    every_year: AbstractSet[tuple[int, int]] = frozenset()
    off: AbstractSet[date] = frozenset()
    made_up: AbstractSet[date] = frozenset()

    def is_worked(self, on: date) -> bool:
        if on in self.made_up:
            return True
        is_off = on in self.off or (on.month, on.day) in self.every_year
        return not is_off and on.isoweekday() < SATURDAY

    def from_day(self, on: date) -> date:
        """The day itself if it is worked, else the next that is (Civil Code 2015, art. 148(5)).

        Raises ValueError for a calendar that has none within DAYS_OFF_IN_A_ROW_MAX days.
        """
        for days in range(DAYS_OFF_IN_A_ROW_MAX):
            if self.is_worked(on + timedelta(days=days)):
                return on + timedelta(days=days)
        raise ValueError(f"no working day within {DAYS_OFF_IN_A_ROW_MAX} days of {on}")

    def later(self, on: date, days: int) -> date:
        """So many working days after a day. Raises ValueError as `from_day`."""
        for _ in range(days):
            on = self.from_day(on + timedelta(days=1))
        return on


class _Year(msgspec.Struct, forbid_unknown_fields=True):
    off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()


@cache
def installed() -> WorkingDays:
    """Raises CalendarNotValid."""
    return read(FILE.read_bytes())


def read(text: bytes) -> WorkingDays:
    """Raises CalendarNotValid."""
    try:
        return _read(msgspec.toml.decode(text))
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        raise CalendarNotValid(f"{FILE.name}: {error}") from error


def _read(said: dict[str, Any]) -> WorkingDays:
    # 2000 is a leap year: 29 February may be said.
    every_year = [date.fromisoformat(f"2000-{day}") for day in said.pop("every_year")]
    years = {int(year): msgspec.convert(told, _Year) for year, told in said.items()}
    for year, told in years.items():
        if any(day.year != year for day in (*told.off, *told.made_up)):
            raise ValueError(f"a day that stands under {year} is of another year")
    return WorkingDays(
        every_year=frozenset((day.month, day.day) for day in every_year),
        off=frozenset().union(*(told.off for told in years.values())),
        made_up=frozenset().union(*(told.made_up for told in years.values())),
    )
