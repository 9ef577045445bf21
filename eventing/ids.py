"""Ids that begin with a time, so that what is written at one time lies together in every index.

RFC 9562: version 7 where chance follows the time, version 8 where a hash does. Ids of persons are
none of these: they stay random.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

MARK_BYTES = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def by_time() -> UUID:
    """A new id: milliseconds since 1970, then chance (version 7, section 5.7)."""
    return _of(time.time_ns() // 1_000_000, _with_version(os.urandom(MARK_BYTES), 7))


def mark(*parts: bytes) -> bytes:
    """What follows the time in an id of version 8 (section 5.8): the hash of what it is for.

    The first 80 bits of the SHA-256 of the parts, joined, six of them replaced by version and
    variant.
    """
    return _with_version(sha256(b"".join(parts)).digest()[:MARK_BYTES], 8)


def at(when: datetime, marked: bytes) -> UUID:
    """The id of a time, which has an offset, and a mark."""
    return _of((when - EPOCH) // MILLISECOND, marked)


def beside(other: UUID, marked: bytes) -> UUID:
    """The id that has the time of another, whatever that one is, and a mark."""
    return UUID(bytes=other.bytes[:-MARK_BYTES] + marked)


def mark_of(id_: UUID) -> bytes:
    return id_.bytes[-MARK_BYTES:]


def _of(since_1970_ms: int, rest: bytes) -> UUID:
    return UUID(bytes=since_1970_ms.to_bytes(6) + rest)


def _with_version(rest: bytes, version: int) -> bytes:
    return bytes((version << 4 | rest[0] & 0x0F, rest[1], 0x80 | rest[2] & 0x3F)) + rest[3:]
