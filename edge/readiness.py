"""What a process says of itself at `/readyz`: the truth, in numbers a person can act on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from eventing.unknown_types import UnknownEvents

Process = Literal["web", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """`position` is in `source`'s log; `lag` in events, None where the source's head is unknown."""

    name: str
    source: str
    position: int
    status: str
    trouble: str | None = None
    lag: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A supervised part of a worker. `error`: what it failed with, before it was started again."""

    name: str
    status: Literal["starting", "running", "failing"]
    restarts: int
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """`ready` is whether this process can do its work now.

    A web process needs its database, a log that is open and the provider's keys; a worker also
    Kafka, each of its parts, no hole, no reader ahead of its log, brokers that all its readers
    hear, and a notary that signs. Parked streams and refused reactions wait for a person, events
    of unknown types for newer code: they make nothing unready.

    `roles` says since when nobody heard who may what: then no role counts, and it is not ready.
    `files` says which of the files that are read again cannot be used: what they held before is.

    `given_until`, of a worker that leads its service's timers: all that was due then is given.

    `signed` is the size of the newest published checkpoint; `notary_alarm` why no more are signed.
    """

    ready: bool
    service: str
    process: Process
    now: datetime
    database: bool
    kafka: bool
    head: int = 0
    closed: str | None = None
    published: int = 0
    oldest_unpublished_s: float = 0.0
    relay_trouble: str | None = None
    signed: int = 0
    oldest_unsigned_s: float = 0.0
    notary_alarm: str | None = None
    consumers: tuple[Consumer, ...] = ()
    parts: tuple[Part, ...] = ()
    parked: int = 0
    refused: int = 0
    holes: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    false_records: int = 0
    vouched: Mapping[str, int] = field(default_factory=dict)
    passed_over: Mapping[str, int] = field(default_factory=dict)
    unknown: tuple[UnknownEvents, ...] = ()
    files: tuple[str, ...] = ()
    roles: str | None = None
    given_until: datetime | None = None


Look = Callable[[], Awaitable[Readiness]]
