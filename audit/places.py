"""Positions in the order in which they come: what is behind, what stands twice, what is missing."""

from bisect import bisect_right
from typing import Literal


class Places:
    """`position` is the highest so far; `missing` are ranges, both ends included, in order.

    Ranges, since one number could else fill the memory.
    """

    __slots__ = ("missing", "position")

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self.missing: list[tuple[int, int]] = []

    def take(self, position: int) -> Literal["reordered", "inserted"] | None:
        """Say what is wrong with a position that comes now; a hole is none yet."""
        if position > self.position:
            if position > self.position + 1:
                self.missing.append((self.position + 1, position - 1))
            self.position = position
            return None
        return "reordered" if self._was_missing(position) else "inserted"

    def _was_missing(self, position: int) -> bool:
        at = bisect_right(self.missing, position, key=lambda each: each[0]) - 1
        if at < 0:
            return False
        first, last = self.missing[at]
        if position > last:
            return False
        parts = [(first, position - 1), (position + 1, last)]
        self.missing[at : at + 1] = [part for part in parts if part[0] <= part[1]]
        return True
