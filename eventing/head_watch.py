"""One look at the head of a log for all who wait for what comes next, rarer while nothing does."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_INTERVAL_S_MIN, LOOK_INTERVAL_S_MAX = 0.02, 0.05
SLOWING_DOWN = 1.1


class HeadWatch:
    """For one event loop. It looks only while somebody waits.

    `head` asks for the position of the last record; what it raises, all who wait are told.
    """

    def __init__(self, head: Callable[[], Awaitable[int]]) -> None:
        self._head = head
        self._waiting: dict[asyncio.Future[None], int] = {}
        self._looking: asyncio.Task[None] | None = None
        self._interval_s = LOOK_INTERVAL_S_MIN

    async def wait_beyond(self, position: int, wait_s: float) -> None:
        """Return when there may be more than `position`, or after `wait_s` all the same."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[future] = position
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait([future], timeout=wait_s)
            if future.done():
                future.result()
        finally:
            del self._waiting[future]

    async def _look(self) -> None:
        try:
            while self._waiting:
                # First a pause: whoever waits has just looked for itself.
                await asyncio.sleep(self._interval_s)
                head = await self._head()
                ahead = [future for future, position in self._waiting.items() if head != position]
                self._interval_s = (
                    LOOK_INTERVAL_S_MIN
                    if ahead
                    else min(self._interval_s * SLOWING_DOWN, LOOK_INTERVAL_S_MAX)
                )
                for future in ahead:
                    if not future.done():
                        future.set_result(None)
        except Exception as error:  # noqa: BLE001 - told to all who wait, each decides
            for future in self._waiting:
                if not future.done():
                    future.set_exception(error)
        finally:
            self._looking = None
