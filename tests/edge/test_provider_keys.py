"""Keys by discovery: changed by the provider whenever it likes, and never asked for often."""

import asyncio
import json

import httpx
import pytest
from joserfc.jwk import KeySet, OKPKey

from edge.provider_keys import ASKED_AGAIN_S, ASKED_AT_MOST_EVERY_S, DiscoveredKeys
from edge.refusals import NotSignedIn
from edge.tokens import TokenVerifier
from eventing.kept_file import NothingHeld
from tests.edge.test_tokens import ED25519, RSA, STRANGER, token

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")


class Provider(httpx.AsyncBaseTransport):
    def __init__(self, *keys: OKPKey) -> None:
        self.keys, self.issuer, self.is_away, self.asked = list(keys), "issuer", False, 0
        self.sends: bytes | None = None

    async def handle_async_request(self, request):
        await asyncio.sleep(0)
        if self.is_away:
            raise httpx.ConnectError("away")
        if request.url.path == "/.well-known/openid-configuration":
            self.asked += 1
            return httpx.Response(
                200, json={"issuer": self.issuer, "jwks_uri": "https://id.test/keys"}
            )
        if self.sends is not None:
            return httpx.Response(200, content=self.sends)
        return httpx.Response(200, text=json.dumps(KeySet(self.keys).as_dict(private=False)))


@pytest.fixture
def provider():
    return Provider(ED25519)


class Tick:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def tick():
    return Tick()


@pytest.fixture
def verifier(provider, tick):
    client = httpx.AsyncClient(transport=provider)
    keys = DiscoveredKeys("issuer", "https://id.test", client, tick)
    return TokenVerifier(keys, issuer="issuer", audience="vongtay")


async def test_keys_are_asked_for_once_by_all_who_come(verifier, provider):
    await asyncio.gather(*(verifier(f"Bearer {token(jti=str(n))}") for n in range(9)))
    assert provider.asked == 1


async def test_a_new_key_is_known_at_once_and_an_old_one_no_more(verifier, provider, tick):
    await verifier(f"Bearer {token()}")
    provider.keys = [RSA]
    tick.now += ASKED_AT_MOST_EVERY_S
    await verifier(f"Bearer {token(RSA, 'RS256')}")
    assert provider.asked == 2
    with pytest.raises(NotSignedIn):
        await verifier(f"Bearer {token()}")


async def test_strangers_do_not_make_it_ask_often(verifier, provider, tick):
    await verifier(f"Bearer {token()}")
    tick.now += ASKED_AT_MOST_EVERY_S
    for number in range(20):
        with pytest.raises(NotSignedIn):
            await verifier(f"Bearer {token(STRANGER, jti=str(number))}")
    assert provider.asked == 2
    await verifier(f"Bearer {token()}")


async def test_a_key_taken_back_ends_when_it_is_asked_again(verifier, provider, tick):
    sent = f"Bearer {token()}"
    await verifier(sent)
    provider.keys = [RSA]
    tick.now += ASKED_AGAIN_S
    with pytest.raises(NotSignedIn):
        await verifier(sent)


@pytest.mark.parametrize("trouble", ["away", "issuer", b"", b"[]", b'{"keys": []}', b"x" * 300_000])
async def test_a_provider_in_trouble_leaves_the_keys_that_were_there(
    verifier, provider, tick, trouble
):
    await verifier(f"Bearer {token()}")
    match trouble:
        case "away":
            provider.is_away = True
        case "issuer":
            provider.issuer, provider.keys = "another", [RSA]
        case _:
            provider.sends = trouble
    tick.now += ASKED_AGAIN_S
    await verifier(f"Bearer {token(jti='again')}")


async def test_without_any_keys_yet_it_says_so_and_asks_again_soon(verifier, provider, tick):
    provider.is_away = True
    for _ in range(3):
        with pytest.raises(NothingHeld):
            await verifier(f"Bearer {token()}")
    provider.is_away = False
    tick.now += ASKED_AT_MOST_EVERY_S
    await verifier(f"Bearer {token()}")
    assert provider.asked == 1
