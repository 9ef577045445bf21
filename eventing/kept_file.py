"""A file that is read again while we run: what it last held well is kept while it holds less."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

LOOK_AGAIN_S = 1.0


class NothingHeld(ConnectionError):
    """The file has never held what it should: as with a server that is away, that may come."""


class KeptFile(Generic[T]):
    """`read` makes of the file's bytes what is used; it raises ValueError when they are not that.

    Somebody may just be writing the file, or have broken it. Both are told by `trouble`, and the
    file is looked at again until it is well.
    """

    def __init__(
        self, path: Path, read: Callable[[bytes], T], look_again_s: float = LOOK_AGAIN_S
    ) -> None:
        self._path = path
        self._read = read
        self._look_again_s = look_again_s
        self._look_again = 0.0
        self._seen: tuple[int, ...] | None = None
        self._held: T | None = None
        self._trouble: str | None = None

    def current(self) -> T:
        """Return what the file holds, or last held well; the same object while it is unchanged.

        Raises NothingHeld when it never did.
        """
        tick = time.monotonic()
        if tick >= self._look_again:
            self._look()
            self._look_again = tick + self._look_again_s
        if self._held is None:
            raise NothingHeld(self._trouble)
        return self._held

    @property
    def is_held(self) -> bool:
        return self._held is not None

    def trouble(self) -> str | None:
        """Look, and return why what is there now is not used; never what it holds."""
        self._look()
        return self._trouble

    def _look(self) -> None:
        try:
            found = self._path.stat()
            seen = (found.st_mtime_ns, found.st_size, found.st_ino)
            if seen != self._seen or self._trouble is not None:
                self._held = self._read(self._path.read_bytes())
                self._seen = seen
        except (OSError, ValueError) as error:
            told = error.strerror if isinstance(error, OSError) else type(error).__name__
            self._trouble = f"{self._path.name}: {told}"
        else:
            self._trouble = None
