"""Starts a program that cannot outlive the process that asked for it, however that process ends.

Linux: the kernel kills it (PR_SET_PDEATHSIG). Elsewhere this file stays as the program's parent and
watches. Run as a script with the standard library alone, so that it costs 20 ms.
"""

import ctypes
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, NoReturn

WATCH_INTERVAL_S = 0.5
STOP_WAIT_S = 10.0
ROOT = 0
NOBODY = "nobody"
NOBODY_UNNAMED = 65534
FOLDER = "{folder}"
"""Stands in a command for the program's folder."""

PR_SET_PDEATHSIG = 1


class CannotBe(Exception):
    """What is asked of this machine it does not let us do. The message is for a person."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A step done once: `command` fills `unfinished`, which becomes `made`. All or nothing.

    Both are names in the program's folder.
    """

    command: list[str]
    unfinished: str
    made: str


@dataclass(frozen=True, slots=True)
class Program:
    """`folder`: where it works. `never_root`: root first becomes the one whose folder that is.

    `death_signal`: what it gets when its parent is gone.
    """

    command: list[str]
    preparations: list[Preparation] = field(default_factory=list)
    folder: str | None = None
    never_root: bool = False
    death_signal: int = signal.SIGKILL


class Child:
    """A running program on its leash.

    Start it from a thread that lives as long as the program shall: the kernel's promise is about
    the starting thread. It has a session of its own, so Ctrl-C reaches only us, and we decide the
    order in which things stop.
    """

    def __init__(
        self,
        program: Program,
        log: IO[bytes],
        environment: dict[str, str] | None = None,
        inherited: tuple[int, ...] = (),
    ) -> None:
        self._process = subprocess.Popen(
            _leashed(program),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=inherited,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return None as long as it runs."""
        return self._process.poll()

    def signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, signals: list[tuple[int, float]]) -> None:
        """Send each signal and wait as many seconds; SIGKILL is the last word."""
        for number, wait_s in signals:
            self.signal(number)
            try:
                self._process.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue
            else:
                return
        self._process.kill()
        self._process.wait()


def _prctl(option: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    padded = [ctypes.c_ulong(each) for each in (*arguments, 0, 0, 0, 0)[:4]]
    if libc.prctl(option, *padded) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def runs_as(folder: Path) -> int:
    """Return the user id of a program in this folder that never runs as root.

    Root's own folder becomes nobody's: there, root gives up the right to look into it.
    """
    if os.geteuid() != ROOT:
        return os.geteuid()
    owner = folder.stat().st_uid
    return owner if owner != ROOT else _nobody()


def _nobody() -> int:
    try:
        return pwd.getpwnam(NOBODY).pw_uid
    except KeyError:
        return NOBODY_UNNAMED


def _group_of(user: int) -> int:
    try:
        return pwd.getpwuid(user).pw_gid
    except KeyError:
        return user


def _hand_over(folder: Path) -> None:
    """Let the folder and what lies in it be the program's own, and nobody else's."""
    user = runs_as(folder)
    group = _group_of(user)
    try:
        for path in (folder, *folder.iterdir()):
            os.lchown(path, user, group)
        folder.chmod(0o700)
    except OSError as error:
        raise CannotBe(
            f"Hệ thống tệp này không cho đổi chủ của {folder}; hãy chạy bằng người dùng thường"
            f" · this file system gives {folder} to no other user, and PostgreSQL never runs as"
            f" root: start it as an ordinary user ({error.strerror})"
        ) from None


def _become(user: int) -> None:
    try:
        os.setgroups([])
        os.setgid(_group_of(user))
        os.setuid(user)
    except OSError as error:
        raise CannotBe(
            "Ở đây root không được đổi thành người dùng khác; hãy chạy bằng người dùng thường"
            " · root may not become another user here, and PostgreSQL never runs as root:"
            f" start it as an ordinary user ({error.strerror})"
        ) from None


def _way_to(folder: str, *, as_another: bool) -> str:
    """Return a path to the folder that also leads there for one who may not pass its parents.

    The alternative, opening root's home to everybody, would change the machine.
    """
    if not as_another or sys.platform != "linux":
        return folder
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    os.set_inheritable(opened, True)  # noqa: FBT003
    return f"/proc/self/fd/{opened}"


def _end_with(parent: int, death_signal: int) -> None:
    # After _become: a change of user makes the kernel forget.
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit(1)


def _prepare(step: Preparation, program: Program) -> None:
    folder = Path(program.folder or ".")
    unfinished, made = folder / step.unfinished, folder / step.made
    if made.exists():
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if program.never_root and os.geteuid() == ROOT:
        _hand_over(folder)
    alone = Program(step.command, folder=program.folder, never_root=program.never_root)
    if subprocess.run(_leashed(alone), check=False).returncode != 0:
        raise CannotBe(f"{made} không tạo được · could not be made")
    unfinished.rename(made)


def _leashed(program: Program) -> list[str]:
    what = json.dumps({"parent": os.getpid(), "program": asdict(program)})
    return [sys.executable, "-I", "-S", __file__, what]


def _watch(parent: int, command: list[str], death_signal: int) -> int:
    """What stands in for PR_SET_PDEATHSIG where there is none."""
    child = subprocess.Popen(command)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    while child.poll() is None and os.getppid() == parent:
        time.sleep(WATCH_INTERVAL_S)
    if child.poll() is None:
        child.send_signal(death_signal)
        try:
            child.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


def _run(parent: int, program: Program) -> NoReturn:
    _end_with(parent, signal.SIGKILL)
    for step in program.preparations:
        _prepare(step, program)
    command = program.command
    if program.folder is not None:
        folder = Path(program.folder)
        another = runs_as(folder) if program.never_root else os.geteuid()
        as_another = another != os.geteuid()
        if as_another:
            _hand_over(folder)
        os.chdir(folder)
        way = _way_to(program.folder, as_another=as_another)
        command = [part.replace(FOLDER, way) for part in command]
        if as_another:
            _become(another)
    _end_with(parent, program.death_signal)
    if sys.platform == "linux":
        os.execv(command[0], command)
    sys.exit(_watch(parent, command, program.death_signal))


def main() -> None:
    what = json.loads(sys.argv[1])
    fields = what["program"]
    steps = [Preparation(**step) for step in fields.pop("preparations")]
    try:
        _run(what["parent"], Program(**fields, preparations=steps))
    except CannotBe as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename or fields['command'][0]}: {error.strerror}")


if __name__ == "__main__":
    main()
