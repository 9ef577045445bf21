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


class FalseRecord(Exception):
    """What was read at a position is not what the log has there. All was set back: begin again."""

    def __init__(self, service: str, position: int, vouched: int) -> None:
        super().__init__(
            f"the topic of {service} claimed at position {position} what its log never held:"
            f" begin again after {vouched}"
        )
        self.service = service
        self.position = position
        self.vouched = vouched


class NothingIsTrue(Exception):
    """Neither what was read nor what the log shows is what the log signed: an alarm."""

    def __init__(self, service: str, first: int, last: int) -> None:
        super().__init__(
            f"what was read of {service} from position {first} to {last} is not what it signed, and"
            " what it shows is not either"
        )
        self.service = service
        self.first, self.last = first, last


class NotVouchedFor(Exception):
    """So much came after a log's newest checkpoint that a reader waits for the next."""

    def __init__(self, service: str, vouched: int, read: int) -> None:
        super().__init__(
            f"{service} is read up to {read} and vouched for up to {vouched}: does its notary sign?"
        )


class AheadOfItsSource(Exception):
    """A reader has read more of a log, or another past of it, than it has: the log was set back.

    To read on would pass over what is recorded at these positions now.
    """

    def __init__(self, service: str, position: int, end: int) -> None:
        known = f"ends at {end}" if end < position else "has another record there"
        super().__init__(
            f"{service} was read up to position {position}, and its log {known}: was it restored?"
            f" While its topic is being filled again this passes; else: vongtay set-readers-back"
            f" {service}"
        )
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

    async def end(self, at_least: int) -> int:
        """The last position that there is now; whether it is more than `at_least` matters to none.

        Asked between `start` and `stop`. Raises what `next` raises.
        """

    def hint(self) -> str | None:
        """Where to look first when starting after the last record given; JSON, or None."""

    async def stop(self) -> None: ...
