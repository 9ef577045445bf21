"""Structured logs: one JSON object a line on standard output, without personal data.

No body, no query string, no path but its template, no message of an unexpected error: such a
message may quote what somebody typed. An error is told by its types and where it happened.
"""

import asyncio
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog

from edge.trace import trace_now

FRAMES_TOLD_MAX = 12
CAUSES_TOLD_MAX = 5
OUR_PACKAGES = ("edge", "eventing", "notary", "services")

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def told(error: BaseException) -> dict[str, Any]:
    """What may be logged of an error: types of it and its causes, and where it came through."""
    types: list[str] = []
    at: BaseException | None = error
    while at is not None and len(types) < CAUSES_TOLD_MAX:
        types.append(f"{type(at).__module__}.{type(at).__qualname__}")
        if isinstance(at, BaseExceptionGroup):
            at = error = at.exceptions[0]  # a group says nothing that its first error does not
            continue
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_TOLD_MAX:]
    return {
        "error": types,
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 3)[-3:])


class _Lines(logging.Handler):
    """Gives the lines of libraries the same form."""

    def emit(self, record: logging.LogRecord) -> None:
        more = told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        # asyncio writes the error's text and the coroutine's arguments after its first line.
        said = str(record.msg) if record.name == "asyncio" else record.getMessage()
        structlog.get_logger().log(
            record.levelno, said.splitlines()[0] if said else "", logger=record.name, **more
        )


def _line(
    always: Mapping[str, str], _logger: object, level: str, said: structlog.typing.EventDict
) -> str:
    # In one step, since each request writes one: structlog's own processors took thrice the time.
    line = {**always, "message": said.pop("event"), **said}
    if (trace := trace_now.get()) is not None:
        line["correlation"], line["trace"] = trace.correlation, trace.trace_id
    line["level"], line["timestamp"] = level, datetime.now(UTC)
    return msgspec.json.encode(line, enc_hook=str).decode()


def set_up_logs(level: str, **always: str) -> None:
    """Once per process. `always` goes into every line, as service and process."""
    structlog.configure(
        processors=[partial(_line, always)],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.WriteLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    # Libraries tell too much below WARNING: httpx each address with its query, others records.
    logging.basicConfig(handlers=[_Lines()], level=logging.WARNING, force=True)
    for name in OUR_PACKAGES:
        logging.getLogger(name).setLevel(level)
    # What the server's own configuration may have set up would print errors with their values.
    for name in ("_granian", "granian.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)


def log_lost_errors(loop: asyncio.AbstractEventLoop) -> None:
    """A task's error that nobody awaited is logged by its type, as any other."""

    def lost(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("error nobody awaited", **(told(error) if error else {}))

    loop.set_exception_handler(lost)
