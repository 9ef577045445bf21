"""Where records come from, in position order: Kafka, a service's own log, an export file.

Readers do not know which.
"""

from collections.abc import Sequence
from typing import Protocol

from eventing.record import StoredRecord


class HoleInTheLog(Exception):
    """A position did not come within the bound: an alarm, never skipped silently."""


class Source(Protocol):
    @property
    def service(self) -> str: ...

    async def start(self, after: int) -> None:
        """Begin after a position."""

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        """The next records, dense and in position order; empty if none came within `wait_s`.

        Raises HoleInTheLog.
        """

    async def stop(self) -> None: ...
