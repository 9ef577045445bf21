"""A service's log as a file: one JSON object a line, position, leaf (hex) and the record's text.

The text of a record is exactly its bytes in UTF-8, so that an auditor can hash what is written.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import msgspec

from eventing.record import StoredRecord, leaf_hash
from eventing.sources import HoleInTheLog


class NotAnExport(Exception):
    """A line of the file is not of the form that `write` gives."""


class _Line(msgspec.Struct, frozen=True):
    position: int
    leaf: str
    record: str


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Line)


def write(records: Iterable[StoredRecord], file: TextIO) -> None:
    for stored in records:
        leaf = leaf_hash(stored.record).hex()
        line = _encoder.encode(_Line(stored.position, leaf, stored.record.decode()))
        file.write(line.decode() + "\n")


class ExportSource:
    """Ends at the end of the file: from there on `next` gives nothing."""

    def __init__(self, service: str, path: Path) -> None:
        self.service = service
        self._path = path
        self._file: TextIO | None = None
        self._position = 0

    async def start(self, after: int, hint: str | None = None) -> None:
        del hint
        await self.stop()
        # Records hold no newline but as \n in JSON, and a file of a gigabyte is read by lines.
        self._file = self._path.open(encoding="utf-8", newline="\n")
        self._position = 0
        while self._position < after and self._take(min(after - self._position, 1_000)):
            pass

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        del wait_s
        return self._take(limit)

    async def end(self, at_least: int) -> int:
        """A file is read by whoever begins at its beginning."""
        return at_least

    def hint(self) -> str | None:
        return None

    async def stop(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self, limit: int) -> list[StoredRecord]:
        assert self._file is not None, "start comes first"
        taken: list[StoredRecord] = []
        for line in islice(self._file, limit):
            try:
                read = _decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise NotAnExport(f"after position {self._position}: {error}") from error
            if read.position != self._position + 1:
                raise HoleInTheLog(self.service, self._position + 1)
            self._position = read.position
            taken.append(StoredRecord(self.service, read.position, read.record.encode()))
        return taken
