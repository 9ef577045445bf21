"""An export on disk: what an auditor takes home. `docs/audit-format.md` describes it.

Each service's records lie in chunks that can be read apart from each other, plain or gzip, with
checkpoints, keys and, where they could be had, the tiles of the signed trees.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from audit.checkpoint import size_in
from audit.merkle import HASH_BYTES, TILE_WIDTH
from audit.tiles import tile_path
from eventing.record import leaf_hash

FORMAT = 1
CHUNK_RECORDS = 65_536
COMPRESSION = 6
BUFFER_BYTES = 256 * 1024
MANIFEST, CHECKPOINTS, KEYS = "manifest.json", "checkpoints.ndjson", "keys.txt"


class NotAnExport(Exception):
    """The path holds no export of a known format, or a part of it cannot be read."""


class Chunk(msgspec.Struct, frozen=True):
    """`file` is relative to the export; positions `first` to `last` stand in it, in order."""

    file: str
    first: int
    last: int


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
    chunk_records: int
    logs: tuple[Log, ...] = ()


class Line(msgspec.Struct, frozen=True, gc=False):
    """`leaf` is hex; `record` in UTF-8 is exactly the record's bytes."""

    position: int
    leaf: str
    record: str


class CheckpointLine(msgspec.Struct, frozen=True):
    size: int
    note: str


_encoder = msgspec.json.Encoder()
line_decoder = msgspec.json.Decoder(Line)
_checkpoint_decoder = msgspec.json.Decoder(CheckpointLine)


def line_of(position: int, record: bytes) -> bytes:
    """A line as an export has it, with its newline."""
    return _encoder.encode(Line(position, leaf_hash(record).hex(), record.decode())) + b"\n"


def notes_in(text: str) -> list[str]:
    """The signed notes of a file: one note, or a line of JSON for each. Raises NotAnExport.

    Of a note that was copied by hand, the last newline is often missing.
    """
    if not text.startswith("{"):
        return [text.rstrip("\n") + "\n"]
    try:
        return [_checkpoint_decoder.decode(line).note for line in text.split("\n") if line]
    except msgspec.MsgspecError as error:
        raise NotAnExport(f"a line of checkpoints has size and note: {error}") from error


def _note_of(line: bytes) -> str:
    try:
        return _checkpoint_decoder.decode(line).note
    except msgspec.MsgspecError:
        return line.decode(errors="replace")


class Export:
    """Reads an export's folder, or a file of one service's lines alone."""

    def __init__(self, path: Path) -> None:
        """Raises NotAnExport."""
        self.path = path
        self.is_folder = path.is_dir()
        self.manifest = _manifest(path) if self.is_folder else _manifest_of_file(path)
        self._folder = path if self.is_folder else path.parent

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
        return _lines_of(self._folder, chunk.file)

    def records(self, service: str, after: int = 0) -> Iterator[tuple[int, bytes]]:
        """Position and record of each line after a position. Raises NotAnExport."""
        for text in self.lines(service, after):
            try:
                line = line_decoder.decode(text)
            except msgspec.MsgspecError as error:
                raise NotAnExport(f"{service}: a line cannot be read: {error}") from error
            if line.position > after:
                yield line.position, line.record.encode()

    def leaves(self, service: str) -> Iterator[bytes]:
        """The leaf hash of each record, computed from its bytes. Raises NotAnExport."""
        return (leaf_hash(record) for _, record in self.records(service))

    def leaves_of_lines(self, service: str) -> Iterator[bytes]:
        """The same as far as it can be had: no bytes for a line, no line of what is no file."""
        for chunk in self.log(service).chunks:
            try:
                for text in self.lines_of(chunk):
                    try:
                        yield leaf_hash(line_decoder.decode(text).record.encode())
                    except msgspec.MsgspecError:
                        yield b""
            except NotAnExport:
                continue

    def notes(self) -> list[str]:
        """A line without one is given as it is: whoever reads it says that it is none."""
        path = self._folder / CHECKPOINTS
        if not self.is_folder or not path.exists():
            return []
        return [_note_of(line) for line in path.read_bytes().split(b"\n") if line]

    def keys(self) -> list[str]:
        path = self._folder / KEYS
        if not self.is_folder or not path.exists():
            return []
        return [line for line in path.read_text("utf-8").splitlines() if line]

    def tile(self, service: str, number: int, width: int) -> bytes | None:
        """The leaf hashes of a tile as the log gave them; None where the export has none."""
        for each in {width, TILE_WIDTH}:
            path = self._folder / service / tile_path(0, number, each)
            if self.is_folder and path.exists():
                return path.read_bytes()[: width * HASH_BYTES]
        return None


def _manifest(path: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise NotAnExport(f"{path.name} has no {MANIFEST} that can be read: {error}") from error
    if manifest.format != FORMAT:
        raise NotAnExport(f"export format {manifest.format} is not known")
    if len({log.service for log in manifest.logs}) < len(manifest.logs):
        raise NotAnExport(f"{MANIFEST} names a log twice")
    for log in manifest.logs:
        for chunk in log.chunks:
            if not (path / chunk.file).resolve().is_relative_to(path.resolve()):
                raise NotAnExport(f"{chunk.file} does not lie in the export")
    return manifest


class _Source(msgspec.Struct):
    source: str


def _manifest_of_file(path: Path) -> Manifest:
    """A file alone says by its first record whose it is; how long it was meant to be is unknown."""
    try:
        first = next(_lines_of(path.parent, path.name), None)
        service = "unknown"
        if first is not None:
            record = line_decoder.decode(first).record
            source = msgspec.json.decode(record, type=_Source).source
            service = source.rpartition("/")[2] or service
    except msgspec.MsgspecError:
        service = path.name.partition(".")[0]
    exported_at = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Manifest(FORMAT, "", exported_at, 0, (Log(service, (Chunk(path.name, 1, 0),)),))


def _lines_of(folder: Path, file: str) -> Iterator[bytes]:
    path = folder / file
    try:
        with gzip.open(path) if file.endswith(".gz") else path.open("rb", BUFFER_BYTES) as opened:
            yield from opened
    except (OSError, EOFError, zlib.error) as error:
        raise NotAnExport(f"{file}: {type(error).__name__}") from error


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
        lines = dict.fromkeys([*Export(self._path).keys(), *keys])
        self._put(KEYS, "".join(f"{line}\n" for line in lines).encode())

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
