"""An export on disk: what an auditor takes home. `docs/audit-format.md` describes it.

Each service's records lie in chunks that can be read apart from each other, plain or gzip, with
checkpoints, keys and, where they could be had, the tiles of the signed trees.
"""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec

import contracts
from audit import files
from audit.checkpoint import size_in
from audit.files import NotAnExport
from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.note import BLANK, notes_of_text
from audit.strict_json import NUMBER_MAX, UNREADABLE, NotJson, Number, check
from audit.tiles import tile_path
from eventing.record import leaf_hash

FORMAT = 1
CHUNK_RECORDS = 65_536
COMPRESSION = 6
MANIFEST_BYTES_MAX = 16 * 1024 * 1024
KEYS_BYTES_MAX = 64 * 1024
CHECKPOINTS_MAX = 2_000_000
UNREAD_MAX = 1_000
"""Of a chunk in which more lines cannot be read, the rest is not there."""
SERVICE = re.compile(r"[a-z][a-z0-9-]{0,62}")
FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
"""No names that a shell, a terminal or another system would read otherwise."""
UNKNOWN = "unknown"
MANIFEST, CHECKPOINTS, KEYS = "manifest.json", "checkpoints.ndjson", "keys.txt"
SCHEMAS = "schemas"
PUBLISHED_SCHEMAS = Path(contracts.__file__).parent / "schemas"


Place = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]


class Chunk(msgspec.Struct, frozen=True):
    """`file` is relative to the export; positions `first` to `last` stand in it, in order."""

    file: str
    first: Place
    last: Place


class Log(msgspec.Struct, frozen=True):
    service: str
    chunks: tuple[Chunk, ...] = ()

    @property
    def size(self) -> int:
        return self.chunks[-1].last if self.chunks else 0


class Manifest(msgspec.Struct, frozen=True):
    """`origin` and a service's name, joined by a slash, are the origin of its checkpoints."""

    format: int
    origin: str
    exported_at: datetime
    chunk_records: Place
    logs: tuple[Log, ...] = ()


class Line(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """`leaf` is hex; `record` in UTF-8 is exactly the record's bytes."""

    position: Number
    leaf: str
    record: str


class CheckpointLine(msgspec.Struct, frozen=True):
    size: int
    note: str


class _Lenient(msgspec.Struct, frozen=True):
    position: Number
    leaf: str
    record: str


_encoder = msgspec.json.Encoder()
line_decoder = msgspec.json.Decoder(Line)
"""For lines as they are written. What it refuses may still be one: ask `line_in`."""
_lenient = msgspec.json.Decoder(_Lenient)
_checkpoint_decoder = msgspec.json.Decoder(CheckpointLine)


def line_of(position: int, record: bytes) -> bytes:
    """A line as an export has it, with its newline."""
    return _encoder.encode(Line(position, leaf_hash(record).hex(), record.decode())) + b"\n"


def line_in(text: bytes) -> Line:
    """Raises NotJson, as the only thing, whatever the bytes are."""
    try:
        return line_decoder.decode(text)
    except UNREADABLE:
        pass
    # With members that are not known, perhaps.
    check(text)
    try:
        line = _lenient.decode(text)
    except UNREADABLE as error:
        raise NotJson(str(error)) from None
    return Line(line.position, line.leaf, line.record)


def notes_in(raw: bytes) -> list[str]:
    """The signed notes of a file that somebody kept, or lines of JSON. Raises NotAnExport.

    Several notes may stand one behind another. An editor may have put a mark at the beginning,
    ended the lines otherwise, or left out the last newline.
    """
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise NotAnExport(f"a checkpoint is text in UTF-8: {error}") from error
    if not text.strip():
        raise NotAnExport("there is no checkpoint in it")
    if not text.lstrip().startswith("{"):
        return notes_of_text(text)
    try:
        return [_checkpoint_decoder.decode(line).note for line in text.split("\n") if line.strip()]
    except UNREADABLE as error:
        raise NotAnExport(f"a line of checkpoints has size and note: {error}") from error


def _note_of(line: bytes) -> str:
    try:
        return _checkpoint_decoder.decode(line).note
    except UNREADABLE:
        return line.decode(errors="replace")


class Export:
    """Reads an export's folder, or a file of one service's lines alone."""

    def __init__(self, path: Path) -> None:
        """Raises NotAnExport."""
        try:
            self.path = path.resolve(strict=True)
            self.is_folder = self.path.is_dir()
        except (OSError, RuntimeError, ValueError) as error:
            raise NotAnExport(f"{path.name}: {type(error).__name__}") from error
        self._folder = self.path if self.is_folder else self.path.parent
        self.manifest = _manifest(self.path) if self.is_folder else _manifest_of_file(self.path)

    @property
    def services(self) -> list[str]:
        return [log.service for log in self.manifest.logs]

    def log(self, service: str) -> Log:
        """Raises NotAnExport."""
        for log in self.manifest.logs:
            if log.service == service:
                return log
        raise NotAnExport(f"the export has no log of {service}")

    def lines(self, service: str, after: int = 0) -> Iterator[bytes]:
        """The lines from the chunk on that has the position behind `after`.

        Raises NotAnExport where a file is missing or damaged.
        """
        for chunk in self.log(service).chunks:
            # What the manifest says of a chunk is only said: from the beginning, all are read.
            if chunk.last > after or not after:
                yield from self.lines_of(chunk)

    def lines_of(self, chunk: Chunk) -> Iterator[bytes]:
        """Raises NotAnExport where the file is missing or damaged."""
        return files.lines(self._folder, chunk.file)

    def there(self, service: str) -> Iterator[Line | None]:
        """Each line as far as it can be had: None for what is none, nothing of what is no file."""
        for chunk in self.log(service).chunks:
            unread = 0
            try:
                for text in self.lines_of(chunk):
                    try:
                        yield line_in(text)
                    except NotJson:
                        unread += 1
                        if unread > UNREAD_MAX:
                            break
                        yield None
            except NotAnExport:
                continue

    def records(
        self, service: str, after: int = 0, altered: Callable[[int], None] | None = None
    ) -> Iterator[tuple[int, bytes]]:
        """Position and record of each line after a position. Raises NotAnExport.

        `altered` hears the position of each record that is not its leaf, before it is given.
        """
        for text in self.lines(service, after):
            try:
                line = line_in(text)
            except NotJson as error:
                raise NotAnExport(f"{service}: a line cannot be read: {error}") from error
            if line.position > after:
                record = line.record.encode()
                if altered is not None and leaf_hash(record).hex() != line.leaf:
                    altered(line.position)
                yield line.position, record

    def leaves(self, service: str) -> Iterator[bytes]:
        """The leaf hash of each record, computed from its bytes. Raises NotAnExport."""
        return (leaf_hash(record) for _, record in self.records(service))

    def notes(self) -> list[str]:
        """A line without one is given as it is: whoever reads it says that it is none.

        Raises NotAnExport where the file is there and cannot be read.
        """
        if not self._has(CHECKPOINTS):
            return []
        found = [_note_of(line) for line in islice(self._checkpoints(), CHECKPOINTS_MAX + 1)]
        if len(found) > CHECKPOINTS_MAX:
            raise NotAnExport(f"{CHECKPOINTS} has more than {CHECKPOINTS_MAX} lines")
        return found

    def _checkpoints(self) -> Iterator[bytes]:
        return files.lines(self._folder, CHECKPOINTS)

    def keys(self) -> list[str]:
        """Its lines, whatever they are. Raises NotAnExport where it is there and cannot be read."""
        if not self._has(KEYS):
            return []
        text = files.content(self._folder, KEYS, KEYS_BYTES_MAX).decode(errors="replace")
        return [line.strip(BLANK) for line in text.split("\n")]

    def tile(self, service: str, number: int, width: int) -> bytes | None:
        """The leaf hashes of a tile as the log gave them; None where the export has none."""
        for each in dict.fromkeys((width, TILE_WIDTH)):
            name = f"{service}/{tile_path(0, number, each)}"
            if not self._has(name):
                continue
            try:
                tile = files.content(self._folder, name, TILE_WIDTH * HASH_BYTES)
            except NotAnExport:
                continue
            return tile[: width * HASH_BYTES]
        return None

    def _has(self, name: str) -> bool:
        return self.is_folder and files.is_there(self._folder, name)


def _manifest(path: Path) -> Manifest:
    try:
        raw = files.content(path, MANIFEST, MANIFEST_BYTES_MAX)
        check(raw)
        manifest = msgspec.json.decode(raw, type=Manifest)
    except (NotAnExport, *UNREADABLE) as error:
        raise NotAnExport(f"{path.name} has no {MANIFEST} that can be read: {error}") from error
    if manifest.format != FORMAT:
        raise NotAnExport(f"export format {manifest.format} is not known")
    if len({log.service for log in manifest.logs}) < len(manifest.logs):
        raise NotAnExport(f"{MANIFEST} names a log twice")
    for log in manifest.logs:
        if not SERVICE.fullmatch(log.service):
            raise NotAnExport(f"{log.service!r} is no name of a service")
        for chunk in log.chunks:
            if not FILE.fullmatch(chunk.file):
                raise NotAnExport(f"{chunk.file!r} is no name of a file in the export")
    return manifest


class _Source(msgspec.Struct):
    source: str


def _manifest_of_file(path: Path) -> Manifest:
    """A file alone says by its first record whose it is; how long it was meant to be is unknown."""
    service = UNKNOWN
    try:
        first = next(files.lines(path.parent, path.name), None)
        if first is not None:
            source = msgspec.json.decode(line_in(first).record, type=_Source).source
            service = source.rpartition("/")[2]
    except UNREADABLE:
        service = path.name.partition(".")[0]
    if not SERVICE.fullmatch(service):
        service = UNKNOWN
    exported_at = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Manifest(FORMAT, "", exported_at, 0, (Log(service, (Chunk(path.name, 1, 0),)),))


class LogWriter:
    """Fills a log's chunks line by line, in the order of positions."""

    def __init__(self, chunk_records: int, position: int) -> None:
        self.position = position
        self.full: Callable[[int, Sequence[bytes]], None] = lambda _first, _lines: None
        self._chunk_records = chunk_records
        self._lines: list[bytes] = []

    def add(self, position: int, line: bytes) -> None:
        """`line` ends with a newline. Raises NotAnExport at a hole."""
        if position != self.position + 1:
            raise NotAnExport(f"position {self.position + 1} was due, {position} came")
        self.position = position
        self._lines.append(line)
        if len(self._lines) == self._chunk_records:
            self.flush()

    def flush(self) -> None:
        if self._lines:
            self.full(self.position - len(self._lines) + 1, self._lines)
            self._lines.clear()


class ExportWriter:
    """Writes an export, or goes on with one: what the manifest names is whole and stays."""

    def __init__(
        self,
        path: Path,
        origin: str,
        exported_at: datetime,
        *,
        compressed: bool = True,
        chunk_records: int = CHUNK_RECORDS,
    ) -> None:
        """Raises NotAnExport when the folder holds something else."""
        self._path = path
        self._compressed = compressed
        self._logs: dict[str, list[Chunk]] = {}
        if (path / MANIFEST).exists():
            before = _manifest(path)
            if before.origin != origin:
                raise NotAnExport(f"the folder holds an export of {before.origin}")
            # Chunks of one length, so that whoever splits work can tell where each begins.
            chunk_records = before.chunk_records
            self._logs = {log.service: list(log.chunks) for log in before.logs}
        elif path.exists() and any(path.iterdir()):
            raise NotAnExport(f"{path.name} is not empty, and no export")
        path.mkdir(parents=True, exist_ok=True)
        self._manifest = Manifest(FORMAT, origin, exported_at, chunk_records)
        self._save()

    def position(self, service: str) -> int:
        """Go on after this one: a chunk that is not full is written again."""
        chunks = self._logs.setdefault(service, [])
        if not chunks:
            return 0
        full = chunks[-1].last == chunks[-1].first + self._manifest.chunk_records - 1
        return chunks[-1].last if full else chunks[-1].first - 1

    @contextmanager
    def log(self, service: str) -> Iterator["LogWriter"]:
        """Take over lines behind `position`. What came before a failure or Ctrl-C is kept."""
        log = LogWriter(self._manifest.chunk_records, self.position(service))
        log.full = lambda first, lines: self._add(service, first, lines)
        try:
            yield log
        finally:
            log.flush()
            self._save()

    def _add(self, service: str, first: int, lines: Sequence[bytes]) -> None:
        name = f"{service}/{first:012}.ndjson{'.gz' if self._compressed else ''}"
        data = b"".join(lines)
        # No time stamp inside: the same records give the same file.
        self._put(name, gzip.compress(data, COMPRESSION, mtime=0) if self._compressed else data)
        chunks = self._logs[service]
        chunks[:] = [chunk for chunk in chunks if chunk.first < first]
        chunks.append(Chunk(name, first, first + len(lines) - 1))
        self._save()

    def write_notes(self, notes: Iterable[tuple[int, str]]) -> None:
        """Checkpoints as size and note; those of an earlier run are kept where these lack them.

        Raises NotANote, NotACheckpoint where an earlier one is none.
        """
        known = dict.fromkeys(Export(self._path).notes())
        lines = {note: CheckpointLine(size, note) for size, note in notes}
        kept = [CheckpointLine(size_in(note), note) for note in known if note not in lines]
        encoded = [_encoder.encode(line) + b"\n" for line in [*kept, *lines.values()]]
        self._put(CHECKPOINTS, b"".join(encoded))

    def write_keys(self, keys: Iterable[str]) -> None:
        lines = dict.fromkeys(key for key in [*Export(self._path).keys(), *keys] if key)
        self._put(KEYS, "".join(f"{line}\n" for line in lines).encode())

    def write_schemas(self) -> None:
        """Of every event version ever published: who has only the export can read it, too."""
        for path in sorted(PUBLISHED_SCHEMAS.glob("*.json")):
            self._put(f"{SCHEMAS}/{path.name}", path.read_bytes())

    def write_tile(self, service: str, number: int, hashes: bytes) -> None:
        width = len(hashes) // HASH_BYTES
        self._put(f"{service}/{tile_path(0, number, width)}", hashes)

    def has_tile(self, service: str, number: int) -> bool:
        """Is the full tile there? It never changes again."""
        return (self._path / service / tile_path(0, number)).exists()

    def _save(self) -> None:
        logs = tuple(Log(service, tuple(chunks)) for service, chunks in self._logs.items())
        manifest = msgspec.structs.replace(self._manifest, logs=logs)
        self._put(MANIFEST, msgspec.json.format(_encoder.encode(manifest)))

    def _put(self, name: str, data: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".unfinished")
        unfinished.write_bytes(data)
        unfinished.replace(path)
