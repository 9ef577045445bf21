"""Questions, coalesced: what is asked while a call runs goes together into the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from eventing.event_store import Busy

Q = TypeVar("Q")
A = TypeVar("A")

QUEUE_MAX = 10_000
BATCH_MAX = 256


class Coalesced(Generic[Q, A]):
    """`call` answers each of its questions, in their order; what it raises, all of them get."""

    def __init__(self, call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._call = call
        self._queue: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._caller: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """Raises what the call raises; Busy when too many wait."""
        if len(self._queue) >= QUEUE_MAX:
            raise Busy
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._queue.append((question, answer))
        if self._caller is None:
            self._caller = asyncio.create_task(self._call_while_asked())
        return await answer

    async def _call_while_asked(self) -> None:
        try:
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
                await self._answer(batch)
        finally:
            self._caller = None
            # Cancelled, say, with the process: nobody waits for ever.
            for _, caller in self._queue:
                if not caller.done():
                    caller.set_exception(Busy())
            self._queue.clear()

    async def _answer(self, batch: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._call([question for question, _ in batch])
        except BaseException as error:
            for _, caller in batch:
                if not caller.done():
                    caller.set_exception(error if isinstance(error, Exception) else Busy())
            if not isinstance(error, Exception):
                raise
        else:
            for (_, caller), answer in zip(batch, answers, strict=True):
                if not caller.done():
                    caller.set_result(answer)
