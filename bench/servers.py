"""HTTP servers beside each other: CPU of a request, and what each does with heads from outside.

`python -m bench.servers` prints the table of decision 0020. Each serves the same echo in a process
of its own. Ratios are of one run, round by round.
"""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from statistics import median
from typing import Any

import psutil
import uvloop
from starlette.types import Receive, Scope, Send

from bench.requests import load
from deploy.embedded.ports import LOOPBACK, choose
from edge.serving import end, listen

CALLERS, ROUNDS, SECONDS = 64, 5, 1.5
STARTED_WITHIN_S, CLOSED_WITHIN_S = 30.0, 45.0
FLOOD_BYTES = 40_000_000
BODY = b'{"name": "Nguyen"}'
HEAD = (
    b"PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + b"a" * 200 + b"\r\nContent-Length: %d\r\n" % len(BODY)
)
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        return
    body = (await receive()).get("body", b"")
    length = b"%d" % len(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _uvicorn(parser: str, port: int) -> None:
    import uvicorn  # noqa: PLC0415 - a peer: only its own process needs it

    await uvicorn.Server(
        uvicorn.Config(echo, port=port, http=parser, ws="none", lifespan="off", access_log=False)
    ).serve()


async def _hypercorn(port: int) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415 - as above
    from hypercorn.config import Config  # noqa: PLC0415

    config = Config()
    config.bind = [f"{LOOPBACK}:{port}"]
    # Typed otherwise where the library is installed, which it need not be.
    app: Any = echo
    await serve(app, config)


SERVERS: dict[str, Callable[[int], Coroutine[Any, Any, None]]] = {
    "uvicorn, httptools": lambda port: _uvicorn("httptools", port),
    "uvicorn, h11": lambda port: _uvicorn("h11", port),
    "hypercorn": _hypercorn,
    "granian": lambda port: listen(echo, LOOPBACK, port),
}


class Served:
    def __init__(self, name: str) -> None:
        self.port = choose()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "bench.servers", name, str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._process = psutil.Process(self._child.pid)
        deadline = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                self.connect().close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def connect(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), timeout=CLOSED_WITHIN_S)

    async def cpu_of_a_request(self) -> float:
        """In microseconds, while 64 connections ask."""
        before = self._cpu_s()
        came = await load(self.port, CALLERS, SECONDS, lambda: HEAD + b"\r\n" + BODY)
        return (self._cpu_s() - before) / len(came.latencies) * 1e6

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def behind_an_upgrade(self) -> str:
        with self.connect() as connection:
            connection.sendall(HEAD + UPGRADE + b"\r\n" + BODY)
            time.sleep(0.5)
            return "read" if connection.recv(65_536).endswith(BODY) else "lost"

    def without_end(self) -> str:
        before = self._process.memory_info().rss
        sent = 0
        try:
            with self.connect() as connection:
                connection.sendall(HEAD + b"X: ")
                while sent < FLOOD_BYTES:
                    connection.sendall(b"a" * 65_536)
                    sent += 65_536
        except OSError:
            return f"refused after {sent / 1e6:.1f} MB or less"
        return f"kept: {(self._process.memory_info().rss - before) / 1e6:.0f} MB"

    def unfinished(self) -> str:
        with self.connect() as connection:
            connection.sendall(HEAD + b"X: ")
            began = time.monotonic()
            try:
                connection.recv(65_536)
            except TimeoutError:
                return f"open after {CLOSED_WITHIN_S:.0f} s"
            return f"closed after {time.monotonic() - began:.0f} s"

    def stop(self) -> None:
        self._child.kill()
        self._child.wait()


async def compare() -> None:
    served = {name: Served(name) for name in SERVERS}
    try:
        ratios: dict[str, list[float]] = {name: [] for name in SERVERS}
        for number in range(ROUNDS + 1):
            cpu = {name: await server.cpu_of_a_request() for name, server in served.items()}
            if number:  # the first warms up
                for name, spent in cpu.items():
                    ratios[name].append(spent / next(iter(cpu.values())))
        for name, server in served.items():
            looks = (server.behind_an_upgrade(), server.without_end(), server.unfinished())
            print(f"| {name} | {median(ratios[name]):.2f} | {' | '.join(looks)} |", flush=True)
    finally:
        for server in served.values():
            server.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if len(sys.argv) > 1:
            runner.run(SERVERS[sys.argv[1]](int(sys.argv[2])))
        else:
            runner.run(compare())
    end(0)
