"""Days, times and whole numbers as people in Vietnam type them, and as they are shown again."""

import re
from datetime import date, datetime

from contracts.languages import Words
from contracts.vietnamese_day import VIETNAM, in_vietnam

YEARS_AHEAD = 10
"""Of two digits: 36 in 2026 is 2036, 37 is 1937."""
CENTURY = 100
DIGITS_MAX = 15

NO_NUMBER = Words(vi="Viết số như 1.234.567, không kèm chữ.", en="Write a number as 1,234,567.")
NO_DAY = Words(
    vi="Viết ngày như 5/7/2022: ngày, tháng, năm.",
    en="Write a day as 5/7/2022: day, month, year.",
)
NO_INSTANT = Words(
    vi="Viết ngày và giờ như 5/7/2022 14:30.", en="Write day and time as 5/7/2022 14:30."
)

_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,\u0020\u00a0\u202f])[0-9]{3})(?:\1[0-9]{3})*")
_DAY = re.compile(r"([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{4}|[0-9]{2})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{1,2})\s*(?:[:h]\s*([0-9]{2})?|giờ\s*([0-9]{2})?)", re.IGNORECASE)


class NotUnderstood(ValueError):
    """What was typed is not what is asked for; `words` say how it is written."""

    def __init__(self, words: Words) -> None:
        super().__init__(words.en)
        self.words = words


def number(said: str) -> int:
    """Groups of three may be parted by dots, commas or spaces. Raises NotUnderstood."""
    text = said.strip()
    digits = re.sub(r"[^0-9]", "", text) if _GROUPED.fullmatch(text) else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > DIGITS_MAX:
        raise NotUnderstood(NO_NUMBER)
    return int(digits)


def day(said: str, today: date) -> date:
    """Raises NotUnderstood."""
    text = said.strip()
    try:
        if iso := _ISO_DAY.fullmatch(text):
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if found := _DAY.fullmatch(text):
            return date(_year(found[3], today), int(found[2]), int(found[1]))
    except ValueError:
        pass
    raise NotUnderstood(NO_DAY)


def instant(said: str, today: date) -> datetime:
    """A day and a time of it in Vietnam. Raises NotUnderstood."""
    first, _, rest = said.strip().replace("T", " ", 1).partition(" ")
    found = _TIME.fullmatch(rest.strip())
    try:
        on = day(first, today)
        if found is None:
            raise NotUnderstood(NO_INSTANT)
        minute = int(found[2] or found[3] or 0)
        return datetime(on.year, on.month, on.day, int(found[1]), minute, tzinfo=VIETNAM)
    except ValueError:
        raise NotUnderstood(NO_INSTANT) from None


def number_shown(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def day_shown(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def instant_shown(value: datetime) -> str:
    return f"{in_vietnam(value):%d/%m/%Y %H:%M}"


def _year(digits: str, today: date) -> int:
    year = int(digits)
    if year >= CENTURY:
        return year
    century = today.year - today.year % CENTURY
    return century + year - (CENTURY if century + year > today.year + YEARS_AHEAD else 0)
