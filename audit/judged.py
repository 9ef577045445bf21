"""A log held against what was signed of it: its checkpoints, and the tiles if they are there."""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from audit.compare import Compared, compare
from audit.export import Export
from audit.faults import Fault, Kind
from audit.log_check import BY_POSITION, BY_VERSION, FAULTS_MAX, LogCheck, Tree, position_faults
from audit.mended import Mended
from audit.merkle import EMPTY_ROOT, HASH_BYTES, TILE_WIDTH
from audit.places import Places
from audit.signed import Signed
from eventing.record import leaf_hash


@dataclass(frozen=True, slots=True)
class NotCompared:
    """So many checkpoints tell nothing: of what they signed, something before `first` is not there.

    `first` is the first position that nothing could be held against.
    """

    checkpoints: int
    first: int


def tile_leaves(export: Export, service: str, size: int) -> Iterator[bytes]:
    """The leaf hashes of a log's tiles, up to the first that is missing or too short."""
    for start in range(0, size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - start)
        tile = export.tile(service, start // TILE_WIDTH, width) or b""
        for at in range(0, len(tile) - HASH_BYTES + 1, HASH_BYTES):
            yield tile[at : at + HASH_BYTES]
        if len(tile) < width * HASH_BYTES:
            return


class Judged:
    """`matching` are the checkpoints that the log has; `faults` all that is wrong with it.

    `faults_left_out` are more than are told.
    """

    def __init__(self, check: LogCheck, signed: Sequence[Signed], export: Export) -> None:
        """`signed` is by size; the log has been read to its end."""
        self._check, self._signed, self._export = check, signed, export
        self.matching = [each for each in signed if self._has(each)]
        self._matching_up_to = max((each.size for each in self.matching), default=0)
        self.faults = list(check.faults)
        self.faults_left_out = check.faults_left_out
        self.not_compared: NotCompared | None = None
        self._newest = max((each.size for each in signed), default=0)
        self._mended: Mapping[int, Collection[bytes]] = {}
        self._sizes = sorted({each.size for each in signed})
        tiles = Tree(self._sizes)
        for leaf in tile_leaves(export, check.service, self._newest):
            tiles.add(leaf)
        tiles.end()
        self._tile_roots = tiles.roots
        self.has_tiles = bool(tiles.roots.keys() - {0})
        self._judge()

    def _has(self, signed: Signed) -> bool:
        """Is the tree of this checkpoint that of the lines up to its size?"""
        if signed.size == 0:
            return signed.checkpoint.root == EMPTY_ROOT
        roots = (
            tree.roots.get(signed.size) for tree in (self._check.by_leaf, self._check.by_record)
        )
        return signed.checkpoint.root in roots

    def _in_tiles(self, signed: Signed) -> bool:
        return self._tile_roots.get(signed.size) == signed.checkpoint.root

    def _judge(self) -> None:
        self._say_which_was_changed()
        self._say_if_positions_were_changed()
        has_forked = self._find_forks()
        missed = [each for each in self._signed if not self._has(each)]
        compared = self._name_by_tiles(missed)
        rewritten = self._rewritten(missed)
        if rewritten is not None:
            self._bound(rewritten, is_sure=not has_forked)
        if rewritten is None and not any(fault.detail in BY_VERSION for fault in self.faults):
            self._say_if_cut(compared)
        if self.has_tiles and not missed:
            self._find_changed_tiles()

    def _add(self, kind: Kind, first: int, last: int, detail: str, **values: str | int) -> None:
        if len(self.faults) >= 2 * FAULTS_MAX:
            self.faults_left_out += 1
            return
        self.faults.append(Fault(self._check.service, kind, first, last, detail, values))

    def _say_which_was_changed(self) -> None:
        """Of a record and a leaf that differ, a checkpoint tells which one was signed."""
        for at, fault in enumerate(self.faults):
            if fault.detail == "record-not-leaf" and fault.first is not None:
                self.faults[at] = replace(fault, detail=self._changed(fault.first))

    def _changed(self, position: int) -> str:
        """By the smallest checkpoint that the log has from there on."""
        sizes = [each.size for each in self.matching]
        for signed in islice(self.matching, bisect_left(sizes, position), None):
            if self._check.by_leaf.roots.get(signed.size) == signed.checkpoint.root:
                return "record-changed"
            return "leaf-changed"
        return "record-not-leaf"

    def _say_if_positions_were_changed(self) -> None:
        displaced, signed_up_to = self._check.displaced, self._matching_up_to
        changed = [each for each in displaced if each[0] <= signed_up_to]
        if not changed or len(displaced) == FAULTS_MAX:
            return
        self.faults = [fault for fault in self.faults if fault.detail not in BY_POSITION]
        for line, stated in changed:
            self._add("altered", line, line, "position-changed", stated=stated)
        # Behind what was signed, what is stated is all there is.
        places, stated_in = Places(), dict(displaced)
        places.skip(signed_up_to)
        for line in range(signed_up_to + 1, self._check.size + 1):
            position = stated_in.get(line, line)
            if not places.take(position):
                self._add("inserted", position, position, "position-twice", line=line)
        self.faults += position_faults(self._check.service, places)

    def _find_forks(self) -> bool:
        """Trees that were signed and cannot both be true."""
        roots: dict[int, set[bytes]] = {}
        for each in self._signed:
            roots.setdefault(each.size, set()).add(each.checkpoint.root)
        twice = [size for size, found in roots.items() if len(found) > 1]
        for size in twice:
            self._add("forked", size, size, "two-roots", size=size)
        newest = self._matching_up_to
        for each in self._signed:
            if each.size < newest and not self._has(each):
                # What is here was signed later, and does not begin with what was signed before.
                values = {"high": each.size, "newer": newest}
                self._add("forked", each.size, newest, "signed-again", **values)
                return True
        return bool(twice)

    def _name_by_tiles(self, missed: Sequence[Signed]) -> Compared | None:
        """Where the tiles were signed, and the log is another or ends before: they name each place.

        None: there is nothing that they could tell.
        """
        size = max((each.size for each in self._signed if self._in_tiles(each)), default=0)
        if not size or not any(each.size <= size for each in missed):
            return None
        service = self._check.service
        stated = array("q")
        # As wide as they were read before: of another width there may be no file.
        tiles = islice(tile_leaves(self._export, service, self._newest), size)
        compared = compare(tiles, self._leaves(stated))
        if compared.differences:
            self.faults = [fault for fault in self.faults if fault.detail not in BY_VERSION]
        named = self._named(compared.size + compared.other_size)
        for each in compared.differences:
            # What was inserted has a line, and says itself where it wants to stand.
            position = each.position if each.kind != "inserted" else stated[each.position - 1]
            if not position:
                continue
            if (each.kind, position) not in named and ("unreadable", position) not in named:
                self._add(each.kind, position, position, "not-in-tile")
        return compared

    def _named(self, end: int) -> set[tuple[Kind, int]]:
        """What is said already of each position up to `end`."""
        named: set[tuple[Kind, int]] = set()
        for fault in self.faults:
            if fault.first is not None:
                last = fault.first if fault.last is None else fault.last
                named.update((fault.kind, at) for at in range(fault.first, min(last, end) + 1))
        return named

    def _leaves(self, stated: "array[int] | None" = None) -> Iterator[bytes]:
        """The leaf of each line's record; nothing for a line that cannot be read, nor of a file.

        Into `stated` goes the position that each states, 0 for what cannot be read.
        """
        if not self._is_there:
            return
        for line in self._export.there(self._check.service):
            if stated is not None:
                stated.append(line.position if line else 0)
            yield leaf_hash(line.record.encode()) if line else b""

    @property
    def _is_there(self) -> bool:
        return self._check.service in self._export.services

    def _rewritten(self, missed: Sequence[Signed]) -> Signed | None:
        """The smallest checkpoint that does not match, for which no place is named by other means.

        With lines out of order, those count that the log does not match in the order of its
        positions either. How many nothing at all can be held against is said.
        """
        check = self._check
        comparable = max(
            check.size if check.in_order is None else check.in_order, self._matching_up_to
        )
        rest = [each for each in missed if not self._in_tiles(each)]
        for each in rest:
            if each.size <= comparable:
                return each
        if check.in_order is None or not rest or not self._is_there:
            return None
        lines = self._export.there(check.service)
        mended = Mended(lines, check.size, self._sizes)
        self._mended = mended.roots
        open_ = [each for each in rest if each.size not in mended.roots]
        if open_:
            self.not_compared = NotCompared(len(open_), mended.whole_up_to + 1)
        for each in rest:
            if each.checkpoint.root not in mended.roots.get(each.size, {each.checkpoint.root}):
                return each
        return None

    def _bound(self, missed: Signed, *, is_sure: bool) -> None:
        """Name the narrowest range: from the highest checkpoint that matches to this one.

        What came from outside is bounded by what came from outside alone: a log that signs a
        rewritten tree could else move the lower bound past what it rewrote. So is all, where
        the log was seen to sign twice.
        """
        low = max(
            (
                each
                for each in self._signed
                if each.size < missed.size
                and (self._has(each) or each.checkpoint.root in self._mended.get(each.size, ()))
                and (each.from_outside or (is_sure and not missed.from_outside))
            ),
            key=lambda each: (each.size, each.from_outside),
            default=None,
        )
        size = low.size if low else 0
        detail = "from-start"
        if low is not None and size:
            detail = "between" if low.from_outside else "between-if"
        self._add("rewritten", size + 1, missed.size, detail, low=size, high=missed.size)

    def _say_if_cut(self, compared: Compared | None) -> None:
        """What is missing at the end, as far as that can be told."""
        check = self._check
        there = check.position
        if compared is not None and check.in_order is None:
            there = compared.found_up_to
            if there == compared.size:
                # Behind the tiles, what there is simply goes on.
                there += compared.other_size - compared.other_found_up_to
        said = self._export.log(check.service).size if self._is_there else 0
        for claimed, detail in ((self._newest, "shorter"), (said, "shorter-than-said")):
            if claimed > there:
                values = {"signed": claimed, "there": there}
                self._add("truncated", there + 1, claimed, detail, **values)
                there = claimed

    def _find_changed_tiles(self) -> None:
        """The log is as it was signed: then a tile that differs was changed itself."""
        size = self._matching_up_to
        if all(self._in_tiles(each) for each in self.matching):
            return
        # A line that cannot be read is one more: all that was signed is there.
        leaves = islice(filter(None, self._leaves()), size)
        tiles = tile_leaves(self._export, self._check.service, self._newest)
        for at, (leaf, tile) in enumerate(zip(leaves, tiles, strict=False), 1):
            if leaf != tile:
                self._add("altered", at, at, "tile-changed")
