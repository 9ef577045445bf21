"""Runs one process: its event loop, its HTTP server, and its end when it is asked to end."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from edge.logs import log, log_lost_errors, set_up_logs, told
from edge.settings import Settings
from eventing.compared import WillNotStart

GRACE_S = 10
KEEP_ALIVE_S = 30
FAILED_EXIT_CODE = 1
OBJECTS_BETWEEN_COLLECTIONS = 50_000


class _Server(uvicorn.Server):
    """uvicorn ends the process by the signal that it caught, before anybody can close anything."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def listen(app: ASGIApp, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; then finish what was begun, within a bound."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    log.info("listening", host=host, port=port)
    await _Server(config).serve()
    log.info("ended")


def collect_rarely() -> None:
    """Look for cycles rarely, and never again in what was made at start-up.

    A batch of records makes objects by the ten thousand, hardly ever in cycles; with Python's own
    threshold of 700, looking for some takes half of the time that folding the batch does.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)


def run(settings: Settings, process: str, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run one process to its end; exit with 1 when it could not go on, told without a traceback."""
    set_up_logs(settings.log_level, service=settings.service, process=process)
    collect_rarely()

    async def logged() -> None:
        log_lost_errors(asyncio.get_running_loop())
        await main()

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(logged())
    except WillNotStart as why:
        log.critical("will not start", why=str(why))
        sys.exit(FAILED_EXIT_CODE)
    except Exception as error:  # noqa: BLE001 - the last catch of the process
        log.critical("process failed", **told(error))
        sys.exit(FAILED_EXIT_CODE)
