"""What time it is, injected everywhere: the system's clock, or one that a file sets."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from eventing.kept_file import KeptFile

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class SettableClock:
    """Stands still at the instant that a file holds (ISO 8601 with offset), for development.

    Raises NothingHeld when the file never held an instant.
    """

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(path, _instant, look_again_s=0.0)

    def __call__(self) -> datetime:
        return self._file.current()


def _instant(content: bytes) -> datetime:
    now = datetime.fromisoformat(content.decode().strip())
    if now.tzinfo is None:
        raise ValueError("the settable clock needs an instant with its offset")
    return now.astimezone(UTC)
