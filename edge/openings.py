"""Who was shown what is sealed, or a name: recorded by an event before a byte of it leaves.

A query says for what it opens (`may(…, opens=)`); its door collects whose it is, and appends. Where
that cannot be appended nothing is shown.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from contracts.every_service import OpeningPurpose, PersonalDataOpened
from eventing.decider import Decider
from eventing.ids import EPOCH, at, mark

NOBODYS: Literal["nobody's"] = "nobody's"
"""What a query opens is nobody's secret: counts, or names under which somebody agreed to be told.
Nothing is recorded. Which queries these are is counted by name in `tests/edge/test_openings.py`."""
Opens = OpeningPurpose | Literal["nobody's"]

RECORDED_ONCE_IN = timedelta(minutes=10)
SUBJECTS_MAX = 5_000
"""Of one opening: as many as the longest list shows at once."""


class OpensUnsaid(Exception):
    """A fault of ours: the route opens something and does not say for what, or whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpening:
    purpose: OpeningPurpose
    subject_ids: tuple[UUID, ...]
    opened_by: UUID
    happened_at: datetime

    @property
    def opening_id(self) -> UUID:
        """The same for the same of the same person, within ten minutes."""
        begun = EPOCH + (self.happened_at - EPOCH) // RECORDED_ONCE_IN * RECORDED_ONCE_IN
        whose = hashlib.sha256(b"".join(one.bytes for one in self.subject_ids)).digest()
        return at(begun, mark(self.purpose.encode(), b"\n", self.opened_by.bytes, whose))

    @property
    def stream(self) -> str:
        return f"opening-{self.opening_id}"


State = PersonalDataOpened | None


def record_opening(
    purpose: OpeningPurpose, of: Iterable[UUID], by: UUID, now: datetime
) -> RecordOpening:
    """Raises OpensUnsaid for more than may be shown at once."""
    subject_ids = tuple(sorted(set(of)))
    if len(subject_ids) > SUBJECTS_MAX:
        raise OpensUnsaid(f"{purpose}: {len(subject_ids)} at once")
    return RecordOpening(purpose=purpose, subject_ids=subject_ids, opened_by=by, happened_at=now)


def decide(command: RecordOpening, state: State) -> list[PersonalDataOpened]:
    if state is not None:
        return []
    return [
        PersonalDataOpened(
            opening_id=command.opening_id,
            purpose=command.purpose,
            subject_ids=command.subject_ids,
            subjects=len(command.subject_ids),
            opened_by=command.opened_by,
            happened_at=command.happened_at,
        )
    ]


def evolve(_state: State, event: PersonalDataOpened) -> State:
    return event


opening: Decider[RecordOpening, State, PersonalDataOpened] = Decider(None, decide, evolve)
