"""The season's hands: commands and queries over HTTP as one person or another, each sent once.

A command's key is derived from what it asks, so playing again repeats nothing. A journal, if
there is one, is told how each attempt ended.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from console.addresses import Addresses
from console.season.journal import Journal
from console.season.register import season_id

CALLS_AT_ONCE = 24
TRIES_MAX = 5
TRY_AGAIN_S, TRY_AGAIN_S_MAX = 0.5, 2.5
TOKEN_FRESH_S = 240.0
CALL_TIMEOUT_S = 30.0


class StepFailed(Exception):
    """A call was answered otherwise than the season expects; names the call and the answer."""


class Client:
    """`commands` counts what was sent and accepted, repeated ones too.

    `journal` gets a line for each attempt at a command.
    """

    def __init__(
        self,
        addresses: Addresses,
        seed: str,
        *,
        journal: Journal | None = None,
        tries_max: int = TRIES_MAX,
    ) -> None:
        self.addresses = addresses
        self.seed = seed
        self.commands = 0
        self._journal = journal
        self._tries_max = tries_max
        self._http = httpx.AsyncClient(
            timeout=CALL_TIMEOUT_S,
            limits=httpx.Limits(
                max_connections=CALLS_AT_ONCE, max_keepalive_connections=CALLS_AT_ONCE
            ),
        )
        self._turn = asyncio.Semaphore(CALLS_AT_ONCE)
        self._tokens: dict[UUID, tuple[float, str]] = {}
        self._token_turn = asyncio.Lock()

    async def close(self) -> None:
        await self._http.aclose()

    async def set_clock(self, now: datetime) -> None:
        """The settable clock of the whole installation; days are Vietnamese ones."""
        answer = await self._http.post(
            f"{self.addresses.issuer}/clock", json={"now": now.astimezone(UTC).isoformat()}
        )
        answer.raise_for_status()

    async def command(
        self, service: str, method: str, path: str, body: Any = None, *, by: UUID
    ) -> dict[str, int]:
        """Send a command until it is answered; return the positions where its effect is."""
        text = json.dumps(body, default=str, ensure_ascii=False, sort_keys=True)
        key = season_id(self.seed, "command", service, by, method, path, text)
        answer = await self._call(service, method, path, by, content=text.encode(), key=key)
        self.commands += 1
        positions: dict[str, int] = answer.json()["positions"]
        return positions

    async def query(self, service: str, path: str, *, by: UUID | None = None, **asked: Any) -> Any:
        return (await self._call(service, "GET", path, by, params=asked)).json()

    async def page(self, path: str) -> str:
        """A page of the portal as the public sees it."""
        return (await self._call("portal", "GET", path, None)).text

    async def token(self, person: UUID) -> str:
        """What a person's program shows at the door; fresh for minutes."""
        async with self._token_turn:
            until, token = self._tokens.get(person, (0.0, ""))
            if time.monotonic() >= until:
                answer = await self._http.post(
                    f"{self.addresses.issuer}/token",
                    json={"person": str(person), "program": "season"},
                )
                answer.raise_for_status()
                token = answer.json()["access_token"]
                self._tokens[person] = (time.monotonic() + TOKEN_FRESH_S, token)
        return token

    async def together(self, commands: Iterable[Awaitable[Any]]) -> list[Any]:
        """Wait for all; the first failure ends the season."""
        return await asyncio.gather(*commands)

    async def _call(
        self,
        service: str,
        method: str,
        path: str,
        by: UUID | None,
        *,
        content: bytes | None = None,
        key: UUID | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        url = f"{self.addresses.services[service]}{path}"
        headers = {"Content-Type": "application/json", "Accept-Language": "vi"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        problem = ""
        for attempt in range(self._tries_max):
            if by is not None:
                headers["Authorization"] = f"Bearer {await self.token(by)}"
            try:
                request = self._http.build_request(
                    method, url, content=content, headers=headers, params=params
                )
                answer = await self._attempt(service, by, key, request)
            except httpx.TransportError as error:
                problem = type(error).__name__
            else:
                if answer.is_success:
                    return answer
                problem = f"{answer.status_code} {answer.text}"
                if answer.status_code == httpx.codes.UNAUTHORIZED and by is not None:
                    self._tokens.pop(by, None)
                elif answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    break
            # The same key again: whatever the first try did, it happens once.
            await asyncio.sleep(min(TRY_AGAIN_S * (attempt + 1), TRY_AGAIN_S_MAX))
        raise StepFailed(f"{method} {service} {path}: {problem}")

    async def _attempt(
        self, service: str, by: UUID | None, key: UUID | None, request: httpx.Request
    ) -> httpx.Response:
        """Raises httpx.TransportError."""
        async with self._turn:
            began_s = time.monotonic()
            answer: httpx.Response | None = None
            try:
                answer = await self._http.send(request)
            finally:
                # However it ended, cancelled too: it may have happened.
                if self._journal is not None and key is not None:
                    self._journal.note(service, by, key, began_s, answer)
        return answer
