"""Shows over HTTP what a witness has cosigned: `/` its findings, `/<origin>/checkpoint` a note."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread, Timer
from typing import Any
from urllib.parse import unquote

import msgspec

from audit.witness import Witness

ASKED_WITHIN_S = 10.0
"""From the first byte of a question to the last of its answer, however slowly they come."""
ASKING_MAX = 64
"""More at once are turned away: who asks slowly keeps nobody else out for long."""


class _Bounded(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        self._places = BoundedSemaphore(ASKING_MAX)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        late = Timer(ASKED_WITHIN_S, _cut_off, (request,))
        late.daemon = True
        late.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            late.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever has gone, or was cut off, is no trouble of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _cut_off(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


@contextmanager
def shown(witness: Witness, host: str, port: int) -> Iterator[int]:
    """Serve while the block runs; gives the port, which `port` 0 leaves open. Raises OSError."""

    class Door(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = unquote(self.path).strip("/")
            if not path:
                seen = msgspec.json.format(msgspec.json.encode(witness.seen()))
                self._answer(HTTPStatus.OK, "application/json", seen)
            elif note := witness.cosigned(path.removesuffix("/checkpoint")):
                self._answer(HTTPStatus.OK, "text/plain; charset=utf-8", note.encode())
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"not watched\n")

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "max-age=1")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Who asks is nobody's business."""

    server = _Bounded((host, port), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
