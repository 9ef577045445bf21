"""Signing in and out, and who I am. What goes wrong on the way is told plainly, and leads on."""

import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Literal, cast
from uuid import UUID

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from contracts.vietnamese_day import vietnamese_day
from edge.door import ReadDoor
from edge.logs import log
from edge.permission import anyone, newcomer
from edge.refusals import NotSignedIn
from edge.routes import Routes
from edge.who_may_where import RoleHeld, UnitRow, roles_held, units
from eventing.all_rows import all_rows
from eventing.decider import Rejection
from services.portal.neighbours import Neighbours, Silent
from services.portal.pages import not_found, page
from services.portal.sign_in.browser import READS, SIGN_IN, UnderWay, own_path, to_sign_in
from services.portal.sign_in.browser import form as form_of
from services.portal.sign_in.browser import signed_in as session_of
from services.portal.sign_in.provider import NotFromProvider, SignInRefused
from services.portal.sign_in.sessions import ProviderAway, Tokens
from services.portal.sign_in.signing_in import SigningIn

BACK_CHANNEL_BYTES_MAX = 16_000
NAMELESS = "(nhà cung cấp không nêu tên)"

Answer = Callable[[Request, Exception], Awaitable[Response]]
Trouble = Literal["away", "begin-again", "cancelled"]

routes = Routes(tag="sign-in")


@routes.query(SIGN_IN, may=anyone("sign-in"), response_class=HTMLResponse, include_in_schema=False)
async def begin(request: Request, door: ReadDoor, ve: str = "/") -> Response:
    signing_in = _of(request)
    if signing_in is None:
        return not_found(request, door)
    session: dict[str, Any] = {}
    request.scope["session"] = session
    try:
        url = await signing_in.provider.begin(request)
    except ProviderAway as error:
        return _trouble(request, door, "away", own_path(ve), why=error)
    answer = RedirectResponse(url, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
    signing_in.cookies.give_under_way(answer, UnderWay(session, own_path(ve), time.time()))
    return answer


@routes.query(
    SIGN_IN + "/xong",
    may=anyone("finish-sign-in"),
    response_class=HTMLResponse,
    include_in_schema=False,
)
async def finish(request: Request, door: ReadDoor) -> Response:
    """Back from the provider: a new session, whatever the browser came with."""
    signing_in = _of(request)
    if signing_in is None:
        return not_found(request, door)
    under_way = signing_in.cookies.under_way_in(request)
    if under_way is None:
        return _trouble(request, door, "begin-again", "/")
    request.scope["session"] = under_way.session
    try:
        tokens = await signing_in.provider.complete(request)
    except ProviderAway as error:
        return _trouble(request, door, "away", under_way.return_to, why=error)
    except SignInRefused as error:
        said: Trouble = "cancelled" if error.why == "access_denied" else "begin-again"
        return _trouble(request, door, said, under_way.return_to, why=error)
    await _propose_newcomer(request, signing_in, tokens)
    before = request.cookies.get(signing_in.cookies.session)
    secret = await signing_in.sessions.begin(tokens, instead_of=before)
    answer = RedirectResponse(
        under_way.return_to, HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"}
    )
    signing_in.cookies.give_session(answer, secret)
    signing_in.cookies.take_under_way(answer)
    return answer


@routes.form("/dang-xuat", may=anyone("sign-out"))
async def sign_out(request: Request, door: ReadDoor) -> Response:
    """Out here, and at the provider."""
    return await _sign_out(request, door, everywhere=False)


@routes.form("/dang-xuat/moi-noi", may=anyone("sign-out-everywhere"))
async def sign_out_everywhere(request: Request, door: ReadDoor) -> Response:
    """Out in every browser in which this account is signed in."""
    return await _sign_out(request, door, everywhere=True)


@routes.form("/dang-xuat/nha-cung-cap", may=anyone("hear-of-sign-out"))
async def signed_out_at_provider(request: Request, door: ReadDoor) -> Response:  # noqa: ARG001
    """The provider says by itself that somebody has signed out there (back-channel)."""
    signing_in = _of(request)
    said = (await form_of(request)).get("logout_token", "")
    if signing_in is None or not 0 < len(said) <= BACK_CHANNEL_BYTES_MAX:
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    try:
        await signing_in.sessions.end_as_said(await signing_in.provider.signed_out(said))
    except NotFromProvider:
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    except ProviderAway:
        return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(headers={"Cache-Control": "no-store"})


@routes.query(
    "/toi", may=newcomer("see-myself"), response_class=HTMLResponse, include_in_schema=False
)
async def myself(request: Request, door: ReadDoor) -> Response:
    """Who I am here, and which roles I hold where; for a newcomer, what is to be done."""
    today = vietnamese_day(door.now)
    person = None if door.principal is None else door.principal.person
    held = [
        (role, await _unit(door, role.unit_id))
        for role in ([] if person is None else await _roles(door, person))
        if not role.revoked and (role.valid_until is None or today < role.valid_until)
    ]
    return page(
        request,
        door,
        "myself.html",
        session=session_of(request),
        person=person,
        account_code=code_of(door.identity.account_id),
        held=held,
        roles_may=request.app.state.roles_may,
        today=today,
        as_of={},
    )


async def _propose_newcomer(request: Request, signing_in: SigningIn, tokens: Tokens) -> None:
    """If the registry does not hear it now, it does at the next sign-in."""
    authorization = f"Bearer {tokens.access}"
    neighbours: Neighbours = request.app.state.neighbours
    if (await signing_in.tokens.behind(authorization)).person is None:
        try:
            name = tokens.name or NAMELESS
            await neighbours.propose_account(authorization, tokens.account, name)
        except Silent as error:
            log.warning("a newcomer could not be proposed", why=str(error))


def code_of(account_id: UUID) -> str:
    """What a newcomer tells a keeper on the telephone: which of those who wait they are."""
    text = account_id.hex[:8]
    return f"{text[:4]}-{text[4:]}"


async def _roles(door: ReadDoor, person: UUID) -> Sequence[RoleHeld]:
    return await all_rows(door.rows, roles_held, person_id=person)


async def _unit(door: ReadDoor, unit_id: UUID) -> UnitRow | None:
    return await door.rows.get(units, unit_id)


async def _sign_out(request: Request, door: ReadDoor, *, everywhere: bool) -> Response:
    signing_in = _of(request)
    if signing_in is None:
        return not_found(request, door)
    secret, session = request.cookies.get(signing_in.cookies.session), session_of(request)
    if secret is not None and (tokens := await signing_in.sessions.end(secret)) is not None:
        if everywhere:
            # Also of somebody for whom the provider, which is away, does not vouch now.
            await signing_in.sessions.end_everywhere(tokens.account)
        await signing_in.provider.forget(tokens)
    request.state.signed_in = None
    elsewhere = None if session is None else await signing_in.provider.sign_out_url()
    # Not by a redirect: a page's policy lets its forms lead to this portal alone.
    answer = page(
        request,
        door,
        "signed_out.html",
        headers={"Refresh": f"0;url={elsewhere}"} if elsewhere else None,
        elsewhere=elsewhere,
        as_of={},
    )
    signing_in.cookies.take_session(answer)
    return answer


def _of(request: Request) -> SigningIn | None:
    signing_in: SigningIn | None = request.app.state.signing_in
    return signing_in


def _trouble(
    request: Request,
    door: ReadDoor,
    trouble: Trouble,
    return_to: str,
    *,
    why: Exception | None = None,
) -> HTMLResponse:
    if why is not None:
        log.warning("sign-in came to nothing", trouble=trouble, why=str(why) or type(why).__name__)
    status = HTTPStatus.SERVICE_UNAVAILABLE if trouble == "away" else HTTPStatus.BAD_REQUEST
    return page(
        request,
        door,
        "sign_in_trouble.html",
        status=status,
        headers={"Retry-After": "30"} if trouble == "away" else None,
        trouble=trouble,
        return_to=return_to,
        as_of={},
    )


def answer_browsers(app: FastAPI) -> None:
    """Whoever is not signed in and asks for a page is sent to sign in, and back."""
    as_problem = cast("Answer", app.exception_handlers[Rejection])

    async def answer_not_signed_in(request: Request, error: Exception) -> Response:
        route = request.scope.get("route")
        is_page = request.method in READS and not getattr(route, "include_in_schema", True)
        if is_page and _of(request) is not None and "authorization" not in request.headers:
            return to_sign_in(request)
        return await as_problem(request, error)

    app.add_exception_handler(NotSignedIn, answer_not_signed_in)
