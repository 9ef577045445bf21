"""Structured logs: one JSON object a line on standard output, without personal data.

No body, no query string, no path but its template, no message of an unexpected error: such a
message may quote what somebody typed. An error is told by its types and where it happened.
"""

import asyncio
import logging
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
import structlog

from edge.trace import trace_now

FRAMES_TOLD_MAX = 12
CAUSES_TOLD_MAX = 5
SAME_LINES_MAX, LIBRARY_LINES_MAX, REPEATED_WITHIN_S = 5, 100, 60.0
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


class Repeated(logging.Filter):
    """Lets a line of a library through a few times a minute, and then says how many it kept back.

    A client whose server is gone says so at each attempt: a million lines a day, all the same.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._began = now()
        self._said: Counter[tuple[str, object]] = Counter()
        self._kept_back: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in OUR_PACKAGES:
            return True
        if self._now() - self._began > REPEATED_WITHIN_S:
            self._begin_anew()
        # By where it was said: the words may have a number in them that is always another.
        for said in ((record.name, (record.pathname, record.lineno)), (record.name, None)):
            most = SAME_LINES_MAX if said[1] is not None else LIBRARY_LINES_MAX
            self._said[said] += 1
            if self._said[said] > most:
                self._kept_back[record.name] += 1
                return False
        return True

    def _begin_anew(self) -> None:
        kept_back, self._kept_back = self._kept_back, Counter()
        self._began = self._now()
        self._said.clear()
        for name, lines in kept_back.items():
            log.warning("lines kept back", logger=name, lines=lines)


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
    lines = _Lines()
    lines.addFilter(Repeated())
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)
    for name in OUR_PACKAGES:
        logging.getLogger(name).setLevel(level)
    # What the server's own configuration may have set up would print errors with their values.
    for name in ("_granian", "granian.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)


def log_lost_errors(loop: asyncio.AbstractEventLoop) -> None:
    """A task's error that nobody awaited is logged by its type, as any other."""

    def lost(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("error nobody awaited", **(told(error) if error else {}))

    loop.set_exception_handler(lost)
