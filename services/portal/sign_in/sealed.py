"""Bytes that leave the process and are nobody else's to read: AES-256-GCM.

The key is derived (HKDF, RFC 5869) from the portal's secret, from what it is for, and from a secret
that somebody else holds, if there is one: then the portal alone cannot open it either.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class NotOpenable(Exception):
    """It was sealed for something else, by another secret, or was changed."""


class Seal:
    def __init__(self, secret: bytes, purpose: bytes, held_elsewhere: bytes = b"") -> None:
        key = HKDF(SHA256(), length=32, salt=held_elsewhere, info=purpose).derive(secret)
        self._cipher = AESGCM(key)

    def close(self, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Raises NotOpenable."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise NotOpenable from error
