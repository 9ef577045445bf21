"""A portal with a provider, and browsers before both; all in one process."""

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import httpx2
import pytest
from joserfc.jwk import KeySet, OKPKey

from console import development_issuer
from console.development_issuer import ISSUER
from console.season.cards import cards
from contracts.registry import AccountLinked, AccountUnlinked
from contracts.sealed import Sealed
from edge.accounts import Accounts, KnownByAccount
from edge.tokens import Identity, JwksFile, TokenVerifier
from services.portal.app import make_app
from services.portal.neighbours import Neighbours, Silent
from services.portal.sign_in.provider import ProviderSettings
from services.portal.sign_in.session_store import MemorySessionStore
from services.portal.sign_in.sessions import Limits
from services.portal.sign_in.signing_in import signing_in
from tests.support.house import KEEPER, MONDAY, HouseForTests, happened

PORTAL, PROVIDER = "http://portal.test", "http://provider.test"
LIMITS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))
AUDITOR = next(card.person for card in cards() if card.roles == ("auditor",))
APPROVER = next(card.person for card in cards() if card.roles == ("approver",))


class Away(httpx2.AsyncBaseTransport):
    """The way to a provider that can be cut. `asked` are the paths that were asked for.

    `answers` instead of it, by their paths.
    """

    def __init__(self, app) -> None:
        self._there = httpx2.ASGITransport(app=app)
        self.is_cut = False
        self.asked: list[str] = []
        self.answers: dict[str, httpx2.Response] = {}

    async def handle_async_request(self, request):
        self.asked.append(request.url.path)
        if self.is_cut:
            raise httpx2.ConnectError("cut")
        if (answer := self.answers.get(request.url.path)) is not None:
            return answer
        return await self._there.handle_async_request(request)


class Registry(Neighbours):
    """Hears who is proposed to it; `is_silent`: or not."""

    def __init__(self) -> None:
        super().__init__({})
        self.proposed: list[str] = []
        self.is_silent = False

    async def propose_account(self, authorization, account_id, name):
        assert authorization.startswith("Bearer ey")
        assert account_id.version == 8
        if self.is_silent:
            raise Silent("no answer")
        self.proposed.append(name)


def linked(person):
    return AccountLinked(
        account_id=Identity(ISSUER, str(person)).account_id,
        person_id=person,
        identity=Sealed(person, "sealed"),
        linked_by=KEEPER,
        happened_at=MONDAY,
    )


def unlinked(person):
    return AccountUnlinked(
        account_id=Identity(ISSUER, str(person)).account_id,
        person_id=person,
        unlinked_by=KEEPER,
        happened_at=MONDAY,
    )


@dataclass
class World:
    """`now` is the portal's own clock for sessions; tokens are checked by real time."""

    house: HouseForTests
    key: OKPKey
    issuer: object
    at_provider: object
    way: Away
    store: MemorySessionStore
    signing_in: object
    portal: object
    registry: object = None
    late: timedelta = field(default=timedelta())

    def browser(self):
        return Browser(self)


class Browser:
    """Keeps cookies and follows what it is answered, as a browser would."""

    def __init__(self, world) -> None:
        self.world = world
        transport = httpx.ASGITransport(app=world.portal)
        self.portal = httpx.AsyncClient(transport=transport, base_url=PORTAL)
        there = httpx.ASGITransport(app=world.issuer)
        self.provider = httpx.AsyncClient(transport=there, base_url=PROVIDER)

    async def get(self, path, **headers):
        return await self.portal.get(path, headers=headers)

    async def post(self, path, **fields):
        return await self.portal.post(path, data=fields)

    async def begin(self, back_to="/"):
        """Where the portal sends it."""
        answer = await self.portal.get("/dang-nhap", params={"ve": back_to})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, address, person):
        """What the provider sends it back with."""
        query = dict(parse_qsl(urlsplit(address).query))
        answer = await self.provider.post("/authorize", data={**query, "who": str(person)})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, person, back_to="/"):
        """The portal's answer when it comes back."""
        return await self.portal.get(await self.choose(await self.begin(back_to), person))

    @property
    def secret(self):
        return self.portal.cookies.get("vongtay")

    async def form_key(self, path="/toi"):
        return form_key_in((await self.get(path)).text)


def form_key_in(page):
    return re.search(r'name="khoa_bieu_mau" value="([^"]+)"', page).group(1)


def a_key():
    return OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)


@pytest.fixture
def world(tmp_path):
    key = a_key()
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    verifier = TokenVerifier(JwksFile(jwks), issuer=ISSUER, audience="vongtay")
    at_provider = development_issuer.signing_in(key, PORTAL)
    issuer = development_issuer.make_app(key, None, at_provider)
    way = Away(issuer)
    store = MemorySessionStore()
    made = World(None, key, issuer, at_provider, way, store, None, None)

    def app(house):
        made.signing_in = signing_in(
            ProviderSettings(
                issuer=ISSUER,
                url=PROVIDER,
                client="vongtay-portal",
                secret=None,
                signed_in_at=f"{PORTAL}/dang-nhap/xong",
                signed_out_at=f"{PORTAL}/",
            ),
            store,
            b"s" * 32,
            LIMITS,
            KnownByAccount(verifier, Accounts(house.rows)),
            transport=way,
            clock=lambda: datetime.now(UTC) + made.late,
        )
        return make_app(house, made.registry, signing_in=made.signing_in)

    made.registry = Registry()
    made.house = HouseForTests("portal", app)
    made.house.rows.feed(happened(*(linked(card.person) for card in cards())))
    made.portal = made.house.client.app
    return made


@pytest.fixture
def browser(world):
    return world.browser()


def now_s():
    return int(time.time())
