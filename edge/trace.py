"""What ties requests, records and log lines together: a correlation id and a W3C traceparent."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from eventing.ids import by_time

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16


@dataclass(frozen=True, slots=True)
class Trace:
    """One request's place in what it belongs to. `span_id` is this request's own."""

    correlation: UUID
    trace_id: str
    span_id: str
    flags: str

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


trace_now: ContextVar[Trace | None] = ContextVar("trace_now", default=None)
"""Of the request that is being answered here."""


def trace_of(correlation_id: str | None, traceparent: str | None) -> Trace:
    """Take over what the caller sent; what is missing or malformed is made new.

    W3C Trace Context, section 3.2: a traceparent that does not parse starts a new trace.
    """
    span_id = secrets.token_hex(8)
    known = TRACEPARENT.fullmatch(traceparent or "")
    if known and known[1] != NO_TRACE and known[2] != NO_SPAN:
        return Trace(_correlation(correlation_id), known[1], span_id, known[3])
    return Trace(_correlation(correlation_id), secrets.token_hex(16), span_id, "01")


def _correlation(correlation_id: str | None) -> UUID:
    try:
        return UUID(correlation_id) if correlation_id else by_time()
    except ValueError:
        return by_time()
