"""Gives tokens to anybody for any person, and sets the clock: for development alone.

People sign in with it as with any OpenID Connect provider, without a password; the season's program
asks for a token outright. Refuses to start unless VONGTAY_MODE says `development`.
"""

import asyncio
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, HTTPException, status
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet, OKPKey
from pydantic import AwareDatetime, BaseModel, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from console.development_sign_in import Program, SigningIn
from console.season.cards import cards
from edge.serving import end, listen
from edge.settings import DEVELOPMENT_ISSUER, Mode
from eventing.reactions import principal_of

ISSUER = DEVELOPMENT_ISSUER
AUDIENCE = "vongtay"
TOKEN_LIFE_S = 15 * 60
REFUSED_EXIT_CODE = 78
CLOCK_STEP_NS = 1_000_000
PROGRAMS = ("notifications",)
"""Services that ask others by themselves, each by its client `vongtay-<name>`."""
BACK_TO = ("/dang-nhap/xong", "/")
"""Pages of the portal to which a browser comes back from signing in and out."""


class Settings(BaseSettings):
    """`clock_file`: absent means that time is the system's and cannot be set."""

    model_config = SettingsConfigDict(env_prefix="VONGTAY_", use_attribute_docstrings=True)

    mode: Mode = "production"
    """Starts only in `development`."""
    host: str = "127.0.0.1"
    """The address to listen at."""
    port: int = 8090
    """For HTTP."""
    issuer_key_file: Path = Path("issuer-key.json")
    """Its private key; made when absent."""
    issuer_jwks: Path = Path("issuer-jwks.json")
    """Where it writes its public keys."""
    clock_file: Path | None = None
    """The file by which it sets the clock."""
    clock_starts_at: AwareDatetime | None = None
    """The instant that the clock shows before it is set for the first time."""
    portal_url: str = "http://127.0.0.1:8100"
    """Where browsers reach the portal: they are sent back there and nowhere else."""
    issuer_shown_at: Annotated[str, Field(pattern=r"^https?://")] | None = None
    """Where browsers reach the issuer, when programs reach it elsewhere."""


class WhoWants(BaseModel):
    person: UUID
    program: str


class Token(BaseModel):
    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme, no secret
    expires_in: int = TOKEN_LIFE_S


class Instant(BaseModel):
    now: AwareDatetime


def make_app(key: OKPKey, clock_file: Path | None, signing_in: SigningIn) -> FastAPI:
    app = FastAPI(title="Vòng Tay: development issuer")
    app.include_router(signing_in.routes())

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/jwks.json")
    def jwks() -> dict[str, object]:
        return public(key)

    @app.post("/token-for-anybody")
    def token(who: WhoWants) -> Token:
        return Token(access_token=sign_for(key, who.person, who.program))

    @app.get("/clock")
    def clock() -> Instant:
        return Instant(now=datetime.fromisoformat(_settable(clock_file).read_text()))

    @app.post("/clock")
    def set_clock(instant: Instant) -> Instant:
        _set(_settable(clock_file), instant.now)
        return instant

    return app


def signing_in(key: OKPKey, portal_url: str, shown_at: str | None = None) -> SigningIn:
    return SigningIn(
        issuer=ISSUER,
        audience=AUDIENCE,
        sign=partial(sign, key),
        token_life_s=TOKEN_LIFE_S,
        cards=cards(),
        redirects=frozenset(f"{portal_url.rstrip('/')}{path}" for path in BACK_TO),
        shown_at=shown_at,
        programs={f"vongtay-{name}": Program(principal_of(name), name) for name in PROGRAMS},
    )


def sign_for(key: OKPKey, person: UUID, program: str) -> str:
    return sign(key, {"aud": AUDIENCE, "sub": str(person), "azp": program})


def sign(key: OKPKey, claims: Mapping[str, Any], now: Callable[[], float] = time.time) -> str:
    """Return a token that lives by the real clock, whatever the settable one says."""
    issued_at = int(now())
    said = {"iss": ISSUER, "iat": issued_at, "exp": issued_at + TOKEN_LIFE_S, **claims}
    return jwt.encode({"alg": "EdDSA", "kid": key.kid}, said, key, algorithms=["EdDSA"])


def public(key: OKPKey) -> dict[str, object]:
    return dict(KeySet([key]).as_dict(private=False))


def key_in(path: Path) -> OKPKey:
    """Return the key that the file holds; make both when it is absent."""
    if path.exists():
        return OKPKey.import_key(json.loads(path.read_text()))
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    _write(path, json.dumps(key.as_dict(private=True)))
    return key


def _settable(clock_file: Path | None) -> Path:
    if clock_file is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "this stack runs on the system's clock")
    return clock_file


def _set(clock_file: Path, now: datetime) -> None:
    before_ns = clock_file.stat().st_mtime_ns if clock_file.exists() else 0
    _write(clock_file, now.isoformat())
    # Readers look at the time of change, which the system keeps in steps of milliseconds.
    changed_ns = max(clock_file.stat().st_mtime_ns, before_ns + CLOCK_STEP_NS)
    os.utime(clock_file, ns=(changed_ns, changed_ns))


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)


def main() -> None:
    settings = Settings()
    if settings.mode != "development":
        sys.stderr.write(
            "The development issuer gives anybody any token: it starts only with "
            "VONGTAY_MODE=development.\n"
        )
        sys.exit(REFUSED_EXIT_CODE)
    key = key_in(settings.issuer_key_file)
    _write(settings.issuer_jwks, json.dumps(public(key)))
    starts_at = settings.clock_starts_at
    if settings.clock_file and starts_at and not settings.clock_file.exists():
        _set(settings.clock_file, starts_at)
    # Its successor's name, Ed25519, is not yet known to most providers and libraries.
    warnings.filterwarnings("ignore", "EdDSA", SecurityWarning)
    app = make_app(
        key,
        settings.clock_file,
        signing_in(key, settings.portal_url, settings.issuer_shown_at),
    )
    asyncio.run(listen(app, settings.host, settings.port))
    end(0)


if __name__ == "__main__":
    main()
