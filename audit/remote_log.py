"""A log over HTTP, as each service shows it under `/log`: keys, checkpoints, tiles, records.

Whatever answers is not trusted: answers are bounded in size and time, and checked by who uses them.
"""

import time
from collections.abc import Iterator
from typing import Self, TypeVar

import httpx
import msgspec

from audit.export import CheckpointLine, line_in
from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.strict_json import UNREADABLE, NotJson
from audit.tiles import tile_path

WITHIN_S = 30.0
"""Of one answer, whole, in which no wait is longer; of a page of records, as many times as long."""
PAGE_WITHIN_S = 10 * WITHIN_S
CHECKPOINTS_MAX = 2_000_000
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
        # What is packed could unpack to anything: it is read as it comes.
        self._headers = {"Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(timeout=WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def checkpoint(self) -> str | None:
        """The newest signed note; None where nothing was signed yet. Raises LogDoesNotAnswer."""
        found = self._get("checkpoint", NOTE_BYTES_MAX)
        # What is no text is no note either: whoever reads it says so.
        return None if found is None else found.decode(errors="replace")

    def checkpoints(self, after: int) -> list[CheckpointLine]:
        """All that follow a size, in order. Raises LogDoesNotAnswer."""
        found: list[CheckpointLine] = []
        while lines := self.some_checkpoints(after):
            if lines[-1].size <= after:
                break
            found += lines
            after = lines[-1].size
            if len(found) > CHECKPOINTS_MAX:
                raise LogDoesNotAnswer(f"{self.url} gives more than {CHECKPOINTS_MAX} checkpoints")
        return found

    def some_checkpoints(self, after: int) -> list[CheckpointLine]:
        """The first that follow a size, as many as a page has. Raises LogDoesNotAnswer."""
        page = self._get(f"checkpoints?after={after}", PAGE_BYTES_MAX) or b""
        return [self._decoded(_checkpoint, line) for line in page.splitlines()]

    def keys(self) -> list[str]:
        """Raises LogDoesNotAnswer."""
        return (self._get("keys", KEYS_BYTES_MAX) or b"").decode(errors="replace").split("\n")

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
                try:
                    line = line_in(text)
                except NotJson as error:
                    raise LogDoesNotAnswer(f"{self.url} gave no line: {error}") from error
                if line.position <= after:
                    raise LogDoesNotAnswer(f"{self.url} gave {line.position} after {after}")
                after = line.position
                yield after, text

    def _decoded(self, decoder: "msgspec.json.Decoder[T]", text: bytes) -> T:
        try:
            return decoder.decode(text)
        except UNREADABLE as error:
            raise LogDoesNotAnswer(f"{self.url} gave a line that is none: {error}") from error

    def _get(self, path: str, bytes_max: int) -> bytes | None:
        """None: there is nothing there."""
        url = f"{self.url}/log/{path}"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(url, bytes_max)
            except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
                refused = isinstance(error, httpx.HTTPStatusError) and (
                    error.response.status_code < httpx.codes.INTERNAL_SERVER_ERROR
                )
                may_pass = isinstance(error, httpx.TransportError | httpx.HTTPStatusError)
                if refused or not may_pass or attempt == ATTEMPTS:
                    raise LogDoesNotAnswer(f"{url}: {error}") from error
            time.sleep(PAUSE_S * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, url: str, bytes_max: int) -> bytes | None:
        within_s = PAGE_WITHIN_S if bytes_max == PAGE_BYTES_MAX else WITHIN_S
        until = time.monotonic() + within_s
        with self._client.stream("GET", url, headers=self._headers) as answer:
            if answer.status_code in GONE:
                return None
            answer.raise_for_status()
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise LogDoesNotAnswer(f"{url}: packed, which it was not asked to be")
            found = bytearray()
            for part in answer.iter_raw():
                found += part
                if len(found) > bytes_max:
                    raise LogDoesNotAnswer(f"{url}: more than {bytes_max} bytes")
                if time.monotonic() > until:
                    raise LogDoesNotAnswer(f"{url}: not whole within {within_s:.0f} s")
            return bytes(found)
