"""What the checker looks at: rows, messages, attempts and tables, as whoever collected them saw."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID


def mark(said: bytes) -> bytes:
    """What follows the time in an id made of what it is for: RFC 9562, version 8."""
    rest = int.from_bytes(hashlib.sha256(said).digest()[:10])
    return (rest & ~(0xF << 76 | 0b11 << 62) | 8 << 76 | 2 << 62).to_bytes(10)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a service's log, as the database gives it."""

    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    record: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a service's topic, in the order of its partition."""

    partition: int
    offset: int
    position: int
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt at a command as its client saw it end.

    `position` is the answer of an acknowledged one; `status` that of HTTP; times in seconds.
    """

    service: str
    principal: UUID
    key: UUID
    outcome: Literal["acknowledged", "refused", "unknown"]
    position: int | None = None
    status: int | None = None
    began_s: float = 0.0
    ended_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a consumer of a service has come in the log of another, or of its own."""

    consumer: str
    source: str
    position: int
    status: str


@dataclass(slots=True)
class World:
    """All that is looked at. `answers`: per service, (principal, key) to position, as stored.

    `tables`: per service and open read model, its rows as dictionaries; `has_tables` is false where
    logs alone are kept. `letters`: the messages that the mail server took. `all_have_events`: every
    command was sent for an effect, none in vain.

    `settled`: all was at rest. Else it was looked at one service after the other while more came.
    """

    logs: dict[str, list[Row]]
    topics: dict[str, list[Message]]
    answers: dict[str, dict[tuple[UUID, UUID], int]]
    journal: list[Sent] = field(default_factory=list)
    tables: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    cursors: dict[str, list[Cursor]] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    letters: list[UUID] = field(default_factory=list)
    has_tables: bool = True
    all_have_events: bool = False
    settled: bool = True

    def facts(self, service: str, *types: str) -> Iterator[tuple[Row, dict[str, Any]]]:
        """The events of some types, with their data, in log order."""
        for row in self.logs.get(service, []):
            if row.type in types:
                yield row, json.loads(row.record)["data"]
