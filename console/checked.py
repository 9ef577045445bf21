"""`vongtay check`: before a process of a service starts, everything that it is told is tried."""

import asyncio
import importlib
import logging
import sys
from typing import Annotated

import typer

from console.addresses import SERVICES
from edge.faults import WrongSettings, faults_of, told


def check(
    service: Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")],
    *,
    worker: Annotated[bool, typer.Option("--worker", help="As its worker is told.")] = False,
) -> None:
    """Try each setting of a process; tell each fault in one line, with its cure."""
    if service not in SERVICES:
        raise typer.BadParameter(f"{service} is none of {', '.join(SERVICES)}")
    # A client that gets nowhere says so once a second; here it is told once, with its cure.
    logging.disable(logging.CRITICAL)
    process = "worker" if worker else "web"
    kind = importlib.import_module(f"services.{service}.settings").Settings
    try:
        found = asyncio.run(faults_of(told(kind), "worker" if worker else "web"))
    except WrongSettings as wrong:
        found = [*wrong.faults]
    for fault in found:
        sys.stderr.write(f"{service}-{process}: {fault}\n")
    if found:
        raise typer.Exit(1)
    typer.echo(f"{service}-{process}: mọi thứ đều ổn · all is well")
