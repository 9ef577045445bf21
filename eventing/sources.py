"""Where records come from, in position order: Kafka, a service's own log, an export file.

Readers do not know which.
"""

from collections.abc import Sequence
from typing import Protocol

from eventing.record import StoredRecord


class HoleInTheLog(Exception):
    """A position did not come within the bound: an alarm, never skipped silently."""

    def __init__(self, service: str, position: int) -> None:
        super().__init__(f"position {position} of {service} is missing")
        self.service = service
        self.position = position


class NotTheTopicWeRead(Exception):
    """What was read before is no longer where it was: the topic was trimmed, made anew or changed.

    Nothing is skipped or read again silently: a person looks, and takes the reader's hint away.
    """


class Source(Protocol):
    @property
    def service(self) -> str: ...

    async def start(self, after: int, hint: str | None = None) -> None:
        """Begin after a position; `hint` is what `hint()` said there or before.

        Raises NotTheTopicWeRead.
        """

    async def next(self, limit: int, wait_s: float) -> Sequence[StoredRecord]:
        """The next records, dense and in position order; empty if none came within `wait_s`.

        Raises HoleInTheLog.
        """

    def hint(self) -> str | None:
        """Where to look first when starting after the last record given; JSON, or None."""

    async def stop(self) -> None: ...
