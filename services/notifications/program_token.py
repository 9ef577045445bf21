"""The token with which this program asks other services: kept until shortly before it ends."""

import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import httpx

from eventing.kept_file import KeptFile

PROGRAM = "notifications"
RENEW_BEFORE_S = 60.0
TIMEOUT_S = 10.0

GiveToken = Callable[[], Awaitable[str]]
"""Raises httpx.HTTPError, OSError or ValueError when there is none to be had."""


class TokenFile(KeptFile[str]):
    """A `GiveToken`, from a file that whoever runs the platform renews."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, _token, look_again_s=0.0)

    async def __call__(self) -> str:
        return self.current()


def _token(content: bytes) -> str:
    token = content.decode("ascii").strip()
    if not token.isprintable() or len(token.split()) != 1:
        raise ValueError("no token")
    return token


class DevelopmentToken:
    """From the development issuer, which gives anybody any token."""

    def __init__(self, client: httpx.AsyncClient, issuer: str, person: UUID) -> None:
        self._client = client
        self._issuer = issuer
        self._person = person
        self._token = ""
        self._renew_at = 0.0

    async def __call__(self) -> str:
        if time.monotonic() >= self._renew_at:
            answer = await self._client.post(
                f"{self._issuer}/token-for-anybody",
                json={"person": str(self._person), "program": PROGRAM},
                timeout=TIMEOUT_S,
            )
            if answer.status_code != HTTPStatus.OK:
                raise ValueError("the issuer gives no token")
            given = answer.json()
            self._token = given["access_token"]
            self._renew_at = time.monotonic() + given["expires_in"] - RENEW_BEFORE_S
        return self._token
