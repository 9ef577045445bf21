"""From the demo's cards to the first page of each, and out again, in a real browser."""

import json
from datetime import timedelta

import pytest
from joserfc.jwk import KeySet, OKPKey

from console import development_issuer
from console.development_issuer import ISSUER
from console.season.cards import cards
from edge.accounts import Accounts, KnownByAccount
from edge.tokens import JwksFile, TokenVerifier
from services.portal.app import make_app
from services.portal.sign_in.provider import ProviderSettings
from services.portal.sign_in.session_store import MemorySessionStore
from services.portal.sign_in.sessions import Limits
from services.portal.sign_in.signing_in import signing_in
from tests.browser.axe import is_cut, wrong_for_some
from tests.browser.conftest import a_free_port, served
from tests.services.portal.sign_in.conftest import linked
from tests.support.house import HouseForTests, happened

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")


@pytest.fixture(scope="module")
def at(chromium, tmp_path_factory):
    """Where a portal answers that knows the persons on the cards; the provider is beside it."""
    portal_port, provider_port = a_free_port(), a_free_port()
    portal, provider = (f"http://127.0.0.1:{port}" for port in (portal_port, provider_port))
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    jwks = tmp_path_factory.mktemp("keys") / "jwks.json"
    jwks.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    verifier = TokenVerifier(JwksFile(jwks), issuer=ISSUER, audience="vongtay")
    issuer = development_issuer.make_app(key, None, development_issuer.signing_in(key, portal))
    settings = ProviderSettings(
        issuer=ISSUER,
        url=provider,
        client="vongtay-portal",
        secret=None,
        signed_in_at=f"{portal}/dang-nhap/xong",
        signed_out_at=f"{portal}/",
    )

    def app(house):
        known = KnownByAccount(verifier, Accounts(house.rows))
        limits = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=8))
        inside = signing_in(settings, MemorySessionStore(), b"s" * 32, limits, known)
        return make_app(house, signing_in=inside)

    house = HouseForTests("portal", app)
    house.rows.feed(happened(*(linked(card.person) for card in cards())))
    for card in cards():
        for role in card.roles:
            house.grant(card.person, role, card.person)
    stops = [
        served(issuer, provider_port, "/jwks.json"),
        served(house.client.app, portal_port, "/portal.css"),
    ]
    yield portal
    for stop in stops:
        stop()


@pytest.fixture
def browser(chromium):
    """Each with cookies of its own."""
    contexts = []

    def open_(width=360):
        viewport = {"width": width, "height": 740}
        contexts.append(chromium.new_context(viewport=viewport, locale="vi-VN", bypass_csp=True))
        return contexts[-1].new_page()

    yield open_
    for context in contexts:
        context.close()


def sign_in(page, at, card, path="/viec-hom-nay"):
    page.goto(at + path)
    page.locator(f'button[value="{card.person}"]').click()
    page.wait_for_url(f"{at}{path}*")


def test_the_cards_are_for_everybody(browser, at):
    page = browser()
    page.goto(f"{at}/viec-hom-nay")
    assert page.locator("button[name=who]").count() == len(cards())
    assert wrong_for_some(page) == []
    assert not is_cut(page)


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.roles[0])
def test_each_signs_in_by_one_click_and_is_on_their_first_page(browser, at, card):
    page = browser()
    sign_in(page, at, card)
    assert page.inner_text("h1") == "Việc hôm nay"
    assert "code=" not in page.url
    (cookie,) = [each for each in page.context.cookies() if each["name"] == "vongtay"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert page.evaluate("document.cookie") == ""


def test_out_everywhere_is_out_in_the_other_browser_too(browser, at):
    card, another = cards()[0], cards()[1]
    here, there, of_another = browser(), browser(), browser()
    for page, whose in ((here, card), (there, card), (of_another, another)):
        sign_in(page, at, whose)
    here.goto(f"{at}/toi")
    here.get_by_role("button", name="Đăng xuất ở mọi nơi").click()
    here.wait_for_url(f"{at}/?state=*")
    there.goto(f"{at}/viec-hom-nay")
    assert there.locator("button[name=who]").count() == len(cards())
    of_another.goto(f"{at}/viec-hom-nay")
    assert of_another.inner_text("h1") == "Việc hôm nay"


def test_back_to_where_they_wanted_to_go(browser, at):
    page = browser()
    sign_in(page, at, cards()[0], "/toi?lang=en")
    assert page.inner_text("h1") == "Who I am and what I may"
