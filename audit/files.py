"""Files of an export as they may be read: regular ones, inside its folder, within bounds.

Whoever is audited may have made them. A pipe would hold the auditor up, a link would lead out of
the folder, and half a megabyte of gzip can stand for a thousand.
"""

import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

LINE_BYTES_MAX = 16 * 1024 * 1024
EMPTY_LINES_MAX = 1_000
"""Of one chunk. More are no slip of an editor."""
EMPTY_BYTES_MAX = 16
"""Longer ones of white space alone cannot be read, as anything that says nothing."""
BUFFER_BYTES = 256 * 1024
WHITE = b" \t\r\n"
"""What JSON takes for white space."""


class NotAnExport(Exception):
    """The path holds no export of a known format, or a part of it cannot be read."""


def is_there(folder: Path, name: str) -> bool:
    """Whatever it is: a file that is none, too, has to be spoken of."""
    try:
        return os.path.lexists(folder / name)
    except ValueError:
        return False


def opened(folder: Path, name: str) -> BinaryIO:
    """Raises NotAnExport: it is not there, no regular file, or leads out of the folder."""
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        if not path.is_relative_to(root):
            raise NotAnExport(f"{name} does not lie in the export")
        # Without waiting: to open a pipe would last until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        file = os.fdopen(descriptor, "rb", BUFFER_BYTES)
    except (OSError, RuntimeError, ValueError) as error:
        # RuntimeError: links that lead in a circle; ValueError: a NUL in the name.
        raise NotAnExport(f"{name}: {type(error).__name__}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise NotAnExport(f"{name} is no file")
    return file


def content(folder: Path, name: str, bytes_max: int) -> bytes:
    """A small file whole. Raises NotAnExport, also where it is larger than `bytes_max`."""
    try:
        with opened(folder, name) as file:
            found = file.read(bytes_max + 1)
    except OSError as error:
        raise NotAnExport(f"{name}: {type(error).__name__}") from error
    if len(found) > bytes_max:
        raise NotAnExport(f"{name} is larger than {bytes_max} bytes")
    return found


def lines(folder: Path, name: str) -> Iterator[bytes]:
    """The lines that are not empty, decompressed where the name ends in `.gz`.

    Raises NotAnExport where the file is missing or damaged, a line is longer than LINE_BYTES_MAX,
    or more than EMPTY_LINES_MAX are empty.
    """
    empty = 0
    try:
        with opened(folder, name) as file, _decompressed(file, name) as stream:
            for line in iter(partial(stream.readline, LINE_BYTES_MAX + 1), b""):
                if len(line) <= EMPTY_BYTES_MAX and not line.strip(WHITE):
                    empty += 1
                    if empty > EMPTY_LINES_MAX:
                        raise NotAnExport(f"{name} has more than {EMPTY_LINES_MAX} empty lines")
                elif len(line) > LINE_BYTES_MAX:
                    raise NotAnExport(f"{name} has a line of more than {LINE_BYTES_MAX} bytes")
                else:
                    yield line
    except (OSError, EOFError, zlib.error) as error:
        raise NotAnExport(f"{name}: {type(error).__name__}") from error


def _decompressed(file: BinaryIO, name: str) -> BinaryIO:
    if not name.endswith(".gz"):
        return file
    return io.BufferedReader(gzip.GzipFile(fileobj=file), BUFFER_BYTES)
