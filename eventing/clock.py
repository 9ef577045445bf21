"""What time it is, injected everywhere: the system's clock, or one that a file sets."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class SettableClock:
    """Stands still at the instant that a file holds (ISO 8601 with offset), for development.

    Raises ValueError when the file holds no instant.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_ns = -1
        self._now = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        changed_ns = self._path.stat().st_mtime_ns
        if changed_ns != self._changed_ns:
            now = datetime.fromisoformat(self._path.read_text().strip())
            if now.tzinfo is None:
                raise ValueError("the settable clock needs an instant with its offset")
            self._now, self._changed_ns = now.astimezone(UTC), changed_ns
        return self._now
