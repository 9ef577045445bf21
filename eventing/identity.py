"""Whose database this is, and by which keys it was written: asked before anything is written.

A wrong address or a wrong key is told at a start, and changes nothing in what belongs to another.
"""

import hashlib
import hmac
from typing import Any, Literal, Union

import asyncpg
from cryptography.exceptions import InvalidTag

from eventing.compared import AnotherInstallations, WillNotStart
from eventing.key_database import unwrap, wrapped_by

Holds = Literal["log", "keys"]
Database = Union["asyncpg.Pool[Any]", "asyncpg.Connection[Any]"]

_CHECKED = b"the check value of a service's MAC key"
# Of those that somebody still has. By its key, so that a million are not looked through.
_ONE_KEY = """
SELECT key_id, person, purpose, wrapped, wrapped_by FROM keys
WHERE wrapped IS NOT NULL ORDER BY key_id LIMIT 1
"""


class AnothersKey(WillNotStart):
    """A secret is not the one by which this database was written."""


async def mark(database: Database, holds: Holds, service: str) -> None:
    """Write whose it is, as its owner does. Raises AnotherInstallations if it is another's."""
    await database.execute(
        "INSERT INTO identity VALUES ($1, $2) ON CONFLICT (name) DO NOTHING", holds, service
    )
    await see_whose_database_it_is(database, holds, service)


async def see_whose_database_it_is(database: Database, holds: Holds, service: str) -> None:
    """Raises AnotherInstallations. One that was never marked is anybody's."""
    said = await database.fetchval("SELECT value FROM identity WHERE name = $1", holds)
    if said not in (None, service):
        variable = "VONGTAY_DATABASE_URL" if holds == "log" else "VONGTAY_KEYS_DATABASE_URL"
        raise AnotherInstallations(
            f"this database holds the {holds} of {said}, not of {service}: see {variable}"
        )


async def see_that_the_mac_key_is(database: Database, mac_key: bytes) -> None:
    """Raises AnothersKey. A log that has known no key yet takes any; nothing is written."""
    said = await database.fetchval("SELECT value FROM identity WHERE name = 'mac-key'")
    if said is not None and not hmac.compare_digest(said, _check_value(mac_key)):
        raise AnothersKey(
            "VONGTAY_MAC_KEY_FILE holds another key than that by which this log knows its commands:"
            " bring back the file that it began with"
        )


async def keep_the_mac_key(database: Database, mac_key: bytes) -> None:
    """Let the log know its key by a check value, the first that comes. Raises AnothersKey."""
    await database.execute(
        "INSERT INTO identity VALUES ('mac-key', $1) ON CONFLICT (name) DO NOTHING",
        _check_value(mac_key),
    )
    await see_that_the_mac_key_is(database, mac_key)


def _check_value(mac_key: bytes) -> str:
    return hmac.digest(mac_key, _CHECKED, hashlib.sha256).hex()


async def see_that_the_keys_open(database: Database, key_encryption_key: bytes) -> None:
    """Open one stored key, if there is one. Raises AnothersKey."""
    row = await database.fetchrow(_ONE_KEY)
    if row is None:
        return
    try:
        if row["wrapped_by"] == wrapped_by(key_encryption_key):
            unwrap(key_encryption_key, row["key_id"], row["person"], row["purpose"], row["wrapped"])
            return
    except InvalidTag:
        pass
    raise AnothersKey(
        "VONGTAY_KEY_ENCRYPTION_KEY_FILE does not open the keys of this database: bring back the"
        " file that wrapped them (see also VONGTAY_KEYS_DATABASE_URL)"
    )
