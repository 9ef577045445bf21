"""What all tests share: the stack, and the mark of those that need it."""

import os
from pathlib import Path

import pytest

from tests.support.stack import fresh_database, stack

__all__ = ["fresh_database", "stack"]

os.environ.setdefault(
    "HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).parents[1] / ".cache" / "hypothesis")
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the stack, so that nobody can forget to."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker("stack")
