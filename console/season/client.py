"""The season's hands: commands and queries over HTTP as one person or another, each sent once.

A command's key is derived from what it asks, so playing again repeats nothing. A journal, if
there is one, is told how each attempt ended.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

import aiohttp
from yarl import URL

from console.addresses import Addresses
from console.season.journal import Answer, Journal
from console.season.register import season_id

CALLS_AT_ONCE = 24
TRIES_MAX = 5
LIMIT, PAGES_MAX = 200, 100
TRY_AGAIN_S, TRY_AGAIN_S_MAX = 0.5, 2.5
TOKEN_FRESH_S = 240.0
CALL_TIMEOUT_S = 30.0


UNREACHED = (aiohttp.ClientError, TimeoutError)
"""What a call ends with that got no answer."""


class StepFailed(Exception):
    """A call was answered otherwise than the season expects; names the call and the answer."""


class ChangedMeanwhile(StepFailed):
    """What a command judges is not any more what was seen of it."""


class _Request(NamedTuple):
    method: str
    url: URL
    headers: Mapping[str, str]
    content: bytes | None


class Client:
    """`commands` counts what was sent and accepted, repeated ones too. Made within an event loop.

    `journal` gets a line for each attempt at a command.
    """

    def __init__(
        self,
        addresses: Addresses,
        seed: str,
        *,
        journal: Journal | None = None,
        tries_max: int = TRIES_MAX,
        calls_at_once: int = CALLS_AT_ONCE,
    ) -> None:
        self.addresses = addresses
        self.seed = seed
        self.commands = 0
        self._journal = journal
        self._tries_max = tries_max
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=CALL_TIMEOUT_S),
            connector=aiohttp.TCPConnector(limit=calls_at_once),
            trust_env=False,
        )
        self._turn = asyncio.Semaphore(calls_at_once)
        self._written: dict[str, int] = {}
        self._tokens: dict[UUID, tuple[float, str]] = {}
        self._token_turn = asyncio.Lock()

    async def close(self) -> None:
        await self._http.close()

    async def set_clock(self, now: datetime) -> None:
        """The settable clock of the whole installation; days are Vietnamese ones.

        Raises StepFailed.
        """
        try:
            await self._ask_issuer("clock", {"now": now.astimezone(UTC).isoformat()})
        except UNREACHED as error:
            raise StepFailed(f"POST issuer /clock: {type(error).__name__}") from error

    async def command(
        self,
        service: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: UUID,
        seen: int | None = None,
    ) -> dict[str, int]:
        """Send a command until it is answered; return the positions where its effect is.

        `seen`: the version of what it judges. It is no part of the key: who looks again and sends
        it again repeats it.
        """
        text = json.dumps(body, default=str, ensure_ascii=False, sort_keys=True)
        key = season_id(self.seed, "command", service, by, method, path, text)
        content = text.encode()
        answer = await self._call(service, method, path, by, content=content, key=key, seen=seen)
        self.commands += 1
        positions: dict[str, int] = json.loads(answer.content)["positions"]
        self.wrote(positions)
        return positions

    def wrote(self, positions: Mapping[str, int]) -> None:
        """What is looked at from here on holds at least what was written there."""
        for service, at in positions.items():
            self._written[service] = max(at, self._written.get(service, 0))

    async def version(self, service: str, path: str, *, by: UUID) -> int:
        """What a person sees of a thing, by its version: what all that was written made of it."""
        asked = {"min_position": f"{service}:{self._written.get(service, 0)}"}
        version: int = (await self.query(service, path, by=by, **asked))["version"]
        return version

    async def query(self, service: str, path: str, *, by: UUID | None = None, **asked: Any) -> Any:
        return json.loads((await self._call(service, "GET", path, by, params=asked)).content)

    async def listed(
        self, service: str, path: str, *, by: UUID, **asked: Any
    ) -> list[dict[str, Any]]:
        """All pages of a list, with all that was written."""
        asked |= {"limit": LIMIT, "min_position": f"{service}:{self._written.get(service, 0)}"}
        items: list[dict[str, Any]] = []
        for _ in range(PAGES_MAX):
            page = await self.query(service, path, by=by, **asked)
            items += page["items"]
            if page["next"] is None:
                return items
            asked["cursor"] = page["next"]
        raise StepFailed(f"GET {service} {path}: more than {PAGES_MAX} pages")

    async def page(self, path: str) -> str:
        """A page of the portal as the public sees it."""
        return (await self._call("portal", "GET", path, None)).content.decode()

    async def token(self, person: UUID) -> str:
        """What a person's program shows at the door; fresh for minutes."""
        async with self._token_turn:
            until, token = self._tokens.get(person, (0.0, ""))
            if time.monotonic() >= until:
                answer = await self._ask_issuer(
                    "token-for-anybody", {"person": str(person), "program": "season"}
                )
                token = json.loads(answer)["access_token"]
                self._tokens[person] = (time.monotonic() + TOKEN_FRESH_S, token)
        return token

    async def together(self, commands: Iterable[Awaitable[Any]]) -> list[Any]:
        """Wait for all; the first failure ends the season."""
        return await asyncio.gather(*commands)

    async def _ask_issuer(self, path: str, body: dict[str, str]) -> bytes:
        """Raises what is in UNREACHED, an answer that is no success too."""
        async with self._http.post(f"{self.addresses.issuer}/{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.read()

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
        seen: int | None = None,
    ) -> Answer:
        url = URL(f"{self.addresses.services[service]}{path}").update_query(params)
        headers = {"Content-Type": "application/json", "Accept-Language": "vi"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        problem = ""
        for attempt in range(self._tries_max):
            try:
                if by is not None:
                    headers["Authorization"] = f"Bearer {await self.token(by)}"
                request = _Request(method, url, headers, content)
                answer = await self._attempt(service, by, key, request)
            except UNREACHED as error:
                problem = type(error).__name__
            else:
                if answer.is_success:
                    return answer
                problem = f"{answer.status} {answer.content.decode()}"
                if answer.status == HTTPStatus.UNAUTHORIZED and by is not None:
                    self._tokens.pop(by, None)
                elif answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
            # The same key again: whatever the first try did, it happens once.
            await asyncio.sleep(min(TRY_AGAIN_S * (attempt + 1), TRY_AGAIN_S_MAX))
        changed = problem.startswith(str(HTTPStatus.PRECONDITION_FAILED.value))
        raise (ChangedMeanwhile if changed else StepFailed)(f"{method} {service} {path}: {problem}")

    async def _attempt(
        self, service: str, by: UUID | None, key: UUID | None, request: _Request
    ) -> Answer:
        """Raises what is in UNREACHED."""
        async with self._turn:
            began_s = time.monotonic()
            answer: Answer | None = None
            try:
                async with self._http.request(
                    request.method, request.url, headers=request.headers, data=request.content
                ) as got:
                    answer = Answer(got.status, await got.read())
            finally:
                # However it ended, cancelled too: it may have happened.
                if self._journal is not None and key is not None:
                    self._journal.note(service, by, key, began_s, answer)
        return answer
