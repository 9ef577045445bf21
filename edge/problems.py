"""Every refusal and every failure as problem details (RFC 9457), in the language asked for.

`code` is stable and made for programs; `detail` is made for people; nothing that was sent is
repeated, and of an unexpected error nothing is told but an id.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from contracts.languages import Language, Words
from edge import words
from edge.languages import language_of
from edge.logs import log
from edge.refusals import NotSignedIn, ReadingNotSaid, TooManyWrongCodes
from edge.roles_heard import RolesNotHeard
from edge.trace import Trace
from eventing.decider import Rejection
from eventing.event_store import Busy, KeyUsedDifferently, LogClosed, OutcomeUnknown
from eventing.execute import ChangedSince
from eventing.record import UnknownType
from eventing.rows import NotYetVisible
from eventing.sealing import KeyDestroyed

MEDIA_TYPE = "application/problem+json"
STATUS_OF_KIND = {"absent": 404, "conflict": 409, "forbidden": 403, "refused": 422}
RETRY_AFTER_S = "1"
FIELDS_TOLD_MAX = 50

FAILURES: dict[type[Exception], tuple[int, str]] = {
    KeyUsedDifferently: (422, "key-used-differently"),
    KeyDestroyed: (409, "person-erased"),
    Busy: (503, "busy"),
    LogClosed: (503, "busy"),
    OutcomeUnknown: (503, "outcome-unknown"),
    NotYetVisible: (503, "not-yet-visible"),
    RolesNotHeard: (503, "roles-not-heard"),
    UnknownType: (503, "written-by-newer-code"),
}


class BodyTooLarge(HTTPException):
    """The request's body is larger than the door takes."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(413)
        self.bytes_max = bytes_max


class UndeclaredRejection(Exception):
    """In tests: a route refused with a rejection that its declaration does not name."""


def status_of(rejection: type[Rejection]) -> int:
    if issubclass(rejection, NotSignedIn):
        return 401
    if issubclass(rejection, TooManyWrongCodes):
        return 429
    # RFC 9110, section 13.1.1: If-Match that does not hold. RFC 6585, section 3: it is missing.
    if issubclass(rejection, ChangedSince):
        return 412
    return 428 if issubclass(rejection, ReadingNotSaid) else STATUS_OF_KIND[rejection.kind]


def problem(
    scope: Scope,
    status: int,
    code: str,
    said: Words,
    fields: Mapping[str, Any] | None = None,
    **more: Any,
) -> Response:
    """A problem's answer; `fields` are those of its words, `more` are members beside the usual."""
    language = language_in(scope)
    trace: Trace = scope["trace"]
    body = {
        "type": f"urn:vongtay:problem:{code}",
        "title": words.TITLES[status].in_(language),
        "status": status,
        "detail": words.say(said, dict(fields or {}), language),
        "instance": f"urn:uuid:{trace.correlation}",
        "code": code,
        "fields": fields or {},
        **more,
    }
    headers: dict[str, str] = {"Content-Language": language}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = RETRY_AFTER_S
    # A value of no JSON type is told by its text, so that telling a refusal never fails.
    encoded = msgspec.json.encode(body, enc_hook=str)
    return Response(encoded, status, headers, media_type=MEDIA_TYPE)


def failure(scope: Scope, status: int, code: str, **fields: Any) -> Response:
    return problem(scope, status, code, words.OTHERS[code], fields)


def not_valid(scope: Scope, problems: list[dict[str, str]]) -> Response:
    code = "request-not-valid"
    return problem(scope, 422, code, words.OTHERS[code], problems=problems)


def language_in(scope: Scope) -> Language:
    for name, value in scope["headers"]:
        if name == b"accept-language":
            return language_of(value.decode("latin-1"))
    return "vi"


async def _answer_rejection(request: Request, error: Exception) -> Response:
    assert isinstance(error, Rejection)
    state = request.app.state
    declared: frozenset[type[Rejection]] = state.refuses.get(
        request.scope.get("endpoint"), frozenset()
    )
    if type(error) not in declared:
        if state.house.strict:
            raise UndeclaredRejection(type(error).__name__) from error
        log.warning("rejection not declared", code=error.code)
    fields = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    said = words.UNSAID[error.kind] if not hasattr(error, "vi") else words.words_of(type(error))
    return problem(request.scope, status_of(type(error)), error.code, said, fields)


async def _answer_failure(request: Request, error: Exception) -> Response:
    status, code = FAILURES[type(error)]
    return failure(request.scope, status, code)


async def _answer_not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    language = language_in(request.scope)
    problems = [
        {
            "field": _field(one["loc"]),
            "problem": words.problem_of_field(one["type"], one.get("ctx", {}), language),
        }
        for one in error.errors()[:FIELDS_TOLD_MAX]
    ]
    return not_valid(request.scope, problems)


def _field(location: tuple[int | str, ...]) -> str:
    """Where in the request, as `body.lines.0.quantity`; for malformed JSON the body alone."""
    match location:
        case ("body", int()):
            return "body"
        case _:
            return ".".join(str(part) for part in location)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    scope = request.scope
    match error:
        case BodyTooLarge():
            return failure(scope, 413, "body-too-large", bytes_max=error.bytes_max)
        case HTTPException(status_code=404):
            return failure(scope, 404, "no-such-path")
        case HTTPException(status_code=405):
            answer = failure(scope, 405, "method-not-allowed")
            allowed = (error.headers or {}).get("Allow", "")
            answer.headers["Allow"] = allowed.replace("GET", "GET, HEAD")
            return answer
        case HTTPException(status_code=400):
            # FastAPI's word for a body that cannot be parsed at all.
            said = words.problem_of_field("json_invalid", {}, language_in(scope))
            return not_valid(scope, [{"field": "body", "problem": said}])
        case _:
            raise error


def answer_problems(app: FastAPI) -> None:
    app.add_exception_handler(Rejection, _answer_rejection)
    app.add_exception_handler(RequestValidationError, _answer_not_valid)
    app.add_exception_handler(HTTPException, _answer_http)
    for kind in FAILURES:
        app.add_exception_handler(kind, _answer_failure)
