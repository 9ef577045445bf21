"""Sets Vòng Tay up where it is hard to, and starts what every start begins with.

`python -m tests.deploy.elsewhere`: in a copy whose path holds a space and Vietnamese letters, in a
folder that others may not enter, with umask 077, in the C locale; as root, then also as a user
whom the machine has no name for.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg

from console.addresses import SERVICES
from console.databases import prepare
from console.run_folder import PROJECT, RunFolder
from deploy.embedded.stack import EmbeddedStack

UNNAMED = 2_000_003
NARROW = 0o077
LEFT_BEHIND = (".git", ".venv", ".run", "__pycache__", "mypy", "ruff", "hypothesis", "pytest")
WITHIN_S = 300.0


def start() -> None:
    """Start PostgreSQL and Kafka and make the databases, as `make demo` does first."""
    run = RunFolder()
    with EmbeddedStack(run.path, fresh=True, wanted_ports=(0, 0)) as stack:
        made = asyncio.run(prepare(stack.postgres, SERVICES, run))
        names = asyncio.run(_databases(stack.postgres))
    assert {f"vt_{name}" for name in made} <= names
    open_to_others = [path for path in _secrets(run.path) if path.stat().st_mode & NARROW]
    assert open_to_others == []


async def _databases(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
    finally:
        await connection.close()


def _secrets(run: Path) -> list[Path]:
    return [run / "postgres" / "data", *run.rglob("*.key"), *run.rglob("*password")]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="vongtay-", ignore_cleanup_errors=True) as name:
        copy = Path(name) / "Nhà riêng" / "vòng tay"
        shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
        # As a copy of a read-only checkout is.
        copy.chmod(0o500)
        _run(copy, ["make", "setup"])
        python = str(copy / ".venv" / "bin" / "python")
        _run(copy, [python, "-m", "tests.deploy.elsewhere", "start"])
        _say("as this user: PostgreSQL, Kafka and the databases are there")
        if os.geteuid() == 0:
            _as_a_user_without_a_name(Path(name), copy, python)


def _as_a_user_without_a_name(folder: Path, copy: Path, python: str) -> None:
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, UNNAMED, UNNAMED)
    if _run(copy, ["sh", "-c", '"$0" -c pass', python], UNNAMED, check=False) != 0:
        _say("as a user without a name: left out, Python itself is where it cannot go")
        return
    _run(copy, [python, "-m", "tests.deploy.elsewhere", "start"], UNNAMED)
    _say("as a user without a name: they are there too")


def _say(what: str) -> None:
    sys.stdout.write(f"elsewhere, {what}\n")
    sys.stdout.flush()


def _run(folder: Path, command: list[str], user: int | None = None, *, check: bool = True) -> int:
    environment = {name: value for name, value in os.environ.items() if name[:3] != "LC_"}
    environment |= {"LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"}
    if user is not None:
        environment |= {"HOME": str(folder)}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        umask=NARROW,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        timeout=WITHIN_S,
        check=check,
        stderr=None if check else subprocess.DEVNULL,
    ).returncode


if __name__ == "__main__":
    start() if sys.argv[1:] == ["start"] else main()
