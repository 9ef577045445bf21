"""What bodies of several routes are made of: bounded text in NFC, and when it happened."""

from typing import Annotated
from unicodedata import normalize

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints


def _nfc(text: str) -> str:
    return normalize("NFC", text)


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(_nfc),
]
LongText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_nfc),
]


class Strict(BaseModel):
    """A misspelt field is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Done(Strict):
    """`happened_at` for what is recorded after the fact; else it happens now."""

    happened_at: AwareDatetime | None = None


NOW = Done()


class Reason(Done):
    reason: LongText
