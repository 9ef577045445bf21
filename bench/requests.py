"""A load generator that leaves the processor to the server: bytes out, a status line back in.

It knows of HTTP/1.1 what our servers answer: keep-alive, and a Content-Length.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import cast

MakeRequest = Callable[[], bytes]
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"
ANSWER_WITHIN_S = 30.0


class NotAccepted(Exception):
    """Something was answered with another status than 2xx; the first answer is quoted."""


@dataclass(slots=True)
class Load:
    """What came back: how often, how late (seconds), and with which status."""

    per_second: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


class _Caller(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, make: MakeRequest, load: Load, until: float) -> None:
        self._make, self._load, self._until = make, load, until
        self._buffer = bytearray()
        self._sent = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        assert self._transport is not None, "connected first"
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._end(None)
        else:
            self._transport.write(self._make())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(END_OF_HEAD)
        if head < 0:
            return
        lower = bytes(self._buffer[:head]).lower()
        at = lower.index(LENGTH) + len(LENGTH)
        length = int(lower[at:].split(b"\r\n", 1)[0])
        if len(self._buffer) < head + len(END_OF_HEAD) + length:
            return
        status = int(self._buffer[9:12])
        self._load.statuses[status] += 1
        self._load.latencies.append(time.perf_counter() - self._sent)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            self._end(NotAccepted(self._buffer.decode(errors="replace")))
            return
        self._buffer.clear()
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionResetError("the server closed the connection"))

    def _end(self, error: Exception | None) -> None:
        if self._transport is not None:
            self._transport.close()
        if not self.done.done():
            if error is None:
                self.done.set_result(None)
            else:
                self.done.set_exception(error)


async def load(port: int, callers: int, seconds: float, make: MakeRequest) -> Load:
    """So many callers, each sending when answered. Raises NotAccepted, OSError, TimeoutError."""
    came = Load()
    began = time.perf_counter()
    loop = asyncio.get_running_loop()
    connected = await asyncio.gather(
        *(
            loop.create_connection(lambda: _Caller(make, came, began + seconds), "127.0.0.1", port)
            for _ in range(callers)
        )
    )
    async with asyncio.timeout(seconds + ANSWER_WITHIN_S):
        await asyncio.gather(*(caller.done for _, caller in connected))
    came.per_second = len(came.latencies) / (time.perf_counter() - began)
    return came
