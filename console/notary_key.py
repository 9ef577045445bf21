"""`vongtay notary-key`: the keys that sign a log's checkpoints, made, replaced and put away.

They are files and stay files. After each of these the log's worker is started again.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from notary.keys import NotTheLogsKeys, make, retire, rotate

PrivateFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="Private keys; public ones stand beside it, as .pub.")
]


def public_beside(private: Path) -> Path:
    return private.with_suffix(".pub")


def new(
    file: PrivateFile,
    log: Annotated[
        str, typer.Option("--log", help="The log: VONGTAY_ORIGIN, a slash, and the service.")
    ],
) -> None:
    """Make the first key of a log. Give the public file to everybody who is to check it."""
    with _explained():
        made = make(file, public_beside(file), log)
    typer.echo(f"Khoá công khai · public key\n{made}")


def rotate_(file: PrivateFile) -> None:
    """Add a key: from the worker's next start on, old and new both sign each checkpoint."""
    with _explained():
        added = rotate(file, public_beside(file))
    typer.echo(f"Khoá mới, cùng ký với khoá cũ · new key, signs along with the old\n{added}")


def retire_(file: PrivateFile) -> None:
    """Put the older keys away: the newest alone signs, the public file still names them all."""
    with _explained():
        retired = retire(file)
    for key in retired:
        typer.echo(f"Không còn ký · signs no more\n{key}")
    if not retired:
        typer.echo("Chỉ có một khoá · there is only one key")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (NotTheLogsKeys, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from None
