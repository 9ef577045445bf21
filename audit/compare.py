"""What differs between two sequences of leaf hashes: altered, removed, inserted, reordered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal


@dataclass(frozen=True, slots=True)
class Difference:
    """`position` is in the true sequence; for what was inserted, in the other one."""

    kind: Literal["altered", "removed", "inserted", "reordered"]
    position: int


def differences(true: Sequence[bytes], other: Sequence[bytes]) -> list[Difference]:
    """Say what was done to the true sequence so that the other came of it, in order.

    Where one of them simply goes on behind the other's end, that is no difference.
    """
    start = 0
    while start < min(len(true), len(other)) and true[start] == other[start]:
        start += 1
    in_true, in_other = set(true[start:]), set(other[start:])
    found: list[Difference] = []
    at = to = start
    while at < len(true) and to < len(other):
        lost, new = true[at] not in in_other, other[to] not in in_true
        if true[at] == other[to]:
            at, to = at + 1, to + 1
        elif lost == new:
            kind: Literal["altered", "reordered"] = "altered" if lost else "reordered"
            found.append(Difference(kind, at + 1))
            at, to = at + 1, to + 1
        elif lost:
            found.append(Difference("removed", at + 1))
            at += 1
        else:
            found.append(Difference("inserted", to + 1))
            to += 1
    return found


@dataclass(frozen=True, slots=True)
class Compared:
    """Two logs: how many records each has, and what is other in the second one."""

    size: int
    other_size: int
    differences: tuple[Difference, ...]


def compare(true: Iterable[bytes], other: Iterable[bytes]) -> Compared:
    """As `differences`, keeping only what follows the first difference."""
    ours: list[bytes] = []
    theirs: list[bytes] = []
    same = 0
    for left, right in zip_longest(true, other):
        if left == right and not ours and not theirs:
            same += 1
            continue
        if left is not None:
            ours.append(left)
        if right is not None:
            theirs.append(right)
    found = [Difference(each.kind, same + each.position) for each in differences(ours, theirs)]
    return Compared(same + len(ours), same + len(theirs), tuple(found))
