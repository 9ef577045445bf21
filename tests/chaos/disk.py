"""A small disk of its own, where the machine lets us mount one."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MB = 700


@contextmanager
def small_disk(image: Path, mounted_at: Path) -> Iterator[Path | None]:
    """Give the folder in which it is mounted; None, with a word, where that is not allowed."""
    mounted_at.mkdir(parents=True)
    try:
        with image.open("wb") as file:
            file.truncate(SIZE_MB << 20)
        _run("mkfs.ext4", "-q", "-m", "0", str(image))
        _run("mount", "-o", "loop", str(image), str(mounted_at))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"no small disk here, so none is filled: {error}\n")
        yield None
        return
    try:
        yield mounted_at
    finally:
        _run("umount", "--lazy", str(mounted_at))


def _run(name: str, *arguments: str) -> None:
    program = shutil.which(name) or shutil.which(name, path="/sbin:/usr/sbin")
    if program is None:
        raise FileNotFoundError(name)
    subprocess.run([program, *arguments], check=True, capture_output=True)
