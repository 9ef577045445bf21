"""What the portal asks others: a service, with the auditor's own token; a witness, with none.

Nothing of it is kept but for seconds, and one that is silent is told as silent.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec

from edge.http_client import http_client

WITHIN_S = 4.0
DIGEST_WITHIN_S = 30.0
BYTES_MAX = 1_000_000
KEPT_S = 5.0
KEPT_MAX = 100
NAMES_MAX = 100

T = TypeVar("T")


class Silent(Exception):
    """It did not answer in time, or not what was asked."""


class ParkedThere(msgspec.Struct, frozen=True):
    """A stream with which a consumer of a service could not go on, and waits for a person."""

    consumer: str
    source: str
    stream: str
    first_position: int
    records: int
    error: str


class PublicName(msgspec.Struct, frozen=True):
    """By which name a giver may be told in public, as it holds now."""

    sponsor_id: UUID
    public_name: str


class PublicNames(msgspec.Struct, frozen=True):
    items: list[PublicName]


class ModelThere(msgspec.Struct, frozen=True):
    name: str
    private: bool


class DigestThere(msgspec.Struct, frozen=True):
    name: str
    digest: str
    positions: dict[str, int]


Finding = Literal["cosigned", "nothing-signed", "silent", "not-signed", "went-back", "forked"]
REFUSED: frozenset[Finding] = frozenset({"not-signed", "went-back", "forked"})
"""Findings that are alarms."""


class Verdict(msgspec.Struct, frozen=True):
    """What a witness found of a log: `size` is what it has cosigned, `at` seconds since 1970."""

    origin: str
    finding: Finding
    size: int
    at: int
    says: str = ""


class Neighbours:
    """`services`: name to URL. `witness`: where one shows its findings; None: none is known.

    `logs` are the addresses at which anybody reaches what proves a log.
    """

    def __init__(
        self,
        services: Mapping[str, str],
        witness: str | None = None,
        logs: Mapping[str, str] = MappingProxyType({}),
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self.services = services
        self.witness = witness
        self.logs = logs
        self._client = client or http_client()
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def parked(self, service: str, authorization: str) -> list[ParkedThere]:
        """Raises Silent."""
        told = await self._get(f"{self.services[service]}/parked", WITHIN_S, authorization)
        return _read(told, list[ParkedThere])

    async def digests(self, service: str, authorization: str) -> list[DigestThere]:
        """Of its open read models, one after another: each reads a whole table. Raises Silent."""
        url = f"{self.services[service]}/read-models"
        models = _read(await self._get(url, WITHIN_S, authorization), list[ModelThere])
        return [
            _read(
                await self._get(f"{url}/{model.name}/digest", DIGEST_WITHIN_S, authorization),
                DigestThere,
            )
            for model in models
            if not model.private
        ]

    async def verdicts(self) -> dict[str, Verdict]:
        """By origin. Raises Silent."""
        if self.witness is None:
            return {}
        found = _read(await self._public(f"{self.witness.rstrip('/')}/"), list[Verdict])
        return {verdict.origin: verdict for verdict in found}

    async def public_names(self, sponsor_ids: Iterable[UUID]) -> dict[UUID, str]:
        """Of individuals who agreed to be named. None is kept here: withdrawn, it is gone.

        Where donations is silent, or is not known, nobody is named.
        """
        asked = [("sponsor_id", str(id_)) for id_ in sorted(set(sponsor_ids))[:NAMES_MAX]]
        if not asked or "donations" not in self.services:
            return {}
        url = f"{self.services['donations']}/public-names?{urlencode(asked)}"
        try:
            told = _read(await self._public(url), PublicNames)
        except Silent:
            return {}
        return {name.sponsor_id: name.public_name for name in told.items}

    async def keys(self, services: Iterable[str]) -> dict[str, list[str] | None]:
        """The verifier keys of logs, old and new. None: the service is silent, or not signed."""
        asked = [service for service in services if service in self.services]
        return dict(zip(asked, await asyncio.gather(*map(self._keys, asked)), strict=True))

    async def propose_account(self, authorization: str, account_id: UUID, name: str) -> None:
        """Tell the registry that somebody signed in whom nobody knows yet. Raises Silent.

        Once for an account: a keeper who refused it has looked.
        """
        try:
            answer = await self._client.put(
                f"{self.services['registry']}/accounts/mine",
                json={"name": name},
                headers={"Authorization": authorization, "Idempotency-Key": str(account_id)},
                timeout=WITHIN_S,
            )
        except (KeyError, httpx.HTTPError, OSError) as error:
            raise Silent(type(error).__name__) from None
        if answer.status_code != HTTPStatus.OK:
            raise Silent(f"answered {answer.status_code}")

    async def _keys(self, service: str) -> list[str] | None:
        try:
            told = await self._public(f"{self.services[service]}/log/keys")
            return told.decode().splitlines()
        except (Silent, UnicodeDecodeError):
            return None

    async def _public(self, url: str) -> bytes:
        """Kept for seconds: a page that anyone may ask for must not ask others as often."""
        now = time.monotonic()
        until, told = self._kept.get(url, (0.0, b""))
        if now >= until:
            told = await self._get(url, WITHIN_S)
            self._kept[url] = (now + KEPT_S, told)
            if len(self._kept) > KEPT_MAX:
                self._kept.popitem(last=False)
        return told

    async def _get(self, url: str, within_s: float, authorization: str | None = None) -> bytes:
        headers = {} if authorization is None else {"Authorization": authorization}
        try:
            async with (
                asyncio.timeout(within_s),
                self._client.stream("GET", url, headers=headers, timeout=within_s) as answer,
            ):
                if answer.status_code != HTTPStatus.OK:
                    raise Silent(f"answered {answer.status_code}")
                told = b""
                async for part in answer.aiter_bytes():
                    told += part
                    if len(told) > BYTES_MAX:
                        raise Silent("answered too much")
                return told
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise Silent(type(error).__name__) from None


def _read(told: bytes, shape: type[T]) -> T:
    """Raises Silent."""
    try:
        return msgspec.json.decode(told, type=shape)
    except msgspec.MsgspecError:
        raise Silent("answered something else") from None
