"""Runs one process: its event loop, its HTTP server, and its end when it is asked to end."""

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.types import ASGIApp

from edge import faults
from edge.logs import log, log_lost_errors, set_up_logs, told
from edge.settings import Settings
from eventing.compared import WillNotStart

S = TypeVar("S", bound=Settings)

GRACE_S = 10
HEAD_WITHIN_S = 30
"""Also how long a connection may be idle: longer than clients keep one for their next request."""
HEAD_BYTES_MAX = 64 * 1024
CONNECTIONS_MAX = 2_048
CONNECTIONS_WAITING_MAX = 1_024
FAILED_EXIT_CODE = 1
OBJECTS_BETWEEN_COLLECTIONS = 50_000


async def listen(app: ASGIApp, host: str, port: int, *, head_within_s: int = HEAD_WITHIN_S) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, within a bound.

    Raises WillNotStart when it cannot listen there.
    """
    _see_that_it_is_free(host, port)
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        # A head is bounded before anything of it is kept: its bytes, and the time it may take.
        http1_settings=HTTP1Settings(
            header_read_timeout=head_within_s * 1000, max_buffer_size=HEAD_BYTES_MAX
        ),
        websockets=False,
        backlog=CONNECTIONS_WAITING_MAX,
        backpressure=CONNECTIONS_MAX,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    asked_to_end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_end.set)
    log.info("listening", host=host, port=port)
    serving = asyncio.ensure_future(server.serve())
    ending = asyncio.ensure_future(asked_to_end.wait())
    await asyncio.wait([serving, ending], return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait([serving], timeout=GRACE_S)
    if not serving.done():
        log.warning("requests that take too long were cut off", grace_s=GRACE_S)
        serving.cancel()
        await asyncio.wait([serving], timeout=1.0)
    elif (error := serving.exception()) is not None:
        raise error
    log.info("ended")


def _see_that_it_is_free(host: str, port: int) -> None:
    """The server itself would share a port with whoever listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise WillNotStart(f"cannot listen at {host} port {port}: {error.strerror}") from error


def end(code: int) -> NoReturn:
    """End the process, when all is closed.

    A connection on which nothing was asked may still have a thread of the server's, under which
    Python's own way to end would abort the process.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def collect_rarely() -> None:
    """Look for cycles rarely, and never again in what was made at start-up.

    A batch of records makes objects by the ten thousand, hardly ever in cycles; with Python's own
    threshold of 700, looking for some takes half of the time that folding the batch does.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)


def settings_of(kind: type[S]) -> S:
    """What the environment tells this process; it ends here when that makes no sense."""
    try:
        return faults.told(kind)
    except faults.WrongSettings as wrong:
        set_up_logs("INFO", service=kind.service)
        for fault in wrong.faults:
            log.critical("will not start", why=str(fault))
        end(FAILED_EXIT_CODE)


def run(settings: Settings, process: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run one process to its end; exit with 1 when it could not go on, told without a traceback."""
    set_up_logs(settings.log_level, service=settings.service, process=process)
    collect_rarely()

    async def logged() -> None:
        log_lost_errors(asyncio.get_running_loop())
        await main()

    code = FAILED_EXIT_CODE
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(logged())
        code = 0
    except WillNotStart as why:
        for line in str(why).splitlines():
            log.critical("will not start", why=line)
    except Exception as error:  # noqa: BLE001 - the last catch of the process
        log.critical("process failed", **told(error))
    end(code)
