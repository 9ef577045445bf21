"""A log in the order of the positions that its lines state, each once: as it may have been.

Lines that were moved or stand twice make another tree from there on. If only that was done to them,
the mended tree is the one that was signed; if not, something else was changed as well.
"""

from collections.abc import Iterable, Sequence

from audit.export import Line
from audit.log_check import Tree, stated_leaf
from audit.merkle import HASH_BYTES
from eventing.record import leaf_hash


class Mended:
    """`whole_up_to` is the position before the first that no line states.

    `roots` are for each size up to there those over the records' own leaves, and over those stated.
    """

    def __init__(self, lines: Iterable[Line | None], count: int, sizes: Sequence[int]) -> None:
        """`count` is how many lines there are at most; the first that states a position counts."""
        leaves = bytearray(count * HASH_BYTES)
        there = bytearray(count)
        stated: dict[int, bytes] = {}
        for line in lines:
            if line is None or line.position > count or there[line.position - 1]:
                continue
            at = line.position - 1
            there[at] = 1
            leaf = leaf_hash(line.record.encode())
            leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES] = leaf
            if (says := stated_leaf(line.leaf, leaf)) != leaf:
                stated[at] = says
        first_missing = there.find(0)
        self.whole_up_to = count if first_missing < 0 else first_missing
        by_record = Tree([size for size in sizes if size <= self.whole_up_to])
        by_leaf = Tree(by_record.sizes)
        for at in range(self.whole_up_to):
            leaf = bytes(leaves[at * HASH_BYTES : (at + 1) * HASH_BYTES])
            by_record.add(leaf)
            by_leaf.add(stated.get(at, leaf))
        by_record.end()
        by_leaf.end()
        self.roots = {size: {root, by_leaf.roots[size]} for size, root in by_record.roots.items()}
