"""A log held against what was signed of it: its checkpoints, and the tiles if they are there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from audit.compare import differences
from audit.export import Export
from audit.faults import Fault, Kind
from audit.log_check import FAULTS_MAX, POSITION_DETAILS, LogCheck, Tree
from audit.merkle import EMPTY_ROOT, HASH_BYTES, TILE_WIDTH
from audit.places import Places
from audit.signed import Signed

BY_VERSION = frozenset({"version-missing", "version-twice", "version-late"})
"""Faults that streams tell; where signed tiles name the places, they say no more."""
BY_POSITION = frozenset({"positions-missing", "position-twice", "position-late"})
"""Faults that stated positions tell; where the tree is right, only what is stated was changed."""

NAMES_A_PLACE = frozenset({"altered", "removed", "inserted", "reordered", "unreadable"})
EXPLAINS = NAMES_A_PLACE | {"rewritten"}
"""Where one of these was found, no checkpoint further on can match."""


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
    """`matching` are the checkpoints that the log has; `faults` all that is wrong with it."""

    def __init__(self, check: LogCheck, signed: Sequence[Signed], export: Export) -> None:
        """`signed` is by size; the log has been read to its end."""
        self._check, self._signed, self._export = check, signed, export
        self.matching = [each for each in signed if self._has(each)]
        self.faults = list(check.faults)
        self._newest = max((each.size for each in signed), default=0)
        tiles = Tree(sorted({each.size for each in signed}))
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
        self._find_forks()
        missed = [
            each for each in self._signed if each.size <= self._check.size and not self._has(each)
        ]
        size = max((each.size for each in self._signed if self._in_tiles(each)), default=0)
        cut = self._newest > self._check.size
        shift: int | None = 0
        if any(self._in_tiles(each) for each in missed) or (cut and size > self._check.size):
            shift = self._name_by_tiles(size)
        broken = self._check.broken_at
        unexplained = [
            each
            for each in missed
            # Behind a place where order is broken no root can be right: that is said already.
            if not self._in_tiles(each) and (broken is None or each.size < broken)
        ]
        if unexplained:
            self._bound(unexplained[0])
            shift = None
        elif any(fault.detail in BY_VERSION for fault in self.faults):
            shift = None
        self._say_if_cut(shift)
        self._leave_none_unexplained(missed)
        if self.has_tiles and not missed:
            self._find_changed_tiles()

    def _add(self, kind: Kind, first: int, last: int, detail: str, **values: str | int) -> None:
        self.faults.append(Fault(self._check.service, kind, first, last, detail, values))

    def _say_which_was_changed(self) -> None:
        """Of a record and a leaf that differ, a checkpoint tells which one was signed."""
        for at, fault in enumerate(self.faults):
            if fault.detail == "record-not-leaf" and fault.first is not None:
                self.faults[at] = replace(fault, detail=self._changed(fault.first))

    def _changed(self, position: int) -> str:
        for signed in self._signed:
            if signed.size >= position:
                if self._check.by_leaf.roots.get(signed.size) == signed.checkpoint.root:
                    return "record-changed"
                if self._check.by_record.roots.get(signed.size) == signed.checkpoint.root:
                    return "leaf-changed"
        return "record-not-leaf"

    def _say_if_positions_were_changed(self) -> None:
        displaced = self._check.displaced
        signed_up_to = max((each.size for each in self.matching), default=0)
        changed = [each for each in displaced if each[0] <= signed_up_to]
        if not changed or len(displaced) == FAULTS_MAX:
            return
        self.faults = [fault for fault in self.faults if fault.detail not in BY_POSITION]
        for line, stated in changed:
            self._add("altered", line, line, "position-changed", stated=stated)
        # Behind what was signed, what is stated is all there is.
        places, stated_in = Places(signed_up_to), dict(displaced)
        for line in range(signed_up_to + 1, self._check.size + 1):
            position = stated_in.get(line, line)
            if (kind := places.take(position)) is not None:
                self._add(kind, position, position, POSITION_DETAILS[kind])
        for first, last in places.missing:
            self._add("removed", first, last, "positions-missing")

    def _find_forks(self) -> None:
        """Trees that were signed and cannot both be true."""
        roots: dict[int, set[bytes]] = {}
        for each in self._signed:
            roots.setdefault(each.size, set()).add(each.checkpoint.root)
        for size, found in roots.items():
            if len(found) > 1:
                self._add("forked", size, size, "two-roots", size=size)
        newest = max((each.size for each in self.matching), default=0)
        for each in self._signed:
            if each.size < newest and not self._has(each):
                # What is here was signed later, and does not begin with what was signed before.
                values = {"high": each.size, "newer": newest}
                self._add("forked", each.size, newest, "signed-again", **values)
                return

    def _name_by_tiles(self, size: int) -> int | None:
        """The tiles up to `size` were signed: they name each place. How many were lost by that."""
        service = self._check.service
        true = list(tile_leaves(self._export, service, size))
        ours = list(self._leaves())
        found = differences(true, ours)
        if found:
            self.faults = [fault for fault in self.faults if fault.detail not in BY_VERSION]
        named = self._named(len(true) + len(ours))
        stated = dict(self._check.displaced)
        for each in found:
            # What was inserted has a line, and says itself where it wants to stand.
            is_line = each.kind == "inserted"
            position = stated.get(each.position, each.position) if is_line else each.position
            if position not in named:
                self._add(each.kind, position, position, "not-in-tile")
        kinds = [each.kind for each in found]
        return kinds.count("removed") - kinds.count("inserted")

    def _named(self, end: int) -> set[int]:
        """The positions up to `end` of which a fault speaks already."""
        named: set[int] = set()
        for fault in self.faults:
            if fault.kind in NAMES_A_PLACE and fault.first is not None:
                last = fault.first if fault.last is None else fault.last
                named.update(range(fault.first, min(last, end) + 1))
        return named

    def _leaves(self) -> Iterator[bytes]:
        """The leaf of each line's record; nothing for a line that cannot be read, nor of a file."""
        if self._is_there:
            yield from self._export.leaves_of_lines(self._check.service)

    def _leave_none_unexplained(self, missed: Sequence[Signed]) -> None:
        """A root that is another has a reason, whatever the rest looks like."""
        for each in missed:
            if not any(
                fault.kind in EXPLAINS and fault.first is not None and fault.first <= each.size
                for fault in self.faults
            ):
                self._bound(each)
                return

    @property
    def _is_there(self) -> bool:
        return self._check.service in self._export.services

    def _bound(self, missed: Signed) -> None:
        """Name the narrowest range: from the highest checkpoint that matches to this one.

        What came from outside is bounded by what came from outside alone: a log that signs a
        rewritten tree could else move the lower bound past what it rewrote.
        """
        low = max(
            (
                each.size
                for each in self.matching
                if each.size < missed.size and each.from_outside >= missed.from_outside
            ),
            default=0,
        )
        detail = "between" if low else "from-start"
        self._add("rewritten", low + 1, missed.size, detail, low=low, high=missed.size)

    def _say_if_cut(self, shift: int | None) -> None:
        """`shift`: how many records were lost before the end; None where nobody can tell."""
        if shift is None:
            return
        check = self._check
        there = check.position if check.broken_at is not None else check.position + shift
        said = self._export.log(check.service).size if self._is_there else 0
        for claimed, detail in ((self._newest, "shorter"), (said, "shorter-than-said")):
            if claimed > there:
                values = {"signed": claimed, "there": there}
                self._add("truncated", there + 1, claimed, detail, **values)
                there = claimed

    def _find_changed_tiles(self) -> None:
        """The log is as it was signed: then a tile that differs was changed itself."""
        size = max((each.size for each in self.matching), default=0)
        if all(self._in_tiles(each) for each in self.matching):
            return
        leaves = islice(self._leaves(), size)
        tiles = tile_leaves(self._export, self._check.service, self._newest)
        for at, (leaf, tile) in enumerate(zip(leaves, tiles, strict=False), 1):
            if leaf != tile:
                self._add("altered", at, at, "tile-changed")
