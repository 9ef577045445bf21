"""What a program gets as problem details a person gets as a page, with what to do next.

Outermost of all, so that it also turns what was answered before any route was found.
"""

from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.languages import Language
from edge.languages import language_of
from edge.problems import MEDIA_TYPE
from services.portal.pages import page

OF_PROGRAMS = ("/api/", "/schemas", "/openapi.json", "/log/")
KEPT = frozenset({b"retry-after", b"allow", b"correlation-id", b"traceparent", b"set-cookie"})
PROBLEM_BYTES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class _Reader:
    language: Language


class ErrorPages:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_read_by_a_person(scope):
            await self._app(scope, receive, send)
            return
        begun: Message | None = None
        told = b""

        async def instead(message: Message) -> None:
            nonlocal begun, told
            if message["type"] == "http.response.start":
                if dict(message["headers"]).get(b"content-type") == MEDIA_TYPE.encode():
                    begun = message
                    return
            elif begun is not None:
                told += message.get("body", b"")
                if message.get("more_body") and len(told) < PROBLEM_BYTES_MAX:
                    return
                answer = _page(scope, begun["status"], told)
                answer.raw_headers.extend(one for one in begun["headers"] if one[0] in KEPT)
                if scope["method"] == "HEAD":
                    answer.body = b""
                begun = None
                await answer(scope, receive, send)
                return
            await send(message)

        await self._app(scope, receive, instead)


def _is_read_by_a_person(scope: Scope) -> bool:
    if scope["path"].startswith(OF_PROGRAMS):
        return False
    return "text/html" in _header(scope, b"accept")


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for at, value in scope["headers"] if at == name), "")


def _page(scope: Scope, status: int, told: bytes) -> Any:
    problem = msgspec.json.decode(told) if told else {}
    request = Request(scope)
    reader = _Reader(language_of(_header(scope, b"accept-language")))
    return page(
        request,
        reader,
        "error.html",
        status=status,
        headers={"Cache-Control": "no-store"},
        problem=problem,
        problem_status=status,
        as_of={},
    )
