"""What each process of a race does: read, append, try again, and tell which positions it got."""

import asyncio
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any
from uuid import UUID

from eventing.event_store import Past, VersionConflict
from eventing.postgres_store import PostgresStore
from tests.eventing.store_suite import key, new

PROCESSES = 3
STARTED_WITHIN_S = 60.0


async def in_processes(
    work: Callable[..., Any], *arguments: Any, processes: int = PROCESSES
) -> list[Any]:
    """Run the same in several new processes, each told its number first, and gather the results."""
    loop = asyncio.get_running_loop()
    context = get_context("spawn")
    start = context.Barrier(processes)
    with ProcessPoolExecutor(
        processes, mp_context=context, initializer=_start_at, initargs=(start,)
    ) as pool:
        return await asyncio.gather(
            *(
                loop.run_in_executor(pool, _together, work, number, *arguments)
                for number in range(processes)
            )
        )


_start: list[Barrier] = []


def _start_at(barrier: Barrier) -> None:
    _start.append(barrier)


def _together(work: Callable[..., Any], *arguments: Any) -> Any:
    # Else the first would be done before the last one has read its imports.
    _start[0].wait(STARTED_WITHIN_S)
    return work(*arguments)


def append_as_others_do(
    number: int, dsn: str, streams: int, callers: int, each: int
) -> dict[str, list[int]]:
    """Append one event after the other to random streams of a few; return positions by stream."""

    async def run() -> dict[str, list[int]]:
        got: dict[str, list[int]] = {}
        chance = random.Random(number)  # noqa: S311 - which stream is next is no secret
        async with PostgresStore("donations", dsn) as store:

            async def caller() -> None:
                for _ in range(each):
                    stream = f"fund-{chance.randrange(streams)}"
                    got.setdefault(stream, []).append(await append_one(store, stream))

            await asyncio.gather(*(caller() for _ in range(callers)))
        return got

    return asyncio.run(run())


async def append_one(store: PostgresStore, stream: str) -> int:
    while True:
        past = await store.read(stream, None)
        assert isinstance(past, Past)
        try:
            return await store.append([new(stream, after=past.version)], key())
        except VersionConflict:
            continue


def append_with_the_same_keys(_number: int, dsn: str, keys: Sequence[UUID]) -> list[int]:
    async def run() -> list[int]:
        async with PostgresStore("donations", dsn) as store:
            return await asyncio.gather(
                *(store.append([new(f"fund-{k}")], key(k)) for k in keys),
            )

    return asyncio.run(run())
