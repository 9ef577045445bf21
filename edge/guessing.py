"""Guessing codes is bounded, and never at the cost of whoever has the right one.

A code has 60 random bits: that is what keeps it. The wrong ones are counted besides, those of an
address and those of everybody; beyond the bound a wrong code is answered "later" and costs no more
than its look. A right one is answered whatever others tried, from the same address too.
"""

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

from edge.logs import log

WINDOW_S = 600
WRONG_MAX = 10
"""Of an address in a window."""
WRONG_OF_ALL_MAX = 1_000
ADDRESSES_MAX = 10_000
IPV6_PREFIX = 64
"""What a household or a server is given: one who guesses has all of it."""


@dataclass(slots=True)
class _Tries:
    began: float
    wrong: int = 0


class Guesses:
    """Counts in this process alone, forgets after the window, and is bounded.

    `tick` is a monotonic second.
    """

    def __init__(self) -> None:
        self._all = _Tries(0.0)
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wrong(self, address: str, tick: float) -> bool:
        """Count a wrong code, and say whether there were too many.

        Nothing is awaited between count and answer: of many at once no more come through.
        """
        who = _who(address)
        tries = self._tries.get(who)
        if tries is None or tick - tries.began >= WINDOW_S:
            tries = self._tries[who] = _Tries(tick)
        if tick - self._all.began >= WINDOW_S:
            self._all = _Tries(tick)
        tries.wrong += 1
        self._all.wrong += 1
        self._tries.move_to_end(who)
        if len(self._tries) > ADDRESSES_MAX:
            self._tries.popitem(last=False)
        if self._all.wrong == WRONG_OF_ALL_MAX + 1:
            log.warning("many wrong codes were tried", wrong=self._all.wrong, seconds=WINDOW_S)
        return tries.wrong > WRONG_MAX or self._all.wrong > WRONG_OF_ALL_MAX


def _who(address: str) -> str:
    try:
        ip = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(ip.ipv4_mapped or ipaddress.IPv6Network((ip, IPV6_PREFIX), strict=False))
