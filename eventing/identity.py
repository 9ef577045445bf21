"""Whose database this is, and by which keys it was written: asked before anything is written.

A wrong address or a wrong key is told at a start, and changes nothing in what belongs to another.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Literal, Union

import asyncpg
from cryptography.exceptions import InvalidTag

from eventing.compared import AnotherInstallations, WillNotStart
from eventing.key_database import unwrap, wrapped_by

Holds = Literal["log", "keys"]
Database = Union["asyncpg.Pool[Any]", "asyncpg.Connection[Any]"]
Secrets = Mapping[Literal["mac-key", "code-key"], bytes]
"""By which a log is written for ever, and whose change nothing else would show."""

# Of those that somebody still has. By its key, so that a million are not looked through.
_ONE_KEY = """
SELECT key_id, person, purpose, wrapped, wrapped_by FROM keys
WHERE wrapped IS NOT NULL ORDER BY key_id LIMIT 1
"""


class AnothersKey(WillNotStart):
    """A secret is not the one by which this database was written."""

    vi = "khóa bí mật không phải khóa đã dùng để ghi dữ liệu này"


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


async def see_that_the_secrets_are(database: Database, secrets: Secrets) -> None:
    """Raises AnothersKey. A log that has known no key yet takes any; nothing is written."""
    for name, key in secrets.items():
        said = await database.fetchval("SELECT value FROM identity WHERE name = $1", name)
        if said is not None and not hmac.compare_digest(said, _check_value(name, key)):
            variable = f"VONGTAY_{name.upper().replace('-', '_')}_FILE"
            raise AnothersKey(
                f"{variable} holds another key than that by which this log was written:"
                " bring back the file that it began with"
            )


async def keep_the_secrets(database: Database, secrets: Secrets) -> None:
    """Let the log know its keys by check values, the first that come. Raises AnothersKey."""
    for name, key in secrets.items():
        await database.execute(
            "INSERT INTO identity VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            name,
            _check_value(name, key),
        )
    await see_that_the_secrets_are(database, secrets)


def _check_value(name: str, key: bytes) -> str:
    return hmac.digest(key, f"the check value of the {name} of a log".encode(), "sha256").hex()


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
