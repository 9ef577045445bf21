"""What all tests share: the stack, and the mark of those that need it."""

import os
import signal
from pathlib import Path

import pytest

from tests.support.stack import fresh_database, stack

__all__ = ["fresh_database", "stack"]

os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).parents[1] / ".cache" / "hypothesis")
)

# What ignores them (`nohup`, a job in the background of a script) hands that down, and a program
# that is sent one by a test would then never end.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the stack, so that nobody can forget to."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")
