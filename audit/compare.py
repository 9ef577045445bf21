"""What differs between two sequences of leaf hashes: altered, removed, inserted, reordered."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from audit.places import Run, longest_ascending

Kind = Literal["altered", "removed", "inserted", "reordered"]


@dataclass(frozen=True, slots=True)
class Difference:
    """`position` is in the true sequence; for what was inserted, in the other one."""

    kind: Kind
    position: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two logs: how many records each has, and what is other in the second one.

    Behind `found_up_to` and `other_found_up_to` nothing of one was found in the other: what is left
    of the true one was cut off, what is left of the other goes on.
    """

    size: int
    other_size: int
    differences: tuple[Difference, ...]
    found_up_to: int
    other_found_up_to: int


def differences(true: Sequence[bytes], other: Sequence[bytes]) -> list[Difference]:
    """Say what was done to the true sequence so that the other came of it, in order.

    Where one of them simply goes on behind the other's end, that is no difference.
    """
    return list(compare(true, other).differences)


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
    walk = _Walk(ours, theirs)
    found = [Difference(each.kind, same + each.position) for each in walk.found]
    return Compared(
        same + len(ours),
        same + len(theirs),
        tuple(found),
        same + walk.found_up_to,
        same + walk.other_found_up_to,
    )


class _Walk:
    """Both sequences from the first difference on, side by side. Places count from 0 inside."""

    def __init__(self, true: Sequence[bytes], other: Sequence[bytes]) -> None:
        self.found: list[Difference] = []
        self.found_up_to = self.other_found_up_to = 0
        is_of = _matched(true, other)
        moved = set(_moved(is_of))
        stays = [(of, at) for at, of in enumerate(is_of) if of is not None and of not in moved]
        matched = {of for of in is_of if of is not None}
        # Behind these, one of them simply goes on.
        self._end_true = max(matched, default=-1) + 1
        self._end_other = max((at for at, of in enumerate(is_of) if of is not None), default=-1) + 1
        start_true = start_other = 0
        for end_true, end_other in [*stays, (len(true), len(other))]:
            lost = [of for of in range(start_true, end_true) if of not in matched]
            new = [at for at in range(start_other, end_other) if is_of[at] is None]
            self._say_of_a_gap(lost, new)
            start_true, start_other = end_true + 1, end_other + 1
        for of in moved:
            self._say("reordered", of)
        self.found_up_to = max(self.found_up_to, self._end_true)
        self.other_found_up_to = max(self.other_found_up_to, self._end_other)
        self.found.sort(key=lambda each: each.position)

    def _say_of_a_gap(self, lost: Sequence[int], new: Sequence[int]) -> None:
        """Between two that stay: as many as are on both sides were altered."""
        altered = min(len(lost), len(new))
        for of, at in zip(lost[:altered], new, strict=False):
            self._say("altered", of)
            self.found_up_to, self.other_found_up_to = of + 1, at + 1
        for of in lost[altered:]:
            if of < self._end_true:
                self._say("removed", of)
        for at in new[altered:]:
            if at < self._end_other:
                self.found.append(Difference("inserted", at + 1))

    def _say(self, kind: Kind, of: int) -> None:
        self.found.append(Difference(kind, of + 1))


def _matched(true: Sequence[bytes], other: Sequence[bytes]) -> list[int | None]:
    """For each of the other one, which of the true it is; what stands more often is nothing."""
    waiting: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for of, leaf in enumerate(true):
        waiting[leaf].append(of)
    return [waiting[leaf].popleft() if waiting.get(leaf) else None for leaf in other]


def _moved(is_of: Sequence[int | None]) -> Iterator[int]:
    """As few as bring the others into order."""
    runs = _runs([of for of in is_of if of is not None])
    stay = set(longest_ascending(runs))
    for at, (first, end) in enumerate(runs):
        if at not in stay:
            yield from range(first, end)


def _runs(numbers: Iterable[int]) -> list[Run]:
    runs: list[Run] = []
    for number in numbers:
        if runs and number == runs[-1][1]:
            runs[-1] = (runs[-1][0], number + 1)
        else:
            runs.append((number, number + 1))
    return runs
