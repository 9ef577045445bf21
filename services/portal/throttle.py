"""Guessing receipt codes is slow: a few wrong ones from one address, then none for a while."""

from collections import OrderedDict
from dataclasses import dataclass

WRONG_MAX = 10
WINDOW_S = 600.0
ADDRESSES_MAX = 10_000


@dataclass(slots=True)
class _Tries:
    began: float
    wrong: int


class Throttle:
    """Counts in this process alone, forgets after the window, and is bounded.

    `tick` is a monotonic second. Once too many were wrong, right ones are refused too: else the
    refusal would tell which is which.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def refuses(self, address: str, tick: float) -> bool:
        tries = self._tries.get(address)
        if tries is None or tick - tries.began >= WINDOW_S:
            return False
        return tries.wrong >= WRONG_MAX

    def wrong(self, address: str, tick: float) -> None:
        tries = self._tries.get(address)
        if tries is None or tick - tries.began >= WINDOW_S:
            tries = self._tries[address] = _Tries(tick, 0)
        tries.wrong += 1
        self._tries.move_to_end(address)
        if len(self._tries) > ADDRESSES_MAX:
            self._tries.popitem(last=False)
