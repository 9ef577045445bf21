"""Reads one service's log line by line and says all that is wrong within it.

Leaf hashes, dense positions, dense versions, schemas, causation; and the root at each size asked
for. Memory grows by what must be remembered to tell a repeated event: about 200 bytes for each.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from audit.export import line_decoder
from audit.faults import Fault, Kind
from audit.merkle import EMPTY_ROOT, HASH_BYTES, TILE_WIDTH, node_hash, perfect_root
from audit.places import Places
from audit.typed_records import reader
from eventing.record import Envelope, UndecodableRecord, decode_envelope, decode_event

FLUSH_LEAVES = 4_096
FAULTS_MAX = 10_000
"""More than these say nothing more; the rest is counted."""

POSITION_DETAILS = {"reordered": "position-late", "inserted": "position-twice"}

_read = reader()


@dataclass
class Tree:
    """A tree that keeps its root at the sizes asked for. Append to `waiting`, flush at `stop`.

    Of what was hashed only the roots of perfect subtrees are left, the largest first: so to tell a
    root takes a few hashes, however often a log was signed.
    """

    sizes: Sequence[int]
    roots: dict[int, bytes] = field(default_factory=dict)
    waiting: list[bytes] = field(default_factory=list)
    stop: int = 0
    _subtrees: list[tuple[int, bytes]] = field(default_factory=list)
    _size: int = 0
    _next: int = 0

    def __post_init__(self) -> None:
        self.flush()

    def add(self, leaf: bytes) -> None:
        self.waiting.append(leaf)
        if len(self.waiting) == self.stop:
            self.flush()

    def flush(self) -> None:
        start, end = 0, len(self.waiting)
        while start < end:
            width = min(self._size & -self._size or TILE_WIDTH, TILE_WIDTH)
            while width > end - start:
                width >>= 1
            self._append(width, perfect_root(self.waiting[start : start + width]))
            start += width
        self.waiting.clear()
        if self._next < len(self.sizes) and self._size == self.sizes[self._next]:
            self.roots[self._size] = self.root()
            self._next += 1
        # As many leaves may wait as miss no root: hashing comes in tiles.
        left = self.sizes[self._next] - self._size if self._next < len(self.sizes) else FLUSH_LEAVES
        self.stop = min(FLUSH_LEAVES, left)

    def _append(self, width: int, root: bytes) -> None:
        self._size += width
        while self._subtrees and self._subtrees[-1][0] == width:
            root = node_hash(self._subtrees.pop()[1], root)
            width *= 2
        self._subtrees.append((width, root))

    def root(self) -> bytes:
        if not self._subtrees:
            return EMPTY_ROOT
        *others, (_, root) = self._subtrees
        for _, left in reversed(others):
            root = node_hash(left, root)
        return root

    def end(self) -> bytes:
        self.flush()
        return self.root()


class LogCheck:
    """`size` lines were read, `position` is the highest; `broken_at` the first out of place.

    `displaced` are lines, counted from 1, that state another position, and that position.
    Lines that cannot be read, or whose record is not its leaf, are not looked into: what follows
    from one change is said once.
    `by_leaf` is the tree over the leaves as stated, `by_record` that over the records' own hashes:
    the same one until a record and its leaf differ.
    """

    def __init__(
        self,
        service: str,
        sizes: Sequence[int],
        told: Callable[[int], None] = lambda _records: None,
    ) -> None:
        """`sizes`, sorted, are those at which roots are wanted; `told` hears of progress."""
        self.service = service
        self.faults: list[Fault] = []
        self.faults_left_out = 0
        self.size = 0
        self.broken_at: int | None = None
        self.displaced: list[tuple[int, int]] = []
        self.by_leaf = self.by_record = Tree(sizes)
        self.root = b""
        self._told = told
        self._told_of = 0
        self._source = f"/vongtay/{service}"
        self._places = Places()
        self._not_looked_into = 0
        self._versions: dict[str, int] = {}
        self._versions_missing: dict[tuple[str, int], int] = {}
        self._ids: set[int] = set()
        self._caused: dict[int, int] = {}

    @property
    def position(self) -> int:
        return self._places.position

    def fault(self, kind: Kind, first: int, detail: str, **values: str | int) -> None:
        if len(self.faults) == FAULTS_MAX:
            self.faults_left_out += 1
            return
        self.faults.append(Fault(self.service, kind, first, first, detail, values))

    def read(self, lines: Iterable[bytes]) -> None:
        """To be called for each chunk, in order.

        Raises what reading the lines raises; what was read until then stays judged.
        """
        decode, content, empty = line_decoder.decode, self._content, sha256(b"\x00")
        tree, places, first = self.by_leaf, self._places, self.size + 1
        for self.size, text in enumerate(lines, first):
            try:
                line = decode(text)
            except msgspec.MsgspecError as error:
                self._unreadable(error)
                continue
            position = line.position
            if position == places.position + 1:
                places.position = position
            else:
                self._out_of_place(position)
            if position != self.size and len(self.displaced) < FAULTS_MAX:
                self.displaced.append((self.size, position))
            record = line.record.encode()
            # A copy costs less than to begin anew, and a join.
            hashing = empty.copy()
            hashing.update(record)
            leaf = hashing.digest()
            if leaf.hex() == line.leaf and self.by_record is tree:
                tree.waiting.append(leaf)
                if len(tree.waiting) == tree.stop:
                    tree.flush()
                    self._tell()
            elif not self._is_its_leaf(position, line.leaf, leaf):
                continue
            content(position, record)

    def _tell(self) -> None:
        self._told(self.size - self._told_of)
        self._told_of = self.size

    def _unreadable(self, error: Exception) -> None:
        self._places.position += 1
        self._not_looked_into += 1
        self._broken(self.position)
        self.fault("unreadable", self.position, "no-line", line=self.size, why=str(error))

    def lose(self, last: int, file: str) -> None:
        """What is left of a chunk, up to the position `last` as the manifest says, is not there."""
        first = self.position + 1
        last = max(first, last)
        self._broken(first)
        self._not_looked_into += last - self.position
        self._places.position = last
        self.faults.append(
            Fault(self.service, "unreadable", first, last, "no-file", {"file": file})
        )

    def _broken(self, position: int) -> None:
        if self.broken_at is None:
            self.broken_at = position

    def _out_of_place(self, position: int) -> None:
        self._broken(min(position, self.position + 1))
        if (kind := self._places.take(position)) is not None:
            self.fault(kind, position, POSITION_DETAILS[kind])

    def _is_its_leaf(self, position: int, stated: str, computed: bytes) -> bool:
        """From the first record on that differs from its leaf, two trees grow."""
        if self.by_record is self.by_leaf:
            self.by_record = deepcopy(self.by_leaf)
        self.by_record.add(computed)
        if stated == computed.hex():
            self.by_leaf.add(computed)
            return True
        self._not_looked_into += 1
        self.fault("altered", position, "record-not-leaf")
        try:
            leaf = bytes.fromhex(stated)
        except ValueError:
            leaf = b""
        # Capital letters and spaces are a change too, and must give another tree.
        is_another = len(leaf) == HASH_BYTES and leaf != computed
        self.by_leaf.add(leaf if is_another else sha256(stated.encode()).digest())
        return False

    def _content(self, position: int, record: bytes) -> None:
        try:
            envelope = _read(record)
        except msgspec.MsgspecError:
            envelope = None
        if envelope is None or envelope.typeversion != envelope.newest:
            envelope = self._older_or_none(position, record)
            if envelope is None:
                return
        elif envelope.data.happened_at != envelope.time:
            self.fault("schema", position, "time-differs")
        if envelope.source != self._source:
            self.fault("foreign", position, "source", source=envelope.source)
        stream, version = envelope.subject, envelope.streamversion
        if version == self._versions.get(stream, 0) + 1:
            self._versions[stream] = version
        else:
            self._version_out_of_place(position, stream, version)
        event_id, ids = envelope.id.int, self._ids
        if (cause := envelope.causationid) is not None and cause.int not in ids:
            # Of another service, or of a later event of this one, which must not be.
            self._caused.setdefault(cause.int, position)
        if event_id in self._caused:
            self.fault("causation", self._caused.pop(event_id), "later-cause", cause=position)
        known = len(ids)
        ids.add(event_id)
        if len(ids) == known:
            self.fault("inserted", position, "event-twice", event=str(envelope.id))

    def _older_or_none(self, position: int, record: bytes) -> Envelope | None:
        """What is not of its newest version is upcast, or is wrong; None: it is no record."""
        try:
            envelope = decode_envelope(record)
        except UndecodableRecord as error:
            self._not_looked_into += 1
            self.fault("unreadable", position, "no-record", why=str(error))
            return None
        try:
            event = decode_event(envelope)
        except UndecodableRecord as error:
            self.fault("schema", position, "no-event", why=str(error))
            return envelope
        if envelope.time.tzinfo is None or envelope.recordedtime.tzinfo is None:
            self.fault("schema", position, "no-event", why="an instant has an offset")
        elif event.happened_at != envelope.time:
            self.fault("schema", position, "time-differs")
        if envelope.specversion != "1.0" or envelope.datacontenttype != "application/json":
            self.fault("schema", position, "no-event", why="specversion or datacontenttype")
        return envelope

    def _version_out_of_place(self, position: int, stream: str, version: int) -> None:
        known = self._versions.get(stream, 0)
        if version > known:
            gap = version - known - 1
            self._versions[stream] = version
            if gap <= self._not_looked_into:
                # They may have been among the lines that nobody can tell the stream of.
                self._not_looked_into -= gap
                return
            # So many at once are no slip: a bound, lest one number fill the memory.
            last = min(version, known + 1 + FAULTS_MAX)
            for missing in range(known + 1, last):
                self._versions_missing[stream, missing] = position
        elif self._versions_missing.pop((stream, version), None) is not None:
            self.fault("reordered", position, "version-late", stream=stream, version=version)
        else:
            self.fault("inserted", position, "version-twice", stream=stream, version=version)

    def end(self) -> None:
        """Say what is missing, now that nothing more can come."""
        self._tell()
        self.root = self.by_leaf.end()
        if self.by_record is not self.by_leaf:
            self.by_record.end()
        self.faults += [
            Fault(self.service, "removed", first, last, "positions-missing")
            for first, last in self._places.missing
        ]
        if not self._places.missing:
            # Where positions are missing, so are their versions: the same said twice.
            for (stream, version), position in self._versions_missing.items():
                self.fault("removed", position, "version-missing", stream=stream, version=version)
        self.faults.sort(key=lambda fault: (fault.first or 0, fault.last or 0))
