"""The development issuer's side of signing in: OpenID Connect's code flow, with PKCE, for anybody.

Whoever comes chooses whom to be. What it keeps, it keeps in memory.
"""

import hashlib
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from console.season.cards import Card

CLIENT = "vongtay-portal"
CODE_LIFE_S = 60.0
KEPT_MAX = 1_000
FORM_BYTES_MAX = 8_000

Sign = Callable[[Mapping[str, Any]], str]
"""From claims to a signed token; `iss`, `iat` and `exp` are added."""


class CodeRequest(BaseModel):
    """What the portal's address asks: a code for this client alone, bound to its challenge."""

    model_config = ConfigDict(extra="ignore")

    response_type: Annotated[str, Field(pattern="^code$")]
    scope: Annotated[str, Field(pattern=r"^openid\b")]
    state: str
    nonce: str
    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    code_challenge_method: Annotated[str, Field(pattern="^S256$")]


@dataclass(frozen=True, slots=True)
class Program:
    """Whom a client stands for, and by which name its tokens call it (`azp`)."""

    person: UUID
    name: str


@dataclass(frozen=True, slots=True)
class _Code:
    asked: CodeRequest
    person: UUID
    ends_at: float


@dataclass(slots=True)
class SigningIn:
    """`redirects` are the addresses to which a browser may be sent back, with or without a code.

    `shown_at` is where browsers reach it, when that is another address than programs use.
    `programs` are the clients that get a token for themselves, whatever secret they say.
    """

    issuer: str
    audience: str
    sign: Sign
    token_life_s: int
    cards: Sequence[Card]
    redirects: frozenset[str]
    shown_at: str | None = None
    programs: Mapping[str, Program] = field(default_factory=dict)
    _codes: "OrderedDict[str, _Code]" = field(default_factory=OrderedDict)
    _refresh: "OrderedDict[str, tuple[UUID, str]]" = field(default_factory=OrderedDict)

    def routes(self) -> APIRouter:
        router = APIRouter()
        for path, method, endpoint in (
            ("/.well-known/openid-configuration", "GET", self.discovery),
            ("/authorize", "GET", self.choose),
            ("/authorize", "POST", self.chosen),
            ("/token", "POST", self.token),
            ("/revoke", "POST", self.revoke),
            ("/sign-out", "GET", self.sign_out),
        ):
            router.add_api_route(path, endpoint, methods=[method], response_model=None)
        return router

    async def discovery(self, request: Request) -> dict[str, Any]:
        here = str(request.base_url).rstrip("/")
        shown = (self.shown_at or here).rstrip("/")
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{shown}/authorize",
            "token_endpoint": f"{here}/token",
            "revocation_endpoint": f"{here}/revoke",
            "end_session_endpoint": f"{shown}/sign-out",
            "jwks_uri": f"{here}/jwks.json",
            "response_types_supported": ["code"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
            ],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }

    async def choose(self, request: Request) -> Response:
        query = dict(request.query_params)
        if self._code_request(query) is None:
            return _refused("invalid_request")
        return HTMLResponse(
            _TEMPLATE.render(cards=self.cards, kept=query),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    async def chosen(self, request: Request) -> Response:
        form = await _form(request)
        asked = self._code_request(form)
        person = next(
            (card.person for card in self.cards if str(card.person) == form.get("who")), None
        )
        if asked is None or person is None:
            return _refused("invalid_request")
        code = secrets.token_urlsafe(32)
        _keep(self._codes, code, _Code(asked, person, time.time() + CODE_LIFE_S))
        answer = {"code": code, "state": asked.state, "iss": self.issuer}
        return RedirectResponse(f"{form['redirect_uri']}?{urlencode(answer)}", 303)

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        grant, client = form.get("grant_type"), _client_of(request, form)
        program = self.programs.get(client or "")
        if grant == "client_credentials" and program is not None:
            return self._for_a_program(program)
        if client != CLIENT:
            return _refused("invalid_client")
        match grant:
            case "authorization_code":
                return self._for_a_code(form)
            case "refresh_token":
                return self._renewed(form)
            case _:
                return _refused("unsupported_grant_type")

    async def revoke(self, request: Request) -> Response:
        self._refresh.pop((await _form(request)).get("token", ""), None)
        return Response()

    async def sign_out(self, request: Request) -> Response:
        to = request.query_params.get("post_logout_redirect_uri")
        if to not in self.redirects:
            return _refused("invalid_request")
        state = request.query_params.get("state")
        return RedirectResponse(f"{to}?{urlencode({'state': state})}" if state else to, 303)

    def _code_request(self, given: Mapping[str, str]) -> CodeRequest | None:
        if given.get("client_id") != CLIENT or given.get("redirect_uri") not in self.redirects:
            return None
        try:
            return CodeRequest.model_validate(given)
        except ValidationError:
            return None

    def _for_a_code(self, form: Mapping[str, str]) -> Response:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or time.time() >= code.ends_at:
            return _refused("invalid_grant")
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(hashed).rstrip(b"=").decode()
        if not compare_digest(challenge, code.asked.code_challenge):
            return _refused("invalid_grant")
        return self._tokens(code.person, secrets.token_urlsafe(16), code.asked.nonce)

    def _renewed(self, form: Mapping[str, str]) -> Response:
        """Each refresh token once: who comes with it again is refused."""
        found = self._refresh.pop(form.get("refresh_token", ""), None)
        return _refused("invalid_grant") if found is None else self._tokens(*found)

    def _for_a_program(self, program: Program) -> Response:
        said = {"sub": str(program.person), "azp": program.name, "aud": self.audience}
        answer = {
            "access_token": self.sign(said),
            "token_type": "Bearer",
            "expires_in": self.token_life_s,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    def _tokens(self, person: UUID, session: str, nonce: str | None = None) -> Response:
        refresh = secrets.token_urlsafe(32)
        _keep(self._refresh, refresh, (person, session))
        said = {"sub": str(person), "azp": CLIENT, "sid": session}
        name = next((card.name for card in self.cards if card.person == person), None)
        answer: dict[str, Any] = {
            "access_token": self.sign(said | {"aud": self.audience}),
            "token_type": "Bearer",
            "expires_in": self.token_life_s,
            "refresh_token": refresh,
        }
        if nonce is not None:
            answer["id_token"] = self.sign(said | {"aud": CLIENT, "nonce": nonce, "name": name})
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _keep(kept: "OrderedDict[str, Any]", key: str, value: object) -> None:
    kept[key] = value
    if len(kept) > KEPT_MAX:
        kept.popitem(last=False)


def _refused(error: str) -> Response:
    return JSONResponse({"error": error}, 400)


def _client_of(request: Request, form: Mapping[str, str]) -> str | None:
    """By its name in the form, or as the user of Basic; whatever secret comes with it."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id")
    try:
        return b64decode(said, validate=True).decode().partition(":")[0]
    except ValueError:
        return None


async def _form(request: Request) -> dict[str, str]:
    sent = (await request.body())[:FORM_BYTES_MAX]
    return dict(parse_qsl(sent.decode("utf-8", "replace")))


_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("sign_in_as.html")
