"""The token with which this program asks other services: kept until shortly before it ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import httpx

PROGRAM = "notifications"
RENEW_BEFORE_S = 60.0
TIMEOUT_S = 10.0

GiveToken = Callable[[], Awaitable[str]]
"""Raises httpx.HTTPError or ValueError when there is none to be had."""


def token_in(path: Path) -> GiveToken:
    """From a file that whoever runs the platform renews."""

    async def read() -> str:
        token = (await asyncio.to_thread(path.read_text)).strip()
        if not token:
            raise ValueError(f"{path.name} holds no token")
        return token

    return read


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
                f"{self._issuer}/token",
                json={"person": str(self._person), "program": PROGRAM},
                timeout=TIMEOUT_S,
            )
            if answer.status_code != HTTPStatus.OK:
                raise ValueError("the issuer gives no token")
            given = answer.json()
            self._token = given["access_token"]
            self._renew_at = time.monotonic() + given["expires_in"] - RENEW_BEFORE_S
        return self._token
