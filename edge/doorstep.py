"""What every request passes first: trace, bounds of size and time, and the last catch.

One plain ASGI layer. Nothing it logs or answers repeats what was sent.
"""

import asyncio
import time
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.logs import log, told
from edge.metrics import METHODS, Metrics
from edge.problems import BodyTooLarge, failure, language_in, not_valid
from edge.trace import Trace, trace_now, trace_of
from edge.words import problem_of_field
from eventing.lasting_connection import is_lost

BODY_BYTES_MAX = 256 * 1024
REQUEST_S_MAX = 30.0
REQUESTS_MAX = 2_000
CLIENT_LEFT = 499
BODILESS = frozenset({"GET", "HEAD"})
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics", "/openapi.json"})


class Doorstep:
    def __init__(
        self,
        app: ASGIApp,
        metrics: Metrics,
        *,
        body_bytes_max: int = BODY_BYTES_MAX,
        request_s_max: float = REQUEST_S_MAX,
        requests_max: int = REQUESTS_MAX,
        strict: bool = False,
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes_max = body_bytes_max
        self._request_s_max = request_s_max
        self._requests_max = requests_max
        self._inside = 0
        self._strict = strict

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        trace = scope["trace"] = trace_of(
            _text(headers.get(b"correlation-id")), _text(headers.get(b"traceparent"))
        )
        method = scope["method"]
        if method == "HEAD":
            # RFC 9110, section 9.3.2: what GET would answer, without its content.
            scope = {**scope, "method": "GET"}
        request = _Request(receive, send, trace, self._body_bytes_max, without=method == "HEAD")
        started = time.perf_counter()
        before = trace_now.set(trace)
        self._inside += 1
        try:
            if self._inside > self._requests_max:
                await self._fail(scope, request, 503, "busy")
            else:
                await self._within_bounds(scope, headers, request)
        finally:
            self._inside -= 1
            seconds = time.perf_counter() - started
            self._note(scope, method, request.status, seconds)
            trace_now.reset(before)

    async def _within_bounds(
        self, scope: Scope, headers: dict[bytes, bytes], request: "_Request"
    ) -> None:
        if b"%00" in scope["raw_path"] or b"%00" in scope["query_string"]:
            # PostgreSQL stores no NUL; asked for one, it fails instead of finding nothing.
            await self._not_valid(scope, request, "path", "not_storable")
            return
        length = headers.get(b"content-length", b"")
        if scope["method"] in BODILESS and (b"transfer-encoding" in headers or length.strip(b"0")):
            # Nobody would read it: whoever sends it must not believe that it was heard.
            await self._not_valid(scope, request, "body", "extra_forbidden")
            return
        if length.isdigit() and int(length) > self._body_bytes_max:
            answer = failure(scope, 413, "body-too-large", bytes_max=self._body_bytes_max)
            await answer(scope, request.receive, request.send)
            return
        try:
            async with asyncio.timeout(self._request_s_max) as bound:
                await self._app(scope, request.receive, request.send)
        except ClientDisconnect:
            request.status = request.status or CLIENT_LEFT
        except TimeoutError as error:
            if bound.expired():
                await self._fail(
                    scope, request, 504, "took-too-long", seconds_max=self._request_s_max
                )
            else:
                await self._away(scope, request, error)
        except Exception as error:  # noqa: BLE001 - the last catch: logged, and answered with 500
            if is_lost(error):
                await self._away(scope, request, error)
            else:
                await self._unexpected(scope, request, error)

    async def _not_valid(self, scope: Scope, request: "_Request", field: str, problem: str) -> None:
        said = problem_of_field(problem, {}, language_in(scope))
        answer = not_valid(scope, [{"field": field, "problem": said}])
        await answer(scope, request.receive, request.send)

    async def _away(self, scope: Scope, request: "_Request", error: Exception) -> None:
        log.warning("server away", route=_route(scope), **told(error))
        await self._fail(scope, request, 503, "unavailable")

    async def _unexpected(self, scope: Scope, request: "_Request", error: Exception) -> None:
        if self._strict:
            raise error
        log.error("unexpected error", route=_route(scope), **told(error))
        await self._fail(scope, request, 500, "unexpected")

    async def _fail(
        self, scope: Scope, request: "_Request", status: int, code: str, **fields: Any
    ) -> None:
        if request.status:
            return  # The answer has begun; the server closes the connection on a half one.
        answer = failure(scope, status, code, **fields)
        await answer(scope, request.receive, request.send)

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        route = _route(scope)
        self._metrics.request(method, route, status, seconds)
        if route not in QUIET_ROUTES:
            log.info(
                "request",
                method=method if method in METHODS else "other",
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )


class _Request:
    """Counts what comes in, and adds the trace to what goes out, `without` its content."""

    def __init__(
        self, receive: Receive, send: Send, trace: Trace, bytes_max: int, *, without: bool
    ) -> None:
        self._receive, self._send = receive, send
        self._trace = trace
        self._bytes, self._bytes_max = 0, bytes_max
        self._without = without
        self.status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self._bytes_max:
            raise BodyTooLarge(self._bytes_max)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message["headers"],
                (b"correlation-id", str(self._trace.correlation).encode()),
                (b"traceparent", self._trace.traceparent.encode()),
            ]
        elif self._without:
            message = {**message, "body": b""}
        await self._send(message)


def _route(scope: Scope) -> str:
    """The template, as `/pledges/{pledge_id}`: a path may hold anything."""
    # What is served beside the routes has no template.
    path: str = scope["path"] if scope["path"] in QUIET_ROUTES else "unmatched"
    return getattr(scope.get("route"), "path", path)


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")
