"""Accounts: somebody as an OpenID Connect provider knows them. Events name one by a hash."""

import hashlib
from uuid import UUID


def account_of(issuer: str, subject: str) -> UUID:
    """The account's id: 122 bits of a SHA-256 as a UUID of version 8 (RFC 9562, section 5.8).

    A subject is any text, and the same one at another issuer is another account.
    """
    hashed = bytearray(hashlib.sha256(f"{len(issuer)} {issuer} {subject}".encode()).digest()[:16])
    hashed[6] = 0x80 | hashed[6] & 0x0F
    hashed[8] = 0x80 | hashed[8] & 0x3F
    return UUID(bytes=bytes(hashed))
