"""What bodies of several routes are made of: bounded text in NFC, quantities, when it happened."""

from datetime import UTC, datetime
from typing import Annotated
from unicodedata import normalize
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from contracts.donations import Earmark

QUANTITY_MAX = 10**13
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any programme: an earlier time is a slip of the pen."""


def _nfc(text: str) -> str:
    return normalize("NFC", text)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_nfc),
]
Quantity = Annotated[int, Field(gt=0, le=QUANTITY_MAX)]
"""Pieces, sets or đồng."""
Count = Annotated[int, Field(ge=0, le=QUANTITY_MAX)]


class Strict(BaseModel):
    """A misspelt field is refused, never ignored: an earmark must not get lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Done(Strict):
    """`happened_at` for what is recorded after the fact; else it happens now."""

    happened_at: Annotated[AwareDatetime, Field(ge=EARLIEST)] | None = None


NOW = Done()


class EarmarkWanted(Strict):
    unit_id: UUID | None = None
    need_id: UUID | None = None

    def earmark(self) -> Earmark:
        return Earmark(unit_id=self.unit_id, need_id=self.need_id)
