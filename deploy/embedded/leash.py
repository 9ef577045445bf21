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
from typing import IO

WATCH_INTERVAL_S = 0.5
STOP_WAIT_S = 10.0
NOBODY = "nobody"

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True, slots=True)
class Preparation:
    """A step done once: `command` fills `unfinished`, which becomes `made`. All or nothing."""

    command: list[str]
    unfinished: str
    made: str


@dataclass(frozen=True, slots=True)
class Program:
    """`user`: whom root becomes first. `death_signal`: what it gets when its parent is gone."""

    command: list[str]
    preparations: list[Preparation] = field(default_factory=list)
    user: str | None = None
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


def _keep_right_to_read() -> None:
    """Let an ordinary user pass folders that only root may (a clone in root's home, say).

    The alternative, opening those folders to everybody, would change the machine. A container
    without this right goes on without; then the folders must be passable.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        bit = 1 << capability
        data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
        if libc.capset(header, data) == 0:
            _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)
            return


def _become(user: str) -> None:
    if os.geteuid() != 0:
        return
    linux = sys.platform == "linux"
    who = pwd.getpwnam(user)
    if linux:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(who.pw_gid)
    os.setuid(who.pw_uid)
    if linux:
        _keep_right_to_read()


def _end_with(parent: int, death_signal: int) -> None:
    # After _become: a change of user makes the kernel forget.
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:
        sys.exit(1)


def _prepare(step: Preparation, user: str | None) -> None:
    unfinished, made = Path(step.unfinished), Path(step.made)
    if made.exists():
        return
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    if user is not None and os.geteuid() == 0:
        who = pwd.getpwnam(user)
        os.chown(unfinished, who.pw_uid, who.pw_gid)
    subprocess.run(_leashed(Program(step.command, user=user)), check=True)
    unfinished.rename(made)


def _leashed(program: Program) -> list[str]:
    what = json.dumps({"parent": os.getpid(), "program": asdict(program)})
    return [sys.executable, "-I", "-S", __file__, what]


def _watch(parent: int, program: Program) -> int:
    """What stands in for PR_SET_PDEATHSIG where there is none."""
    child = subprocess.Popen(program.command)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    while child.poll() is None and os.getppid() == parent:
        time.sleep(WATCH_INTERVAL_S)
    if child.poll() is None:
        child.send_signal(program.death_signal)
        try:
            child.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
    return child.wait()


def main() -> None:
    what = json.loads(sys.argv[1])
    parent = what["parent"]
    fields = what["program"]
    steps = [Preparation(**step) for step in fields.pop("preparations")]
    program = Program(**fields, preparations=steps)
    _end_with(parent, signal.SIGKILL)
    for step in program.preparations:
        _prepare(step, program.user)
    if program.user is not None:
        _become(program.user)
    _end_with(parent, program.death_signal)
    if sys.platform == "linux":
        os.execv(program.command[0], program.command)
    sys.exit(_watch(parent, program))


if __name__ == "__main__":
    main()
