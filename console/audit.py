"""`vongtay audit`: what an auditor does on a laptop, with an export and public keys.

Exit codes: 0 all is as it should be, 1 a fault or a difference was found, 2 it could not be told.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit import verify as checking
from audit.export import Export, NotAnExport, notes_in
from audit.note import NotANote
from console.replay import from_export, from_kafka, heads, positions_in, replay_all
from console.shown_verdict import as_json, show_verdict
from eventing.replay import NotThatFar, Replayed
from eventing.sources import HoleInTheLog

FAULT_EXIT_CODE, TROUBLE_EXIT_CODE = 1, 2

EXPLAINED = (
    HoleInTheLog,
    KafkaError,
    NotANote,
    NotAnExport,
    NotThatFar,
    OSError,
    TimeoutError,
)

app = typer.Typer(no_args_is_help=True, help="Prove that nothing was altered, from an export.")

ExportPath = Annotated[Path, typer.Argument(exists=True, help="An export's folder, or one file.")]
Keys = Annotated[
    list[str],
    typer.Option("--key", help="A log's verifier key, or a file of them. Repeat for more."),
]
Witnesses = Annotated[
    list[str], typer.Option("--witness-key", help="A witness's verifier key, or a file of them.")
]
Checkpoints = Annotated[
    list[Path],
    typer.Option("--checkpoint", exists=True, help="A checkpoint that you have from elsewhere."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
NONE: list[str] = []
NO_FILES: list[Path] = []


@contextmanager
def explained() -> Iterator[None]:
    """What a person can do something about is told in one sentence."""
    try:
        yield
    except EXPLAINED as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        raise typer.Exit(TROUBLE_EXIT_CODE) from None


def keys_in(given: Sequence[str]) -> list[str]:
    """Keys as they are, and those of files, a line each."""
    found: list[str] = []
    for each in given:
        path = Path(each)
        found += path.read_text("utf-8").splitlines() if path.is_file() else [each]
    return found


@contextmanager
def told(sizes: dict[str, int]) -> Iterator[checking.Told]:
    """A progress bar for each log, on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        tasks = {name: progress.add_task(name, total=size or None) for name, size in sizes.items()}

        def tell(service: str, records: int) -> None:
            if service in tasks:
                progress.advance(tasks[service], records)

        yield tell


@app.command()
def verify(
    export: ExportPath,
    *,
    key: Keys = NONE,
    witness_key: Witnesses = NONE,
    checkpoint: Checkpoints = NO_FILES,
    as_json_: AsJson = False,
) -> None:
    """Check leaf hashes, tree, signatures, order, schemas; name what was altered and where."""
    with explained():
        outside = [note for path in checkpoint for note in notes_in(path.read_text("utf-8"))]
        with told({log.service: log.size for log in Export(export).manifest.logs}) as tell:
            verdict = checking.verify(
                export,
                outside=outside,
                keys=keys_in(key),
                witnesses=keys_in(witness_key),
                told=tell,
            )
    if as_json_:
        sys.stdout.write(json.dumps(as_json(verdict), ensure_ascii=False, indent=2) + "\n")
    else:
        show_verdict(verdict, Console())
    if not verdict.holds:
        raise typer.Exit(FAULT_EXIT_CODE)


def replay(
    export: Annotated[
        Path | None, typer.Argument(exists=True, help="An export's folder; or else --kafka.")
    ] = None,
    *,
    kafka: Annotated[str | None, typer.Option(help="Bootstrap servers, host:port.")] = None,
    at: Annotated[
        list[str], typer.Option("--at", help="A position to stop at, as registry:812.")
    ] = NONE,
    as_json_: AsJson = False,
) -> None:
    """Rebuild every open read model in memory, and print each digest with its positions."""
    if (export is None) == (kafka is None):
        raise typer.BadParameter("either an export or --kafka")
    with explained():
        positions = asyncio.run(heads(kafka)) if kafka else positions_in(export or Path())
        positions |= dict(map(_place, at))
        make_source = from_export(Export(export)) if export else from_kafka(kafka or "", positions)
        replayed = asyncio.run(replay_all(make_source, positions))
    if as_json_:
        rows = _digests(replayed)
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    for service, its_models in replayed.items():
        for name, each in its_models.items():
            vector = " ".join(f"{source}:{here}" for source, here in sorted(each.positions.items()))
            parked = f"  {each.parked} không dựng được · parked" if each.parked else ""
            print(f"{each.digest}  {service}.{name}  {vector}{parked}")


def _digests(replayed: Mapping[str, Mapping[str, Replayed]]) -> list[dict[str, Any]]:
    return [
        {
            "service": service,
            "read_model": name,
            "digest": each.digest,
            "positions": dict(each.positions),
            "parked": each.parked,
        }
        for service, its_models in replayed.items()
        for name, each in its_models.items()
    ]


def _place(text: str) -> tuple[str, int]:
    service, _, position = text.partition(":")
    if not service or not position.isascii() or not position.isdigit():
        raise typer.BadParameter(f"{text} is no place such as registry:812")
    return service, int(position)
