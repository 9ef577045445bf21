"""Owes the newest checkpoints to each auditor who asked for them, once a day at most.

No event says that a checkpoint was signed, so this looks at their topic. What is owed, and that it
was, is in the log: a second worker or a restart owes nothing twice.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from uuid import UUID

from contracts.notifications import SignedCheckpoint
from contracts.vietnamese_day import begins, vietnamese_day
from eventing.all_rows import all_rows
from eventing.clock import Clock
from eventing.event_store import Key
from eventing.execute import CommandContext, Executor
from eventing.ids import at, beside, mark
from eventing.leadership import Leadership
from eventing.record import Why
from eventing.rows import NotYetVisible, Rows
from notary.checkpoint_topic import LOGS
from notary.newest import NewestCheckpoints, Published
from services.notifications.domain.checkpoint_news import (
    TellOfCheckpoints,
    checkpoint_news,
    stream,
)
from services.notifications.read_models.checkpoint_subscriptions import (
    CheckpointSubscriptionRow,
    checkpoint_subscriptions,
)

OWN_LOG = "notifications"
LOOK_EVERY_S = 10.0


class CheckpointDigest:
    def __init__(
        self,
        *,
        executor: Executor,
        rows: Rows,
        clock: Clock,
        principal: UUID,
        newest: NewestCheckpoints,
    ) -> None:
        self._executor = executor
        self._rows = rows
        self._clock = clock
        self._principal = principal
        self._newest = newest

    async def run(self, leadership: Leadership) -> None:
        await leadership.lead(f"checkpoint digest of {OWN_LOG}", self._lead)

    async def _lead(self) -> None:
        while True:
            # While the read model is being built nobody is told.
            with suppress(NotYetVisible):
                await self.turn()
            await asyncio.sleep(LOOK_EVERY_S)

    async def turn(self) -> int:
        """Owe what is to be owed now; return how many messages that were."""
        newest = dict(self._newest.all)
        today = vietnamese_day(self._clock())
        running = await all_rows(self._rows, checkpoint_subscriptions, running=True)
        due = [row for row in running if _is_due(row, newest, today)]
        for row in due:
            await self._tell(row.person_id, newest, today)
        return len(due)

    async def _tell(self, person_id: UUID, newest: Mapping[str, Published], today: date) -> None:
        message_id = at(begins(today), mark(b"checkpoints", person_id.bytes))
        tell = TellOfCheckpoints(
            message_id=message_id,
            checkpoints=tuple(
                SignedCheckpoint(
                    service=service, size=newest[service].size, note=newest[service].note
                )
                for service in LOGS
                if service in newest
            ),
            happened_at=self._clock(),
        )
        key = Key(self._principal, beside(message_id, mark(b"tell", message_id.bytes)), b"")
        context = CommandContext(key, Why(actor=self._principal))
        await self._executor.execute(checkpoint_news, stream(person_id), tell, context)


def _is_due(row: CheckpointSubscriptionRow, newest: Mapping[str, Published], today: date) -> bool:
    """Telling makes our own log grow: that alone is no news, or it would never end."""
    if row.told_on is not None and row.told_on >= today:
        return False
    return any(
        checkpoint.size > row.told.get(service, 0)
        for service, checkpoint in newest.items()
        if service != OWN_LOG
    )
