"""Ports of a run's own, which nobody takes while a process that was killed is down.

Other installations on the machine want the usual ones, and connections get any from 32768 on.
"""

import random
from itertools import islice

from deploy.embedded.ports import is_free

FIRST, LAST = 20_000, 30_000


def own(count: int) -> list[int]:
    start = random.randrange(FIRST, LAST - 1_000)  # noqa: S311 - apart from others, not hidden
    return list(islice((port for port in range(start, LAST) if is_free(port)), count))
