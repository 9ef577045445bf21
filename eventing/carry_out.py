"""Carry out a command that nobody typed: wait for what is not yet there, record a refusal.

The refusal is appended with the key that the command had. So whatever crashes when, one of the
two has happened, once, and is the answer for ever.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from contracts.every_service import ReactionRefused
from eventing.back_off import BackOff
from eventing.decider import CommandFor, Decider, Rejection
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.progress import REFUSED_STREAMS
from eventing.record import Recorded, Why

AT_ONCE_MAX = 64
NOT_YET_WITHIN_S = 10.0
NOT_YET_PAUSE_S_MIN, NOT_YET_PAUSE_S_MAX = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class RecordRefusal:
    refused: ReactionRefused


def _record(command: RecordRefusal, _state: None) -> list[ReactionRefused]:
    return [command.refused]


reaction_refusal: Decider[RecordRefusal, None, ReactionRefused] = Decider(
    initial=None, decide=_record, evolve=lambda _state, _event: None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryOut:
    """`name` is the reaction's or the timer's; `cause` the event that led to the command."""

    executor: Executor
    not_yet_within_s: float = NOT_YET_WITHIN_S
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE_MAX))

    async def __call__(
        self, name: str, give: CommandFor, key: Key, why: Why, cause: Recorded, since_s: float
    ) -> None:
        """Return when it is done or refused. `since_s`: the loop's time when it was first due.

        Raises what passes by waiting, for the caller to begin again with the same key.
        """
        context = CommandContext(key, why)
        loop = asyncio.get_running_loop()
        back_off = BackOff(NOT_YET_PAUSE_S_MIN, NOT_YET_PAUSE_S_MAX)
        while True:
            try:
                # Not while it waits: what it waits for may be next in this very line.
                async with self.at_once:
                    await self.executor.execute(give.decider, give.stream, give.command, context)
            except Rejection as rejection:
                if rejection.kind != "absent" or loop.time() - since_s > self.not_yet_within_s:
                    await self._refused(name, give, context, cause, rejection)
                    return
                # Order holds within a stream; what another stream brings may come a little later.
                await asyncio.sleep(back_off.pause_s())
            else:
                return

    async def _refused(
        self,
        name: str,
        give: CommandFor,
        context: CommandContext,
        cause: Recorded,
        rejection: Rejection,
    ) -> None:
        refused = ReactionRefused(
            reaction=name,
            cause_service=cause.service,
            cause_position=cause.position,
            cause_event_id=cause.event_id,
            target_stream=give.stream,
            code=rejection.code,
            happened_at=self._now(),
        )
        stream = f"{REFUSED_STREAMS}{context.key.idempotency_key}"
        await self.executor.execute(reaction_refusal, stream, RecordRefusal(refused), context)

    def _now(self) -> datetime:
        return self.executor.clock()
