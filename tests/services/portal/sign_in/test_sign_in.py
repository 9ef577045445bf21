import asyncio
import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import httpx
import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from console.development_issuer import ISSUER, sign
from console.season.cards import cards
from edge.tokens import CLOCK_SKEW_S, Identity
from services.portal.desks.services import Services
from services.portal.sign_in.browser import Cookies, own_path
from services.portal.sign_in.provider import SIGNED_OUT_EVENT
from services.portal.sign_in.sessions import RENEWED_WITHIN
from services.registry.app import make_app as make_registry
from tests.services.portal.desks.conftest import fields_of
from tests.services.portal.sign_in.conftest import (
    APPROVER,
    AUDITOR,
    LIMITS,
    PORTAL,
    a_key,
    form_key_in,
    now_s,
    unlinked,
)
from tests.support.house import HouseForTests, happened

pytestmark = pytest.mark.filterwarnings("ignore:EdDSA")


async def test_somebody_signs_in_and_is_shown_who_they_are(world, browser):
    answer = await browser.sign_in(AUDITOR)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    first = await browser.get("/toi")
    assert "Kiểm toán viên" in first.text
    # A public page too, which now names them.
    public = await browser.get("/tu-kiem-chung")
    assert "Kiểm toán viên" in public.text
    assert "no-store" in first.headers["cache-control"]
    assert "no-store" in public.headers["cache-control"]
    assert "Cookie" in public.headers["vary"]
    [session] = world.store.kept.values()
    assert session.account == Identity(ISSUER, str(AUDITOR)).account_id


async def test_the_way_to_the_provider_is_proved_by_state_nonce_and_pkce(browser):
    asked = parse_qs(urlsplit(await browser.begin()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{PORTAL}/dang-nhap/xong"]
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20


async def test_who_needs_a_page_of_their_own_signs_in_and_is_back_there(world, browser):
    world.house.grant(AUDITOR, "auditor", world.house.unit(AUDITOR))
    sent = await browser.get("/ban-kiem-tra?since=registry:3")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/dang-nhap?ve=" + quote(
        "/ban-kiem-tra?since=registry:3", safe="/"
    )
    begun = await browser.portal.get(sent.headers["location"])
    back = await browser.portal.get(await browser.choose(begun.headers["location"], AUDITOR))
    assert back.headers["location"] == "/ban-kiem-tra?since=registry:3"


async def test_a_program_is_told_and_not_sent(world, browser):
    answer = await browser.get("/api/desk")
    assert answer.status_code == 401
    assert answer.json()["code"] == "not-signed-in"
    answer = await browser.get("/toi", Authorization="Bearer x")
    assert answer.status_code == 401


async def test_tokens_are_in_no_page_no_cookie_and_no_address(world, browser):
    back = await browser.choose(await browser.begin(), AUDITOR)
    answer = await browser.portal.get(back)
    pages = [(await browser.get(path)).text for path in ("/toi", "/tra-cuu")]
    shown = [back, *answer.headers.values(), *browser.portal.cookies.values(), *pages]
    # Each part of a JSON Web Token begins so.
    assert not [text for text in shown if "eyJ" in text]


async def test_the_table_tells_nobody_who_is_signed_in(world, browser):
    await browser.sign_in(AUDITOR)
    [session] = world.store.kept.values()
    for told in (b"eyJ", str(AUDITOR).encode(), "Kiểm toán".encode(), browser.secret.encode()):
        assert told not in session.sealed + session.id_hash + session.provider_session


async def test_a_cookie_over_https_is_of_this_host_alone(world, browser):
    assert Cookies(b"s" * 32, secure=True).session == "__Host-vongtay"
    answer = await browser.sign_in(AUDITOR)
    given = answer.headers.get_list("set-cookie")[0]
    assert given.startswith("vongtay=")
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Path=/" in given


# --- newcomers ---


async def test_whom_nobody_knows_is_proposed_and_told_so(world, browser):
    world.house.rows.feed(happened(unlinked(AUDITOR), service="registry"))
    answer = await browser.sign_in(AUDITOR, back_to="/toi")
    assert world.registry.proposed == ["Kiểm toán viên"]
    shown = await browser.portal.get(answer.headers["location"])
    assert shown.status_code == 200
    code = Identity(ISSUER, str(AUDITOR)).account_id.hex[:8]
    assert f"{code[:4]}-{code[4:]}" in shown.text
    answer = await browser.get("/ban-kiem-tra")
    assert answer.status_code == 403
    assert answer.json()["code"] == "account-not-linked"


async def test_a_registry_that_is_silent_keeps_no_newcomer_out(world, browser):
    world.house.rows.feed(happened(unlinked(AUDITOR), service="registry"))
    world.registry.is_silent = True
    await browser.sign_in(AUDITOR)
    assert (await browser.get("/toi")).status_code == 200


async def test_whom_the_registry_knows_is_not_proposed(world, browser):
    await browser.sign_in(AUDITOR)
    assert world.registry.proposed == []


# --- out ---


async def test_out_is_out_whatever_the_browser_still_holds(world, browser):
    await browser.sign_in(AUDITOR)
    secret, key = browser.secret, await browser.form_key()
    answer = await browser.post("/dang-xuat", khoa_bieu_mau=key)
    assert answer.status_code == 200
    assert browser.secret is None
    assert "/sign-out?" in answer.headers["refresh"]
    browser.portal.cookies.set("vongtay", secret, domain="portal.test")
    assert (await browser.get("/toi")).status_code == 303
    assert "/revoke" in world.way.asked


async def test_one_button_ends_it_everywhere_and_nobody_elses(world, browser):
    elsewhere, another = world.browser(), world.browser()
    for each, person in ((browser, AUDITOR), (elsewhere, AUDITOR), (another, APPROVER)):
        await each.sign_in(person)
    await browser.post("/dang-xuat/moi-noi", khoa_bieu_mau=await browser.form_key())
    assert (await elsewhere.get("/toi")).status_code == 303
    assert (await another.get("/toi")).status_code == 200


def logout_token(world, **changed):
    claims = {
        "aud": "vongtay-portal",
        "sid": "another",
        "jti": "1",
        "events": {SIGNED_OUT_EVENT: {}},
    } | changed
    return sign(world.key, {name: value for name, value in claims.items() if value is not None})


async def test_it_ends_everywhere_also_while_the_provider_is_away(world, browser):
    world.at_provider.token_life_s = 30
    other = world.browser()
    await other.sign_in(AUDITOR)
    await browser.sign_in(AUDITOR)
    key = await browser.form_key()
    world.way.is_cut = True
    world.late = timedelta(seconds=31)
    answer = await browser.post("/dang-xuat/moi-noi", khoa_bieu_mau=key)
    assert answer.status_code == 200
    assert world.store.kept == {}


async def test_who_signs_out_at_the_provider_is_out_here(world, browser):
    other = world.browser()
    await browser.sign_in(AUDITOR)
    await other.sign_in(AUDITOR)
    sessions = {session for _, session in world.at_provider._refresh.values()}
    first = next(session for session in sessions)
    answer = await world.browser().post(
        "/dang-xuat/nha-cung-cap", logout_token=logout_token(world, sid=first)
    )
    assert answer.status_code == 200
    assert len(world.store.kept) == 1


async def test_a_provider_that_names_no_session_ends_all_of_the_account(world, browser):
    other, somebody_else = world.browser(), world.browser()
    await browser.sign_in(AUDITOR)
    await other.sign_in(AUDITOR)
    await somebody_else.sign_in(APPROVER)
    said = logout_token(world, sid=None, sub=str(AUDITOR))
    answer = await world.browser().post("/dang-xuat/nha-cung-cap", logout_token=said)
    assert answer.status_code == 200
    assert len(world.store.kept) == 1
    assert (await somebody_else.get("/toi")).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another client"},
        {"iss": "another issuer"},
        {"events": {}},
        {"events": None},
        {"events": SIGNED_OUT_EVENT},
        {"events": [SIGNED_OUT_EVENT]},
        {"nonce": "as in an ID token"},
        {"iat": now_s() - 3600},
        {"iat": "soon"},
        {"exp": now_s() - 3600},
        {"sid": None},
        {"sid": 7, "sub": str(AUDITOR)},
    ],
)
async def test_nobody_else_signs_people_out(world, browser, changed):
    await browser.sign_in(AUDITOR)
    [(_, session)] = world.at_provider._refresh.values()
    said = {"sid": session} | changed
    answer = await world.browser().post(
        "/dang-xuat/nha-cung-cap", logout_token=logout_token(world, **said)
    )
    assert answer.status_code == 400
    assert (await browser.get("/toi")).status_code == 200


async def test_a_sign_out_by_a_strangers_key_is_none(world, browser):
    await browser.sign_in(AUDITOR)
    [(_, session)] = world.at_provider._refresh.values()
    world.key, kept = a_key(), world.key
    forged = logout_token(world, sid=session)
    world.key = kept
    answer = await world.browser().post("/dang-xuat/nha-cung-cap", logout_token=forged)
    assert answer.status_code == 400
    assert (await browser.get("/toi")).status_code == 200


# --- limits ---


@pytest.mark.parametrize("limit", [LIMITS.idle, LIMITS.absolute])
async def test_a_session_ends_by_idleness_and_by_age(world, browser, limit):
    await browser.sign_in(AUDITOR)
    world.at_provider.token_life_s = 10**6
    if limit is LIMITS.absolute:
        # Used all the time.
        while world.late < limit - LIMITS.idle:
            world.late += LIMITS.idle / 2
            assert (await browser.get("/toi")).status_code == 200
    world.late = limit - timedelta(seconds=60)
    if limit is LIMITS.idle:
        assert (await world.signing_in.sessions.find(browser.secret)) is not None
        world.late += limit - timedelta(seconds=1)
        assert (await world.signing_in.sessions.find(browser.secret)) is not None
        world.late += limit
    else:
        assert (await browser.get("/toi")).status_code == 200
        world.late = limit + timedelta(seconds=1)
    assert (await browser.get("/toi")).status_code == 303
    assert world.store.kept == {}


async def test_those_that_ended_are_forgotten_at_the_next_sign_in(world, browser):
    await browser.sign_in(AUDITOR)
    world.late = LIMITS.idle + timedelta(seconds=1)
    await world.browser().sign_in(APPROVER)
    assert [each.account for each in world.store.kept.values()] == [
        Identity(ISSUER, str(APPROVER)).account_id
    ]


# --- renewing ---


async def test_tokens_that_end_are_renewed_once_however_many_come_at_once(world, browser):
    world.at_provider.token_life_s = 30
    await browser.sign_in(AUDITOR)
    world.at_provider.token_life_s = 900
    before = world.way.asked.count("/token")
    answers = await asyncio.gather(*(browser.get("/toi") for _ in range(12)))
    assert {each.status_code for each in answers} == {200}
    assert world.way.asked.count("/token") == before + 1
    assert (await browser.get("/toi")).status_code == 200
    assert world.way.asked.count("/token") == before + 1


async def test_when_its_token_has_ended_everybody_waits_for_the_one_who_renews(world, browser):
    world.at_provider.token_life_s = 0
    await browser.sign_in(AUDITOR)
    world.late = timedelta(seconds=1)
    world.at_provider.token_life_s = 900
    answers = await asyncio.gather(*(browser.get("/toi") for _ in range(12)))
    assert {each.status_code for each in answers} == {200}
    assert world.way.asked.count("/token") == 2


async def test_who_may_not_renew_any_more_is_out(world, browser):
    world.at_provider.token_life_s = 30
    await browser.sign_in(AUDITOR)
    world.at_provider._refresh.clear()
    assert (await browser.get("/toi")).status_code == 303
    assert world.store.kept == {}


async def test_new_tokens_of_somebody_else_are_taken_for_nobody(world, browser):
    world.at_provider.token_life_s = 30
    await browser.sign_in(AUDITOR)
    changed_claims(world, "vongtay", sub=str(APPROVER))
    assert (await browser.get("/toi")).status_code == 303
    assert world.store.kept == {}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"error": "temporarily_unavailable"}),
        (401, {"error": "invalid_client"}),
        (429, {"error": "slow_down"}),
        (500, {"error": "server_error"}),
        (502, "<html>"),
        (200, "<html>"),
        (200, None),
        (200, []),
        (200, {"access_token": "x", "expires_in": "soon"}),
    ],
)
async def test_a_provider_in_trouble_leaves_people_working(world, browser, status, said):
    """They are out when it says that their own tokens are no more, and not for anything else."""
    world.at_provider.token_life_s = 30
    await browser.sign_in(AUDITOR)
    world.way.answers["/token"] = httpx2.Response(status, json=said)
    assert (await browser.get("/toi")).status_code == 200
    world.way.answers.clear()
    world.late = timedelta(seconds=11)
    assert (await browser.get("/toi")).status_code == 200


@pytest.mark.parametrize("life", [10**400, -(10**9), 10**12], ids=["endless", "past", "long"])
async def test_a_token_that_says_nonsense_of_its_end(world, browser, life):
    world.at_provider.token_life_s = life
    assert (await browser.sign_in(AUDITOR)).status_code == 303


async def test_a_provider_that_is_away_leaves_people_working_until_their_token_ends(world, browser):
    world.at_provider.token_life_s = 30
    await browser.sign_in(AUDITOR)
    world.way.is_cut = True
    asked = len(world.way.asked)
    for _ in range(3):
        assert (await browser.get("/toi")).status_code == 200
    assert len(world.way.asked) == asked + 1
    # Its token has ended, for whoever asks by the portal's clock.
    world.late = timedelta(seconds=31)
    assert (await browser.get("/toi")).headers["location"].startswith("/dang-nhap?ve=")
    # One request found it away; the others do not wait until the next may ask.
    async with asyncio.timeout(RENEWED_WITHIN.total_seconds() / 2):
        assert (await browser.get("/tra-cuu")).status_code == 200
    # It comes back, and the session was not lost.
    world.way.is_cut = False
    world.late += timedelta(seconds=11)
    world.at_provider.token_life_s = 900
    assert (await browser.get("/toi")).status_code == 200


async def test_who_comes_while_the_provider_is_away_is_told_plainly(world, browser):
    world.way.is_cut = True
    answer = await browser.get("/dang-nhap?ve=/toi")
    assert answer.status_code == 503
    assert "không trả lời" in answer.text
    assert answer.headers["retry-after"] == "30"


async def test_a_provider_that_goes_away_in_between_is_told_plainly(world, browser):
    back = await browser.choose(await browser.begin(), AUDITOR)
    world.way.is_cut = True
    assert (await browser.portal.get(back)).status_code == 503
    assert world.store.kept == {}


async def test_who_stops_on_the_way_is_told_so(world, browser):
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
    answer = await browser.portal.get(
        "/dang-nhap/xong",
        params={
            "error": "access_denied",
            "error_description": "<x>",
            "state": state,
            "iss": ISSUER,
        },
    )
    assert answer.status_code == 400
    assert "dừng đăng nhập" in answer.text
    assert "<x>" not in answer.text


# --- attacks ---


async def test_a_session_that_somebody_else_put_there_is_not_taken_over(world, browser):
    """Fixation: what the browser came with is never what it leaves with."""
    attacker = world.browser()
    await attacker.sign_in(APPROVER)
    planted = attacker.secret
    browser.portal.cookies.set("vongtay", planted, domain="portal.test", path="/")
    await browser.sign_in(AUDITOR)
    assert browser.secret != planted
    assert (await attacker.get("/toi")).status_code == 303


async def test_an_answer_that_began_in_another_browser_signs_nobody_in(world, browser):
    """Somebody is not signed in as the attacker, by a link that the attacker made."""
    attacker = world.browser()
    link = await attacker.choose(await attacker.begin(), APPROVER)
    assert (await browser.portal.get(link)).status_code == 400
    await browser.begin()
    assert (await browser.portal.get(link)).status_code == 400
    assert world.store.kept == {}


async def test_an_answer_counts_once(world, browser):
    back = await browser.choose(await browser.begin(), AUDITOR)
    held = dict(browser.portal.cookies)
    assert (await browser.portal.get(back)).status_code == 303
    again = world.browser()
    for name, value in held.items():
        again.portal.cookies.set(name, value, domain="portal.test")
    assert (await again.portal.get(back)).status_code == 400


@pytest.mark.parametrize("path", ["/dang-xuat", "/dang-xuat/moi-noi"])
@pytest.mark.parametrize("key", [None, "", "x", "of another"])
async def test_a_form_without_this_sessions_key_changes_nothing(world, browser, path, key):
    other = world.browser()
    await other.sign_in(APPROVER)
    await browser.sign_in(AUDITOR)
    if key == "of another":
        key = await other.form_key()
    answer = await browser.post(path, **({} if key is None else {"khoa_bieu_mau": key}))
    assert answer.status_code == 403
    assert answer.json()["code"] == "form-of-another"
    assert (await browser.get("/toi")).status_code == 200


async def test_each_form_on_a_page_of_somebody_signed_in_has_the_key(world, browser):
    await browser.sign_in(AUDITOR)
    key = await browser.form_key()
    for path in ("/toi", "/tra-cuu", "/tu-kiem-chung"):
        page = (await browser.get(path)).text
        posted = [form for form in page.split("<form")[1:] if 'method="post"' in form]
        assert posted
        assert all(form_key_in(form.split("</form>")[0]) == key for form in posted)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "/%5cevil.test\\",
        "/\tevil",
        "/\n//evil.test",
        "javascript:alert(1)",
        "evil.test",
        "",
        "/dang-nhap",
        "/dang-nhap/xong?code=x",
        "/" + "x" * 2000,
    ],
)
async def test_after_signing_in_nobody_is_sent_elsewhere(browser, elsewhere):
    answer = await browser.sign_in(AUDITOR, back_to=elsewhere)
    assert answer.headers["location"] == "/"


def test_a_path_of_ours_is_kept_whole():
    assert own_path("/qua/3?lang=en&x=1") == "/qua/3?lang=en&x=1"


def changed_claims(world, audience, **changed):
    """The provider's next tokens for an audience are signed with other claims."""
    real = world.at_provider.sign

    def forged(claims):
        return real({**claims, **changed} if claims["aud"] == audience else claims)

    world.at_provider.sign = forged


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "another issuer"},
        {"aud": "another client"},
        {"nonce": "of another sign-in"},
        {"exp": now_s() - CLOCK_SKEW_S - 60},
        {"iat": now_s() + 3600},
        {"azp": "another client"},
        {"sub": "somebody else"},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(world, browser, changed):
    changed_claims(world, "vongtay-portal", **changed)
    assert (await browser.sign_in(AUDITOR)).status_code == 400
    assert world.store.kept == {}


def unsigned(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


@pytest.mark.parametrize("which", ["vongtay-portal", "vongtay"])
@pytest.mark.parametrize("how", ["stranger", "none", "HS256"])
async def test_a_forged_token_signs_nobody_in(world, browser, which, how):
    """Of the ID token (for the portal) and of the access token (for the services)."""
    real, stranger = world.at_provider.sign, a_key()

    def forged(claims):
        if claims["aud"] != which:
            return real(claims)
        said = {"iss": ISSUER, "iat": now_s(), "exp": now_s() + 600, **claims}
        match how:
            case "stranger":
                return sign(stranger, claims)
            case "none":
                return unsigned(said)
            case _:
                public = OctKey.import_key(json.dumps(world.key.as_dict(private=False)))
                return jwt.encode({"alg": "HS256"}, said, public, algorithms=["HS256"])

    world.at_provider.sign = forged
    assert (await browser.sign_in(AUDITOR)).status_code == 400
    assert world.store.kept == {}


async def test_an_answer_of_another_issuer_is_refused(world, browser):
    back = await browser.choose(await browser.begin(), AUDITOR)
    mixed_up = back.replace(f"iss={ISSUER}", "iss=another")
    assert mixed_up != back
    assert (await browser.portal.get(mixed_up)).status_code == 400
    assert (await browser.portal.get(back.replace(f"&iss={ISSUER}", ""))).status_code == 400


async def test_a_code_without_its_verifier_is_worth_nothing(world, browser):
    back = await browser.choose(await browser.begin(), AUDITOR)
    code = parse_qs(urlsplit(back).query)["code"][0]
    stolen = {
        "grant_type": "authorization_code",
        "client_id": "vongtay-portal",
        "code": code,
        "redirect_uri": f"{PORTAL}/dang-nhap/xong",
    }
    for verifier in ({}, {"code_verifier": "x" * 43}):
        answer = await browser.provider.post("/token", data=stolen | verifier)
        assert answer.status_code == 400


async def test_a_form_of_an_earlier_session_comes_back_and_sends_nothing(world, browser):
    """Who signed in anew in another tab loses nothing that they typed, and nothing is sent."""
    path = "/to-chuc/nguoi/moi"
    asked = []

    async def registry(request):
        asked.append(request.method)
        return httpx.Response(200, json=contract)

    keeper = next(card.person for card in cards() if "organisation-keeper" in card.roles)
    world.house.grant(keeper, "organisation-keeper", UUID(int=11))
    client = httpx.AsyncClient(transport=httpx.MockTransport(registry))
    world.portal.state.services = Services({"registry": "http://registry.test"}, client)
    contract = HouseForTests("registry", make_registry).client.app.openapi()
    await browser.sign_in(keeper)
    fields = fields_of((await browser.get(path)).text) | {"name": "Lan"}
    await browser.sign_in(keeper)
    answer = await browser.post(path, **fields)
    assert answer.status_code == 303
    back = await browser.get(answer.headers["location"])
    assert 'value="Lan"' in back.text
    assert set(asked) == {"GET"}
    # A page of somebody else's has no seal of ours: it is refused, and nothing of it is kept.
    assert (await browser.post(path, **(fields | {"_whose": ""}))).status_code == 403
