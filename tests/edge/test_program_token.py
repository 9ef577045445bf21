"""A program's own token, of the development issuer and of any other: kept, renewed, bounded."""

import asyncio
from uuid import UUID

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from console.development_issuer import AUDIENCE, ISSUER, key_in, make_app, public, signing_in
from edge import program_token
from edge.program_token import NoToken, ProgramAtProvider, ProgramToken
from eventing.reactions import principal_of

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")
AT = "http://issuer.test"
DISCOVERY = "/.well-known/openid-configuration"


class Provider:
    """Says what it is told to; counts how often it was asked for a token."""

    def __init__(self):
        self.life_s, self.away, self.error, self.issuer = 300, False, None, AT
        self.asked, self.now = [], 0.0

    def __call__(self, request):
        if self.away:
            raise httpx2.ConnectError("away")
        if request.url.path == DISCOVERY:
            return httpx2.Response(
                200, json={"issuer": self.issuer, "token_endpoint": f"{AT}/token"}
            )
        self.asked.append(request)
        if self.error:
            return httpx2.Response(401, json={"error": self.error})
        given = {"access_token": f"token {len(self.asked)}", "token_type": "Bearer"}
        return httpx2.Response(200, json=given | {"expires_in": self.life_s})

    def token(self):
        program = ProgramAtProvider(AT, AT, "vongtay-notifications", "what only it knows")
        return ProgramToken(program, httpx2.MockTransport(self), lambda: self.now)


@pytest.fixture
def provider(monkeypatch):
    monkeypatch.setattr(program_token, "PAUSE_S", 0)
    return Provider()


async def test_it_is_asked_for_with_the_programs_own_credentials(provider):
    assert await provider.token()() == "token 1"
    (request,) = provider.asked
    assert request.content == b"grant_type=client_credentials"
    assert request.headers["Authorization"].startswith("Basic ")


async def test_it_is_kept_until_shortly_before_it_ends(provider):
    token = provider.token()
    for now, expected in ((0, 1), (239, 1), (240, 2), (479, 2), (480, 3)):
        provider.now = now
        assert await token() == f"token {expected}"


async def test_many_at_once_ask_once(provider):
    token = provider.token()
    assert set(await asyncio.gather(*(token() for _ in range(20)))) == {"token 1"}
    assert len(provider.asked) == 1


async def test_while_the_provider_is_away_the_one_that_there_is_goes_on_until_it_ends(provider):
    token = provider.token()
    await token()
    provider.away = True
    provider.now = 299
    assert await token() == "token 1"
    provider.now = 310
    with pytest.raises(NoToken, match="provider-away"):
        await token()
    provider.away = False
    provider.now = 320
    assert await token() == "token 2"


async def test_who_is_refused_does_not_ask_again_at_once(provider):
    provider.error = "invalid_client"
    token = provider.token()
    for _ in range(50):
        with pytest.raises(NoToken, match="invalid_client"):
            await token()
    assert len(provider.asked) == 1
    provider.error, provider.now = None, 5
    assert await token() == "token 2"


async def test_who_calls_itself_otherwise_is_told_no_secret(provider):
    provider.issuer = "http://another.test"
    with pytest.raises(NoToken, match="another-issuer"):
        await provider.token()()
    assert provider.asked == []


@pytest.mark.parametrize("secret", [None, "whatever it says"])
async def test_the_development_issuer_gives_a_service_the_token_of_its_principal(tmp_path, secret):
    key = key_in(tmp_path / "key")
    app = make_app(key, None, signing_in(key, "http://portal.test"))

    def token(client):
        program = ProgramAtProvider(ISSUER, AT, client, secret)
        return ProgramToken(program, httpx2.ASGITransport(app))

    given = await token("vongtay-notifications")()
    keys = KeySet.import_key_set(public(key))
    claims = jwt.decode(given, keys, algorithms=["EdDSA"]).claims
    assert UUID(claims["sub"]) == principal_of("notifications")
    assert (claims["azp"], claims["aud"]) == ("notifications", AUDIENCE)
    for nobody in ("vongtay-portal", "vongtay-registry"):
        with pytest.raises(NoToken):
            await token(nobody)()
