"""A sealer whose data keys lie, wrapped, in a database of their own, apart from the log.

A key is durable before anything is sealed with it. A destroyed one leaves a tombstone: no process
makes another in its place, and those that still hold it forget it within seconds. What is asked
and made at the same time goes in one statement: a register of children makes keys by the thousand.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts.sealed import Sealed
from eventing.coalesced import Coalesced
from eventing.lasting_connection import LastingConnection
from eventing.sealing import (
    KEY_BYTES,
    NONCE_BYTES,
    KeyDestroyed,
    NotOpenable,
    open_with,
    seal_with,
)

CACHED_MAX = 10_000
CACHED_S = 3.0

FIND = """
SELECT key_id, wrapped, wrapped_by
FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS asked (person, purpose, n)
LEFT JOIN keys ON keys.person = asked.person AND keys.purpose = asked.purpose
ORDER BY n
"""
# In one order by all: two processes that make the same keys would else wait for each other.
MAKE = """
INSERT INTO keys (person, purpose, key_id, wrapped, wrapped_by)
SELECT person, purpose, key_id, wrapped, $5
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[])
    AS new (person, purpose, key_id, wrapped)
ORDER BY person, purpose
ON CONFLICT (person, purpose) DO NOTHING
RETURNING key_id
"""
# A tombstone even where there was no key: what is sealed first tomorrow was erased today, too.
DESTROY = """
INSERT INTO keys (key_id, person, purpose, destroyed_at) VALUES ($1, $2, $3, now())
ON CONFLICT (person, purpose) DO UPDATE SET wrapped = NULL, wrapped_by = NULL, destroyed_at = now()
WHERE keys.destroyed_at IS NULL
"""


class WrappedByAnother(Exception):
    """The data key was wrapped by another key-encryption key than the one given."""


@dataclass(frozen=True, slots=True)
class _Key:
    """`data_key` is None once destroyed."""

    key_id: UUID
    data_key: bytes | None


_Name = tuple[UUID, str]
"""Whose key, and for which purpose."""
_New = tuple[UUID, str, UUID, bytes]
"""The same, the key's id, and the key as it is stored."""


class KeyDatabase:
    """A Sealer. `key_encryption_key` is 32 bytes. Raises ValueError when it is not.

    Its methods raise Busy when the database cannot be reached.
    """

    def __init__(self, dsn: str, key_encryption_key: bytes) -> None:
        if len(key_encryption_key) != KEY_BYTES:
            raise ValueError(f"a key-encryption key has {KEY_BYTES} bytes")
        self._wrapping = AESGCM(key_encryption_key)
        self._wrapped_by = wrapped_by(key_encryption_key)
        self._reader, self._writer = (LastingConnection(dsn, "vongtay keys") for _ in range(2))
        self._found = Coalesced(self._find_all)
        self._made = Coalesced(self._make_all)
        self._cache: OrderedDict[_Name, tuple[float, _Key]] = OrderedDict()

    async def seal(self, person: UUID, purpose: str, field: str, text: str) -> Sealed:
        key = self._cached(person, purpose) or await self._find_or_make(person, purpose)
        if key.data_key is None:
            raise KeyDestroyed
        return seal_with(key.data_key, key.key_id, person, purpose, field, text)

    async def open(self, person: UUID, purpose: str, field: str, sealed: Sealed) -> str | None:
        key = self._cached(person, purpose) or await self._find(person, purpose)
        if key is None or key.data_key is None:
            return None
        return open_with(key.data_key, key.key_id, person, purpose, field, sealed)

    async def destroy(self, person: UUID, purpose: str) -> None:
        await self._writer.fetch(DESTROY, uuid4(), person, purpose)
        self._cache.pop((person, purpose), None)

    async def close(self) -> None:
        for connection in (self._reader, self._writer):
            await connection.close()

    def _cached(self, person: UUID, purpose: str) -> _Key | None:
        until, key = self._cache.get((person, purpose), (0.0, None))
        return key if time.monotonic() < until else None

    async def _find_or_make(self, person: UUID, purpose: str) -> _Key:
        if (found := await self._find(person, purpose)) is not None:
            return found
        key_id, data_key = uuid4(), secrets.token_bytes(KEY_BYTES)
        wrapped = self._wrap(key_id, person, purpose, data_key)
        asked_at = time.monotonic()
        if await self._made.ask((person, purpose, key_id, wrapped)):
            return self._remember(person, purpose, asked_at, _Key(key_id, data_key))
        # Somebody else was first. Their key shows only to a statement that begins after the one
        # which ran into it.
        made = await self._find(person, purpose)
        assert made is not None, "a key's row is never removed"
        return made

    async def _find(self, person: UUID, purpose: str) -> _Key | None:
        asked_at, (key_id, wrapped, wrapped_by) = await self._found.ask((person, purpose))
        if key_id is None:
            return None
        if wrapped is None:
            return self._remember(person, purpose, asked_at, _Key(key_id, None))
        if wrapped_by != self._wrapped_by:
            raise WrappedByAnother(f"key {key_id} is wrapped by {wrapped_by}")
        key = _Key(key_id, self._unwrap(key_id, person, purpose, wrapped))
        return self._remember(person, purpose, asked_at, key)

    def _remember(self, person: UUID, purpose: str, asked_at: float, key: _Key) -> _Key:
        self._cache[person, purpose] = (asked_at + CACHED_S, key)
        self._cache.move_to_end((person, purpose))
        if len(self._cache) > CACHED_MAX:
            self._cache.popitem(last=False)
        return key

    async def _find_all(self, names: Sequence[_Name]) -> list[tuple[float, Any]]:
        """Each with the time before which nobody can have destroyed what it shows."""
        asked_at = time.monotonic()
        rows = await self._reader.fetch(FIND, *map(list, zip(*names, strict=True)))
        return [(asked_at, row) for row in rows]

    async def _make_all(self, keys: Sequence[_New]) -> list[bool]:
        """Whether each key is now the one. Asked again after a lost connection: it may have been.

        Then its row is there already, and is found like that of somebody who was first.
        """
        rows = await self._writer.fetch(MAKE, *map(list, zip(*keys, strict=True)), self._wrapped_by)
        made = {row["key_id"] for row in rows}
        return [key_id in made for _, _, key_id, _ in keys]

    def _wrap(self, key_id: UUID, person: UUID, purpose: str, data_key: bytes) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, data_key, _row(key_id, person, purpose))

    def _unwrap(self, key_id: UUID, person: UUID, purpose: str, wrapped: bytes) -> bytes:
        nonce, encrypted = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._wrapping.decrypt(nonce, encrypted, _row(key_id, person, purpose))
        except InvalidTag:
            raise NotOpenable from None


def wrapped_by(key_encryption_key: bytes) -> str:
    """The name of a key-encryption key, which tells nothing of it."""
    return hashlib.sha256(key_encryption_key).hexdigest()[:16]


def unwrap(
    key_encryption_key: bytes, key_id: UUID, person: UUID, purpose: str, wrapped: bytes
) -> bytes:
    """Raises cryptography's InvalidTag."""
    nonce, encrypted = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    return AESGCM(key_encryption_key).decrypt(nonce, encrypted, _row(key_id, person, purpose))


def _row(key_id: UUID, person: UUID, purpose: str) -> bytes:
    """Bind a wrapped key to its row, so that none can be moved to another person's."""
    return key_id.bytes + person.bytes + purpose.encode()
