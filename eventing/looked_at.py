"""A record as a consumer looks at it: its stream and type at once, its event only when wanted."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR
from pathlib import Path

from contracts.event import declared
from eventing.record import (
    Envelope,
    Recorded,
    StoredRecord,
    UndecodableRecord,
    UnknownType,
    decode_envelope,
    decode_event,
    recorded,
)


@dataclass(slots=True)
class LookedAt:
    """Without an envelope the record is of no stream that anyone can tell: it is one by itself."""

    stored: StoredRecord
    stream: str
    envelope: Envelope | None
    error: str | None = None
    _decoded: Recorded | None = None

    def may_be(self, types: Container[str]) -> bool:
        """Is it of one of the types, or so broken that nobody knows?"""
        return self.envelope is None or self.envelope.type in types

    @property
    def is_unknown(self) -> bool:
        """Whether newer code than this wrote it: its type or version is not declared here."""
        if self.envelope is None:
            return False
        declaration = declared.get(self.envelope.type)
        return declaration is None or self.envelope.typeversion > declaration.version

    def decode(self) -> Recorded:
        """Decode it once for all who look at it. Raises UnknownType, UndecodableRecord.

        What no command could have said since long is no reason for a fold to end: an instant at an
        end of the calendar, which another offset has no year for, makes its record one to park.
        """
        if self._decoded is None:
            if self.envelope is None:
                raise UndecodableRecord(self.error)
            for at in (self.envelope.time, self.envelope.recordedtime):
                if not MINYEAR < at.year < MAXYEAR:
                    raise UndecodableRecord(f"{at.isoformat()} is at an end of the calendar")
            event = decode_event(self.envelope)
            self._decoded = recorded(self.stored, self.envelope, event)
        return self._decoded


def look_at(stored: StoredRecord) -> LookedAt:
    try:
        envelope = decode_envelope(stored.record)
    except UndecodableRecord as error:
        stream = f"unreadable-{stored.service}-{stored.position}"
        return LookedAt(stored, stream, None, what_of(error))
    return LookedAt(stored, envelope.subject, envelope)


def what_of(error: BaseException) -> str:
    """Say what went wrong and where, without the error's words: they may quote personal data."""
    if isinstance(error, UnknownType):
        return f"UnknownType {error}"
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + where
