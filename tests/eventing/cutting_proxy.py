"""A line to PostgreSQL that can be cut, as a network is: before, while, or after it commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

BYTES_AT_ONCE = 65_536


class CuttingProxy:
    """`deaf`: what the server answers does not arrive. `down`: nobody gets through."""

    def __init__(self, server: str) -> None:
        self._server = urlsplit(server)
        self._lines: set[asyncio.StreamWriter] = set()
        self._port = 0
        self.deaf = False
        self.down = False
        self.heard = asyncio.Event()

    @property
    def dsn(self) -> str:
        login = (self._server.netloc).rpartition("@")[0]
        return urlunsplit(self._server._replace(netloc=f"{login}@127.0.0.1:{self._port}"))

    def cut(self) -> None:
        for line in self._lines:
            line.transport.abort()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["CuttingProxy"]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        from_server, to_server = await asyncio.open_connection(
            self._server.hostname, self._server.port
        )
        lines = {writer, to_server}
        self._lines |= lines
        try:
            await asyncio.gather(
                self._pass(reader, to_server), self._pass(from_server, writer, answers=True)
            )
        finally:
            self._lines -= lines
            for line in lines:
                line.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool = False
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(BYTES_AT_ONCE):
                if answers and self.deaf:
                    self.heard.set()
                    continue
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
