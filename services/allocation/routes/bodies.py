"""What bodies of several routes are made of: bounded text in NFC, quantities, when it happened."""

from typing import Annotated
from unicodedata import normalize
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

QUANTITY_MAX = 10**13
LINES_MAX = 500
"""So that the record of an allocation or a delivery stays below half a megabyte."""


def _nfc(text: str) -> str:
    return normalize("NFC", text)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_nfc),
]
LongText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(_nfc),
]
Quantity = Annotated[int, Field(gt=0, le=QUANTITY_MAX)]
"""Pieces, sets or đồng."""
LineIds = Annotated[list[UUID], Field(min_length=1, max_length=LINES_MAX)]


class Strict(BaseModel):
    """A misspelt field is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Done(Strict):
    """`happened_at` for what is recorded after the fact; else it happens now."""

    happened_at: AwareDatetime | None = None


NOW = Done()
