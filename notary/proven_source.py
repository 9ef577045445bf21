"""A source that holds what it read against what the log signed.

The Merkle root over what came is extended record by record and compared with each checkpoint. What
came after the newest one is not vouched for yet, and is held against the next. The root's few dozen
hashes stand in the hint that readers keep with their cursor, in the same transaction.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol

import msgspec
from msgspec.structs import replace

from audit.merkle import RightEdge
from eventing.record import StoredRecord, leaf_hash
from eventing.sources import (
    AheadOfItsSource,
    FalseRecord,
    HoleInTheLog,
    NothingIsTrue,
    NotVouchedFor,
    Source,
)
from notary.newest import NewestCheckpoints, Signed

NOT_VOUCHED_MAX = 20_000
"""More than a notary signs at once. Whoever has read so many beyond a checkpoint waits for one."""
LOOK_AGAIN_S = 0.1

Found = Callable[[str, Sequence[StoredRecord], int], Awaitable[None]]
Vouched = Callable[[str, int], Awaitable[None]]


class ItsLog(Protocol):
    """What a log itself shows of its tree. It is believed only where its signature bears it out."""

    async def leaves(self, service: str, after: int, upto: int) -> Sequence[bytes]:
        """The leaf hashes of positions after one up to another. Raises TimeoutError."""

    async def more_checkpoints(self, service: str, after: int) -> None:
        """Make those known that follow a size. Raises TimeoutError."""


class _Hint(msgspec.Struct, frozen=True):
    """Where the source goes on, `at`, and the perfect subtrees of all before it, level by level."""

    at: int
    tree: list[list[str]]
    source: str | None
    last: tuple[int, str] | None = None
    """Position and leaf of the record given last, which a checkpoint need not cover yet."""


class _End(NamedTuple):
    """Of a batch: only there the source knows how to go on."""

    at: int
    source: str | None


class ProvenSource:
    """`its_log` says which of two is right; `found` is told what was false.

    `vouched` is told how far all is covered. With `only_vouched` nothing else is given at all.
    """

    def __init__(
        self,
        inner: Source,
        checkpoints: NewestCheckpoints,
        its_log: ItsLog,
        found: Found,
        vouched: Vouched | None = None,
        *,
        only_vouched: bool = False,
    ) -> None:
        self._inner = inner
        self._checkpoints = checkpoints
        self._its_log = its_log
        self._found = found
        self._tell = vouched
        self._only_vouched = only_vouched
        self._begin(0, RightEdge(width=2), None)

    @property
    def service(self) -> str:
        return self._inner.service

    def _begin(self, after: int, tree: RightEdge, source: str | None) -> None:
        """`tree` is over what was compared; `_beyond` is what came after it."""
        self._after = after
        self._tree = tree
        self._vouched = self._read = tree.size
        self._beyond: list[StoredRecord] = []
        self._ends: deque[_End] = deque()
        self._ready: deque[StoredRecord] = deque()
        self._hint = _Hint(tree.size, _told(tree), source)
        self._given: tuple[int, str] | None = None

    async def start(self, after: int, hint: str | None = None) -> None:
        """Raises what the source raises."""
        known = None if hint is None else _known(hint)
        if known is None or known.at > after:
            known = _Hint(0, [], None)
        self._begin(after, _tree_of(known), known.source)
        if known.last is not None and known.last[0] == after:
            self._given = known.last
        await self._inner.start(known.at, known.source)

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        """Raises FalseRecord, NothingIsTrue, NotVouchedFor, AheadOfItsSource; what `inner` does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        while True:
            await self._hold_against_checkpoints()
            if given := [self._ready.popleft() for _ in range(min(limit, len(self._ready)))]:
                self._given = (given[-1].position, leaf_hash(given[-1].record).hex())
                return given
            left_s = deadline - loop.time()
            if left_s <= 0:
                return []
            if len(self._beyond) >= NOT_VOUCHED_MAX:
                await self._look_for_older_checkpoints()
                continue
            self._take(
                await self._come(limit, min(left_s, LOOK_AGAIN_S) if self._beyond else left_s)
            )

    async def _come(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        try:
            return await self._inner.next(limit, wait_s)
        except HoleInTheLog as hole:
            # Whoever claims a position that the log does not have yet makes no hole in it: what it
            # has, its next checkpoint covers.
            if self._checkpoints.any_beyond(self.service, hole.position - 1):
                raise
            return []

    def _take(self, records: Sequence[StoredRecord]) -> None:
        if not records:
            return
        self._see_that_it_is_the_same_past(records)
        self._read = records[-1].position
        self._beyond += records
        self._ends.append(_End(self._read, self._inner.hint()))
        if not self._only_vouched:
            self._ready.extend(each for each in records if each.position > self._after)

    def _see_that_it_is_the_same_past(self, records: Sequence[StoredRecord]) -> None:
        """Raises AheadOfItsSource. What was read last comes again, unless it was covered."""
        if self._given is None or not records[0].position <= self._after <= records[-1].position:
            return
        position, leaf = self._given
        if leaf_hash(records[position - records[0].position].record).hex() != leaf:
            raise AheadOfItsSource(self.service, position, records[-1].position)

    async def _hold_against_checkpoints(self) -> None:
        signed = self._checkpoints.largest(self.service, self._vouched, self._read)
        if signed is None:
            return
        covered = self._beyond[: signed.size - self._tree.size]
        tree, hint = self._extended(covered)
        if tree.root() != signed.root:
            await self._find_out(signed)
        self._tree, self._hint, self._vouched = tree, hint, signed.size
        self._beyond = self._beyond[len(covered) :]
        if self._only_vouched:
            self._ready.extend(each for each in covered if each.position > self._after)
        if self._tell is not None:
            await self._tell(self.service, signed.size)

    def _extended(self, covered: Sequence[StoredRecord]) -> tuple[RightEdge, _Hint]:
        """The tree with these, and the newest hint within it."""
        tree, hint = RightEdge(self._tree.levels, 2), self._hint
        leaves = [leaf_hash(each.record) for each in covered]
        last, end = None, tree.size + len(covered)
        while self._ends and self._ends[0].at <= end:
            last = self._ends.popleft()
        if last is not None and last.at > tree.size:
            split = last.at - tree.size
            tree.extend(leaves[:split])
            hint = _Hint(last.at, _told(tree), last.source)
            leaves = leaves[split:]
        tree.extend(leaves)
        return tree, hint

    async def _look_for_older_checkpoints(self) -> None:
        """The topic's newest are known; of a long log the log itself shows those before them.

        Raises NotVouchedFor where there is none: to read on would be to believe too much.
        """
        await self._its_log.more_checkpoints(self.service, self._vouched)
        if self._checkpoints.largest(self.service, self._vouched, self._read) is None:
            raise NotVouchedFor(self.service, self._vouched, self._read)

    async def _find_out(self, signed: Signed) -> None:
        """Raises FalseRecord, once it is known which; NothingIsTrue when nothing fits."""
        after = self._tree.size
        true = await self._its_log.leaves(self.service, after, signed.size)
        whole = RightEdge(self._tree.levels, 2)
        whole.extend(true)
        if whole.size != signed.size or whole.root() != signed.root:
            raise NothingIsTrue(self.service, after + 1, signed.size)
        false = [
            stored
            for stored, leaf in zip(self._beyond, true, strict=False)
            if leaf_hash(stored.record) != leaf
        ]
        await self._found(self.service, false, after)
        raise FalseRecord(self.service, false[0].position, after)

    async def end(self, at_least: int) -> int:
        return await self._inner.end(at_least)

    def hint(self) -> str | None:
        return msgspec.json.encode(replace(self._hint, last=self._given)).decode()

    async def stop(self) -> None:
        await self._inner.stop()


class WhatItProves(NamedTuple):
    """The root over the first `size` records; position and leaf of the record given last."""

    size: int
    root: bytes
    last: tuple[int, str] | None


def what_it_proves(hint: str | None) -> WhatItProves | None:
    """Of the past that its reader has read; None for a hint of another kind."""
    known = None if hint is None else _known(hint)
    if known is None:
        return None
    return WhatItProves(known.at, _tree_of(known).root(), known.last)


def without_offsets(hint: str | None) -> str | None:
    """The same proof, for a topic that is filled anew: where to look there is not known."""
    known = None if hint is None else _known(hint)
    return None if known is None else msgspec.json.encode(replace(known, source=None)).decode()


def _tree_of(known: _Hint) -> RightEdge:
    return RightEdge(([bytes.fromhex(each) for each in level] for level in known.tree), 2)


def _known(hint: str) -> _Hint | None:
    try:
        return msgspec.json.decode(hint, type=_Hint)
    except msgspec.DecodeError:
        # Of a reader that held nothing against anything: all is read anew, once.
        return None


def _told(tree: RightEdge) -> list[list[str]]:
    return [[each.hex() for each in level] for level in tree.levels]
