"""How long to wait before something is tried again: longer each time, with a bound, not alike."""

import random
from collections.abc import Callable


class BackOff:
    """Pauses from `first_s` on, each up to twice as long as the one before, none above `most_s`.

    Of each pause at least half is kept and the rest is chance, so that those whom one failure
    stopped do not all come back at one moment.
    """

    def __init__(
        self,
        first_s: float,
        most_s: float,
        *,
        steady_s: float | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`steady_s`: what lasted longer was well; `most_s` if it is not said."""
        if not 0 <= first_s <= most_s:
            raise ValueError(f"{first_s} s is no first pause of at most {most_s} s")
        self._first_s, self._most_s = first_s, most_s
        self._steady_s = most_s if steady_s is None else steady_s
        self._chance = chance
        self._next_s = first_s

    def pause_s(self) -> float:
        """How long to wait now."""
        longest_s = self._next_s
        self._next_s = min(2 * longest_s, self._most_s)
        return longest_s * (1 + self._chance()) / 2

    def reset(self) -> None:
        """It went on: the next pause is a first one."""
        self._next_s = self._first_s

    def lasted(self, seconds: float) -> None:
        """So long it went before it failed: was that long enough, the next pause is a first one."""
        if seconds > self._steady_s:
            self.reset()
