"""A line's id: it means one line of one allocation, for ever.

Stream `line-{line_id}`. Claimed in the append in which the allocation is proposed, so that of two
who propose the same id at the same instant one is refused.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.allocation import AllocationLineClaimed
from eventing.decider import Decider
from services.allocation.domain.line import LineProposedAlready

# --- Commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    line_id: UUID
    programme_id: UUID
    allocation_id: UUID
    happened_at: datetime


# --- State ---


@dataclass(frozen=True, slots=True)
class NotClaimed:
    pass


@dataclass(frozen=True, slots=True)
class Claimed:
    allocation_id: UUID


State = NotClaimed | Claimed

# --- Decide ---


def decide(command: ClaimLine, state: State) -> list[AllocationLineClaimed]:
    if isinstance(state, Claimed):
        if state.allocation_id != command.allocation_id:
            raise LineProposedAlready(command.line_id, state.allocation_id)
        return []
    return [
        AllocationLineClaimed(
            line_id=command.line_id,
            programme_id=command.programme_id,
            allocation_id=command.allocation_id,
            happened_at=command.happened_at,
        )
    ]


# --- Evolve ---


def evolve(_: State, event: AllocationLineClaimed) -> State:
    return Claimed(event.allocation_id)


line_claim: Decider[ClaimLine, State, AllocationLineClaimed] = Decider(NotClaimed(), decide, evolve)


def stream(line_id: UUID) -> str:
    return f"line-{line_id}"
