"""What signing in needs, put together."""

from dataclasses import dataclass
from typing import Any

from edge.accounts import KnownByAccount
from eventing.clock import Clock, system_clock
from services.portal.sign_in.browser import Cookies, WhoHasSession
from services.portal.sign_in.provider import Provider, ProviderSettings
from services.portal.sign_in.session_store import SessionStore
from services.portal.sign_in.sessions import Limits, Sessions


@dataclass(frozen=True, slots=True)
class SigningIn:
    """`who_asks` is what the portal's door asks: a token, or a session."""

    provider: Provider
    sessions: Sessions
    cookies: Cookies
    tokens: KnownByAccount
    who_asks: WhoHasSession


def signing_in(
    provider: ProviderSettings,
    store: SessionStore,
    secret: bytes,
    limits: Limits,
    tokens: KnownByAccount,
    *,
    transport: Any = None,
    clock: Clock = system_clock,
) -> SigningIn:
    """`secret` seals what browsers and the database hold; `transport` and `clock` are for tests.

    Sessions live by real time, as tokens do, whatever the settable clock says.
    """
    at_provider = Provider(provider, tokens, transport)
    sessions = Sessions(store, secret, limits, at_provider.renew, clock)
    cookies = Cookies(secret, secure=provider.signed_in_at.startswith("https:"))
    return SigningIn(
        at_provider, sessions, cookies, tokens, WhoHasSession(tokens, sessions, cookies)
    )
