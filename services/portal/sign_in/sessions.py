"""Sessions: who is signed in with which browser. It holds a secret; tokens stay here, sealed."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from eventing.clock import Clock
from services.portal.sign_in.sealed import NotOpenable, Seal
from services.portal.sign_in.session_store import Kept, SessionStore

SECRET_BYTES = 32
SECRET_CHARACTERS_MAX = 64
SEEN_EVERY = timedelta(minutes=1)
RENEW_BEFORE = timedelta(minutes=1)
RENEWED_WITHIN = timedelta(seconds=10)
LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class AtProvider:
    """A session as the provider names it (`sid`)."""

    session: str


class Tokens(msgspec.Struct, frozen=True):
    """What a provider gave at sign-in, or since. Never shown, logged, or kept unsealed."""

    account: UUID
    name: str | None
    access: str
    access_ends_at: datetime
    refresh: str | None
    provider_session: str | None

    def __repr__(self) -> str:
        return "Tokens(…)"


class _Content(msgspec.Struct, frozen=True):
    tokens: Tokens
    form_key: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session. `form_key` stands in each form of a page, and comes back with it.

    `name` is what the provider calls them.
    """

    account: UUID
    name: str | None
    began_at: datetime
    form_key: str = field(repr=False)
    authorization: str = field(repr=False)
    """With it the portal asks the services, as this person."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts without use, and at most."""

    idle: timedelta
    absolute: timedelta


class RenewalRefused(Exception):
    """The provider gives no new tokens for this session any more."""


class ProviderAway(Exception):
    """The provider does not answer, or not as one."""


Renew = Callable[[Tokens], Awaitable[Tokens]]
"""New tokens for those that end. Raises RenewalRefused, ProviderAway."""


class Sessions:
    def __init__(
        self,
        store: SessionStore,
        secret: bytes,
        limits: Limits,
        renew: Renew,
        clock: Clock,
    ) -> None:
        self._store = store
        self._secret = secret
        self._limits = limits
        self._renew = renew
        self._clock = clock

    async def begin(self, tokens: Tokens, instead_of: str | None) -> str:
        """Return what the browser is to hold: always a new secret, whatever it came with."""
        if instead_of is not None:
            await self._store.end(_hash_of(instead_of))
        now = self._clock()
        await self._store.forget(now - self._limits.absolute, now - self._limits.idle)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        content = _Content(tokens, secrets.token_urlsafe(SECRET_BYTES))
        await self._store.add(
            Kept(
                id_hash=_hash_of(secret),
                account=tokens.account,
                provider_session=provider_session_hash(tokens.provider_session),
                began_at=now,
                seen_at=now,
                sealed=self._close(secret, content),
            )
        )
        return secret

    async def find(self, secret: str) -> SignedIn | None:
        """Who holds the secret, with a token that is good now; None when the session has ended.

        Raises ProviderAway when its token has ended and the provider cannot be asked for another.
        """
        if len(secret) > SECRET_CHARACTERS_MAX:
            return None
        id_hash, now = _hash_of(secret), self._clock()
        kept = await self._store.find(id_hash)
        if kept is None:
            return None
        if now >= min(kept.seen_at + self._limits.idle, kept.began_at + self._limits.absolute):
            await self._store.end(id_hash)
            return None
        try:
            content = self._open(secret, kept)
        except (NotOpenable, msgspec.MsgspecError):
            # Under an earlier secret of the portal, or of an earlier form.
            await self._store.end(id_hash)
            return None
        if now - kept.seen_at >= SEEN_EVERY:
            await self._store.seen(id_hash, now)
        if now >= content.tokens.access_ends_at - RENEW_BEFORE:
            renewed = await self._renewed(secret, content)
            if renewed is None:
                return None
            content = renewed
        return SignedIn(
            account=kept.account,
            name=content.tokens.name,
            began_at=kept.began_at,
            form_key=content.form_key,
            authorization=f"Bearer {content.tokens.access}",
        )

    async def end(self, secret: str) -> Tokens | None:
        """End the session; return its tokens, so that the provider can be told."""
        kept = await self._store.find(_hash_of(secret))
        if kept is None:
            return None
        await self._store.end(kept.id_hash)
        try:
            return self._open(secret, kept).tokens
        except (NotOpenable, msgspec.MsgspecError):
            return None

    async def end_everywhere(self, account: UUID) -> int:
        return await self._store.end_of(account)

    async def end_as_said(self, ended: AtProvider | UUID) -> int:
        """The one of a session at the provider, or all of an account."""
        if isinstance(ended, UUID):
            return await self._store.end_of(ended)
        hashed = provider_session_hash(ended.session)
        assert hashed is not None
        return await self._store.end_at_provider(hashed)

    async def _renewed(self, secret: str, content: _Content) -> _Content | None:
        """Of those who come at once one asks the provider; the others go on with what they have."""
        id_hash, now = _hash_of(secret), self._clock()
        good_until = content.tokens.access_ends_at
        if content.tokens.refresh is None:
            return content if now < good_until else None
        if not await self._store.may_renew(id_hash, now, now + RENEWED_WITHIN):
            return content if now < good_until else await self._renewed_by_another(secret, content)
        try:
            renewed = _Content(await self._renew(content.tokens), content.form_key)
        except RenewalRefused:
            await self._store.end(id_hash)
            return None
        except ProviderAway:
            # Nobody asks again before RENEWED_WITHIN is over, nor waits that long: a provider that
            # is away is waited for by one request, not by all.
            await self._store.found_away(id_hash)
            if now < good_until:
                return content
            raise
        await self._store.renewed(id_hash, self._close(secret, renewed))
        return renewed

    async def _renewed_by_another(self, secret: str, content: _Content) -> _Content | None:
        """Raises ProviderAway when the other finds it away, or takes too long."""
        until = self._clock() + RENEWED_WITHIN
        while self._clock() < until:
            kept = await self._store.find(_hash_of(secret))
            if kept is None:
                return None
            found = self._open(secret, kept)
            if found.tokens != content.tokens:
                return found
            if kept.provider_away:
                break
            await asyncio.sleep(LOOK_AGAIN_S)
        raise ProviderAway

    def _seal(self, secret: str) -> Seal:
        return Seal(self._secret, b"session", secret.encode())

    def _close(self, secret: str, content: _Content) -> bytes:
        return self._seal(secret).close(msgspec.json.encode(content))

    def _open(self, secret: str, kept: Kept) -> _Content:
        """Raises NotOpenable, MsgspecError."""
        return msgspec.json.decode(self._seal(secret).open(kept.sealed), type=_Content)


def provider_session_hash(provider_session: str | None) -> bytes | None:
    """Of the provider's `sid`."""
    if provider_session is None:
        return None
    return hashlib.sha256(b"provider session\0" + provider_session.encode()).digest()


def _hash_of(secret: str) -> bytes:
    return hashlib.sha256(b"session\0" + secret.encode()).digest()
