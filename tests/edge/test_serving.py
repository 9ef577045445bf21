"""What the server does before our application sees anything: heads, upgrades, halves, its end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from deploy.embedded.ports import choose
from edge.serving import HEAD_BYTES_MAX, listen
from eventing.compared import WillNotStart
from tests.edge.echo_process import HEAD_WITHIN_S, make_app

PROJECT = Path(__file__).parents[2]
HEAD = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MEGABYTE = 1_000_000


class Served:
    def __init__(self) -> None:
        self.port = choose()
        self.child = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tests.edge.echo_process", str(self.port)], cwd=PROJECT
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.connect().close()
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                return
        raise TimeoutError("the server did not start")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def answer(self, sent: bytes) -> bytes:
        with self.connect() as connection:
            connection.sendall(sent)
            return read(connection)

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.child.pid).memory_info().rss)


def read(connection: socket.socket) -> bytes:
    came = b""
    while b"\r\n\r\n" not in came or not came.endswith((b"}", b"\r\n\r\n")):
        more = connection.recv(65_536)
        if not more:
            break
        came += more
    return came


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    server = Served()
    yield server
    server.child.kill()
    server.child.wait()


def test_the_body_of_a_client_that_offers_an_upgrade_is_read(served):
    # Java's own client offers h2c unless it is told not to.
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    came = served.answer(HEAD + upgrade + b"Content-Length: 9\r\n\r\n" + b'{"a": 12}')
    assert came.startswith(b"HTTP/1.1 200")
    assert came.endswith(b'{"length":9}')


def test_a_websocket_is_not_offered_and_loses_no_body(served):
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    came = served.answer(HEAD + upgrade + b"Content-Length: 9\r\n\r\n" + b'{"a": 12}')
    assert came.endswith(b'{"length":9}')


def test_a_body_in_chunks_is_read_whole(served):
    chunks = b'4\r\n{"a"\r\n5\r\n: 12}\r\n0\r\n\r\n'
    came = served.answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    assert came.endswith(b'{"length":9}')


def test_half_a_body_is_never_taken_for_the_whole(served):
    with served.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 9\r\n\r\n" + b'{"a"')
        connection.shutdown(socket.SHUT_WR)
        assert b"200" not in read(connection)[:12]


def test_a_head_that_has_no_end_is_refused_before_it_is_kept(served):
    before = served.memory
    sent = 0
    with served.connect() as connection, suppress(ConnectionError):
        connection.sendall(HEAD + b"X: ")
        while sent < 60 * MEGABYTE:
            connection.sendall(b"a" * 65_536)
            sent += 65_536
    assert sent < 60 * MEGABYTE
    assert served.memory - before < 20 * MEGABYTE


def test_many_headers_are_too_many(served):
    many = b"".join(b"X-%d: y\r\n" % number for number in range(HEAD_BYTES_MAX // 10))
    came = served.answer(HEAD + many + b"Content-Length: 0\r\n\r\n")
    assert came[:12] in {b"HTTP/1.1 431", b"HTTP/1.1 400"}


def test_heads_that_are_never_finished_are_closed(served):
    waiting = [served.connect() for _ in range(200)]
    began = time.monotonic()
    for connection in waiting:
        connection.sendall(HEAD + b"X: ")
    for connection in waiting:
        assert b"200" not in connection.recv(100)[:12]
        connection.close()
    assert time.monotonic() - began < HEAD_WITHIN_S + 20


def test_a_body_that_does_not_come_is_given_up(served):
    with served.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 9\r\n\r\n" + b'{"a"')
        assert read(connection)[:12] in {b"HTTP/1.1 504", b""}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_begun_is_finished_before_the_end(number):
    server = Served()
    try:
        with server.connect() as connection:
            connection.sendall(HEAD.replace(b"/length", b"/slow") + b"Content-Length: 0\r\n\r\n")
            time.sleep(0.5)
            server.child.send_signal(number)
            assert read(connection).endswith(b'{"slow":true}')
        assert server.child.wait(20) == 0
    finally:
        server.child.kill()


def test_an_idle_connection_does_not_keep_the_server():
    server = Served()
    try:
        with server.connect():
            server.child.send_signal(signal.SIGTERM)
            assert server.child.wait(20) == 0
    finally:
        server.child.kill()


async def test_a_port_that_is_taken_is_said(served):
    with pytest.raises(WillNotStart, match=f"cannot listen at 127.0.0.1 port {served.port}"):
        await listen(make_app(), "127.0.0.1", served.port)
