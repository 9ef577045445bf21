"""Who asks: a token says who, never what they may.

Any OpenID Connect provider's JWT access token will do: its signature by a key of the provider's
set, `iss`, `aud` and `exp` are checked. Time here is real, whatever the settable clock says.
"""

import hashlib
import json
import time
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import KeySet

from edge.refusals import NotSignedIn
from eventing.kept_file import LOOK_AGAIN_S, KeptFile

ALGORITHMS = ["EdDSA", "Ed25519", "RS256"]
CLOCK_SKEW_S = 30
TOKENS_REMEMBERED_MAX = 10_000
TOKEN_CHARACTERS_MAX = 8_192

# Its successor's name, Ed25519 (RFC 9864), is not yet known to most providers.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, by what their provider calls them: any text."""

    issuer: str
    subject: str

    @property
    def account_id(self) -> UUID:
        """122 bits of a SHA-256, as a UUID of version 8 (RFC 9562, section 5.8).

        The same subject at another issuer is another account.
        """
        said = f"{len(self.issuer)} {self.issuer} {self.subject}"
        hashed = bytearray(hashlib.sha256(said.encode()).digest()[:16])
        hashed[6] = 0x80 | hashed[6] & 0x0F
        hashed[8] = 0x80 | hashed[8] & 0x3F
        return UUID(bytes=bytes(hashed))

    @property
    def text(self) -> str:
        """As it is sealed: JSON."""
        return json.dumps({"issuer": self.issuer, "subject": self.subject}, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Identity":
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says that is good now. `program` is the client it was given to."""

    identity: Identity
    program: str


class Keys(Protocol):
    """The provider's keys, from a file or, by discovery, from the provider."""

    async def keys(self, *, anew: bool = False) -> KeySet:
        """The set as it is now; the same object as long as it has not changed.

        `anew`: a token names a key that is not in it. Raises NothingHeld.
        """


class JwksFile(KeptFile[KeySet]):
    """A JSON Web Key Set in a file: `Keys`, as long as it has once held some."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, key_set, LOOK_AGAIN_S)

    async def keys(self, *, anew: bool = False) -> KeySet:  # noqa: ARG002 - looked at each second
        """Raises NothingHeld."""
        return self.current()


def key_set(content: bytes) -> KeySet:
    """Raises ValueError."""
    try:
        found = KeySet.import_key_set(json.loads(content))
    except (JoseError, AttributeError, KeyError, TypeError) as error:
        raise ValueError("no JSON Web Key Set") from error
    if not found.keys:
        raise ValueError("a JSON Web Key Set without keys")
    return found


class TokenVerifier:
    """Tokens once verified are remembered, by their hash, until they expire."""

    def __init__(
        self, keys: Keys, *, issuer: str, audience: str, now: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._now = now
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=CLOCK_SKEW_S,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        self._known: OrderedDict[bytes, tuple[float, Token]] = OrderedDict()
        self._known_by: KeySet | None = None

    async def __call__(self, authorization: str) -> Token:
        """What the token of an Authorization header says. Raises NotSignedIn."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_CHARACTERS_MAX:
            raise NotSignedIn
        keys = self._current(await self._keys.keys())
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None:
            try:
                known = self._verify(token, keys)
            except InvalidKeyIdError:
                known = self._verify_anew(token, self._current(await self._keys.keys(anew=True)))
            self._known[digest] = known
            if len(self._known) > TOKENS_REMEMBERED_MAX:
                self._known.popitem(last=False)
        expires_at, said = known
        if self._now() >= expires_at + CLOCK_SKEW_S:
            self._known.pop(digest, None)
            raise NotSignedIn
        return said

    def _current(self, keys: KeySet) -> KeySet:
        if keys is not self._known_by:
            # A key that was taken back must not live on in what was verified by it.
            self._known.clear()
            self._known_by = keys
        return keys

    def _verify_anew(self, token: str, keys: KeySet) -> tuple[float, Token]:
        """Raises NotSignedIn."""
        try:
            return self._verify(token, keys)
        except InvalidKeyIdError:
            raise NotSignedIn from None

    def _verify(self, token: str, keys: KeySet) -> tuple[float, Token]:
        """Raises InvalidKeyIdError for a key that is not known, NotSignedIn otherwise."""
        try:
            claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            self._claims.validate(claims)
            program = claims.get("azp") or claims.get("client_id") or ""
            identity = Identity(str(claims["iss"]), str(claims["sub"]))
            return float(claims["exp"]), Token(identity, str(program))
        except InvalidKeyIdError:
            raise
        except (JoseError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            # Why is no business of who sent it, and may quote it.
            raise NotSignedIn from None
