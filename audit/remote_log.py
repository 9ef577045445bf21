"""A log over HTTP, as each service shows it under `/log`: keys, checkpoints, tiles, records.

Whatever answers is not trusted: answers are bounded in size and time, and checked by who uses them.
"""

import time
from collections.abc import Iterator
from typing import Self, TypeVar

import httpx
import msgspec

from audit.export import CheckpointLine, Line, line_decoder
from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.tiles import tile_path

WITHIN_S = 30.0
ATTEMPTS = 4
PAUSE_S = 0.5
NOTE_BYTES_MAX = 64 * 1024
KEYS_BYTES_MAX = 64 * 1024
PAGE_BYTES_MAX = 64 * 1024 * 1024
RECORDS_AT_ONCE = 2_000
GONE = {httpx.codes.NOT_FOUND, httpx.codes.GONE}

T = TypeVar("T")

_checkpoint = msgspec.json.Decoder(CheckpointLine)


class LogDoesNotAnswer(Exception):
    """The log gave no answer, another than it should, or one that is too long."""


class RemoteLog:
    """`url` is the service's; `token` is for records alone. Close it, or use it as a context."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(timeout=WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def checkpoint(self) -> str | None:
        """The newest signed note; None where nothing was signed yet. Raises LogDoesNotAnswer."""
        found = self._get("checkpoint", NOTE_BYTES_MAX)
        return None if found is None else found.decode()

    def checkpoints(self, after: int) -> list[CheckpointLine]:
        """All that follow a size, in order. Raises LogDoesNotAnswer."""
        found: list[CheckpointLine] = []
        while page := self._get(f"checkpoints?after={after}", PAGE_BYTES_MAX):
            lines = [self._decoded(_checkpoint, line) for line in page.splitlines()]
            if not lines or lines[-1].size <= after:
                break
            found += lines
            after = lines[-1].size
        return found

    def keys(self) -> list[str]:
        """Raises LogDoesNotAnswer."""
        return (self._get("keys", KEYS_BYTES_MAX) or b"").decode().splitlines()

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Its first `width` hashes, from the full tile where the partial one is gone.

        Raises LogDoesNotAnswer.
        """
        for each in dict.fromkeys((width, TILE_WIDTH)):
            tile = self._get(tile_path(level, number, each), TILE_WIDTH * HASH_BYTES)
            if tile is not None and len(tile) == each * HASH_BYTES:
                return tile[: width * HASH_BYTES]
        raise LogDoesNotAnswer(f"{self.url} has no {tile_path(level, number, width)}")

    def records(self, after: int) -> Iterator[tuple[int, bytes]]:
        """Position and line of each record, as the log states them. Raises LogDoesNotAnswer."""
        while page := self._get(f"records?after={after}&limit={RECORDS_AT_ONCE}", PAGE_BYTES_MAX):
            for text in page.splitlines(keepends=True):
                line: Line = self._decoded(line_decoder, text)
                after = line.position
                yield after, text

    def _decoded(self, decoder: "msgspec.json.Decoder[T]", text: bytes) -> T:
        try:
            return decoder.decode(text)
        except msgspec.MsgspecError as error:
            raise LogDoesNotAnswer(f"{self.url} gave a line that is none: {error}") from error

    def _get(self, path: str, bytes_max: int) -> bytes | None:
        """None: there is nothing there."""
        url = f"{self.url}/log/{path}"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(url, bytes_max)
            except (httpx.TransportError, httpx.HTTPStatusError) as error:
                refused = isinstance(error, httpx.HTTPStatusError) and (
                    error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                )
                if refused or attempt == ATTEMPTS:
                    raise LogDoesNotAnswer(f"{url}: {error}") from error
            time.sleep(PAUSE_S * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, url: str, bytes_max: int) -> bytes | None:
        with self._client.stream("GET", url, headers=self._headers) as answer:
            if answer.status_code in GONE:
                return None
            answer.raise_for_status()
            found = bytearray()
            for part in answer.iter_bytes():
                found += part
                if len(found) > bytes_max:
                    raise LogDoesNotAnswer(f"{url}: more than {bytes_max} bytes")
            return bytes(found)
