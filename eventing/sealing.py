"""Sealing personal data before an event is built: the seam, and a sealer that lives in memory.

AES-256-GCM under a data key per person and purpose; associated data are person, purpose, field and
key id. The nonce is derived from the data key and the plaintext (HMAC-SHA-256, first 12 bytes), so
sealing the same text again gives the same bytes: a repeated command compares equal, and a nonce is
never shared by two different plaintexts of one key but by a collision of 96 bits.

Before that the text is padded, so that its length tells nothing: a code, a name and a short text
of whatever purpose are equally long, a longer text has one of a few lengths (ISO/IEC 7816-4: 0x80,
then zeros).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import Protocol
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.sealed import Sealed

KEY_BYTES = 32
NONCE_BYTES = 12
PADDED_BYTES = (256, 1_024, 4_096, 16_384, 65_536)
"""What is sealed is as long as the first of these that holds it, or a multiple of the last."""


class NotOpenable(Exception):
    """The sealed bytes are not what this person, purpose and field were sealed to."""


class KeyDestroyed(Exception):
    """The person's key for this purpose was destroyed; nothing is sealed in its place."""


class Sealer(Protocol):
    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        """Seal one field; the person's key for the purpose is made, and durable, before that.

        Raises KeyDestroyed.
        """

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        """Open one field; None when there is no key any more. Raises NotOpenable."""

    async def destroy(self, person: UUID, purpose: str) -> None:
        """Destroy the person's key for the purpose, for ever. Again is no error."""


def seal_with(
    key: bytes, key_id: UUID, person: UUID, purpose: str, field: str, text: str
) -> Sealed:
    associated = _associated(key_id, person, purpose, field)
    plain = _padded(text.encode())
    nonce = hmac.digest(key, b"nonce" + associated + b"\x00" + plain, hashlib.sha256)[:NONCE_BYTES]
    sealed = nonce + AESGCM(key).encrypt(nonce, plain, associated)
    return Sealed(key_id, base64.b64encode(sealed).decode())


def open_with(
    key: bytes, key_id: UUID, person: UUID, purpose: str, field: str, sealed: Sealed
) -> str:
    """Raises NotOpenable."""
    if sealed.key_id != key_id:
        raise NotOpenable
    associated = _associated(key_id, person, purpose, field)
    try:
        raw = base64.b64decode(sealed.ciphertext, validate=True)
        padded = AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], associated)
        return _unpadded(padded).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise NotOpenable from None


def _padded(plain: bytes) -> bytes:
    marked = plain + b"\x80"
    longest = PADDED_BYTES[-1]
    whole = -(-len(marked) // longest) * longest
    return marked.ljust(
        next((size for size in PADDED_BYTES if len(marked) <= size), whole), b"\x00"
    )


def _unpadded(padded: bytes) -> bytes:
    marked = padded.rstrip(b"\x00")
    if not marked.endswith(b"\x80"):
        raise ValueError("not padded")
    return marked[:-1]


def _associated(key_id: UUID, person: UUID, purpose: str, field: str) -> bytes:
    return b"\x1f".join([key_id.bytes, person.bytes, purpose.encode(), field.encode()])


class MemorySealer:
    """Keys that are gone when the process ends; for tests."""

    def __init__(self) -> None:
        self._keys: dict[tuple[UUID, str], tuple[UUID, bytes | None]] = {}

    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        new = (uuid4(), secrets.token_bytes(KEY_BYTES))
        key_id, key = self._keys.setdefault((person, purpose), new)
        if key is None:
            raise KeyDestroyed
        return seal_with(key, key_id, person, purpose, field, text)

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        key_id, key = self._keys.get((person, purpose), (sealed.key_id, None))
        if key is None:
            return None
        return open_with(key, key_id, person, purpose, field, sealed)

    async def destroy(self, person: UUID, purpose: str) -> None:
        key_id, _ = self._keys.get((person, purpose), (uuid4(), None))
        self._keys[person, purpose] = (key_id, None)
