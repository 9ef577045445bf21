"""Whose turn it is: many tests at once on all workers, or one that needs the machine to itself."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(folder: Path | None, *, alone: bool) -> Iterator[None]:
    """Wait for one's turn: `alone` until no worker is inside, anybody else until nobody is alone.

    `folder` is what the workers share; None: there is one. Whoever waits to be alone keeps the
    gate: those behind it cannot go on overtaking it for ever.
    """
    if folder is None:
        yield
        return
    with (folder / "gate").open("a") as gate, (folder / "inside").open("a") as inside:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(inside, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        yield
