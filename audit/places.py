"""Positions in the order in which they come: what stands twice, what was moved, what is missing."""

from bisect import bisect_right, insort
from collections.abc import Sequence

Run = tuple[int, int]
"""Numbers that follow each other: the first, and the one behind the last."""

RUNS_MAX = 100_000
"""More are no log: what comes then is counted, and not kept."""
NEVER = 1 << 62


class Places:
    """Takes positions one by one; keeps runs of them, so that many in order cost nothing.

    `next` is the position that is due. Whoever takes many asks `position == next < limit` and
    raises `next` then, instead of a call.
    """

    __slots__ = ("_begun", "_first", "_runs", "left_out", "limit", "next")

    def __init__(self) -> None:
        self.next = 1
        self.limit = NEVER
        """The first position from `next` on that came already."""
        self.left_out = 0
        self._first = 1
        self._runs: list[Run] = []
        self._begun: list[Run] = []
        """The same, by their first ones."""

    def take(self, position: int) -> bool:
        """False: it stands twice."""
        if position == self.next < self.limit:
            self.next += 1
            return True
        at = bisect_right(self._begun, (position, NEVER)) - 1
        if (at >= 0 and position < self._begun[at][1]) or self._first <= position < self.next:
            return False
        if len(self._runs) == RUNS_MAX:
            self.left_out += 1
            return True
        self._close()
        at = bisect_right(self._begun, (position, NEVER))
        self.limit = self._begun[at][0] if at < len(self._begun) else NEVER
        self._first, self.next = position, position + 1
        return True

    def skip(self, count: int) -> None:
        """So many positions from `next` on are not missing: something stands for them."""
        self.next = min(self.next + count, self.limit)

    def _close(self) -> None:
        if self.next > self._first:
            self._runs.append((self._first, self.next))
            insort(self._begun, self._runs[-1])

    @property
    def runs(self) -> list[Run]:
        """In the order in which they came."""
        return [*self._runs, *([(self._first, self.next)] if self.next > self._first else [])]

    @property
    def highest(self) -> int:
        return max(self._begun[-1][1] if self._begun else 1, self.next) - 1

    @property
    def missing(self) -> list[tuple[int, int]]:
        """Ranges below the highest, both ends included, in order."""
        found, due = [], 1
        for first, end in sorted(self.runs):
            if first > due:
                found.append((due, first - 1))
            due = max(due, end)
        return found

    @property
    def moved(self) -> list[tuple[int, int]]:
        """Ranges that stand out of order, both ends included, in order: as few as can be."""
        runs = self.runs
        stay = set(longest_ascending(runs))
        return sorted((first, end - 1) for at, (first, end) in enumerate(runs) if at not in stay)


def longest_ascending(runs: Sequence[Run]) -> list[int]:
    """Which runs stay, if as few numbers as can be are moved to bring all into order.

    `runs` have no number in common. Of several ways it is the one whose last number is the
    smallest; then the one before it, and so on. Returned are places in `runs`.
    """
    ranks = {run: rank for rank, run in enumerate(sorted(runs), 1)}
    # A Fenwick tree: the heaviest way that ends at or below a rank: weight, less its last, place.
    best: list[tuple[int, int, int]] = [(0, 0, -1)] * (len(runs) + 1)
    before: list[int] = []
    for at, run in enumerate(runs):
        rank, (first, end) = ranks[run], run
        heaviest, below = (0, 0, -1), rank - 1
        while below:
            heaviest = max(heaviest, best[below])
            below &= below - 1
        before.append(heaviest[2])
        mine = (heaviest[0] + end - first, -first, at)
        while rank <= len(runs):
            best[rank] = max(best[rank], mine)
            rank += rank & -rank
    heaviest, below = (0, 0, -1), len(runs)
    while below:
        heaviest = max(heaviest, best[below])
        below &= below - 1
    found: list[int] = []
    at = heaviest[2]
    while at >= 0:
        found.append(at)
        at = before[at]
    return found[::-1]
