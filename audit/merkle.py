"""RFC 6962 Merkle trees: roots, inclusion and consistency proofs, and how they are checked.

A tree is kept as tiles of 256 hashes: level 0 holds leaf hashes, each hash of level n + 1 is the
root over one full tile of level n (C2SP tlog-tiles). Hashes are 32 bytes, indexes begin at 0.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH_BYTES = 32
TILE_WIDTH = 256
EMPTY_ROOT = hashlib.sha256(b"").digest()

Subtree = Callable[[int, int], bytes]
"""The root over leaves from `start` up to, not including, `end`."""


class ProofFails(Exception):
    """The hashes do not lead from what is claimed to the root."""


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def largest_power_below(size: int) -> int:
    """The largest power of two smaller than `size`, which is at least 2: where a tree splits."""
    return 1 << (size - 1).bit_length() - 1


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes of one level."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[index], hashes[index + 1]) for index in range(0, len(hashes), 2)]
    return hashes[0]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over any number of leaf hashes."""
    edge = RightEdge()
    edge.extend(hashes)
    return edge.root()


class RightEdge:
    """The unfinished tile of each level: all that is needed to go on and to state the root.

    With tiles of width 2 it is a few dozen hashes, one for each perfect subtree (a compact range).
    """

    def __init__(self, levels: Iterable[Sequence[bytes]] = (), width: int = TILE_WIDTH) -> None:
        self.levels: list[list[bytes]] = [list(level) for level in levels]
        self._width = width

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return sum(len(level) * self._width**number for number, level in enumerate(self.levels))

    def extend(self, leaves: Iterable[bytes]) -> list[tuple[int, bytes]]:
        """Add leaves; return each tile that became full, as its level and its hashes."""
        if not self.levels:
            self.levels.append([])
        full: list[tuple[int, bytes]] = []
        bottom = self.levels[0]
        for leaf in leaves:
            bottom.append(leaf)
            if len(bottom) == self._width:
                self._carry(full)
                bottom = self.levels[0]
        return full

    def _carry(self, full: list[tuple[int, bytes]]) -> None:
        number = 0
        while len(self.levels[number]) == self._width:
            tile = self.levels[number]
            full.append((number, b"".join(tile)))
            self.levels[number] = []
            number += 1
            if number == len(self.levels):
                self.levels.append([])
            self.levels[number].append(perfect_root(tile))

    def root(self) -> bytes:
        """Raises nothing: an empty tree has a root too."""
        root: bytes | None = None
        for level in self.levels:
            for subtree in reversed(_perfect_parts(level)):
                root = subtree if root is None else node_hash(subtree, root)
        return EMPTY_ROOT if root is None else root


def _perfect_parts(hashes: Sequence[bytes]) -> list[bytes]:
    """The roots of the perfect subtrees that the hashes form, largest first."""
    parts: list[bytes] = []
    start = 0
    while start < len(hashes):
        width = 1 << (len(hashes) - start).bit_length() - 1
        parts.append(perfect_root(hashes[start : start + width]))
        start += width
    return parts


def subtrees_of(leaves: Sequence[bytes]) -> Subtree:
    """Answer any subtree of a list of leaf hashes; perfect ones are computed once."""
    levels: list[list[bytes]] = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = len(below) // 2
        levels.append([node_hash(below[2 * at], below[2 * at + 1]) for at in range(pairs)])

    def subtree(start: int, end: int) -> bytes:
        size = end - start
        height = size.bit_length() - 1
        if size == 1 << height and start % size == 0:
            return levels[height][start >> height]
        split = start + largest_power_below(size)
        return node_hash(subtree(start, split), subtree(split, end))

    return subtree


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root over `size` (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise IndexError(f"leaf {index} is not among {size}")
    return _path(index, 0, size, subtree)


def _path(index: int, start: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - start == 1:
        return []
    split = start + largest_power_below(end - start)
    if index < split:
        return [*_path(index, start, split, subtree), subtree(split, end)]
    return [*_path(index, split, end, subtree), subtree(start, split)]


def check_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raises ProofFails (RFC 9162, 2.1.3.2, whose trees are the same)."""
    if not 0 <= index < size:
        raise ProofFails(f"leaf {index} is not among {size}")
    computed = leaf
    for sibling, on_left in _climb(index, size - 1, proof):
        computed = node_hash(sibling, computed) if on_left else node_hash(computed, sibling)
    if computed != root:
        raise ProofFails("the proof does not lead to the root")


def _climb(here: int, last: int, proof: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each hash of a proof, and whether it stands on the left, on the way from a node to the root.

    `here` is the node's place and `last` that of the last node in its row.
    """
    for sibling in proof:
        if last == 0:
            raise ProofFails("the proof is too long")
        on_left = bool(here % 2) or here == last
        if on_left:
            while here % 2 == 0 and here:
                here, last = here >> 1, last >> 1
        yield sibling, on_left
        here, last = here >> 1, last >> 1
    if last:
        raise ProofFails("the proof is too short")


def consistency_proof(older: int, newer: int, subtree: Subtree) -> list[bytes]:
    """The hashes that show that the newer tree begins with the older (RFC 6962, 2.1.2)."""
    if not 0 < older <= newer:
        raise IndexError(f"{older} leaves are no beginning of {newer}")
    return [] if older == newer else _common(older, 0, newer, subtree, whole=True)


def _common(older: int, start: int, end: int, subtree: Subtree, *, whole: bool) -> list[bytes]:
    if older == end:
        return [] if whole else [subtree(start, end)]
    split = start + largest_power_below(end - start)
    if older <= split:
        return [*_common(older, start, split, subtree, whole=whole), subtree(split, end)]
    return [*_common(older, split, end, subtree, whole=False), subtree(start, split)]


def check_consistency(
    older: int, older_root: bytes, newer: int, newer_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofFails (RFC 9162, 2.1.4.2)."""
    if not 0 < older <= newer:
        raise ProofFails(f"{older} leaves are no beginning of {newer}")
    if older == newer:
        if proof or older_root != newer_root:
            raise ProofFails("two trees of one size differ")
        return
    hashes = list(proof)
    if older & (older - 1) == 0:
        hashes.insert(0, older_root)
    if not hashes:
        raise ProofFails("the proof is too short")
    here, last = older - 1, newer - 1
    while here % 2:
        here, last = here >> 1, last >> 1
    old = new = hashes[0]
    for sibling, on_left in _climb(here, last, hashes[1:]):
        if on_left:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    if old != older_root or new != newer_root:
        raise ProofFails("the newer tree does not begin with the older")
