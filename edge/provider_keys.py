"""The provider's keys, asked for where the provider says that they are (OpenID Connect Discovery).

They are asked for again after a while, and at once, but not often, when a token names a key that is
not among them: so a provider changes its keys whenever it likes. While it is away, those that were
known last go on.
"""

import asyncio
import json
import time
from collections.abc import Callable

import httpx
from joserfc.jwk import KeySet

from edge.http_client import http_client
from edge.logs import log
from edge.tokens import key_set
from eventing.kept_file import NothingHeld

ASKED_AGAIN_S = 600.0
ASKED_AT_MOST_EVERY_S = 10.0
WITHIN_S = 5.0
BYTES_MAX = 256 * 1024
FAILURES = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError)


class DiscoveredKeys:
    """`Keys` of the provider at a URL; what it says its issuer is must be the one expected."""

    def __init__(
        self,
        issuer: str,
        url: str,
        client: httpx.AsyncClient | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._discovery = f"{url.rstrip('/')}/.well-known/openid-configuration"
        self._client = client or http_client(WITHIN_S)
        self._tick = tick
        self._held: KeySet | None = None
        self._content = b""
        self._asked_at = float("-inf")
        self._turn = asyncio.Lock()

    async def keys(self, *, anew: bool = False) -> KeySet:
        """Raises NothingHeld while the provider has never answered."""
        if self._held is None or self._is_due(anew=anew):
            async with self._turn:
                # Whoever waited meanwhile finds that it was asked for them.
                if self._is_due(anew=anew or self._held is None):
                    self._asked_at = self._tick()
                    await self._ask()
        if self._held is None:
            raise NothingHeld("the provider does not say its keys")
        return self._held

    def _is_due(self, *, anew: bool) -> bool:
        return self._tick() >= self._asked_at + (ASKED_AT_MOST_EVERY_S if anew else ASKED_AGAIN_S)

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                content = await self._content_now()
            # The same object while nothing has changed: by it verified tokens are remembered.
            if content != self._content:
                self._held, self._content = key_set(content), content
        except FAILURES as error:
            log.warning("the provider's keys are not known anew", why=type(error).__name__)

    async def _content_now(self) -> bytes:
        """Raises what is in FAILURES."""
        told = json.loads(await self._get(self._discovery))
        if told["issuer"] != self._issuer:
            raise ValueError("another issuer")
        return await self._get(str(told["jwks_uri"]))

    async def _get(self, url: str) -> bytes:
        answer = await self._client.get(url)
        answer.raise_for_status()
        if len(answer.content) > BYTES_MAX:
            raise ValueError("too much")
        return answer.content
