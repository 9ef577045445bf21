"""The OpenID Connect provider, as the portal's client of it: Authlib speaks the protocol.

Authorization code flow with PKCE; `state` and `nonce` lie in the browser, sealed, until it comes
back. What a provider publishes of itself is asked for again after a while.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
from authlib.integrations.starlette_client import OAuth, OAuthError
from fastapi import Request
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from edge.accounts import KnownByAccount, Principal
from edge.http_client import authorities
from edge.logs import log
from edge.refusals import NotSignedIn
from edge.tokens import ALGORITHMS, CLOCK_SKEW_S, Identity
from services.portal.sign_in.sessions import AtProvider, ProviderAway, RenewalRefused, Tokens

ASK_WITHIN_S = 5.0
ASK_AGAIN_S = 600.0
TOKEN_LIFE_S_ASSUMED = 60
TOKEN_LIFE_S_MAX = 30 * 24 * 3600
NO_MORE_TOKENS = "invalid_grant"
"""RFC 6749, section 5.2. All else that a provider answers is its own trouble, or ours with it."""
SIGNED_OUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
SIGNED_OUT_TOKEN_AGE_S_MAX = 300

# It tells its secrets at the level DEBUG.
logging.getLogger("authlib").setLevel(logging.WARNING)


class SignInRefused(Exception):
    """Whoever came back from the provider is not signed in; `why` is a word for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class NotFromProvider(Exception):
    """A message that claims to be the provider's is not."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """`url` is where its discovery document is asked for; its issuer, when that is the same.

    `signed_in_at` and `signed_out_at` are the portal's own addresses, as the provider knows them.
    """

    issuer: str
    url: str
    client: str
    secret: str | None
    signed_in_at: str
    signed_out_at: str


class Provider:
    def __init__(
        self,
        settings: ProviderSettings,
        tokens: KnownByAccount,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._known = tokens
        self._transport = transport
        self._app = self._new_app()
        self._known_at = float("-inf")

    async def begin(self, request: Request) -> str:
        """Where the browser is to go; `request.session` then holds what must come back with it.

        Raises ProviderAway.
        """
        app = await self._client()
        try:
            answer = await app.authorize_redirect(request, self._settings.signed_in_at)
        except (httpx2.HTTPError, RuntimeError) as error:
            raise ProviderAway from error
        return str(answer.headers["location"])

    async def complete(self, request: Request) -> Tokens:
        """The tokens of whoever came back. Raises SignInRefused, ProviderAway."""
        app = await self._client()
        self._see_who_sent_them(app, request.query_params)
        options = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client},
        }
        try:
            given = await app.authorize_access_token(
                request, claims_options=options, leeway=CLOCK_SKEW_S
            )
        except OAuthError as error:
            raise SignInRefused(str(error.error)) from None
        except (JoseError, ValueError, TypeError, KeyError):
            raise SignInRefused("id-token-not-valid") from None
        except (httpx2.HTTPError, RuntimeError) as error:
            raise ProviderAway from error
        said = given.get("userinfo")
        if not said:
            raise SignInRefused("no-id-token")
        return await self._tokens(given, dict(said))

    async def renew(self, tokens: Tokens) -> Tokens:
        """Raises RenewalRefused, ProviderAway: people go on with the tokens that they have."""
        app = await self._client()
        metadata = app.server_metadata
        try:
            async with app._get_oauth_client(**metadata) as client:  # noqa: SLF001
                given = await client.fetch_token(
                    metadata["token_endpoint"],
                    grant_type="refresh_token",
                    refresh_token=tokens.refresh,
                )
        except OAuthError as error:
            if error.error == NO_MORE_TOKENS:
                raise RenewalRefused from error
            log.warning("the provider renews no tokens", why=str(error.error))
            raise ProviderAway from error
        except (httpx2.HTTPError, RuntimeError, ValueError, TypeError, KeyError) as error:
            raise ProviderAway from error
        access = str(given.get("access_token", ""))
        try:
            # OpenID Connect Core, section 12.2: it is for whom it was.
            if (await self._verified(access)).identity.account_id != tokens.account:
                raise RenewalRefused
        except SignInRefused as error:
            raise RenewalRefused from error
        return msgspec.structs.replace(
            tokens,
            access=access,
            access_ends_at=_ends_at(given),
            refresh=given.get("refresh_token") or tokens.refresh,
        )

    async def forget(self, tokens: Tokens) -> None:
        """Tell the provider that these tokens are done with. If it does not hear, they end soon."""
        if tokens.refresh is None:
            return
        try:
            app = await self._client()
            if (endpoint := app.server_metadata.get("revocation_endpoint")) is None:
                return
            async with app._get_oauth_client(**app.server_metadata) as client:  # noqa: SLF001
                await client.revoke_token(endpoint, token=tokens.refresh)
        except (ProviderAway, OAuthError, httpx2.HTTPError, ValueError) as error:
            log.warning("provider not told of a sign-out", why=type(error).__name__)

    async def sign_out_url(self) -> str | None:
        """Where a browser ends its session at the provider. No token stands in that address."""
        try:
            app = await self._client()
            made = await app.create_logout_url(
                post_logout_redirect_uri=self._settings.signed_out_at,
                client_id=self._settings.client,
            )
        except (ProviderAway, RuntimeError):
            return None
        return str(made["url"])

    async def signed_out(self, logout_token: str) -> AtProvider | UUID:
        """What the provider says has ended (OpenID Connect Back-Channel Logout 1.0, section 2.4).

        One session there; where it names none, all sessions of an account.
        Raises NotFromProvider, ProviderAway.
        """
        app = await self._client()
        try:
            claims = await self._claims_of(app, logout_token)
            _see_that_it_is_of_now(claims)
            aud = claims.get("aud")
            if claims.get("iss") != self._settings.issuer or self._settings.client not in (
                [aud] if isinstance(aud, str) else aud or []
            ):
                raise NotFromProvider
            if "nonce" in claims or not isinstance(claims["events"][SIGNED_OUT_EVENT], dict):
                raise NotFromProvider
            session, subject = claims.get("sid"), claims.get("sub")
        except (JoseError, ValueError, TypeError, KeyError, OverflowError) as error:
            raise NotFromProvider from error
        if isinstance(session, str):
            return AtProvider(session)
        if session is None and isinstance(subject, str):
            return Identity(self._settings.issuer, subject).account_id
        raise NotFromProvider

    async def _tokens(self, given: Mapping[str, Any], said: Mapping[str, Any]) -> Tokens:
        """Raises SignInRefused when the services would not take the access token."""
        access = str(given.get("access_token", ""))
        identity = Identity(self._settings.issuer, str(said["sub"]))
        if (await self._verified(access)).identity != identity:
            raise SignInRefused("another-subject")
        session = said.get("sid")
        name = said.get("name") or said.get("preferred_username")
        return Tokens(
            account=identity.account_id,
            name=str(name) if name else None,
            access=access,
            access_ends_at=_ends_at(given),
            refresh=given.get("refresh_token"),
            provider_session=str(session) if session else None,
        )

    async def _verified(self, access: str) -> Principal:
        """Raises SignInRefused."""
        try:
            return await self._known.behind(f"Bearer {access}")
        except NotSignedIn:
            raise SignInRefused("access-token-not-valid") from None

    def _see_who_sent_them(self, app: Any, query: Mapping[str, str]) -> None:
        """RFC 9207: an answer of another issuer is none of ours. Raises SignInRefused."""
        says = app.server_metadata.get("authorization_response_iss_parameter_supported", False)
        issuer = query.get("iss", None if says else self._settings.issuer)
        if issuer != self._settings.issuer:
            raise SignInRefused("another-issuer")

    async def _claims_of(self, app: Any, token: str) -> dict[str, Any]:
        """Raises JoseError, ValueError, TypeError, ProviderAway."""
        known = app.server_metadata["id_token_signing_alg_values_supported"]
        for again in (False, True):
            try:
                keys = KeySet.import_key_set(await app.fetch_jwk_set(force=again))
                return jwt.decode(token, keys, algorithms=known).claims
            except InvalidKeyIdError:
                if again:
                    raise
            except httpx2.HTTPError as error:
                raise ProviderAway from error
        raise AssertionError

    async def _client(self) -> Any:
        """Authlib's client, which knows what the provider says of itself. Raises ProviderAway."""
        if time.monotonic() < self._known_at + ASK_AGAIN_S:
            return self._app
        new = self._new_app()
        try:
            metadata = await new.load_server_metadata()
        except (httpx2.HTTPError, ValueError) as error:
            if self._known_at > float("-inf"):
                return self._app
            raise ProviderAway from error
        if metadata.get("issuer") != self._settings.issuer:
            log.error("the provider calls itself otherwise than VONGTAY_ISSUER")
            raise ProviderAway
        # A provider may offer more than is safe, such as none at all.
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [
            each for each in offered if each in ALGORITHMS
        ]
        self._app, self._known_at = new, time.monotonic()
        return new

    def _new_app(self) -> Any:
        kwargs: dict[str, Any] = {
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "timeout": ASK_WITHIN_S,
            "token_endpoint_auth_method": "client_secret_basic"
            if self._settings.secret
            else "none",
            "trust_env": False,
            "verify": authorities(),
        }
        if self._transport is not None:
            kwargs["transport"] = self._transport
        return OAuth().register(
            "provider",
            client_id=self._settings.client,
            client_secret=self._settings.secret,
            server_metadata_url=(
                f"{self._settings.url.rstrip('/')}/.well-known/openid-configuration"
            ),
            client_kwargs=kwargs,
        )


def _ends_at(given: Mapping[str, Any]) -> datetime:
    try:
        life_s = int(given.get("expires_in", TOKEN_LIFE_S_ASSUMED))
    except (TypeError, ValueError, OverflowError):
        life_s = TOKEN_LIFE_S_ASSUMED
    return datetime.now(UTC) + timedelta(seconds=min(max(life_s, 0), TOKEN_LIFE_S_MAX))


def _see_that_it_is_of_now(claims: Mapping[str, Any]) -> None:
    """Raises NotFromProvider, ValueError."""
    now = time.time()
    issued_at, ends_at = float(claims["iat"]), float(claims.get("exp", now))
    if not now - SIGNED_OUT_TOKEN_AGE_S_MAX <= issued_at <= now + CLOCK_SKEW_S:
        raise NotFromProvider
    if now >= ends_at + CLOCK_SKEW_S:
        raise NotFromProvider
