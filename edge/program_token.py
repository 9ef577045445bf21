"""The token with which a program asks other services: by client credentials of its own.

The OpenID Connect provider gives it (RFC 6749, section 4.4); Authlib speaks the protocol. It is
kept until shortly before it ends; while the provider is away the one that there is goes on.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from edge.http_client import authorities

WITHIN_S = 5.0
TIMES_ASKED_MAX = 3
PAUSE_S = 0.5
ASKED_AGAIN_S = 5.0
"""After it was not given: meanwhile nobody asks."""
RENEWED_BEFORE_S = 60.0
LIFE_S_ASSUMED, LIFE_S_MAX = 60.0, 24 * 3600.0

GiveToken = Callable[[], Awaitable[str]]
"""Raises NoToken."""

# It tells its secrets at the level DEBUG.
logging.getLogger("authlib").setLevel(logging.WARNING)


class NoToken(Exception):
    """`why` is a word for the log; `away`: the provider did not answer, it may later."""

    def __init__(self, why: str, *, away: bool = False) -> None:
        super().__init__(why)
        self.why, self.away = why, away


@dataclass(frozen=True, slots=True)
class ProgramAtProvider:
    """`url` is where the provider's discovery document is asked for. No secret: development."""

    issuer: str
    url: str
    client: str
    secret: str | None


class ProgramToken:
    """A `GiveToken`. Asked for by one at a time, a few times at most."""

    def __init__(
        self,
        program: ProgramAtProvider,
        transport: httpx2.AsyncBaseTransport | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._program = program
        self._transport = transport
        self._tick = tick
        self._token = ""
        self._renew_at = self._ends_at = float("-inf")
        self._failed: NoToken | None = None
        self._ask_again_at = float("-inf")
        self._turn = asyncio.Lock()

    async def __call__(self) -> str:
        """Raises NoToken."""
        if self._tick() >= self._renew_at:
            async with self._turn:
                # Whoever waited meanwhile finds that it was asked for.
                if self._tick() >= max(self._renew_at, self._ask_again_at):
                    await self._renew()
        if self._tick() >= self._ends_at:
            raise self._failed or NoToken("no-token")
        return self._token

    async def _renew(self) -> None:
        for times in range(1, TIMES_ASKED_MAX + 1):
            try:
                await self._ask()
            except NoToken as failed:
                self._failed = failed
                self._ask_again_at = self._tick() + ASKED_AGAIN_S
                if not failed.away or times == TIMES_ASKED_MAX:
                    return
                await asyncio.sleep(PAUSE_S * times)
            else:
                return

    async def _ask(self) -> None:
        """Raises NoToken."""
        asked_at = self._tick()
        try:
            async with asyncio.timeout(WITHIN_S), self._client() as client:
                given = await client.fetch_token(
                    await self._token_endpoint(client), grant_type="client_credentials"
                )
            token = given["access_token"]
            life_s = min(float(given.get("expires_in", LIFE_S_ASSUMED)), LIFE_S_MAX)
        except AuthlibBaseError as error:
            raise NoToken(str(error.error)) from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise NoToken("provider-away", away=True) from error
        except (ValueError, KeyError, TypeError) as error:
            raise NoToken("answer-not-valid") from error
        if not isinstance(token, str) or not token:
            raise NoToken("answer-not-valid")
        self._token, self._failed = token, None
        self._ends_at = asked_at + life_s
        self._renew_at = self._ends_at - min(RENEWED_BEFORE_S, life_s / 2)

    async def _token_endpoint(self, client: Any) -> str:
        """Raises NoToken, httpx2.HTTPError, ValueError, KeyError."""
        url = f"{self._program.url.rstrip('/')}/.well-known/openid-configuration"
        answer = await client.request("GET", url, withhold_token=True)
        answer.raise_for_status()
        told = answer.json()
        if told["issuer"] != self._program.issuer:
            raise NoToken("another-issuer")
        return str(told["token_endpoint"])

    def _client(self) -> Any:
        secret = self._program.secret
        more = {} if self._transport is None else {"transport": self._transport}
        return AsyncOAuth2Client(
            client_id=self._program.client,
            client_secret=secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            timeout=WITHIN_S,
            trust_env=False,
            verify=authorities(),
            **more,
        )
