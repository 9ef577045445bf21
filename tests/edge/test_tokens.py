import base64
import hmac
import json
import os
import time
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey, RSAKey

from edge.refusals import NotSignedIn
from edge.tokens import CLOCK_SKEW_S, Identity, JwksFile, Token, TokenVerifier
from eventing.kept_file import NothingHeld

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")

HOA = UUID(int=7)
ED25519 = OKPKey.generate_key("Ed25519", auto_kid=True)
RSA = RSAKey.generate_key(2048, auto_kid=True)
STRANGER = OKPKey.generate_key("Ed25519", auto_kid=True)


def write(path, *keys):
    path.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)))
    return path


def token(key=ED25519, alg="EdDSA", **changed):
    claims = {
        "iss": "issuer",
        "aud": "vongtay",
        "sub": str(HOA),
        "azp": "a program",
        "exp": int(time.time()) + 600,
    } | changed
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid}, kept, key, algorithms=[alg])


@pytest.fixture
def jwks(tmp_path):
    return write(tmp_path / "jwks.json", ED25519, RSA)


@pytest.fixture
def verifier(jwks):
    return TokenVerifier(JwksFile(jwks), issuer="issuer", audience="vongtay")


@pytest.mark.parametrize(("key", "alg"), [(ED25519, "EdDSA"), (ED25519, "Ed25519"), (RSA, "RS256")])
async def test_a_token_says_who(verifier, key, alg):
    assert await verifier(f"Bearer {token(key, alg)}") == Token(
        Identity("issuer", str(HOA)), "a program"
    )


@pytest.mark.parametrize("subject", ["hoa@example.vn", "Hoà", "7", "x" * 255])
async def test_a_subject_is_any_text(verifier, subject):
    said = await verifier(f"Bearer {token(sub=subject)}")
    assert said.identity == Identity("issuer", subject)


def test_an_account_is_of_one_issuer_and_one_subject():
    one = Identity("https://id.example", "7")
    assert one.account_id == Identity("https://id.example", "7").account_id
    assert one.account_id.version == 8
    others = [
        Identity("https://id.example", "8"),
        Identity("https://id.example ", "7"),
        Identity("https://id.example 7", ""),
        Identity("https://id", ".example 7"),
    ]
    assert len({one.account_id, *(each.account_id for each in others)}) == 5


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody else"},
        {"iss": None},
        {"aud": "another platform"},
        {"aud": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 10**400},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
    ],
)
async def test_a_claim_that_is_not_right_is_refused(verifier, changed):
    with pytest.raises(NotSignedIn):
        await verifier(f"Bearer {token(**changed)}")


async def test_a_key_of_nobody_we_know_is_refused(verifier):
    with pytest.raises(NotSignedIn):
        await verifier(f"Bearer {token(STRANGER)}")


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


@pytest.mark.parametrize("alg", ["HS256", "none"])
async def test_a_public_key_is_no_shared_secret(verifier, alg):
    header, claims, _ = token(RSA, "RS256").encode().split(b".")
    header = base64url(json.dumps({"alg": alg, "kid": RSA.kid}).encode())
    said = header + b"." + claims
    signature = hmac.digest(RSA.as_pem(private=False), said, "sha256") if alg == "HS256" else b""
    with pytest.raises(NotSignedIn):
        await verifier(f"Bearer {(said + b'.' + base64url(signature)).decode()}")


async def test_one_changed_letter_is_refused(verifier):
    good = token()
    head, claims, signature = good.split(".")
    other = "A" if claims[10] != "A" else "B"
    await verifier(f"Bearer {good}")
    with pytest.raises(NotSignedIn):
        await verifier(f"Bearer {head}.{claims[:10]}{other}{claims[11:]}.{signature}")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic aG9h", "Bearer x", "Bearer a.b.c", "Bearer " + "x" * 9000],
)
async def test_what_is_no_token_is_refused(verifier, header):
    with pytest.raises(NotSignedIn):
        await verifier(header)


async def test_a_token_remembered_ends_when_it_expires(jwks):
    now = time.time()
    verifier = TokenVerifier(JwksFile(jwks), issuer="issuer", audience="vongtay", now=lambda: now)
    sent = f"Bearer {token(exp=int(now) + 60)}"
    assert await verifier(sent)
    now += 60 + CLOCK_SKEW_S - 2
    assert await verifier(sent)
    now += 3
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            await verifier(sent)


async def test_a_token_is_verified_once(verifier, monkeypatch):
    sent = f"Bearer {token()}"
    await verifier(sent)
    monkeypatch.setattr(jwt, "decode", None)
    assert await verifier(sent) == Token(Identity("issuer", str(HOA)), "a program")


async def test_a_key_taken_back_takes_its_tokens_along(jwks, monkeypatch):
    monkeypatch.setattr("edge.tokens.LOOK_AGAIN_S", 0)
    verifier = TokenVerifier(JwksFile(jwks), issuer="issuer", audience="vongtay")
    sent = f"Bearer {token()}"
    assert await verifier(sent)
    write(jwks, STRANGER)
    os.utime(jwks, ns=(1, 1))
    with pytest.raises(NotSignedIn):
        await verifier(sent)
    assert await verifier(f"Bearer {token(STRANGER)}")


@pytest.mark.parametrize(
    "broken", [b"", b'{"keys": [', b'{"keys": []}', b"[]", b'{"keys": [{}]}', b"\xff\xfe"]
)
async def test_a_key_set_half_written_leaves_the_keys_that_were_there(jwks, monkeypatch, broken):
    monkeypatch.setattr("edge.tokens.LOOK_AGAIN_S", 0)
    file = JwksFile(jwks)
    verifier = TokenVerifier(file, issuer="issuer", audience="vongtay")
    assert await verifier(f"Bearer {token()}")
    whole = jwks.read_bytes()
    jwks.write_bytes(broken)
    assert await verifier(f"Bearer {token(azp='another')}")
    assert file.trouble().startswith("jwks.json: ")
    jwks.write_bytes(whole)
    assert file.trouble() is None


async def test_without_any_keys_yet_nobody_can_be_asked_who_they_are(tmp_path):
    verifier = TokenVerifier(JwksFile(tmp_path / "jwks"), issuer="issuer", audience="vongtay")
    with pytest.raises(NothingHeld, match="jwks: No such file"):
        await verifier(f"Bearer {token()}")


async def test_what_is_remembered_is_bounded(verifier, monkeypatch):
    monkeypatch.setattr("edge.tokens.TOKENS_REMEMBERED_MAX", 3)
    for number in range(5):
        await verifier(f"Bearer {token(jti=str(number))}")
    assert len(verifier._known) == 3
