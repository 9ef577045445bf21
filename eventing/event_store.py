"""What a store must do. One test suite, which every store passes, says it in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol
from uuid import UUID

from eventing.ids import at, mark
from eventing.record import NewRecord, StoredRecord


class VersionConflict(Exception):
    """Another process appended to a stream since it was read."""


class KeyUsedDifferently(Exception):
    """The idempotency key came before, with another request."""


class Busy(Exception):
    """There was no room or no time for it, and nothing of it happened. The same again may do."""


class LogClosed(Busy):
    """The log takes nothing before an operator has restored what it lacks; its words say what."""


class OutcomeUnknown(Exception):
    """The database did not say whether it committed. The same key, sent again, tells."""


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a command the same command: who gives it, their key, and a MAC of the request."""

    principal: UUID
    idempotency_key: UUID
    request_mac: bytes


@lru_cache(maxsize=4_096)
def event_mark(key: Key, ordinal: int) -> bytes:
    """By what a command's event is known, the first being 0, whenever it is recorded."""
    return mark(key.principal.bytes, key.idempotency_key.bytes, b"%d" % ordinal)


def event_id_of(key: Key, ordinal: int, recorded_at: datetime) -> UUID:
    """The id of a command's event: when it was recorded, and then its mark."""
    return at(recorded_at, event_mark(key, ordinal))


@dataclass(frozen=True, slots=True)
class Past:
    """The records of a stream after the version asked for; `version` is that of the last one."""

    version: int
    records: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Answered:
    """This command was accepted before. `position` is the answer it got."""

    position: int


@dataclass(frozen=True, slots=True)
class Append:
    """No records at all is allowed: then the stream takes part only to assert its version."""

    stream: str
    expected_version: int
    records: Sequence[NewRecord]


class EventStore(Protocol):
    """The log of one service. Positions are dense from 1; nothing is ever changed or removed."""

    @property
    def service(self) -> str: ...

    async def read(self, stream: str, key: Key | None, after: int = 0) -> Past | Answered:
        """The past of a stream after a version, or the answer that this command already got.

        `version` may be lower than `after` when the log was set back; then there are no records.
        Of a command whose events came back from Kafka, the MAC is not known, nor looked at.
        Raises KeyUsedDifferently, Busy.
        """

    async def append(self, appends: Sequence[Append], key: Key) -> int:
        """Append to all streams or to none; return the position at which all of it can be read.

        A key that was accepted before, with the same request, gets its first answer again and
        nothing is appended. A cancelled caller leaves the append to finish by itself.
        Raises VersionConflict, KeyUsedDifferently, OutcomeUnknown, Busy.
        """

    async def log(self, after: int, limit: int) -> Sequence[StoredRecord]:
        """The next records in position order."""

    async def head(self) -> int:
        """The position of the last record, 0 for an empty log."""
