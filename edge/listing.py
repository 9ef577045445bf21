"""Lists: pages in key order, and the cursor that continues them.

A cursor is sealed, so nobody builds on its insides and no key shows in an address or a log.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from edge.refusals import CursorNotValid

Item = TypeVar("Item")
Shown = TypeVar("Shown")
Key = TypeVar("Key")

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
COUNT_MAX = 10_000
CURSOR_CHARACTERS_MAX = 1000
NONCE_BYTES = 12


class Page(BaseModel, Generic[Item]):
    """`next` is the cursor of the next page; null: this is the last one.

    The items hold at least what was recorded up to `positions`. `count` is how many there are on
    all pages, if that was asked for; 10,000 are as many, or more.
    """

    items: list[Item]
    next: str | None
    positions: dict[str, int]
    count: int | None = None

    def of(self, show: Callable[[Item], Shown]) -> "Page[Shown]":
        """The same page, shown with what was looked up for its items."""
        shown = [show(item) for item in self.items]
        return Page(items=shown, next=self.next, positions=self.positions, count=self.count)


class Cursors:
    """Seals and opens cursors. `of` names the list, so that a cursor of another one is refused."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(secret, b"cursors", hashlib.sha256))

    def seal(self, of: str, key: object) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, msgspec.json.encode(key), of.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, of: str, cursor: str, shape: type[Key]) -> Key:
        """Raises CursorNotValid."""
        if len(cursor) > CURSOR_CHARACTERS_MAX:
            raise CursorNotValid
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
            nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            plain = self._cipher.decrypt(nonce, rest, of.encode())
            return msgspec.json.decode(plain, type=shape)
        except (binascii.Error, InvalidTag, ValueError):
            raise CursorNotValid from None
