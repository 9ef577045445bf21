"""What a reading's answer carries for whoever keeps it, or reads it elsewhere: ETag, gzip, CORS.

An ETag names the whole answer; where it shows a stream's version it begins with that, for
`If-Match`. Only what is for everybody is packed, and only for those who do not say who they are:
a secret of theirs would show in how well a page packs (BREACH).
"""

import hashlib
from base64 import urlsafe_b64encode
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PACKED_FROM_BYTES = 1_000
PACKING_LEVEL = 6
TAG_BYTES = 16
PREFLIGHT_KEPT_S = 3_600
READS = ("GET", "HEAD")
OF_A_BODY = ("Content-Type", "Content-Length")
_HELD = "vongtay.held"


def asks_whether_it_may_read(scope: Scope) -> bool:
    """A browser asks so before a page of another site reads something."""
    return (
        scope["method"] == "OPTIONS"
        and scope["app"].state.house.read_from_elsewhere
        and Headers(scope=scope).get("access-control-request-method") in READS
    )


class ReadingAnswered:
    """Holds a whole answer until it is known what to send of it; what is sent in parts goes by."""

    def __init__(self, app: ASGIApp, *, public: bool) -> None:
        self._app = app
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        elsewhere = self._public and scope["app"].state.house.read_from_elsewhere
        if scope["method"] == "OPTIONS":
            await _ELSEWHERE(scope, receive, send)
            return
        held: list[Message] = []
        whole = False

        async def hold(message: Message) -> None:
            nonlocal whole
            held.append(message)
            whole = message["type"] == "http.response.body" and not message.get("more_body", False)
            if message["type"] != "http.response.start" and not whole:
                while held:
                    await send(held.pop(0))

        await self._app(scope, receive, hold)
        if not (whole and held and held[0]["type"] == "http.response.start"):
            for message in held:
                await send(message)
            return
        packs = self._name(scope, *held)
        scope[_HELD] = held
        await _ANSWERS[packs, elsewhere](scope, receive, send)

    def _name(self, scope: Scope, start: Message, body: Message) -> bool:
        """Give the answer its ETag, and leave out what is known. True: it may be packed."""
        start["headers"] = [*start["headers"]]
        asked, headers = Headers(scope=scope), MutableHeaders(raw=start["headers"])
        anonymous = "authorization" not in asked and "cookie" not in asked
        kept = self._public and "no-store" not in headers.get("cache-control", "")
        version = headers.get("etag")
        if start["status"] == HTTPStatus.OK and (version is not None or kept):
            tag = _tag(version, body.get("body", b""))
            headers["ETag"] = tag
            if _is_known(tag, asked.getlist("if-none-match")):
                start["status"], body["body"] = int(HTTPStatus.NOT_MODIFIED), b""
                for name in OF_A_BODY:
                    del headers[name]
        if kept:
            headers.add_vary_header("Accept-Encoding")
            headers.add_vary_header("Accept-Language")
            # Kept, and asked about each time: whoever signs in sees something else.
            headers.setdefault("Cache-Control", "no-cache" if anonymous else "private, no-cache")
        return kept and anonymous and version is None


def _tag(version: str | None, body: bytes) -> str:
    digest = hashlib.blake2b(body, digest_size=TAG_BYTES).digest()
    name = urlsafe_b64encode(digest).rstrip(b"=").decode()
    # Packed it is other bytes of the same meaning, which a weak tag says.
    return f'W/"{name}"' if version is None else f'"{version.strip(chr(34))}.{name}"'


def _is_known(tag: str, if_none_match: list[str]) -> bool:
    """By the weak comparison (RFC 9110, section 13.1.2)."""
    known = {each.strip().removeprefix("W/") for said in if_none_match for each in said.split(",")}
    return "*" in known or tag.removeprefix("W/") in known


async def _told(scope: Scope, _receive: Receive, send: Send) -> None:
    for message in scope[_HELD]:
        await send(message)


def _elsewhere(app: ASGIApp) -> ASGIApp:
    return CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=READS,
        allow_headers=["Correlation-Id", "If-None-Match", "traceparent"],
        expose_headers=["Content-Language", "Correlation-Id", "ETag", "Retry-After"],
        max_age=PREFLIGHT_KEPT_S,
    )


_PACKED = GZipMiddleware(_told, minimum_size=PACKED_FROM_BYTES, compresslevel=PACKING_LEVEL)
_ELSEWHERE = _elsewhere(_told)
_ANSWERS: dict[tuple[bool, bool], ASGIApp] = {
    (False, False): _told,
    (True, False): _PACKED,
    (False, True): _ELSEWHERE,
    (True, True): _elsewhere(_PACKED),
}
"""By whether it is packed, and whether pages of other sites may read it."""
