"""Signing in with a real provider, Keycloak, and a real browser; with the realm that we ship.

Skipped, with a line that says why, where Keycloak cannot be fetched or there is no Chromium.
"""

import asyncio
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from deploy.embedded.keycloak import ADMINISTRATOR, NotFetched, keycloak_for_tests
from deploy.embedded.ports import LOOPBACK, choose
from edge.accounts import Accounts, KnownByAccount
from edge.program_token import ProgramAtProvider, ProgramToken
from edge.provider_keys import DiscoveredKeys
from edge.tokens import TokenVerifier
from services.portal.app import make_app
from services.portal.sign_in.provider import ProviderSettings
from services.portal.sign_in.session_store import MemorySessionStore
from services.portal.sign_in.sessions import Limits
from services.portal.sign_in.signing_in import signing_in
from tests.services.portal.sign_in.conftest import Registry
from tests.support.house import HouseForTests

playwright = pytest.importorskip("playwright.async_api", reason="no Playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: apt-get install chromium"),
]
HANH, PASSWORD = "hanh", "mat-khau-cua-co-hanh"


@dataclass
class World:
    issuer: str
    portal: str
    admin: "Admin"
    store: MemorySessionStore
    registry: Registry


class Admin:
    """What an administrator of the provider does there."""

    def __init__(self, keycloak) -> None:
        self._keycloak = keycloak
        self._http = httpx.AsyncClient(base_url=keycloak.url, trust_env=False, timeout=60)

    async def ask(self, method, path, **body):
        answer = await self._http.post(
            "/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": ADMINISTRATOR,
                "password": self._keycloak.password,
            },
        )
        answer.raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        path = f"/admin/realms/vongtay{path}"
        done = await self._http.request(method, path, headers=headers, **body)
        done.raise_for_status()
        return done.json() if done.content else None

    async def make_user(self):
        user = {
            "username": HANH,
            "firstName": "Hạnh",
            "lastName": "Nguyễn",
            "email": "hanh@example.vn",
            "emailVerified": True,
            "enabled": True,
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        if not await self.users():
            await self.ask("POST", "/users", json=user)

    async def users(self):
        return await self.ask("GET", f"/users?username={HANH}&exact=true")

    async def sign_out_everywhere(self):
        (user,) = await self.users()
        await self.ask("POST", f"/users/{user['id']}/logout")

    async def rotate_keys(self, priority):
        await self.ask(
            "POST",
            "/components",
            json={
                "name": f"rsa {priority}",
                "providerId": "rsa-generated",
                "providerType": "org.keycloak.keys.KeyProvider",
                "config": {"priority": [str(priority)], "keySize": ["2048"]},
            },
        )

    def token_of_the_program(self):
        issuer = f"{self._keycloak.url}/realms/vongtay"
        program = ("vongtay-notifications", self._keycloak.program_secret)
        return ProgramToken(ProgramAtProvider(issuer, issuer, *program))


@pytest.fixture(scope="module")
def portal_port():
    return choose()


@pytest.fixture(scope="module")
def keycloak(portal_port):
    try:
        with keycloak_for_tests(f"http://{LOOPBACK}:{portal_port}") as running:
            yield running
    except NotFetched as why:
        pytest.skip(f"no Keycloak here: {why}")


@asynccontextmanager
async def served(app, port):
    server = Server(
        app,
        address=LOOPBACK,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    serving = asyncio.ensure_future(server.serve())
    await asyncio.sleep(0.5)
    try:
        yield
    finally:
        server.stop()
        await asyncio.wait([serving], timeout=5)


@pytest.fixture
async def world(keycloak, portal_port):
    portal = f"http://{LOOPBACK}:{portal_port}"
    issuer = f"{keycloak.url}/realms/vongtay"
    verifier = TokenVerifier(DiscoveredKeys(issuer, issuer), issuer=issuer, audience="vongtay")
    store, registry = MemorySessionStore(), Registry()

    def app(house):
        return make_app(
            house,
            registry,
            signing_in=signing_in(
                ProviderSettings(
                    issuer=issuer,
                    url=issuer,
                    client="vongtay-portal",
                    secret=keycloak.portal_secret,
                    signed_in_at=f"{portal}/dang-nhap/xong",
                    signed_out_at=f"{portal}/",
                ),
                store,
                b"s" * 32,
                Limits(idle=timedelta(hours=1), absolute=timedelta(hours=8)),
                KnownByAccount(verifier, Accounts(house.rows)),
            ),
        )

    house = HouseForTests("portal", app)
    admin = Admin(keycloak)
    await admin.make_user()
    async with served(house.client.app, portal_port):
        yield World(issuer, portal, admin, store, registry)


@pytest.fixture
async def chromium():
    async with playwright.async_playwright() as started:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        await browser.close()


async def sign_in(page, world):
    await page.goto(f"{world.portal}/toi", timeout=120_000)
    await page.fill("#username", HANH)
    await page.fill("#password", PASSWORD)
    await page.click("#kc-login")
    await page.wait_for_url(f"{world.portal}/toi", timeout=120_000)


async def test_a_day_with_keycloak(world, chromium):
    """In one story, since a browser and a provider cost seconds each."""
    page = await (await chromium.new_context()).new_page()
    await sign_in(page, world)
    assert "Hạnh" in await page.inner_text("body")
    assert len(world.registry.proposed) == 1
    assert "eyJ" not in await page.content()

    # Its keys are others now. Who is signed in goes on, and who comes is believed by the new ones.
    await world.admin.rotate_keys(200)
    await page.reload()
    assert page.url == f"{world.portal}/toi"
    another = await (await chromium.new_context()).new_page()
    await asyncio.sleep(10)
    await sign_in(another, world)
    assert len(world.store.kept) == 2

    # Out is out at the provider too: whoever comes next there is asked for a password.
    await another.click("header .signed-in button")
    await another.wait_for_load_state("networkidle")
    assert len(world.store.kept) == 1
    await another.goto(f"{world.portal}/toi", timeout=120_000)
    assert await another.is_visible("#password")

    # An administrator of the provider ends what this person has begun: it tells us by itself.
    await world.admin.sign_out_everywhere()
    for _ in range(300):
        if not world.store.kept:
            break
        await asyncio.sleep(0.2)
    assert world.store.kept == {}
    await page.goto(f"{world.portal}/toi", timeout=120_000)
    assert page.url.startswith(world.issuer)


async def test_a_program_has_credentials_of_its_own(world):
    token = await world.admin.token_of_the_program()()
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {token}"}
        answer = await client.get(f"{world.portal}/toi", headers=headers)
        assert answer.status_code == 200
        answer = await client.get(f"{world.portal}/api/desk", headers=headers)
        assert answer.json()["code"] == "account-not-linked"
