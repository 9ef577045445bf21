"""Reads one service's log line by line and says all that is wrong within it.

Leaf hashes, dense positions, dense versions, schemas, causation; and the root at each size asked
for. Memory grows by what must be remembered to tell a repeated event: about 200 bytes for each.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256

from audit.export import UNREAD_MAX, Line, line_decoder, line_in
from audit.faults import Fault, Kind
from audit.files import NotAnExport
from audit.merkle import EMPTY_ROOT, TILE_WIDTH, node_hash, perfect_root
from audit.places import Places
from audit.strict_json import NUMBER_MAX, UNREADABLE, NotJson, check
from audit.typed_records import reader
from eventing.record import Envelope, UndecodableRecord, decode_envelope, decode_event

FLUSH_LEAVES = 4_096
FAULTS_MAX = 10_000
"""More than these say nothing more; the rest is counted."""

VERSIONS_MISSING_MAX = 1_000_000

BY_VERSION = frozenset({"version-missing", "version-twice", "version-late"})
"""Faults that streams tell; where positions or signed tiles name the places, they say no more."""
BY_POSITION = frozenset({"positions-missing", "position-twice", "position-late"})
"""Faults that stated positions tell; where the tree is right, only what is stated was changed."""

_LEAF = re.compile("[0-9a-f]{64}")

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


@dataclass(frozen=True, slots=True)
class _Unread:
    line: int
    why: str


class LogCheck:
    """`size` lines could be read; `in_order` of them, from the first on, stand where they should.

    `displaced` are lines that state another position than their own, counting what could be read
    from 1, and that position. Lines that cannot be read, whose record is not its leaf, or whose
    position stands twice are not looked into: what follows from one change is said once.
    `by_leaf` is the tree over the leaves as stated, `by_record` that over the records' own hashes:
    the same one until a record and its leaf differ.
    """

    def __init__(
        self,
        service: str,
        sizes: Sequence[int],
        told: Callable[[int], None] = lambda _records: None,
        origin: str = "",
    ) -> None:
        """`sizes`, sorted, are those at which roots are wanted; `told` hears of progress.

        `origin` is the log's in its checkpoints; unknown, it is what the first record says.
        """
        self.service = service
        self.faults: list[Fault] = []
        self.faults_left_out = 0
        self.size = 0
        self.in_order: int | None = None
        self.displaced: list[tuple[int, int]] = []
        self.by_leaf = self.by_record = Tree(sizes)
        self.root = b""
        self.places = Places()
        self._told = told
        self._told_of = 0
        self._source = f"//{origin}" if origin else ""
        self._lines = 0
        self._unread: list[_Unread] = []
        self._not_looked_into = 0
        self._versions: dict[str, int] = {}
        self._versions_missing: dict[tuple[str, int], int] = {}
        self._ids: set[int] = set()
        self._caused: dict[int, int | list[int]] = {}

    @property
    def position(self) -> int:
        return self.places.highest

    def fault(self, kind: Kind, first: int, detail: str, **values: str | int) -> None:
        if len(self.faults) == FAULTS_MAX:
            self.faults_left_out += 1
            return
        self.faults.append(Fault(self.service, kind, first, first, detail, values))

    def read(self, lines: Iterable[bytes]) -> None:
        """To be called for each chunk, in order.

        Raises what reading the lines raises, and NotAnExport where too many of them cannot be
        read; what was read until then stays judged.
        """
        content, empty = self._content, sha256(b"\x00")
        tree, places = self.by_leaf, self.places
        for line in self._readable(lines):
            position = line.position
            if self._unread:
                self._place_unread(position)
            self.size += 1
            is_new = True
            if position == places.next < places.limit:
                places.next += 1
            else:
                is_new = self._out_of_place(position)
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
            if is_new:
                content(position, record)

    def _readable(self, lines: Iterable[bytes]) -> Iterator[Line]:
        decode, unread = line_decoder.decode, 0
        for text in lines:
            self._lines += 1
            try:
                line = decode(text)
            except UNREADABLE:
                try:
                    line = line_in(text)
                except NotJson as error:
                    unread += 1
                    if unread > UNREAD_MAX:
                        raise NotAnExport(f"more than {UNREAD_MAX} lines cannot be read") from None
                    self._unread.append(_Unread(self._lines, str(error)))
                    continue
            yield line

    def _tell(self) -> None:
        self._told(self.size - self._told_of)
        self._told_of = self.size

    def _place_unread(self, next_position: int | None) -> None:
        """What could not be read stands for what is missing before the next line, if anything is.

        None: nothing follows that could tell.
        """
        waiting, places = self._unread, self.places
        if not waiting:
            return
        first = places.next
        gap = len(waiting) if next_position is None else max(0, next_position - first)
        stands_for = min(gap, len(waiting), places.limit - first)
        if stands_for:
            self._broken()
        self._not_looked_into += len(waiting)
        last = max(first, first + stands_for - 1)
        values: dict[str, str | int] = {"line": waiting[0].line, "why": waiting[0].why}
        self.faults.append(Fault(self.service, "unreadable", first, last, "no-line", values))
        places.skip(stands_for)
        waiting.clear()

    def lose(self, last: int, file: str) -> None:
        """What is left of a chunk, up to the position `last` as the manifest says, is not there."""
        self._place_unread(max(last + 1, self.places.next + 1))
        first = self.places.next
        last = min(last, self.places.limit - 1)
        if last >= first:
            self._broken()
            self._not_looked_into += last - first + 1
            self.places.skip(last - first + 1)
        else:
            # All that it was said to have was there, and more that is none.
            first = last = max(first - 1, 1)
        self.faults.append(
            Fault(self.service, "unreadable", first, last, "no-file", {"file": file})
        )

    def _broken(self) -> None:
        """From the next line on, the tree cannot be the one that was signed."""
        if self.in_order is None:
            self.in_order = self.size

    def _out_of_place(self, position: int) -> bool:
        """False: the position stands twice."""
        if self.in_order is None:
            self.in_order = self.size - 1
        if self.places.take(position):
            return True
        self.fault("inserted", position, "position-twice", line=self._lines)
        return False

    def _is_its_leaf(self, position: int, stated: str, computed: bytes) -> bool:
        """From the first record on that differs from its leaf, two trees grow."""
        if self.by_record is self.by_leaf:
            self.by_record = deepcopy(self.by_leaf)
        self.by_record.add(computed)
        self.by_leaf.add(stated_leaf(stated, computed))
        if stated == computed.hex():
            return True
        self._not_looked_into += 1
        self.fault("altered", position, "record-not-leaf")
        return False

    def _of_another_source(self, position: int, source: str) -> None:
        if not self._source and source.endswith(f"/{self.service}"):
            self._source = source
        else:
            self.fault("foreign", position, "source", source=source)

    def _content(self, position: int, record: bytes) -> None:
        try:
            envelope = _read(record)
        except UNREADABLE:
            envelope = None
        if envelope is None or envelope.typeversion != envelope.newest:
            envelope = self._older_or_none(position, record)
            if envelope is None:
                return
        elif envelope.data.happened_at != envelope.time:
            self.fault("schema", position, "time-differs")
        if envelope.source != self._source:
            self._of_another_source(position, envelope.source)
        stream, version = envelope.subject, envelope.streamversion
        if version == self._versions.get(stream, 0) + 1:
            self._versions[stream] = version
        else:
            self._version_out_of_place(position, stream, version)
        event_id, ids = envelope.id.int, self._ids
        if (cause := envelope.causationid) is not None and cause.int not in ids:
            # Of another service, or of a later event of this one, which must not be.
            self._wait_for(cause.int, position)
        if event_id in self._caused:
            self._say_caused(self._caused.pop(event_id), position)
        known = len(ids)
        ids.add(event_id)
        if len(ids) == known:
            self.fault("inserted", position, "event-twice", event=str(envelope.id))

    def _wait_for(self, cause: int, position: int) -> None:
        waiting = self._caused.setdefault(cause, position)
        if isinstance(waiting, list):
            waiting.append(position)
        elif waiting != position:
            # Most causes of another service have one effect here: a list for each would cost.
            self._caused[cause] = [waiting, position]

    def _say_caused(self, effects: int | list[int], cause: int) -> None:
        for effect in effects if isinstance(effects, list) else [effects]:
            # A line that was moved is said to be: it is the positions that say what came first.
            if effect <= cause:
                self.fault("causation", effect, "later-cause", cause=cause)

    def _older_or_none(self, position: int, record: bytes) -> Envelope | None:
        """What is not of its newest version is upcast, or is wrong; None: it is no record."""
        try:
            check(record)
            envelope = _numbered(decode_envelope(record))
        except (NotJson, UndecodableRecord) as error:
            self._not_looked_into += 1
            self.fault("unreadable", position, "no-record", why=str(error))
            return None
        try:
            event = decode_event(envelope)
        except UndecodableRecord as error:
            self.fault("schema", position, "no-event", why=str(error))
            return envelope
        if envelope.specversion != "1.0" or envelope.datacontenttype != "application/json":
            self.fault("schema", position, "no-event", why="specversion or datacontenttype")
        elif event.happened_at != envelope.time:
            self.fault("schema", position, "time-differs")
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
                if len(self._versions_missing) == VERSIONS_MISSING_MAX:
                    self.faults_left_out += 1
                    return
                self._versions_missing[stream, missing] = position
        elif self._versions_missing.pop((stream, version), None) is not None:
            self.fault("reordered", position, "version-late", stream=stream, version=version)
        else:
            self.fault("inserted", position, "version-twice", stream=stream, version=version)

    def end(self) -> None:
        """Say what is missing and what was moved, now that nothing more can come."""
        self._place_unread(None)
        self._tell()
        self.root = self.by_leaf.end()
        if self.by_record is not self.by_leaf:
            self.by_record.end()
        self.faults += position_faults(self.service, self.places)
        self.faults_left_out += self.places.left_out
        if any(fault.detail in BY_POSITION for fault in self.faults):
            # Where positions are missing, moved or twice, so are versions: the same said twice.
            self.faults = [fault for fault in self.faults if fault.detail not in BY_VERSION]
        else:
            for (stream, version), position in self._versions_missing.items():
                self.fault("removed", position, "version-missing", stream=stream, version=version)
        self.faults.sort(key=lambda fault: (fault.first or 0, fault.last or 0))


def stated_leaf(stated: str, computed: bytes) -> bytes:
    """The leaf that a line states; what is none gives a leaf that no record has.

    Capital letters and spaces are a change too, and must give another tree.
    """
    if stated == computed.hex():
        return computed
    if _LEAF.fullmatch(stated):
        return bytes.fromhex(stated)
    return sha256(stated.encode()).digest()


def position_faults(service: str, places: Places) -> list[Fault]:
    """What is missing, and what was moved."""
    missing = [
        Fault(service, "removed", first, last, "positions-missing")
        for first, last in places.missing[:FAULTS_MAX]
    ]
    moved = [
        Fault(service, "reordered", first, last, "position-late")
        for first, last in places.moved[:FAULTS_MAX]
    ]
    return missing + moved


def _numbered(envelope: Envelope) -> Envelope:
    """Raises UndecodableRecord: what the types of an envelope do not tell of numbers and times."""
    if not 1 <= envelope.typeversion <= NUMBER_MAX or not 1 <= envelope.streamversion <= NUMBER_MAX:
        raise UndecodableRecord("a version is a number from 1")
    if envelope.time.tzinfo is None or envelope.recordedtime.tzinfo is None:
        raise UndecodableRecord("an instant has an offset")
    if not bytes(envelope.data).startswith(b"{"):
        raise UndecodableRecord("data is no object")
    return envelope
