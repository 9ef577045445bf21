"""What desks ask of the services, and tell them, with the person's own token. Nothing is kept.

But for the services' contracts, which are public and change with their code alone.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import msgspec

from contracts.languages import Language
from edge.http_client import http_client
from edge.logs import log
from services.portal.neighbours import Silent

WITHIN_S = 5.0
TOLD_WITHIN_S = 12.0
"""A command: the service itself gives up on its database before."""
BYTES_MAX = 4_000_000
CONTRACT_KEPT_S = 60.0

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the services are told: with the person's own token, and what they read."""

    authorization: str
    language: Language

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": self.authorization, "Accept-Language": self.language}


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is what the JSON says; None: it was none."""

    status: int
    body: Any
    etag: str | None = None
    kind: str = ""

    @property
    def ok(self) -> bool:
        return httpx.codes.is_success(self.status)

    @property
    def code(self) -> str:
        """Of a problem; empty: it is none of ours."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Services:
    """`urls`: name to URL."""

    def __init__(self, urls: Mapping[str, str], client: httpx.AsyncClient | None = None) -> None:
        self.urls = urls
        self._client = client or http_client()
        self._contracts: dict[str, tuple[float, Any]] = {}

    async def ask(
        self,
        service: str,
        path: str,
        asker: Asker | None,
        query: Query | None = None,
        *,
        body: Any = None,
    ) -> Answer:
        """With a body where what is asked for may stand in no address. Raises Silent."""
        headers = asker.headers if asker else {}
        method = "GET" if body is None else "POST"
        return await self._sent(service, method, path, headers, WITHIN_S, query=query, body=body)

    async def tell(
        self,
        service: str,
        method: str,
        path: str,
        asker: Asker,
        *,
        key: UUID,
        body: Any = None,
        etag: str | None = None,
    ) -> Answer:
        """Give a command. Raises Silent: then nobody knows whether it was carried out."""
        headers = asker.headers | {"Idempotency-Key": str(key)}
        if etag is not None:
            headers["If-Match"] = etag
        return await self._sent(service, method, path, headers, TOLD_WITHIN_S, body=body)

    async def contract(self, service: str) -> Mapping[str, Any]:
        """The service's OpenAPI. Raises Silent."""
        until, kept = self._contracts.get(service, (0.0, None))
        now = time.monotonic()
        if now >= until:
            try:
                kept = await self._contract_now(service)
            except Silent:
                # A form that was drawn must be able to come back, whatever the service does.
                if kept is None:
                    raise
            self._contracts[service] = (now + CONTRACT_KEPT_S, kept)
        found: Mapping[str, Any] = kept
        return found

    async def _contract_now(self, service: str) -> Any:
        """Raises Silent."""
        answer = await self.ask(service, "/openapi.json", None)
        if not answer.ok or not isinstance(answer.body, dict):
            raise Silent(f"answered {answer.status}")
        return answer.body

    async def close(self) -> None:
        await self._client.aclose()

    async def _sent(
        self,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        within_s: float,
        *,
        query: Query | None = None,
        body: Any = None,
    ) -> Answer:
        if service not in self.urls:
            raise Silent("VONGTAY_PUBLIC_URLS")
        url = self.urls[service].rstrip("/") + path
        content = None if body is None else msgspec.json.encode(body)
        typed = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(within_s),
                self._client.stream(
                    method,
                    url,
                    params=query,
                    headers={**headers, **typed},
                    timeout=within_s,
                    content=content,
                ) as answer,
            ):
                told = b""
                async for part in answer.aiter_bytes():
                    told += part
                    if len(told) > BYTES_MAX:
                        raise Silent("answered too much")
                kind = answer.headers.get("content-type", "")
                return Answer(answer.status_code, _json(told), answer.headers.get("etag"), kind)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            # Pages go on without it, or offer to send again: nobody else would hear of it.
            why = type(error).__name__
            log.warning("a service does not answer", asked=service, why=why)
            raise Silent(why) from None


def filled(path: str, values: Mapping[str, str]) -> str:
    """A path with its `{names}` filled in; what is filled in is one part of the path."""
    return path.format_map({name: quote(value, safe="") for name, value in values.items()})


def _json(told: bytes) -> Any:
    try:
        return msgspec.json.decode(told)
    except msgspec.MsgspecError:
        return None
