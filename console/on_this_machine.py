"""`vongtay up` and `vongtay demo`: everything as child processes of this one, nothing installed."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import requests
import typer

from console.databases import DidNotMigrate
from console.demo import demo as play_demo
from console.run_folder import RunFolder
from console.season.client import StepFailed
from console.season.play import OtherSeason
from console.settled import NotSettled
from console.supervisor import GaveUp
from console.up import embedded, say, stay
from deploy.embedded.kafka_jars import NotTheJarsWePinned
from deploy.embedded.leash import CannotBe
from deploy.embedded.stack import AlreadyRunning, DidNotStart

Fresh = Annotated[bool, typer.Option("--fresh", help="Forget what an earlier run left.")]

EXPLAINED = (
    AlreadyRunning,
    CannotBe,
    DidNotMigrate,
    DidNotStart,
    GaveUp,
    NotSettled,
    NotTheJarsWePinned,
    OtherSeason,
    StepFailed,
    requests.RequestException,
)
"""What a person can do something about: told in one sentence, without a traceback."""

INTERRUPTED_EXIT_CODE = 130


def up(*, fresh: Fresh = False) -> None:
    """Run all services on an embedded PostgreSQL and Kafka, until Ctrl-C."""
    run = RunFolder()
    with _explained(if_interrupted=0), embedded(run, fresh=fresh) as stack:
        asyncio.run(stay(run, stack))


def demo(*, fresh: Fresh = False) -> None:
    """Play one season of the programme and report; on a terminal, stay up until Ctrl-C."""
    run = RunFolder()
    with _explained(if_interrupted=INTERRUPTED_EXIT_CODE), embedded(run, fresh=fresh) as stack:
        succeeded = asyncio.run(play_demo(run, stack))
    if not succeeded:
        raise typer.Exit(1)


@contextmanager
def _explained(*, if_interrupted: int) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say("\nĐã dừng · stopped")
        raise typer.Exit(if_interrupted) from None
    except EXPLAINED as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from None
    except OSError as error:
        if error.filename is None:
            raise
        what = f"{error.filename}: {error.strerror}"
        sys.stderr.write(f"Không dùng được · cannot use {what}\n")
        raise typer.Exit(1) from None
