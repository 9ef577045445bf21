"""What a browser brings, and is given: the session's cookie, a sign-in under way, a form's key.

Over https a cookie is `__Host-`: of this host alone, for all its paths, never over http. Over http,
which is for development alone, it has another name, so that neither is taken for the other.
"""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import msgspec
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from edge.accounts import KnownByAccount, Principal
from edge.refusals import FormOfAnother, NotSignedIn
from services.portal.sign_in.sealed import NotOpenable, Seal
from services.portal.sign_in.sessions import ProviderAway, Sessions, SignedIn

SIGN_IN = "/dang-nhap"
FORM_KEY = "khoa_bieu_mau"
FORM_KEY_HEADER = "form-key"
FORM_BYTES_MAX = 64 * 1024
UNDER_WAY_S_MAX = 15 * 60
UNDER_WAY_CHARACTERS_MAX = 3_500
OWN_PATH_CHARACTERS_MAX = 1_000
READS = frozenset({"GET", "HEAD"})


class UnderWay(msgspec.Struct):
    """A sign-in that has begun: what the provider's answer must fit, and where to go afterwards."""

    session: dict[str, Any]
    return_to: str
    began_at: float


class Cookies:
    def __init__(self, secret: bytes, *, secure: bool) -> None:
        self._seal = Seal(secret, b"sign-in under way")
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self.session, self.under_way = f"{prefix}vongtay", f"{prefix}vongtay-sign-in"

    def give_session(self, answer: Response, secret: str) -> None:
        """Ends with the browser; the limits of the session are kept here."""
        self._give(answer, self.session, secret)

    def take_session(self, answer: Response) -> None:
        self._take(answer, self.session)

    def give_under_way(self, answer: Response, under_way: UnderWay) -> None:
        sealed = self._seal.close(msgspec.json.encode(under_way))
        self._give(answer, self.under_way, urlsafe_b64encode(sealed).decode(), UNDER_WAY_S_MAX)

    def under_way_in(self, request: Request) -> UnderWay | None:
        held = request.cookies.get(self.under_way, "")
        if not 0 < len(held) <= UNDER_WAY_CHARACTERS_MAX:
            return None
        try:
            plain = self._seal.open(urlsafe_b64decode(held))
            under_way = msgspec.json.decode(plain, type=UnderWay)
        except (NotOpenable, ValueError, msgspec.MsgspecError):
            return None
        return under_way if time.time() < under_way.began_at + UNDER_WAY_S_MAX else None

    def take_under_way(self, answer: Response) -> None:
        self._take(answer, self.under_way)

    def _give(self, answer: Response, name: str, value: str, lasts_s: int | None = None) -> None:
        # Lax: whoever comes by a link from a letter, or back from the provider, is still known.
        answer.set_cookie(
            name, value, max_age=lasts_s, httponly=True, secure=self._secure, samesite="lax"
        )

    def _take(self, answer: Response, name: str) -> None:
        answer.delete_cookie(name, httponly=True, secure=self._secure, samesite="lax")


class WhoHasSession:
    """A `WhoAsks`: who shows a token, as everywhere; else who has a session in this browser."""

    def __init__(self, tokens: KnownByAccount, sessions: Sessions, cookies: Cookies) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._cookies = cookies

    async def __call__(self, request: Request) -> Principal | None:
        """Raises NotSignedIn, FormOfAnother."""
        if "authorization" in request.headers:
            return await self._tokens(request)
        if (secret := request.cookies.get(self._cookies.session)) is None:
            return None
        try:
            if (signed_in := await self._sessions.find(secret)) is None:
                return None
            principal = await self._tokens.behind(signed_in.authorization)
        except (ProviderAway, NotSignedIn):
            # Nobody vouches for them now. They see what the public sees; where that is nothing
            # they are sent to sign in, and told there what is the matter.
            return None
        if request.method not in READS and not await _has_form_key(request, signed_in):
            raise FormOfAnother
        request.state.signed_in = signed_in
        return principal


def signed_in(request: Request) -> SignedIn | None:
    """Who has a session in this browser; None also for a program with its token."""
    return getattr(request.state, "signed_in", None)


def authorization(request: Request) -> str:
    """With what the portal asks the services, as whoever asks it; empty: they may refuse."""
    session = signed_in(request)
    if session is not None:
        return session.authorization
    return request.headers.get("authorization", "")


async def form(request: Request) -> Mapping[str, str]:
    """The fields of a form as it was posted, the first of each name; empty when it is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    sent = await request.body()
    if len(sent) > FORM_BYTES_MAX:
        return {}
    fields = parse_qs(sent.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def own_path(asked: str) -> str:
    """The address as a path of this portal, `/` for any other: nobody is sent elsewhere."""
    if (
        len(asked) > OWN_PATH_CHARACTERS_MAX
        or not asked.startswith("/")
        or asked.startswith(("//", "/\\", SIGN_IN))
        or not asked.isprintable()
        or "\\" in asked
    ):
        return "/"
    parts = urlsplit(asked)
    return "/" if parts.scheme or parts.netloc else asked


def to_sign_in(request: Request, **more: str) -> Response:
    """Sends a browser to sign in, and back afterwards to where it is now, asking for `more`."""
    query = request.scope["query_string"].decode("latin-1")
    query = "&".join(part for part in (query, urlencode(more)) if part)
    here = f"{request.url.path}?{query}" if query else request.url.path
    return RedirectResponse(f"{SIGN_IN}?ve={quote(here, safe='/')}", HTTPStatus.SEE_OTHER)


async def _has_form_key(request: Request, session: SignedIn) -> bool:
    given = request.headers.get(FORM_KEY_HEADER) or (await form(request)).get(FORM_KEY, "")
    return hmac.compare_digest(given.encode(), session.form_key.encode())
