"""Waits until nothing is under way: all is published, and every consumer has read all of it.

Asked twice in a row without a change, since a reaction may just be appending what it owes.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import msgspec

from console.addresses import Addresses

WAIT_S = 120.0
POLL_INTERVAL_S = 0.05
QUIET_ANSWERS = 2
TIMERS = "timers"
"""The part of a worker that gives what falls due by itself."""


class NotSettled(Exception):
    """Something is still under way after the wait, or a log has a hole. The message says what."""


class Consumer(msgspec.Struct, frozen=True):
    name: str
    source: str
    position: int
    status: str


class Part(msgspec.Struct, frozen=True):
    name: str


class Readiness(msgspec.Struct, frozen=True):
    """What a process says at /readyz. `head` and `published` are positions of its service's log."""

    ready: bool
    service: str
    process: str
    head: int
    published: int
    now: datetime
    consumers: tuple[Consumer, ...] = ()
    parked: int = 0
    refused: int = 0
    holes: tuple[Any, ...] = ()
    vouched: dict[str, int] = {}
    parts: tuple[Part, ...] = ()
    given_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """`positions` is the vector at which all stood still."""

    positions: dict[str, int]
    parked: int
    refused: int


async def settled(
    addresses: Addresses,
    *,
    second_workers: Sequence[str] = (),
    clock_at_least: datetime | None = None,
    wait_s: float = WAIT_S,
) -> Settled:
    """Return when two answers in a row say so; with a clock, when each process goes by it.

    Then all that falls due by itself until that time was given, too: by whichever worker of a
    service gives it, so those beside the first are asked as well. Raises NotSettled.
    """
    deadline = time.monotonic() + wait_s
    urls = [*addresses.services.values(), *addresses.workers.values(), *second_workers]
    before: list[Readiness] = []
    quiet = 0
    async with httpx.AsyncClient(timeout=10) as client:
        while True:
            answers = await asyncio.gather(*(_ask(client, url) for url in urls))
            said = [each for each in answers if each is not None]
            open_points = under_way(said, clock_at_least)
            open_points += [url for url, each in zip(urls, answers, strict=True) if each is None]
            quiet = (quiet + 1 if _same(before, said) else 1) if not open_points else 0
            if quiet == QUIET_ANSWERS:
                return _settled(said)
            if time.monotonic() > deadline:
                raise NotSettled(f"after {wait_s:.0f} s: " + "; ".join(open_points or ["changing"]))
            before = said
            await asyncio.sleep(POLL_INTERVAL_S)


def under_way(said: list[Readiness], clock_at_least: datetime | None = None) -> list[str]:
    """Say what is not at its end, in words; nothing when all is. Raises NotSettled at a hole."""
    heads: dict[str, int] = {}
    for each in said:
        heads[each.service] = max(heads.get(each.service, 0), each.head)
    found = []
    for each in said:
        who = f"{each.service} {each.process}"
        if each.holes:
            raise NotSettled(f"{who} misses positions: {each.holes}")
        if each.process == "worker" and each.published < heads[each.service]:
            found.append(f"{who} published {each.published} of {heads[each.service]}")
        if clock_at_least is not None and each.now < clock_at_least:
            found.append(f"{who} is still at {each.now.isoformat()}")
        found += [
            f"{who}: {consumer.name} read {consumer.position} of "
            f"{heads[consumer.source]} from {consumer.source}"
            for consumer in each.consumers
            if consumer.position < heads.get(consumer.source, 0)
        ]
        found += [
            f"{who}: {source} is vouched for up to {position} of {heads[source]}"
            for source, position in each.vouched.items()
            if position < heads.get(source, 0)
        ]
    if clock_at_least is not None:
        found += [
            f"{service} has not given what is due" for service in _owing(said, clock_at_least)
        ]
    return found


def _owing(said: list[Readiness], clock: datetime) -> set[str]:
    """The services with timers none of whose workers has given all that was due at that time."""
    with_timers = [each for each in said if any(part.name == TIMERS for part in each.parts)]
    done = {each.service for each in with_timers if each.given_until and each.given_until >= clock}
    return {each.service for each in with_timers} - done


def _same(before: list[Readiness], after: list[Readiness]) -> bool:
    return [each.head for each in before] == [each.head for each in after]


def _settled(said: list[Readiness]) -> Settled:
    workers = {each.service: each for each in said if each.process == "worker"}
    return Settled(
        positions={service: each.head for service, each in workers.items()},
        parked=sum(each.parked for each in workers.values()),
        refused=sum(each.refused for each in workers.values()),
    )


async def _ask(client: httpx.AsyncClient, url: str) -> Readiness | None:
    """None: no answer, or none of this kind, as from a process that is just starting."""
    try:
        answer = await client.get(f"{url}/readyz")
        return msgspec.json.decode(answer.content, type=Readiness)
    except (httpx.TransportError, msgspec.DecodeError):
        return None
