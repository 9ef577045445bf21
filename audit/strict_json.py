"""JSON of which nobody knows who wrote it: what cannot be read is said, whatever is wrong with it.

What is decoded into a known type is checked while that is done. Members that are not known are
passed over by the decoder, and read here: a line is all JSON and UTF-8, or it is none.
"""

import json
import re
from typing import Annotated

import msgspec

DEPTH_MAX = 64
NUMBER_MAX = 2**53 - 1
"""The largest that every JSON library keeps as it is."""
Number = Annotated[int, msgspec.Meta(ge=1, le=NUMBER_MAX)]
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError)
"""What decoding may raise. UnicodeDecodeError is a ValueError, and none of msgspec's own."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")


class NotJson(ValueError):
    """The bytes are no JSON in UTF-8, or go deeper than DEPTH_MAX."""


def check(text: bytes) -> None:
    """Raises NotJson."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError as error:
        raise NotJson(f"no UTF-8 at byte {error.start}") from None
    if text.count(b"[") + text.count(b"{") > DEPTH_MAX and _depth(decoded) > DEPTH_MAX:
        raise NotJson(f"deeper than {DEPTH_MAX}")
    try:
        json.loads(decoded, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _NOT_BRACKETS.sub("", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> None:
    raise NotJson(f"{name} is no JSON")
