"""What the commands of `vongtay audit` are asked alike, and how they say that they cannot.

Exit codes: 0 all is as it should be, 1 a fault or a difference was found, 2 it could not be told.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import format_exc
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from audit.checkpoint import NotACheckpoint
from audit.export import notes_in
from audit.files import NotAnExport, content
from audit.note import NotANote, NotSigned
from audit.plain_text import visible, visible_json
from audit.proofs import CannotBeProved, NotAProof
from audit.remote_log import LogDoesNotAnswer
from contracts.languages import Language
from eventing.kafka_access import KafkaAccess
from eventing.record import UndecodableRecord
from eventing.replay import NotThatFar
from eventing.sources import HoleInTheLog, NothingIsTrue, NotTheTopicWeRead, NotVouchedFor

FAULT_EXIT_CODE, TROUBLE_EXIT_CODE = 1, 2
KEPT_BYTES_MAX = 16 * 1024 * 1024
POSITION_DIGITS_MAX = 16

EXPLAINED = (
    CannotBeProved,
    HoleInTheLog,
    KafkaError,
    LogDoesNotAnswer,
    NotACheckpoint,
    NotANote,
    NotAProof,
    NotAnExport,
    NotSigned,
    NotThatFar,
    NotTheTopicWeRead,
    NotVouchedFor,
    OSError,
    TimeoutError,
    UndecodableRecord,
    UnicodeDecodeError,
)

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
Lang = Annotated[Language, typer.Option("--lang", help="vi or en.")]
Kafka = Annotated[
    str | None, typer.Option(help="Whom Kafka knows you as, and brokers: reader@host:port.")
]
KafkaPassword = Annotated[
    Path | None,
    typer.Option(
        envvar="VONGTAY_KAFKA_PASSWORD_FILE",
        exists=True,
        dir_okay=False,
        help="A file with that user's password.",
    ),
]
NONE: list[str] = []
NO_FILES: list[Path] = []


@contextmanager
def explained() -> Iterator[None]:
    """What a person can do something about is told in one sentence.

    Whatever else goes wrong is a fault of this program, and none of what it looked at: it does not
    end with 1.
    """
    try:
        yield
    except NothingIsTrue as error:
        sys.stderr.write(f"✗ {visible(str(error))}\n")
        raise typer.Exit(FAULT_EXIT_CODE) from None
    except EXPLAINED as error:
        sys.stderr.write(f"{type(error).__name__}: {visible(str(error))}\n")
        raise typer.Exit(TROUBLE_EXIT_CODE) from None
    except (typer.BadParameter, typer.Exit, typer.Abort):
        raise
    except Exception:  # noqa: BLE001 - told whole, and ended rightly
        sys.stderr.write("".join(visible(line) + "\n" for line in format_exc().splitlines()))
        raise typer.Exit(TROUBLE_EXIT_CODE) from None


def kafka_access(given: str | None, password: Path | None) -> KafkaAccess | None:
    """None when nothing is given: then something else is read."""
    if given is None:
        return None
    user, _, brokers = given.partition("@")
    if not brokers or password is None:
        raise typer.BadParameter("Kafka knows nobody without a user@ and --kafka-password-file")
    ca_file = os.environ.get("VONGTAY_KAFKA_CA_FILE")
    return KafkaAccess(
        brokers,
        user,
        password.read_text("utf-8").strip(),
        ca_file=Path(ca_file) if ca_file else None,
    )


def keys_in(given: Sequence[str]) -> list[str]:
    """Keys as they are, and those of files, a line each."""
    found: list[str] = []
    for each in given:
        path = Path(each)
        found += _lines_of(path) if path.is_file() else [each]
    return found


def _lines_of(path: Path) -> list[str]:
    # An editor may have put a mark at the beginning.
    return [key for line in path.read_text("utf-8-sig").split("\n") if (key := line.strip())]


def notes_from(paths: Sequence[Path]) -> list[str]:
    """The checkpoints that somebody kept in files. Raises NotAnExport, OSError."""
    return [
        note for path in paths for note in notes_in(content(path.parent, path.name, KEPT_BYTES_MAX))
    ]


def as_program_reads(value: Any) -> str:
    """JSON, in which nothing of an export reaches a terminal as a command to it."""
    return visible_json(json.dumps(value, ensure_ascii=False, indent=2))


class Bars:
    """A `Told` that shows a bar for each log; `expect` says how far one will come."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def expect(self, service: str, records: int) -> None:
        if service not in self._tasks:
            self._tasks[service] = self._progress.add_task(service, total=None)
        self._progress.update(self._tasks[service], total=records or None)

    def __call__(self, service: str, records: int) -> None:
        if service in self._tasks:
            self._progress.advance(self._tasks[service], records)


@contextmanager
def told(sizes: Mapping[str, int]) -> Iterator[Bars]:
    """A progress bar for each log, on a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bars = Bars(progress)
        for service, size in sizes.items():
            bars.expect(service, size)
        yield bars


def place_in(text: str) -> tuple[str, int]:
    service, _, position = text.partition(":")
    if not service or not is_position(position):
        raise typer.BadParameter(f"{text} is no place such as registry:812")
    return service, int(position)


def is_position(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= POSITION_DIGITS_MAX
