"""How far somebody has read what was sent to them.

Stream `inbox-{person_id}`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.notifications import InboxRead
from eventing.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInbox:
    """`up_to`: when the newest message that they saw was due."""

    person_id: UUID
    up_to: datetime
    happened_at: datetime


Command = ReadInbox
State = datetime | None
"""Up to when; None: nothing yet."""


def decide(command: Command, state: State) -> list[InboxRead]:
    # What is not due yet nobody has read.
    up_to = min(command.up_to, command.happened_at)
    if state is not None and up_to <= state:
        return []
    return [InboxRead(person_id=command.person_id, up_to=up_to, happened_at=command.happened_at)]


def evolve(_: State, event: InboxRead) -> State:
    return event.up_to


inbox: Decider[Command, State, InboxRead] = Decider(None, decide, evolve)


def stream(person_id: UUID) -> str:
    return f"inbox-{person_id}"
