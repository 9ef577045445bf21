"""What comes in from outside: the shapes of bodies, and of the values in them and in addresses.

One floor and one ceiling for days and for instants. Nothing is taken for what it is not: `"5"`,
`true` and `5.0` are no whole numbers, and no number is a time.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, LiteralString
from unicodedata import category, normalize

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from edge.mail_address import NoMailAddress, mail_address

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
FIRST_INSTANT, LAST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Before any programme, and after all of them: what lies outside is a slip of the pen."""
QUANTITY_MAX = 10**13

_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?"
_TURNS_WRITING_ROUND = frozenset(map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F))))
_TURNS_WRITING_ROUND |= frozenset(map(chr, range(0x2066, 0x206A)))


def _written(kind: LiteralString, form: str) -> BeforeValidator:
    """Text of this form, and nothing else that pydantic would also take for the kind."""
    pattern = re.compile(form)

    def check(said: object) -> object:
        if not isinstance(said, str) or not pattern.fullmatch(said):
            raise PydanticCustomError(kind, "is written otherwise")
        return said

    return BeforeValidator(check)


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _clean(text: str) -> str:
    """In NFC. Raises PydanticCustomError for what cannot be seen yet changes what is seen."""
    for character in text:
        seen = category(character) not in {"Cc", "Cs", "Zl", "Zp"} or character in "\n\t"
        if not seen or character in _TURNS_WRITING_ROUND:
            raise PydanticCustomError("hidden_character", "holds a hidden character")
    return normalize("NFC", text)


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text:
        raise PydanticCustomError("hidden_character", "is one line")
    return text


def _mail_address(text: str) -> str:
    try:
        mail_address(text)
    except NoMailAddress:
        raise PydanticCustomError("mail_address", "is no mail address") from None
    return text


Instant = Annotated[
    AwareDatetime,
    Field(strict=False, ge=FIRST_INSTANT, le=LAST_INSTANT),
    AfterValidator(_in_utc),
    _written("datetime_form", rf"{_DATE}[Tt]{_TIME}([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})?"),
]
"""In UTC, however it was written: nothing that follows can depend on that."""
Day = Annotated[date, Field(strict=False, ge=FIRST_DAY, le=LAST_DAY), _written("date_form", _DATE)]
"""A day in Vietnam."""
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_clean),
    AfterValidator(_one_line),
]
LongText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(_clean),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(_mail_address),
    Field(json_schema_extra={"format": "email"}),
]
FACT_MAX = 1_000_000
Specification = Annotated[
    dict[
        Annotated[str, StringConstraints(min_length=1, max_length=40)],
        Annotated[Text, StringConstraints(max_length=100)]
        | Annotated[int, Field(ge=0, le=FACT_MAX)],
    ],
    Field(default_factory=dict, max_length=10),
]
"""What a kind of support is told apart by; which facts it takes, the programme's pack says."""
Quantity = Annotated[int, Field(gt=0, le=QUANTITY_MAX)]
"""Pieces, sets or đồng."""
Count = Annotated[int, Field(ge=0, le=QUANTITY_MAX)]

NUMBER_IN_ADDRESS = _written("int_form", "0|[1-9][0-9]{0,18}")
"""With `int`: as JSON writes it, so that a thing has one address."""
FLAG_IN_ADDRESS = _written("bool_form", "true|false")


class Strict(BaseModel):
    """A misspelt field is refused, never ignored; a value of another type, never converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Dated(Strict):
    """`happened_at` for what is recorded after the fact; without it, it happens now."""

    happened_at: Instant | None = None


NOW = Dated()
