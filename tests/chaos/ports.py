"""Ports of a run's own, which nobody takes while a process that was killed is down.

Other installations on the machine want the usual ones, and connections get any from 32768 on. Of
other runs, each keeps to a block of ports: while it has them, it listens at the first.
"""

import random
import socket

from deploy.embedded.ports import LOOPBACK, is_free

FIRST, LAST, BLOCK = 20_000, 30_000, 50

_guards: list[socket.socket] = []
"""As long as this process lives, nobody else gets its blocks."""
_left: list[int] = []


def own(count: int) -> list[int]:
    """Raises OSError when there is no block left."""
    ports: list[int] = []
    while len(ports) < count:
        if not _left:
            _left.extend(_another_block())
        port = _left.pop()
        if is_free(port):
            ports.append(port)
    return ports


def _another_block() -> range:
    starts = list(range(FIRST, LAST, BLOCK))
    random.shuffle(starts)
    for start in starts:
        guard = socket.socket()
        try:
            guard.bind((LOOPBACK, start))
            guard.listen(1)
        except OSError:
            guard.close()
            continue
        _guards.append(guard)
        return range(start + 1, start + BLOCK)
    raise OSError("every block of ports is some run's")
